//! An address that may hold a password and therefore is never printed whole.

use std::fmt;

use serde::Deserialize;

/// Prints as `postgres://im:***@host/db`.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct SecretUrl(String);

impl SecretUrl {
    /// The whole address, for the library that connects.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether the address begins with one of these, e.g. `redis://`.
    #[must_use]
    pub fn has_scheme(&self, schemes: &[&str]) -> bool {
        schemes.iter().any(|scheme| self.0.starts_with(scheme))
    }
}

impl From<&str> for SecretUrl {
    fn from(url: &str) -> Self {
        Self(url.to_owned())
    }
}

impl From<String> for SecretUrl {
    fn from(url: String) -> Self {
        Self(url)
    }
}

impl fmt::Display for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((scheme, rest)) = self.0.split_once("://") else {
            return f.write_str("***");
        };
        // Parameters may hold a password too.
        let rest = rest.split_once('?').map_or(rest, |(before, _)| before);
        // The last '@' ends the user part, even when a password holds an '@' or a '/' that should have been escaped.
        let Some(at) = rest.rfind('@') else {
            return write!(f, "{scheme}://{rest}");
        };
        match rest[..at].split_once(':') {
            Some((user, _)) => write!(f, "{scheme}://{user}:***{}", &rest[at..]),
            None => write!(f, "{scheme}://***{}", &rest[at..]),
        }
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// K6, K8.
    #[test]
    fn a_password_is_never_printed() {
        for (url, printed) in [
            (
                "postgres://im:pass@host:1/db",
                "postgres://im:***@host:1/db",
            ),
            ("postgres://im:p@ss/w@host/db", "postgres://im:***@host/db"),
            ("redis://:pass@host", "redis://:***@host"),
            ("nats://token@host:4222", "nats://***@host:4222"),
            ("postgres://host/db?password=pass", "postgres://host/db"),
            ("redis://127.0.0.1:6379", "redis://127.0.0.1:6379"),
            ("host=h password=pass", "***"),
        ] {
            let url = SecretUrl::from(url);
            assert_eq!(url.to_string(), printed);
            assert_eq!(format!("{url:?}"), format!("\"{printed}\""));
        }
    }
}
