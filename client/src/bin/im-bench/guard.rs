//! Load goes to this machine only, unless it is allowed to go elsewhere.

use std::net::IpAddr;

use anyhow::{Context as _, bail};

use crate::cli::Guard;

impl Guard {
    /// Refuses an address on another machine.
    pub(crate) fn check(&self, address: &str) -> anyhow::Result<()> {
        let url = reqwest::Url::parse(address).context("not an address")?;
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let local = host == "localhost"
            || host
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback());
        if !local && !self.allow_remote {
            bail!("{host} is not this machine; --allow-remote allows it");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_gets_load() {
        let guard = Guard {
            allow_remote: false,
        };
        for local in [
            "http://127.0.0.1:8080",
            "https://localhost:4433/im/v1",
            "ws://[::1]:1",
            "postgres://im@127.0.0.1/im",
        ] {
            assert!(guard.check(local).is_ok(), "{local}");
        }
        for remote in [
            "http://example.com",
            "https://10.0.0.1:4433",
            "nats://localhost.example.com",
            "nonsense",
        ] {
            assert!(guard.check(remote).is_err(), "{remote}");
        }
        assert!(
            Guard { allow_remote: true }
                .check("http://10.0.0.1")
                .is_ok()
        );
    }
}
