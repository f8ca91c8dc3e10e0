//! Which addresses pushes may go to: users name them, so without this a subscription could make a worker ask programs inside the network.
//! Pure.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::Uri;

/// An endpoint, in bytes. Those of the browsers are below 600.
const MAX_ENDPOINT: usize = 2_048;

/// What the operator allows.
#[derive(Debug, Clone)]
pub(crate) struct Hosts {
    allowed: Vec<String>,
    private: bool,
}

impl Hosts {
    /// `allowed`: names, or `*.` and a domain for everything below it. `private`: any port, without TLS, anywhere.
    pub(crate) fn new(allowed: &[String], private: bool) -> Self {
        Self {
            allowed: allowed
                .iter()
                .map(|host| host.to_ascii_lowercase())
                .collect(),
            private,
        }
    }

    /// The endpoint as an address, when pushes may go there.
    pub(crate) fn endpoint(&self, text: &str) -> Option<Uri> {
        if text.len() > MAX_ENDPOINT || text.contains('#') {
            return None;
        }
        let uri: Uri = text.parse().ok()?;
        let authority = uri.authority()?;
        if authority.as_str().contains('@') || !self.allows(authority.host()) {
            return None;
        }
        let is_plain = uri.scheme_str() == Some("http");
        let is_secure = uri.scheme_str() == Some("https");
        let is_usual = authority.port_u16().unwrap_or(443) == 443;
        let legal = is_secure && is_usual || self.private && (is_secure || is_plain);
        (legal && (self.private || !is_private_literal(authority.host()))).then_some(uri)
    }

    fn allows(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        self.allowed
            .iter()
            .any(|allowed| match allowed.strip_prefix('*') {
                // With the dot, so that notexample.org is not below example.org.
                Some(domain) => {
                    domain.starts_with('.') && host.len() > domain.len() && host.ends_with(domain)
                }
                None => host == *allowed,
            })
    }
}

/// Whether the host is written as an address, and as one that is not public.
pub(super) fn is_private_literal(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.parse::<IpAddr>()
        .is_ok_and(|address| !is_public(address))
}

/// Whether an address is one of the public network: none of the special ones of RFC 6890 and its registries.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        // This network
        || a == 0
        // Shared by carriers: 100.64.0.0/10
        || (a == 100 && (64..128).contains(&b))
        // Protocol assignments, and the relays of 6to4
        || (a, b, c) == (192, 0, 0)
        || (a, b, c) == (192, 88, 99)
        // Benchmarks
        || (a == 198 && (18..20).contains(&b))
        // Reserved, and broadcast
        || a >= 240;
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_public_v4(mapped);
    }
    let [first, second, ..] = address.segments();
    // Only 2000::/3 is given out. Inside it: Teredo, 6to4 and the like carry other addresses (2001::/23, 2002::/16), 2001:db8::/32 and
    // 3fff::/20 are for documents.
    (0x2000..0x4000).contains(&first)
        && !(first == 0x2001 && (second < 0x0200 || second == 0x0db8))
        && first != 0x2002
        && !(first == 0x3fff && second < 0x1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::PushConfig;

    fn hosts() -> Hosts {
        Hosts::new(&PushConfig::default().allowed_hosts, false)
    }

    /// E6
    #[test]
    fn the_push_services_of_the_browsers_are_allowed() {
        for endpoint in [
            "https://fcm.googleapis.com/fcm/send/abc:def",
            "https://updates.push.services.mozilla.com/wpush/v2/gAAA",
            "https://wns2-par02p.notify.windows.com/w/?token=BQY",
            "https://web.push.apple.com/QFR",
            "https://FCM.googleapis.com:443/fcm/send/abc",
        ] {
            assert!(hosts().endpoint(endpoint).is_some(), "{endpoint}");
        }
    }

    /// E6: a subscription is no way into the network.
    #[test]
    fn other_hosts_ports_and_schemes_are_refused() {
        let long = format!("https://fcm.googleapis.com/{}", "a".repeat(2_048));
        for endpoint in [
            "http://fcm.googleapis.com/fcm/send/abc",
            "https://fcm.googleapis.com:8443/fcm/send/abc",
            "https://user@fcm.googleapis.com/fcm/send/abc",
            "https://fcm.googleapis.com@127.0.0.1/",
            "https://fcm.googleapis.com.example.org/",
            "https://evilnotify.windows.com/",
            "https://notify.windows.com/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://localhost/",
            "file:///etc/passwd",
            "/fcm/send",
            "",
            long.as_str(),
        ] {
            assert!(hosts().endpoint(endpoint).is_none(), "{endpoint}");
        }
    }

    /// E6: an operator who allows an address has not allowed private ones.
    #[test]
    fn a_private_address_needs_a_setting_of_its_own() {
        let allowed = ["127.0.0.1".to_owned(), "[::1]".to_owned()];
        let endpoint = "https://127.0.0.1/push";
        assert!(Hosts::new(&allowed, false).endpoint(endpoint).is_none());
        assert!(
            Hosts::new(&allowed, false)
                .endpoint("https://[::1]/")
                .is_none()
        );
        let private = Hosts::new(&allowed, true);
        assert!(private.endpoint(endpoint).is_some());
        assert!(private.endpoint("http://127.0.0.1:8080/push").is_some());
        assert!(private.endpoint("http://127.0.0.2:8080/push").is_none());
    }

    #[test]
    fn only_addresses_of_the_public_network_are_public() {
        for address in [
            "8.8.8.8",
            "100.63.1.1",
            "172.32.0.1",
            "2606:4700::1",
            "2a00:1450::1",
        ] {
            assert!(
                is_public(address.parse().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))),
                "{address}"
            );
        }
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.8",
            "192.168.1.1",
            "198.18.0.1",
            "203.0.113.7",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "fc00::1",
            "fe80::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "2002:a00:1::1",
        ] {
            assert!(
                !is_public(
                    address
                        .parse()
                        .unwrap_or(IpAddr::V4(Ipv4Addr::new(8, 8, 8, 8)))
                ),
                "{address}"
            );
        }
    }
}
