//! How many connections may be unauthenticated at once: from one address, and in all.
//!
//! A [`Permit`] is taken when a connection arrives and dropped when it is authenticated or ended, so a client that
//! never authenticates holds one for the handshake deadline at most.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::config::HandshakeConfig;

/// Counts unauthenticated connections. A cheap clone.
#[derive(Debug, Clone)]
pub(crate) struct Admission {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    per_address: usize,
    total: usize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    total: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// Room for one unauthenticated connection, given back on drop.
#[derive(Debug)]
pub(crate) struct Permit {
    inner: Arc<Inner>,
    address: IpAddr,
}

impl Admission {
    /// The caps come from the configuration.
    pub(crate) fn new(config: &HandshakeConfig) -> Self {
        Self {
            inner: Arc::new(Inner {
                per_address: config.max_per_address,
                total: config.max_total,
                held: Mutex::new(Held::default()),
            }),
        }
    }

    /// Room for a connection from `address`, or `None` when a cap is reached.
    pub(crate) fn admit(&self, address: IpAddr) -> Option<Permit> {
        let address = subscriber(address);
        let mut held = self.inner.held.lock();
        if held.total >= self.inner.total {
            return None;
        }
        let count = held.by_address.entry(address).or_insert(0);
        if *count >= self.inner.per_address {
            return None;
        }
        *count += 1;
        held.total += 1;
        Some(Permit {
            inner: Arc::clone(&self.inner),
            address,
        })
    }

    /// Whether so many are unauthenticated that an address should prove itself first.
    pub(crate) fn is_crowded(&self) -> bool {
        self.inner.held.lock().total * 2 >= self.inner.total
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut held = self.inner.held.lock();
        held.total = held.total.saturating_sub(1);
        if let Entry::Occupied(mut entry) = held.by_address.entry(self.address) {
            *entry.get_mut() -= 1;
            if *entry.get() == 0 {
                entry.remove();
            }
        }
    }
}

/// What stands for one subscriber: an IPv4 address, mapped or not, or the /64 of an IPv6 address.
fn subscriber(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6([a, b, c, d, 0, 0, 0, 0].into())
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn admission(max_per_address: usize, max_total: usize) -> Admission {
        Admission::new(&HandshakeConfig {
            max_per_address,
            max_total,
            ..HandshakeConfig::default()
        })
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    /// A8
    #[test]
    fn one_address_cannot_take_the_room_of_others() {
        let admission = admission(2, 10);
        let first = admission.admit(ip("10.0.0.1")).unwrap();
        let _second = admission.admit(ip("::ffff:10.0.0.1")).unwrap();
        assert!(admission.admit(ip("10.0.0.1")).is_none());
        assert!(admission.admit(ip("10.0.0.2")).is_some());
        drop(first);
        assert!(admission.admit(ip("10.0.0.1")).is_some());
    }

    /// A8
    #[test]
    fn a_whole_ipv6_network_counts_as_one() {
        let admission = admission(1, 10);
        let _permit = admission.admit(ip("2001:db8:1:2::1")).unwrap();
        assert!(admission.admit(ip("2001:db8:1:2:ffff::9")).is_none());
        assert!(admission.admit(ip("2001:db8:1:3::1")).is_some());
    }

    #[test]
    fn the_total_is_capped_and_nothing_is_remembered_of_those_who_left() {
        let admission = admission(10, 3);
        let permits: Vec<_> = (1..=3)
            .map(|n| admission.admit(ip(&format!("10.0.0.{n}"))).unwrap())
            .collect();
        assert!(admission.admit(ip("10.0.0.9")).is_none());
        assert!(admission.is_crowded());
        drop(permits);
        assert!(admission.inner.held.lock().by_address.is_empty());
        assert!(!admission.is_crowded());
    }
}
