//! `[push]`

use std::fmt;
use std::path::PathBuf;

use im_shared::config::{Problems, SecretUrl, Validate};
use serde::Deserialize;

/// `[push]`: who is told of messages while they have no session (E6). Without a channel nothing of it runs.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PushConfig {
    /// Web Push: to the browsers that subscribed.
    pub web_push: bool,
    /// The private VAPID key in PEM (P-256, PKCS #8), the same for every worker; `im-logic generate-push-key` makes one.
    pub vapid_key: PathBuf,
    /// Whom a push service writes to about these pushes: `mailto:` or `https:` (RFC 8292, 2.1).
    pub subject: String,
    /// Hosts of push services: whole names, or `*.example.org` for everything below one.
    pub allowed_hosts: Vec<String>,
    /// Push services may have private addresses, and be asked without TLS. For tests and closed networks.
    pub allow_private_hosts: bool,
    /// Where the webhook takes requests; empty: there is none.
    pub webhook_url: SecretUrl,
    /// What the webhook's requests are signed with; at least 16 bytes.
    pub webhook_secret: Secret,
    /// Say that there is a message, and not what or from whom; also in the webhook.
    pub hide_content: bool,
    /// From the first message to its push, in milliseconds: time to read it on another device.
    pub delay_ms: u64,
    /// From one push of a conversation to the next, in milliseconds.
    pub collapse_ms: u64,
    /// A push service keeps a push for a browser that is away so long, in seconds.
    pub ttl_secs: u32,
    /// The longest wait for an answer of a push service or the webhook, in milliseconds.
    pub deadline_ms: u64,
    /// Failures until a job is dead.
    pub tries: u32,
    /// Who takes a job has it so long unless it goes on, in milliseconds: then the job of a killed worker is taken up.
    pub lease_ms: u64,
    /// How often due jobs are looked for, in milliseconds.
    pub poll_ms: u64,
    /// Conversations whose members are gone through at a time.
    pub web_push_jobs: usize,
    /// Requests to push services at a time.
    pub web_push_places: usize,
    /// Conversations that are told to the webhook at a time, with one request each.
    pub webhook_places: usize,
    /// Conversations that wait to be written down; more are dropped and counted.
    pub waiting: usize,
}

/// A secret that is never printed.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The secret itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Secret {
    fn from(secret: &str) -> Self {
        Self(secret.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"***\"")
    }
}

impl PushConfig {
    /// Whether there is a webhook.
    #[must_use]
    pub fn has_webhook(&self) -> bool {
        !self.webhook_url.expose().is_empty()
    }

    /// Whether anybody is told at all.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.web_push || self.has_webhook()
    }
}

impl Default for PushConfig {
    fn default() -> Self {
        let hosts = [
            // Chrome and everything else that is built on Chromium
            "fcm.googleapis.com",
            // Firefox
            "updates.push.services.mozilla.com",
            // Edge
            "*.notify.windows.com",
            // Safari
            "*.push.apple.com",
        ];
        Self {
            web_push: false,
            vapid_key: PathBuf::from(".run/keys/push/vapid.pem"),
            subject: String::new(),
            allowed_hosts: hosts.map(str::to_owned).to_vec(),
            allow_private_hosts: false,
            webhook_url: SecretUrl::from(""),
            webhook_secret: Secret::default(),
            hide_content: false,
            delay_ms: 3_000,
            collapse_ms: 10_000,
            ttl_secs: 86_400,
            deadline_ms: 10_000,
            tries: 12,
            lease_ms: 60_000,
            poll_ms: 500,
            web_push_jobs: 4,
            web_push_places: 32,
            webhook_places: 4,
            waiting: 100_000,
        }
    }
}

impl Validate for PushConfig {
    fn validate(&self, problems: &mut Problems) {
        let legal = ["mailto:", "https:"]
            .iter()
            .any(|s| self.subject.starts_with(s));
        problems.check(
            legal || !self.web_push,
            "subject",
            "must begin with mailto: or https: (push services refuse others)",
        );
        let legal = self.webhook_url.has_scheme(&["http://", "https://"]);
        problems.check(
            legal || !self.has_webhook(),
            "webhook_url",
            "must begin with https:// or http://",
        );
        let legal = self.webhook_secret.expose().len() >= 16;
        problems.check(
            legal || !self.has_webhook(),
            "webhook_secret",
            "must have 16 bytes at least",
        );
        let hour = 3_600_000;
        let ranges = [
            ("delay_ms", self.delay_ms, 0, hour),
            ("collapse_ms", self.collapse_ms, 0, hour),
            ("ttl_secs", self.ttl_secs.into(), 0, 28 * 86_400),
            ("deadline_ms", self.deadline_ms, 100, 60_000),
            ("tries", self.tries.into(), 1, 100),
            ("poll_ms", self.poll_ms, 10, 60_000),
        ];
        for (key, value, least, most) in ranges {
            problems.check(
                (least..=most).contains(&value),
                key,
                "is out of range, see docs/configuration.md",
            );
        }
        // A lease is renewed three times while it runs.
        problems.check(
            (1_000..=hour).contains(&self.lease_ms),
            "lease_ms",
            "must be 1000 to 3600000",
        );
        let counts = [
            ("web_push_jobs", self.web_push_jobs, 256),
            ("web_push_places", self.web_push_places, 4_096),
            ("webhook_places", self.webhook_places, 256),
            ("waiting", self.waiting, 10_000_000),
        ];
        for (key, count, most) in counts {
            problems.check(
                (1..=most).contains(&count),
                key,
                "is out of range, see docs/configuration.md",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// K8
    #[test]
    fn a_secret_is_never_printed() {
        let config = PushConfig {
            webhook_url: "https://user:word@hooks.example.org/im?token=word".into(),
            webhook_secret: "a word that is long enough".into(),
            ..PushConfig::default()
        };
        assert!(!format!("{config:?}").contains("word"));
    }

    /// K6
    #[test]
    fn a_channel_without_what_it_needs_is_a_problem() {
        let config = PushConfig {
            web_push: true,
            webhook_url: "ftp://hooks.example.org".into(),
            ..PushConfig::default()
        };
        let mut problems = Problems::default();
        config.validate(&mut problems);
        let keys: Vec<String> = problems.into_vec().into_iter().map(|p| p.key).collect();
        assert_eq!(keys, ["subject", "webhook_url", "webhook_secret"]);
    }
}
