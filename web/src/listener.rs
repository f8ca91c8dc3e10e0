//! Who is let in: so many connections at once, and so many of one client. What lies beyond all of them waits in the backlog of the
//! kernel; what lies beyond those of one client is closed, so that one client takes nobody else's place.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;

use crate::client_address::Network;

/// How long a failed `accept` waits, so that a process without file descriptors does not spin.
const AFTER_FAILURE: Duration = Duration::from_millis(100);

/// A TCP listener with limits.
pub(crate) struct Listener {
    listener: TcpListener,
    places: Arc<Semaphore>,
    clients: Clients,
    trusted: Vec<Network>,
}

impl Listener {
    /// At most `all` connections at once, and `per_client` of one address, or /64 of IPv6. Proxies that are `trusted` may have all.
    pub(crate) fn new(
        listener: TcpListener,
        all: usize,
        per_client: usize,
        trusted: Vec<Network>,
    ) -> Self {
        Self {
            listener,
            places: Arc::new(Semaphore::new(all)),
            clients: Clients {
                most: per_client,
                counts: Arc::default(),
            },
            trusted,
        }
    }

    /// The next connection. May be cancelled at any time.
    pub(crate) async fn accept(&self) -> (TcpStream, SocketAddr, Place) {
        loop {
            // The semaphore is never closed; without a permit there would be no connection.
            let Ok(permit) = self.places.clone().acquire_owned().await else {
                continue;
            };
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    let Some(of_client) = self.admit(peer.ip()) else {
                        metrics::counter!("im_http_connections_refused_total", "reason" => "client").increment(1);
                        tracing::debug!(%peer, "the client has all the connections it may have");
                        continue;
                    };
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(%error, "a connection without TCP_NODELAY");
                    }
                    return (stream, peer, Place::new(permit, of_client));
                }
                Err(error) => {
                    tracing::warn!(%error, "no connection could be accepted");
                    sleep(AFTER_FAILURE).await;
                }
            }
        }
    }

    /// A place of this client; the outer none when there is none left.
    fn admit(&self, address: IpAddr) -> Option<Option<OfClient>> {
        let is_trusted = self.trusted.iter().any(|one| one.contains(address));
        if is_trusted {
            Some(None)
        } else {
            self.clients.admit(address).map(Some)
        }
    }
}

/// The place of one connection; free again when it is dropped.
pub(crate) struct Place {
    _permit: OwnedSemaphorePermit,
    _of_client: Option<OfClient>,
}

impl Place {
    fn new(permit: OwnedSemaphorePermit, of_client: Option<OfClient>) -> Self {
        metrics::gauge!("im_http_connections").increment(1);
        Self {
            _permit: permit,
            _of_client: of_client,
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        metrics::gauge!("im_http_connections").decrement(1);
    }
}

/// How many connections each client has.
#[derive(Clone)]
struct Clients {
    most: usize,
    counts: Arc<Mutex<HashMap<u128, usize>>>,
}

impl Clients {
    fn admit(&self, address: IpAddr) -> Option<OfClient> {
        let client = client(address);
        let mut counts = self.counts.lock();
        let count = counts.entry(client).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(OfClient {
            client,
            clients: self.clone(),
        })
    }
}

/// An IPv4 address, or the /64 that one IPv6 subscriber has.
fn client(address: IpAddr) -> u128 {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits() >> 64 << 64,
    }
}

/// One of a client's places.
struct OfClient {
    client: u128,
    clients: Clients,
}

impl Drop for OfClient {
    fn drop(&mut self) {
        if let Entry::Occupied(mut count) = self.clients.counts.lock().entry(self.client) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// A15, B8: one client has its places, however many addresses of its /64 it uses, and leaves nothing behind.
    #[test]
    fn a_client_has_so_many_places() {
        let clients = Clients {
            most: 2,
            counts: Arc::default(),
        };
        let admit = |address: &str| clients.admit(address.parse().unwrap());
        let one = admit("2001:db8::1").unwrap();
        let two = admit("2001:db8::2").unwrap();
        assert!(admit("2001:db8::3").is_none());
        let other = admit("2001:db8:0:1::1").unwrap();
        let v4 = admit("192.0.2.7").unwrap();
        let mapped = admit("::ffff:192.0.2.7").unwrap();
        assert!(admit("192.0.2.7").is_none());
        drop(one);
        let again = admit("2001:db8::4").unwrap();
        drop((two, other, v4, mapped, again));
        assert!(clients.counts.lock().is_empty());
    }
}
