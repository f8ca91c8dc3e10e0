//! Mails to a server that delivers them (RFC 5321). Each has a connection of its own: there are few.

use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::{Mail, MailError, Mailer, Sending, message};
use crate::config::MailConfig;

/// What went wrong with the server.
pub type SmtpError = lettre::transport::smtp::Error;

pub(super) struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: String,
}

impl SmtpMailer {
    pub(super) fn new(config: &MailConfig) -> Result<Self, SmtpError> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(config.smtp_url.expose())?;
        Ok(Self {
            transport: transport.build(),
            from: config.from.clone(),
        })
    }
}

impl Mailer for SmtpMailer {
    fn send<'a>(&'a self, mail: &'a Mail) -> Sending<'a> {
        Box::pin(async move {
            let message = message(&self.from, mail)?;
            match self.transport.send(message).await {
                Ok(_) => Ok(()),
                Err(error) if is_of_the_mail(&error) => Err(MailError::Refused(error)),
                Err(error) => Err(MailError::Server(error)),
            }
        })
    }
}

/// 550 to 554 are about a mailbox or a mail; other permanent answers, as 535 of a wrong password, are about us. What the library itself does
/// not hand over, as an address in Chinese to a server that takes ASCII only, is about the mail too.
fn is_of_the_mail(error: &SmtpError) -> bool {
    let status = error.status().map(u16::from);
    error.is_client() || status.is_some_and(|status| (550..=554).contains(&status))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::net::SocketAddr;

    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    use tokio::net::TcpListener;

    use super::super::tests::mail;
    use super::*;

    /// A mail server for one mail, which it gives as it was sent. It answers a recipient with `verdict`.
    async fn server(verdict: &'static str) -> (SocketAddr, tokio::task::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            let (reader, mut writer) = socket.split();
            let mut lines = BufReader::new(reader).lines();
            let mut said = String::new();
            let mut in_mail = false;
            writer.write_all(b"220 here\r\n").await.unwrap();
            while let Ok(Some(line)) = lines.next_line().await {
                said.push_str(&line);
                said.push('\n');
                let answer = match line.split(' ').next().unwrap() {
                    "." => {
                        in_mail = false;
                        "250 taken"
                    }
                    _ if in_mail => continue,
                    "RCPT" => verdict,
                    "DATA" => {
                        in_mail = true;
                        "354 go on"
                    }
                    "QUIT" => "221 bye",
                    _ => "250 well",
                };
                writer
                    .write_all(format!("{answer}\r\n").as_bytes())
                    .await
                    .unwrap();
            }
            said
        });
        (address, serving)
    }

    fn mailer(address: SocketAddr) -> SmtpMailer {
        SmtpMailer::new(&MailConfig {
            smtp_url: format!("smtp://{address}").into(),
            from: "im <no-reply@example.org>".to_owned(),
            ..MailConfig::default()
        })
        .unwrap()
    }

    #[tokio::test]
    async fn a_mail_is_handed_to_the_server() {
        let (address, server) = server("250 well").await;
        mailer(address).send(&mail()).await.unwrap();
        let said = server.await.unwrap();
        for line in [
            "MAIL FROM:<no-reply@example.org>",
            "RCPT TO:<ada@example.org>",
            "Subject: Hello",
            "One\nTwo",
        ] {
            assert!(said.contains(line), "{line} in {said}");
        }
    }

    /// Others get theirs.
    #[tokio::test]
    async fn a_refused_recipient_is_told_from_a_server_that_fails() {
        for (verdict, of_the_mail) in [("550 nobody", true), ("451 later", false)] {
            let (address, server) = server(verdict).await;
            let error = mailer(address).send(&mail()).await.unwrap_err();
            assert_eq!(error.is_of_the_mail(), of_the_mail, "{verdict}");
            server.await.unwrap();
        }
        let (address, server) = server("250 well").await;
        let foreign = Mail {
            to: "茶@example.org".to_owned(),
            ..mail()
        };
        let error = mailer(address).send(&foreign).await.unwrap_err();
        assert!(error.is_of_the_mail());
        server.await.unwrap();
        // Nobody listens there any more.
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let error = mailer(address).send(&mail()).await.unwrap_err();
        assert!(!error.is_of_the_mail());
    }
}
