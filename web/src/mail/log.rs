//! Mails in the log, whole.

use super::{Mail, Mailer, Sending};

pub(super) struct LogMailer;

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
