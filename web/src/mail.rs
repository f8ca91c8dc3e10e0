//! Mails: what they are, and the senders that there are. Another way to send is another [`Mailer`].

use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;

use tokio::fs;
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

use crate::config::{MailConfig, MailKind};

/// A mail in plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The address of the recipient; no control characters ([`validate::email`](crate::validate::email)).
    pub to: String,
    /// One line.
    pub subject: String,
    /// The text.
    pub text: String,
}

/// A mail was not sent.
#[derive(Debug, thiserror::Error)]
#[error("the mail was not sent")]
pub struct MailError(#[from] io::Error);

/// What [`Mailer::send`] gives.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + 'a>>;

/// Sends mails.
pub trait Mailer: Send + Sync {
    /// Hands `mail` to whoever brings it to its recipient. May be dropped at any time; then the mail was sent or not.
    fn send<'a>(&'a self, mail: &'a Mail) -> Sending<'a>;
}

/// The sender that the configuration names; none where there is none.
#[must_use]
pub fn mailer(config: &MailConfig) -> Option<Box<dyn Mailer>> {
    match config.kind {
        MailKind::Off => None,
        MailKind::Log => Some(Box::new(LogMailer)),
        MailKind::File => Some(Box::new(FileMailer {
            folder: config.folder.clone(),
            from: config.from.clone(),
        })),
    }
}

/// Writes mails into the log, whole; for development.
struct LogMailer;

impl Mailer for LogMailer {
    fn send<'a>(&'a self, mail: &'a Mail) -> Sending<'a> {
        Box::pin(async move {
            tracing::info!(
                to = mail.to,
                subject = mail.subject,
                text = mail.text,
                "mail"
            );
            Ok(())
        })
    }
}

/// Writes each mail into a file of its own, `NAME.eml` (RFC 5322), under a name that sorts by time. A file that has this name is whole.
struct FileMailer {
    folder: PathBuf,
    from: String,
}

impl FileMailer {
    async fn write(&self, mail: &Mail) -> io::Result<()> {
        fs::create_dir_all(&self.folder).await?;
        let name = Uuid::now_v7();
        let (unfinished, whole) = (
            self.folder.join(format!(".{name}.tmp")),
            self.folder.join(format!("{name}.eml")),
        );
        // Whoever reads it can change a password.
        let mut options = fs::OpenOptions::new();
        let mut file = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&unfinished)
            .await?;
        file.write_all(message(&self.from, mail).as_bytes()).await?;
        file.sync_all().await?;
        fs::rename(unfinished, whole).await
    }
}

impl Mailer for FileMailer {
    fn send<'a>(&'a self, mail: &'a Mail) -> Sending<'a> {
        Box::pin(async move { Ok(self.write(mail).await?) })
    }
}

/// The mail as a file; whoever takes it from there adds a date.
fn message(from: &str, mail: &Mail) -> String {
    // A header ends with its line: what could begin another one goes.
    let line = |text: &str| text.replace(char::is_control, "");
    let text = mail.text.replace('\n', "\r\n");
    format!(
        "From: {}\r\nTo: {}\r\nSubject: {}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n",
        line(from),
        line(&mail.to),
        line(&mail.subject)
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mail() -> Mail {
        Mail {
            to: "ada@example.org".to_owned(),
            subject: "Hello".to_owned(),
            text: "One\nTwo".to_owned(),
        }
    }

    #[tokio::test]
    async fn a_file_is_a_whole_mail_that_only_its_owner_reads() {
        let folder = tempfile::tempdir().unwrap();
        let config = MailConfig {
            kind: MailKind::File,
            folder: folder.path().join("new"),
            ..MailConfig::default()
        };
        mailer(&config).unwrap().send(&mail()).await.unwrap();
        let files: Vec<_> = std::fs::read_dir(&config.folder).unwrap().collect();
        assert_eq!(files.len(), 1);
        let file = files[0].as_ref().unwrap();
        assert!(file.file_name().to_str().unwrap().ends_with(".eml"));
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let text = std::fs::read_to_string(file.path()).unwrap();
        assert!(text.contains("\r\nTo: ada@example.org\r\n"), "{text}");
        assert!(text.ends_with("\r\n\r\nOne\r\nTwo\r\n"), "{text}");
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_made_is_told() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let config = MailConfig {
            kind: MailKind::File,
            folder: file.path().to_owned(),
            ..MailConfig::default()
        };
        assert!(mailer(&config).unwrap().send(&mail()).await.is_err());
    }

    /// Nobody adds a header or a recipient.
    #[test]
    fn a_line_stays_one_line() {
        let evil = Mail {
            to: "a@b\r\nBcc: c@d".to_owned(),
            ..mail()
        };
        assert!(!message("x@y", &evil).contains("\r\nBcc"));
    }
}
