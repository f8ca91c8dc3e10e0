//! What is refused where `production = true`: keys of development, and servers that let everybody in.

use std::path::Path;

use super::{
    NatsConfig, PostgresConfig, Problems, RedisConfig, SecretUrl, TokenSignConfig,
    TokenVerifyConfig,
};
use crate::tokens;

/// What a section must be in production, beyond what [`super::Validate`] asks for.
pub trait Production {
    /// Adds a problem for everything that is good enough for development only.
    fn production(&self, problems: &mut Problems);
}

const PASSWORD: &str = "must hold a password in production, or be a Unix socket";
const DEVELOPMENT: &str = "must hold no keys of development (dev-*) in production: im keys rotate, then im keys withdraw and prune";

impl Production for PostgresConfig {
    fn production(&self, problems: &mut Problems) {
        use tokio_postgres::config::{Config, Host};

        let parsed = self.url.expose().parse::<Config>().ok();
        let guarded = parsed.is_none_or(|config| {
            let hosts = config.get_hosts();
            let local = !hosts.is_empty() && hosts.iter().all(|host| matches!(host, Host::Unix(_)));
            local || config.get_password().is_some_and(|word| !word.is_empty())
        });
        problems.check(guarded, "url", PASSWORD);
    }
}

impl Production for RedisConfig {
    fn production(&self, problems: &mut Problems) {
        let guarded = self.url.has_scheme(&["unix://"]) || has_password(&self.url);
        problems.check(guarded, "url", PASSWORD);
    }
}

impl Production for NatsConfig {
    fn production(&self, problems: &mut Problems) {
        // Every server of a cluster; a lone user part is a token.
        let servers = self.url.expose().split(',');
        let guarded = |server: &str| {
            user_part(server).is_some_and(|user| !user.is_empty() && !user.ends_with(':'))
        };
        let guarded = servers.into_iter().all(guarded);
        problems.check(
            guarded,
            "url",
            "must hold a password or token in production",
        );
    }
}

impl Production for TokenVerifyConfig {
    fn production(&self, problems: &mut Problems) {
        no_development_keys(problems, "public_keys", &self.public_keys);
    }
}

impl Production for TokenSignConfig {
    fn production(&self, problems: &mut Problems) {
        no_development_keys(problems, "public_keys", &self.public_keys);
        no_development_keys(problems, "private_keys", &self.private_keys);
    }
}

fn no_development_keys(problems: &mut Problems, key: &str, folder: &Path) {
    let none = tokens::development_keys(folder).is_empty();
    problems.check(none, key, DEVELOPMENT);
}

fn has_password(url: &SecretUrl) -> bool {
    let user = user_part(url.expose());
    let password = user.and_then(|user| user.split_once(':'));
    password.is_some_and(|(_, password)| !password.is_empty())
}

/// What stands before the `@` of an address.
fn user_part(url: &str) -> Option<&str> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.rsplit_once('@').map(|(user, _)| user)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn refused(section: &impl Production) -> Vec<String> {
        let mut problems = Problems::default();
        section.production(&mut problems);
        problems
            .into_vec()
            .into_iter()
            .map(|problem| problem.key)
            .collect()
    }

    /// K8: a server without a password is refused, one behind a Unix socket is not.
    #[test]
    fn production_refuses_servers_that_let_everybody_in() {
        let postgres = |url: &str| PostgresConfig {
            url: url.into(),
            ..PostgresConfig::default()
        };
        for (url, good) in [
            ("postgres://im@db/im", false),
            ("postgres://im:@db/im", false),
            ("postgres://im:secret@db/im", true),
            ("postgres://im@%2Fvar%2Frun%2Fpostgresql/im", true),
        ] {
            assert_eq!(refused(&postgres(url)).is_empty(), good, "{url}");
        }
        let redis = |url: &str| RedisConfig {
            url: url.into(),
            ..RedisConfig::default()
        };
        for (url, good) in [
            ("redis://cache:6379", false),
            ("redis://user@cache", false),
            ("redis://:secret@cache", true),
            ("unix:///run/redis.sock", true),
        ] {
            assert_eq!(refused(&redis(url)).is_empty(), good, "{url}");
        }
        let nats = |url: &str| NatsConfig {
            url: url.into(),
            ..NatsConfig::default()
        };
        for (url, good) in [
            ("nats://bus:4222", false),
            ("nats://token@bus:4222", true),
            ("nats://im:secret@bus:4222", true),
            ("nats://im:@bus:4222", false),
            ("nats://im:secret@one,nats://two", false),
        ] {
            assert_eq!(refused(&nats(url)).is_empty(), good, "{url}");
        }
    }

    /// B14, K8: what up.sh makes is good for development only.
    #[test]
    fn production_refuses_keys_of_development() {
        let folder = tempfile::tempdir().unwrap();
        let config = TokenSignConfig {
            public_keys: folder.path().join("public"),
            private_keys: folder.path().join("private"),
            ..TokenSignConfig::default()
        };
        let write = |id| tokens::generate_key().unwrap().write(folder.path(), id);
        write("2026-11").unwrap();
        assert!(refused(&config).is_empty());
        write("dev-1").unwrap();
        assert_eq!(refused(&config), ["public_keys", "private_keys"]);
        let verify = TokenVerifyConfig {
            public_keys: config.public_keys,
        };
        assert_eq!(refused(&verify), ["public_keys"]);
    }
}
