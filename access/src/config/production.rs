//! What access refuses where `production = true`; the sections that several programs have are in `im_shared::config`.

use im_shared::config::{Problems, Production};

use super::{Config, WebSocketConfig};

impl Production for Config {
    fn production(&self, problems: &mut Problems) {
        problems.production("nats", &self.nats);
        problems.production("redis", &self.redis);
        problems.production("tokens", &self.tokens);
        problems.production("web_socket", &self.web_socket);
    }
}

impl Production for WebSocketConfig {
    fn production(&self, problems: &mut Problems) {
        // Access speaks plain TCP; what clients are told must be the address of a proxy with TLS.
        let private = self.public_url.starts_with("wss://");
        problems.check(
            private,
            "public_url",
            "must begin with wss:// in production",
        );
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use im_shared::config::Validate;
    use im_shared::tokens::generate_key;

    use super::*;

    fn problems(config: &Config) -> Vec<String> {
        let mut problems = Problems::default();
        config.validate(&mut problems);
        problems
            .into_vec()
            .into_iter()
            .map(|problem| problem.key)
            .collect()
    }

    /// B14, K8: what is good enough for a developer's machine is refused, and all of it is told at once.
    #[test]
    fn production_refuses_what_is_for_development() {
        let folder = tempfile::tempdir().unwrap();
        let (_, public) = generate_key()
            .unwrap()
            .write(folder.path(), "dev-1")
            .unwrap();
        let mut config = Config::default();
        config.tokens.public_keys = public.parent().unwrap().to_owned();
        assert_eq!(problems(&config), Vec::<String>::new());
        config.production = true;
        let expected = [
            "nats.url",
            "redis.url",
            "tokens.public_keys",
            "web_socket.public_url",
        ];
        assert_eq!(problems(&config), expected);
    }

    /// B14, K8.
    #[test]
    fn production_takes_what_is_meant_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let (_, public) = generate_key()
            .unwrap()
            .write(folder.path(), "2026-11")
            .unwrap();
        let mut config = Config {
            production: true,
            ..Config::default()
        };
        config.tokens.public_keys = public.parent().unwrap().to_owned();
        config.nats.url = "nats://im:secret@bus".into();
        config.redis.url = "redis://:secret@cache".into();
        config.web_socket.public_url = "wss://chat.example.org/im/v1".to_owned();
        assert_eq!(problems(&config), Vec::<String>::new());
    }
}
