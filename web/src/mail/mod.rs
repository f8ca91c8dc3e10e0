//! Mails: what they are, and the senders that there are. Another way to send is another [`Mailer`].
//!
//! | file | sender |
//! |---|---|
//! | `log` | into the log, for development |
//! | `file` | into a folder |
//! | `smtp` | to a server that delivers them |

mod file;
mod log;
mod smtp;

use std::future::Future;
use std::io;
use std::pin::Pin;

use lettre::Message;
use lettre::message::header::{ContentTransferEncoding, ContentType};
use lettre::message::{Body, SinglePart};

use crate::config::{MailConfig, MailKind};

pub use smtp::SmtpError;

/// RFC 5322, 2.1.1.
const MAX_LINE: usize = 998;

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
pub enum MailError {
    /// What a profile has as its address is none, or a line is not one.
    #[error("the mail cannot be written")]
    Unwritten(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The server takes no mail for this recipient, or not this one; others may be well.
    #[error("the mail is refused")]
    Refused(#[source] SmtpError),
    /// The server cannot be reached, does not let us in, or fails.
    #[error("the server does not take the mail")]
    Server(#[source] SmtpError),
    /// The folder does not take it.
    #[error("the mail cannot be stored")]
    Stored(#[from] io::Error),
}

impl MailError {
    /// Whether it is about this mail alone.
    #[must_use]
    pub const fn is_of_the_mail(&self) -> bool {
        matches!(self, Self::Unwritten(_) | Self::Refused(_))
    }
}

/// What [`Mailer::send`] gives.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + 'a>>;

/// Sends mails.
pub trait Mailer: Send + Sync {
    /// Hands `mail` to whoever brings it to its recipient. May be dropped at any time; then the mail was sent or not.
    fn send<'a>(&'a self, mail: &'a Mail) -> Sending<'a>;
}

/// The sender that the configuration names; none where there is none.
///
/// # Errors
/// The address of the server cannot be used.
pub fn mailer(config: &MailConfig) -> Result<Option<Box<dyn Mailer>>, SmtpError> {
    Ok(match config.kind {
        MailKind::Off => None,
        MailKind::Log => Some(Box::new(log::LogMailer)),
        MailKind::File => Some(Box::new(file::FileMailer::new(config))),
        MailKind::Smtp => Some(Box::new(smtp::SmtpMailer::new(config)?)),
    })
}

/// The mail as RFC 5322 has it, dated now.
fn message(from: &str, mail: &Mail) -> Result<Message, MailError> {
    let write = || -> Result<Message, Box<dyn std::error::Error + Send + Sync>> {
        let text = SinglePart::builder().header(ContentType::TEXT_PLAIN);
        let builder = Message::builder().from(from.parse()?).to(mail.to.parse()?);
        Ok(builder
            .subject(&mail.subject)
            .singlepart(text.body(body(&mail.text)))?)
    };
    write().map_err(MailError::Unwritten)
}

/// The text as it is, wherever the protocol allows: the library breaks what is longer than 76 characters, and with it the token that somebody
/// takes out of a file by hand.
fn body(text: &str) -> Body {
    let is_plain = text.is_ascii() && text.lines().all(|line| line.len() <= MAX_LINE);
    if is_plain {
        let lines = text.replace('\n', "\r\n").into_bytes();
        Body::dangerous_pre_encoded(lines, ContentTransferEncoding::SevenBit)
    } else {
        Body::new(text.to_owned())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    pub(super) fn mail() -> Mail {
        Mail {
            to: "ada@example.org".to_owned(),
            subject: "Hello".to_owned(),
            text: "One\nTwo".to_owned(),
        }
    }

    #[test]
    fn a_mail_has_what_it_needs_and_reads_as_it_was_written() {
        let written = message("im <no-reply@example.org>", &mail()).unwrap();
        let text = String::from_utf8(written.formatted()).unwrap();
        for header in [
            "From: im <no-reply@example.org>\r\n",
            "To: ada@example.org\r\n",
            "Subject: Hello\r\n",
            "Date: ",
        ] {
            assert!(text.contains(header), "{header} in {text}");
        }
        assert!(text.ends_with("\r\n\r\nOne\r\nTwo\r\n"), "{text}");
    }

    #[test]
    fn a_token_stays_one_word_and_what_the_protocol_does_not_carry_is_encoded() {
        let written = |text: String| {
            let mail = Mail { text, ..mail() };
            let bytes = message("x@y.z", &mail).unwrap().formatted();
            String::from_utf8(bytes).unwrap()
        };
        let token = "t".repeat(500);
        assert!(written(format!("--token {token}\n")).contains(&token));
        for text in ["t".repeat(MAX_LINE + 1), "茶".to_owned()] {
            assert!(!written(text.clone()).contains(&text));
        }
    }

    /// Nobody adds a header or a recipient.
    #[test]
    fn a_line_stays_one_line() {
        let evil = Mail {
            to: "a@b.c\r\nBcc: d@e.f".to_owned(),
            ..mail()
        };
        let error = message("x@y.z", &evil).unwrap_err();
        assert!(error.is_of_the_mail());
        let evil = Mail {
            subject: "Hello\r\nBcc: d@e.f".to_owned(),
            ..mail()
        };
        let text = message("x@y.z", &evil).unwrap().formatted();
        assert!(!String::from_utf8(text).unwrap().contains("\nBcc"));
    }
}
