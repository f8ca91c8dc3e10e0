//! `[mail]`

use std::path::PathBuf;

use im_shared::config::{Problems, SecretUrl, Validate};
use lettre::message::Mailbox;
use serde::Deserialize;

/// Where mails go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailKind {
    /// Nowhere: nobody can reset a forgotten password.
    #[default]
    Off,
    /// Into the log, with their text; for development.
    Log,
    /// Each into a file of `mail.folder`; for development, and for a program that takes them from there.
    File,
    /// To the server at `mail.smtp_url`.
    Smtp,
}

/// `[mail]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MailConfig {
    /// Where mails go.
    pub kind: MailKind,
    /// The folder for `kind = "file"`; made if it is not there.
    pub folder: PathBuf,
    /// The server for `kind = "smtp"`: `smtps://user:password@host:465`, or `smtp://user:password@host:587?tls=required` for STARTTLS. A path is the
    /// name that this node gives itself.
    pub smtp_url: SecretUrl,
    /// The sender.
    pub from: String,
    /// The page that takes a new password; `?token=…` is added to it. Empty: the mail holds the token alone.
    pub reset_url: String,
}

impl MailConfig {
    /// Whether mails, and the password of the server, travel over TLS.
    #[must_use]
    pub fn is_private(&self) -> bool {
        let query = self.smtp_url.expose().split_once('?');
        self.smtp_url.has_scheme(&["smtps://"])
            || query.is_some_and(|(_, query)| query == "tls=required")
    }
}

impl Default for MailConfig {
    fn default() -> Self {
        Self {
            kind: MailKind::Off,
            folder: PathBuf::new(),
            smtp_url: "".into(),
            from: "im <no-reply@localhost>".to_owned(),
            reset_url: String::new(),
        }
    }
}

impl Validate for MailConfig {
    fn validate(&self, problems: &mut Problems) {
        problems.check(
            self.kind != MailKind::File || !self.folder.as_os_str().is_empty(),
            "folder",
            "must be given for files",
        );
        let legal = self.smtp_url.has_scheme(&["smtps://", "smtp://"]);
        problems.check(
            self.kind != MailKind::Smtp || legal,
            "smtp_url",
            "must begin with smtps:// or smtp:// for a server",
        );
        let from = self.from.parse::<Mailbox>().is_ok();
        problems.check(from, "from", "must be a mail address");
        let page = self.reset_url.is_empty()
            || self.reset_url.starts_with("https://")
            || self.reset_url.starts_with("http://");
        problems.check(page, "reset_url", "must be an http(s) address");
    }
}
