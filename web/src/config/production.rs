//! What web refuses where `production = true`; the sections that several programs have are in `im_shared::config`.

use im_shared::config::{Problems, Production};

use super::{FileConfig, HttpConfig, LimitConfig, MailConfig, MailKind, WebConfig};

impl Production for WebConfig {
    fn production(&self, problems: &mut Problems) {
        let private = self.tls.is_on() || !self.http.trusted_proxies.is_empty();
        problems.check(
            private,
            "tls.chain",
            "must be given in production, or http.trusted_proxies, for a proxy that does TLS",
        );
        problems.production("http", &self.http);
        problems.production("files", &self.files);
        problems.production("limits", &self.limits);
        problems.production("mail", &self.mail);
        problems.production("tokens", &self.tokens);
        problems.production("postgres", &self.postgres);
        problems.production("redis", &self.redis);
        problems.production("nats", &self.nats);
    }
}

impl Production for HttpConfig {
    fn production(&self, problems: &mut Problems) {
        let origins = &self.allowed_origins;
        let private = origins.iter().all(|origin| origin.starts_with("https://"));
        problems.check(
            private,
            "allowed_origins",
            "must begin with https:// in production",
        );
    }
}

impl Production for FileConfig {
    fn production(&self, problems: &mut Problems) {
        let private = self.endpoint.is_empty() || self.endpoint.starts_with("https://");
        problems.check(
            private,
            "endpoint",
            "must begin with https:// in production",
        );
    }
}

impl Production for LimitConfig {
    fn production(&self, problems: &mut Problems) {
        problems.check(self.enabled, "enabled", "must be true in production");
    }
}

impl Production for MailConfig {
    fn production(&self, problems: &mut Problems) {
        // Who reads the log could take over any account.
        let secret = self.kind != MailKind::Log;
        problems.check(secret, "kind", "must not be log in production");
        problems.check(
            self.kind != MailKind::Smtp || self.is_private(),
            "smtp_url",
            "must be smtps://, or end with ?tls=required, in production",
        );
        let private = self.reset_url.is_empty() || self.reset_url.starts_with("https://");
        problems.check(
            private,
            "reset_url",
            "must begin with https:// in production",
        );
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use im_shared::config::Validate;
    use im_shared::tokens::generate_key;

    use super::*;

    fn problems(config: &WebConfig) -> Vec<String> {
        let mut problems = Problems::default();
        config.validate(&mut problems);
        problems
            .into_vec()
            .into_iter()
            .map(|problem| problem.key)
            .collect()
    }

    fn config(folder: &std::path::Path, key: &str) -> WebConfig {
        let (private, public) = generate_key().unwrap().write(folder, key).unwrap();
        let mut config = WebConfig::default();
        config.tokens.private_keys = private.parent().unwrap().to_owned();
        config.tokens.public_keys = public.parent().unwrap().to_owned();
        config
    }

    /// B14, K8: what is good enough for a developer's machine is refused, and all of it is told at once.
    #[test]
    fn production_refuses_what_is_for_development() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = config(folder.path(), "dev-1");
        config.http.allowed_origins = vec!["http://chat.example.org".to_owned()];
        config.files.endpoint = "http://minio.example.org".to_owned();
        config.limits.enabled = false;
        config.mail.kind = MailKind::Log;
        config.mail.reset_url = "http://chat.example.org/reset".to_owned();
        assert_eq!(problems(&config), Vec::<String>::new());
        config.production = true;
        let found = problems(&config);
        for key in [
            "tls.chain",
            "http.allowed_origins",
            "files.endpoint",
            "limits.enabled",
            "mail.kind",
            "mail.reset_url",
            "tokens.public_keys",
            "tokens.private_keys",
            "postgres.url",
            "redis.url",
            "nats.url",
        ] {
            assert!(found.iter().any(|one| one == key), "{key} in {found:?}");
        }
    }

    /// B14, K8.
    #[test]
    fn production_takes_what_is_meant_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = config(folder.path(), "2026-11");
        config.production = true;
        config.http.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
        config.postgres.url = "postgres://im:secret@db/im".into();
        config.redis.url = "redis://:secret@cache".into();
        config.nats.url = "nats://im:secret@bus".into();
        assert_eq!(problems(&config), Vec::<String>::new());
    }

    /// B14: neither mails nor the password of their server travel readable.
    #[test]
    fn production_hands_mails_over_by_tls_only() {
        for (url, private) in [
            ("smtps://im:secret@mail.example.org", true),
            ("smtp://im:secret@mail.example.org?tls=required", true),
            ("smtp://im:secret@mail.example.org", false),
            ("smtp://im:secret@mail.example.org?tls=opportunistic", false),
        ] {
            let mail = MailConfig {
                kind: MailKind::Smtp,
                smtp_url: url.into(),
                ..MailConfig::default()
            };
            let mut problems = Problems::default();
            problems.section("mail", &mail);
            problems.production("mail", &mail);
            assert_eq!(problems.into_vec().is_empty(), private, "{url}");
        }
    }
}
