//! Forgotten passwords: who asks is told the same at once, whether there is such an account or not, and one task does the rest.

use std::time::{Duration, SystemTime};

use im_shared::breaker::{Breaker, Policy};
use im_shared::tokens::{RESET_TOKEN_LIFE, Reset, Signer};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use crate::config::MailConfig;
use crate::error::ApiError;
use crate::failures::Failures;
use crate::mail::{self, Mail, Mailer};
use crate::store::{Store, TokenHash, User};

/// Wishes that wait; more are dropped and counted, as whoever floods us would have it.
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

/// Takes wishes. A cheap clone.
#[derive(Clone)]
pub struct Resets(Option<mpsc::Sender<Forgotten>>);

/// Fulfils wishes, one after the other; ends with the last [`Resets`].
pub(crate) struct Worker {
    wishes: mpsc::Receiver<Forgotten>,
    store: Store,
    signer: Signer,
    failures: Failures,
    mailer: Box<dyn Mailer>,
    breaker: Breaker,
    page: String,
}

impl Resets {
    /// Where there is a mailer, with the worker that somebody has to run.
    pub(crate) fn new(
        config: &MailConfig,
        store: &Store,
        signer: &Signer,
        failures: &Failures,
    ) -> (Self, Option<Worker>) {
        let Some(mailer) = mail::mailer(config) else {
            return (Self(None), None);
        };
        let (sender, wishes) = mpsc::channel(QUEUE);
        let worker = Worker {
            wishes,
            store: store.clone(),
            signer: signer.clone(),
            failures: failures.clone(),
            mailer,
            breaker: Breaker::new("mail", Policy::patient_for(PATIENCE)),
            page: config.reset_url.clone(),
        };
        (Self(Some(sender)), Some(worker))
    }

    /// Takes a wish; whether it can be fulfilled shows in a mailbox only. False where no mails are sent at all.
    #[must_use]
    pub fn wish(&self, whose: Forgotten) -> bool {
        let Some(sender) = &self.0 else {
            return false;
        };
        if sender.try_send(whose).is_err() {
            count("dropped");
            tracing::warn!("too many wait for a mail to reset a password; one is dropped");
        }
        true
    }
}

impl Worker {
    pub(crate) async fn run(mut self) {
        while let Some(whose) = self.wishes.recv().await {
            if let Err(error) = self.fulfil(whose).await {
                count("failed");
                tracing::warn!(%error, "a password is not reset");
            }
        }
    }

    async fn fulfil(&self, whose: Forgotten) -> Result<(), ApiError> {
        let users = match whose {
            Forgotten::Username(name) => self.store.user_by_username(&name).await?,
            Forgotten::Email(email) => {
                for user in self.store.users_by_email(&email, ACCOUNTS).await? {
                    self.mail(user).await?;
                }
                return Ok(());
            }
        };
        match users {
            Some(user) => self.mail(user).await,
            None => Ok(()),
        }
    }

    async fn mail(&self, user: User) -> Result<(), ApiError> {
        if user.email.is_empty() || !user.may_reset() {
            return Ok(());
        }
        if !self.failures.may_mail(&user.username).await {
            count("limited");
            return Ok(());
        }
        let reset = self
            .signer
            .sign_reset(user.id, SystemTime::now())
            .map_err(|error| ApiError::internal("signing a token to reset a password", error))?;
        self.store
            .keep_reset(user.id, &hash_of(&reset.token), reset.expires_at)
            .await?;
        let mail = letter(&user, &reset, &self.page);
        match self.breaker.call(self.mailer.send(&mail)).await {
            Ok(()) => count("sent"),
            Err(error) => {
                count("failed");
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(%error, cause, "a password is not reset");
            }
        }
        Ok(())
    }
}

fn count(result: &'static str) {
    metrics::counter!("im_password_mails_total", "result" => result).increment(1);
}

/// The hash under which the token of a reset is kept.
#[must_use]
pub fn hash_of(token: &str) -> TokenHash {
    Sha256::digest(token).into()
}

fn letter(user: &User, reset: &Reset, page: &str) -> Mail {
    let minutes = RESET_TOKEN_LIFE.as_secs() / 60;
    let way = if page.is_empty() {
        format!("    im reset-password --token {}", reset.token)
    } else {
        let joint = if page.contains('?') { '&' } else { '?' };
        format!("    {page}{joint}token={}", reset.token)
    };
    Mail {
        to: user.email.clone(),
        subject: "Your password".to_owned(),
        text: format!(
            "Somebody, probably you, wants to set a new password for {}.\n\nWithin {minutes} minutes it can be set once, with\n\n{way}\n\n\
             All devices are signed out then. If it was not you, there is nothing to do: nobody else has this mail.",
            user.username
        ),
    }
}
