//! `[mail]`

use std::path::PathBuf;

use im_shared::config::{Problems, Validate};
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
}

/// `[mail]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MailConfig {
    /// Where mails go.
    pub kind: MailKind,
    /// The folder for `kind = "file"`; made if it is not there.
    pub folder: PathBuf,
    /// The sender.
    pub from: String,
    /// The page that takes a new password; `?token=…` is added to it. Empty: the mail holds the token alone.
    pub reset_url: String,
}

impl Default for MailConfig {
    fn default() -> Self {
        Self {
            kind: MailKind::Off,
            folder: PathBuf::new(),
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
        let from = self.from.contains('@') && !self.from.chars().any(char::is_control);
        problems.check(from, "from", "must be a mail address");
        let page = self.reset_url.is_empty()
            || self.reset_url.starts_with("https://")
            || self.reset_url.starts_with("http://");
        problems.check(page, "reset_url", "must be an http(s) address");
    }
}
