//! Whose request it is, by address: the peer of the connection, or, behind proxies that are trusted, whom they name.

use std::convert::Infallible;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName};
use serde::Deserialize;

use crate::services::Services;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// An address and how many of its leading bits count: `10.0.0.0/8`, `2001:db8::/32`, `192.0.2.7`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

/// A text is no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no network like 10.0.0.0/8 or 2001:db8::/32 with zeros after its bits")]
pub struct NetworkError(String);

impl Network {
    /// Whether `address` lies in it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let differ = u32::from(network) ^ u32::from(address);
                differ.leading_zeros() >= u32::from(self.bits)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let differ = u128::from(network) ^ u128::from(address);
                differ.leading_zeros() >= u32::from(self.bits)
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let error = || NetworkError(text.to_owned());
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| error())?;
        let (all, zeros) = match address {
            IpAddr::V4(v4) => (32, u32::from(v4).trailing_zeros()),
            IpAddr::V6(v6) => (128, u128::from(v6).trailing_zeros()),
        };
        let bits = match bits {
            Some(bits) => bits.parse().map_err(|_| error())?,
            None => all,
        };
        if bits > all || zeros < u32::from(all - bits) {
            return Err(error());
        }
        Ok(Self { address, bits })
    }
}

impl TryFrom<String> for Network {
    type Error = NetworkError;

    fn try_from(text: String) -> Result<Self, NetworkError> {
        text.parse()
    }
}

/// Whom a limit per address is for: an IPv4 address, or the /64 that one IPv6 subscriber has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(IpAddr);

impl ClientAddress {
    /// The client behind `peer`. Where the peer is trusted, it is the rightmost address of `X-Forwarded-For` that is not: everything left of
    /// that one was written by the client. What is no address ends the search at the proxy that passed it on.
    #[must_use]
    pub fn of(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> Self {
        let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
        let mut client = peer.to_canonical();
        let values = headers.get_all(FORWARDED_FOR).iter().rev();
        let mut hops = values.flat_map(|value| value.as_bytes().rsplit(|byte| *byte == b','));
        while is_trusted(client) {
            match hops.next().and_then(hop) {
                Some(address) => client = address,
                None => break,
            }
        }
        Self(client)
    }

    /// The client of a request with these extensions and headers.
    pub(crate) fn of_request(
        extensions: &Extensions,
        headers: &HeaderMap,
        services: &Services,
    ) -> Self {
        let peer = extensions.get::<ConnectInfo<Peer>>();
        // The listener tells the peer of every connection; a request without one shares one limit with its like.
        let peer = peer.map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |peer| peer.0.ip());
        Self::of(peer, headers, &services.trusted_proxies)
    }

    /// Whether it lies in one of `networks`.
    #[must_use]
    pub fn is_in(&self, networks: &[Network]) -> bool {
        networks.iter().any(|network| network.contains(self.0))
    }
}

/// An address of the list, with or without a port.
fn hop(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let bare = text.parse::<IpAddr>().ok();
    let address = bare.or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()))?;
    Some(address.to_canonical())
}

impl fmt::Display for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) => address.fmt(f),
            IpAddr::V6(address) => {
                let network = Ipv6Addr::from_bits(address.to_bits() >> 64 << 64);
                write!(f, "{network}/64")
            }
        }
    }
}

/// The other end of a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(SocketAddr);

impl Peer {
    /// At this address.
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self(address)
    }

    /// Its address.
    pub(crate) fn ip(self) -> IpAddr {
        self.0.ip()
    }
}

impl FromRequestParts<Services> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        services: &Services,
    ) -> Result<Self, Infallible> {
        Ok(Self::of_request(
            &parts.extensions,
            &parts.headers,
            services,
        ))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED_FOR, value.parse().unwrap());
        }
        let trusted: Vec<Network> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        ClientAddress::of(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    /// B8: nobody gets another limit by writing a header.
    #[test]
    fn a_header_counts_only_from_a_trusted_peer() {
        assert_eq!(client("192.0.2.7", &["10.1.1.1"], &[]), "192.0.2.7");
        assert_eq!(
            client("192.0.2.7", &["10.1.1.1"], &["10.0.0.0/8"]),
            "192.0.2.7"
        );
        let proxied = client("10.0.0.1", &["192.0.2.7"], &["10.0.0.0/8"]);
        assert_eq!(proxied, "192.0.2.7");
    }

    /// B8: the client writes the left end of the list, the proxies its right end.
    #[test]
    fn the_rightmost_address_that_is_not_trusted_is_the_client() {
        let trusted = ["10.0.0.0/8", "fd00::/8"];
        for forwarded in [
            &["1.2.3.4, 192.0.2.7, 10.0.0.2"][..],
            &["1.2.3.4", "192.0.2.7 ,10.0.0.2"],
            &["1.2.3.4,192.0.2.7:8080, [fd00::2]:443"],
        ] {
            assert_eq!(client("10.0.0.1", forwarded, &trusted), "192.0.2.7");
        }
    }

    #[test]
    fn what_is_no_address_ends_the_search() {
        let trusted = ["10.0.0.0/8"];
        assert_eq!(
            client("10.0.0.1", &["192.0.2.7, unknown"], &trusted),
            "10.0.0.1"
        );
        assert_eq!(
            client("10.0.0.1", &["1.1.1.1,,10.0.0.2"], &trusted),
            "10.0.0.2"
        );
        assert_eq!(client("10.0.0.1", &[], &trusted), "10.0.0.1");
        assert_eq!(
            client("10.0.0.1", &["10.0.0.3, 10.0.0.2"], &trusted),
            "10.0.0.3"
        );
    }

    /// B8: a subscriber has a /64 and may use every address of it.
    #[test]
    fn an_ipv6_client_is_its_64_bits() {
        let one = client("2001:db8:1:2:3:4:5:6", &[], &[]);
        assert_eq!(one, "2001:db8:1:2::/64");
        assert_eq!(client("2001:db8:1:2::1", &[], &[]), one);
        assert_ne!(client("2001:db8:1:3::1", &[], &[]), one);
        assert_eq!(client("::ffff:192.0.2.7", &[], &[]), "192.0.2.7");
    }

    /// K6
    #[test]
    fn a_network_is_exact() {
        for bad in [
            "",
            "10.0.0.0/33",
            "10.0.0.1/8",
            "::/129",
            "fd00::1/8",
            "host",
            "10.0.0.0/",
            "10.0.0.0/8/8",
        ] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
        let everything: Network = "0.0.0.0/0".parse().unwrap();
        assert!(everything.contains("255.1.2.3".parse().unwrap()));
        assert!(!everything.contains("::1".parse().unwrap()));
        let one: Network = "192.0.2.7".parse().unwrap();
        assert!(one.contains("::ffff:192.0.2.7".parse().unwrap()));
        assert!(!one.contains("192.0.2.6".parse().unwrap()));
    }
}
