//! What is mailed: the token of a forgotten password, and word of what a thief of the account would change.
//!
//! Nobody waits for a mail. Who asks for a token is told the same at once, whether there is such an account or not, and one task does the rest.

use std::time::{Duration, SystemTime};

use im_shared::breaker::{Breaker, Policy};
use im_shared::tokens::Signer;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use crate::config::MailConfig;
use crate::error::ApiError;
use crate::failures::Failures;
use crate::letters::{self, Letter};
use crate::mail::{self, Mail, Mailer, SmtpError};
use crate::store::{Store, TokenHash, User};

/// Errands that wait; more are dropped and counted, as whoever floods us would have it.
const QUEUE: usize = 256;

/// Handing a mail over takes less; while that fails again and again mails are dropped at once, and who forgot asks again (J9).
const PATIENCE: Duration = Duration::from_secs(10);

/// Accounts with one mail address that are written to.
const ACCOUNTS: u32 = 5;

/// Whose password is forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Forgotten {
    /// The account of this login name, in lower case.
    Username(String),
    /// Every account that has this mail address.
    Email(String),
}

#[derive(Debug)]
enum Errand {
    Reset(Forgotten),
    Notice { account: String, mail: Mail },
}

/// Takes errands. A cheap clone.
#[derive(Clone)]
pub struct Mailing(Option<mpsc::Sender<Errand>>);

/// Does the errands, one after the other; ends with the last [`Mailing`].
pub(crate) struct Worker {
    errands: mpsc::Receiver<Errand>,
    store: Store,
    signer: Signer,
    failures: Failures,
    mailer: Box<dyn Mailer>,
    breaker: Breaker,
    page: String,
}

impl Mailing {
    /// Where there is a mailer, with the worker that somebody has to run.
    ///
    /// # Errors
    /// The address of the server cannot be used.
    pub(crate) fn new(
        config: &MailConfig,
        store: &Store,
        signer: &Signer,
        failures: &Failures,
    ) -> Result<(Self, Option<Worker>), SmtpError> {
        let Some(mailer) = mail::mailer(config)? else {
            return Ok((Self(None), None));
        };
        let (sender, errands) = mpsc::channel(QUEUE);
        let worker = Worker {
            errands,
            store: store.clone(),
            signer: signer.clone(),
            failures: failures.clone(),
            mailer,
            breaker: Breaker::new("mail", Policy::patient_for(PATIENCE)),
            page: config.reset_url.clone(),
        };
        Ok((Self(Some(sender)), Some(worker)))
    }

    /// Mails a token to whoever forgot the password; whether there is such an account shows in its mailbox only. False where no mails are
    /// sent at all.
    #[must_use]
    pub fn reset(&self, whose: Forgotten) -> bool {
        self.take(Letter::Reset, Errand::Reset(whose));
        self.0.is_some()
    }

    /// Mails to the address that `user` names, where there is one, that its password was changed.
    pub fn password_changed(&self, user: &User) {
        self.notice(user, letters::password_changed(user));
    }

    /// Mails to the address that `user`, as it was before, names, that the account has another one now.
    pub fn address_changed(&self, user: &User) {
        self.notice(user, letters::address_changed(user));
    }

    fn notice(&self, user: &User, mail: Mail) {
        if !user.email.is_empty() {
            let account = user.username.clone();
            self.take(Letter::Notice, Errand::Notice { account, mail });
        }
    }

    fn take(&self, letter: Letter, errand: Errand) {
        let Some(sender) = &self.0 else {
            return;
        };
        if sender.try_send(errand).is_err() {
            count(letter, "dropped");
            tracing::warn!(
                letter = letter.name(),
                "too many mails wait; one is dropped"
            );
        }
    }
}

impl Worker {
    pub(crate) async fn run(mut self) {
        while let Some(errand) = self.errands.recv().await {
            match errand {
                Errand::Reset(whose) => {
                    if let Err(error) = self.reset(whose).await {
                        count(Letter::Reset, "failed");
                        tracing::warn!(%error, "a password is not reset");
                    }
                }
                Errand::Notice { account, mail } => {
                    if self.may_send(Letter::Notice, &account).await {
                        self.send(Letter::Notice, &mail).await;
                    }
                }
            }
        }
    }

    async fn reset(&self, whose: Forgotten) -> Result<(), ApiError> {
        let users = match whose {
            Forgotten::Username(name) => self
                .store
                .user_by_username(&name)
                .await?
                .into_iter()
                .collect(),
            Forgotten::Email(email) => self.store.users_by_email(&email, ACCOUNTS).await?,
        };
        for user in users {
            self.mail_token(&user).await?;
        }
        Ok(())
    }

    async fn mail_token(&self, user: &User) -> Result<(), ApiError> {
        if user.email.is_empty() || !user.may_reset() {
            return Ok(());
        }
        if !self.may_send(Letter::Reset, &user.username).await {
            return Ok(());
        }
        let reset = self
            .signer
            .sign_reset(user.id, SystemTime::now())
            .map_err(|error| ApiError::internal("signing a token to reset a password", error))?;
        self.store
            .keep_reset(user.id, &hash_of(&reset.token), reset.expires_at)
            .await?;
        let mail = letters::reset(user, &reset, &self.page);
        self.send(Letter::Reset, &mail).await;
        Ok(())
    }

    async fn may_send(&self, letter: Letter, account: &str) -> bool {
        let may = self.failures.may_mail(letter, account).await;
        if !may {
            count(letter, "limited");
        }
        may
    }

    async fn send(&self, letter: Letter, mail: &Mail) {
        let sending = async {
            match self.mailer.send(mail).await {
                // One address that is none keeps nobody else's mail back.
                Err(error) if error.is_of_the_mail() => Ok(Err(error)),
                Err(error) => Err(error),
                Ok(()) => Ok(Ok(())),
            }
        };
        match self.breaker.call(sending).await {
            Ok(Ok(())) => count(letter, "sent"),
            Ok(Err(error)) => fail(letter, &error),
            Err(error) => fail(letter, &error),
        }
    }
}

fn fail(letter: Letter, error: &dyn std::error::Error) {
    count(letter, "failed");
    let cause = error.source().map(ToString::to_string);
    tracing::warn!(%error, cause, letter = letter.name(), "a mail is not sent");
}

fn count(letter: Letter, result: &'static str) {
    metrics::counter!("im_mails_total", "letter" => letter.name(), "result" => result).increment(1);
}

/// The hash under which the token of a reset is kept.
#[must_use]
pub fn hash_of(token: &str) -> TokenHash {
    Sha256::digest(token).into()
}
