//! What wrong passwords cost: whoever fails waits before the next try, and nobody else does (docs/adr/0017).
//!
//! A failure is charged to token buckets that all web nodes share; a right password costs nothing. A bucket is looked into before the
//! password is hashed. Who may be slowed by whom follows from what the bucket is of:
//!
//! | bucket | of | asked for |
//! |---|---|---|
//! | `login_device` | account and device | a device that the account signed in on before; nothing else is asked for it |
//! | `login_pair` | account and address | everybody else |
//! | `login_address` | address | everybody else: one who tries many accounts |
//! | `login_account` | account | an address that the account never signed in from: many who try one account |
//! | `login_pressed` | account and address | the same, while `login_account` is empty |
//!
//! Strangers can empty `login_account` of somebody else. Then an address that is new to the account still has one try in five minutes, whoever
//! else tries: slow for them, never locked for the owner, whose own devices do not even notice.

use std::time::{Duration, Instant};

use im_shared::breaker::Breaker;
use im_shared::cache::{Buckets, LocalBuckets, Rate, RedisError};

use crate::client_address::ClientAddress;
use crate::error::ApiError;
use crate::letters::Letter;

/// Buckets that a node remembers while Redis is away.
const LOCAL_SUBJECTS: usize = 20_000;

/// A bucket per account or address, and how fast it fills again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rule {
    name: &'static str,
    failures: u32,
    seconds_each: u64,
}

const DEVICE: Rule = Rule::new("login_device", 5, 30);
const PAIR: Rule = Rule::new("login_pair", 5, 30);
const ADDRESS: Rule = Rule::new("login_address", 20, 6);
const ACCOUNT: Rule = Rule::new("login_account", 100, 10);
const PRESSED: Rule = Rule::new("login_pressed", 1, 300);
/// Mails that reset a password: to each account.
const FORGOTTEN: Rule = Rule::new("forgotten_account", 3, 1_200);
/// Mails that say what was changed: to each account, whose address nobody has confirmed.
const NOTICE: Rule = Rule::new("notice_account", 5, 1_200);

impl Rule {
    const fn new(name: &'static str, failures: u32, seconds_each: u64) -> Self {
        Self {
            name,
            failures,
            seconds_each,
        }
    }

    fn rate(self) -> Rate {
        Rate::new(self.failures, Duration::from_secs(self.seconds_each))
    }
}

/// What is known of where a login comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The account signed in on this device before.
    KnownDevice,
    /// The account signed in from this address before.
    KnownAddress,
    /// Neither.
    Stranger,
}

/// Who tries a password.
#[derive(Debug, Clone, Copy)]
pub struct Trial<'a> {
    /// The login name in lower case, whether there is such an account or not.
    pub account: &'a str,
    /// The device that the client names.
    pub device: &'a str,
    /// The client's address.
    pub address: ClientAddress,
    /// What is known of the device and the address.
    pub standing: Standing,
}

/// What a failure is charged to.
#[derive(Debug)]
#[must_use]
pub struct Stake(Vec<(Rule, String)>);

/// Counts wrong passwords. A cheap clone.
#[derive(Clone)]
pub struct Failures {
    buckets: Buckets,
    redis: Breaker,
    local: LocalBuckets,
}

impl Failures {
    /// Counts in `buckets`, through the breaker of Redis; while Redis does not answer, this node counts for itself.
    #[must_use]
    pub fn new(buckets: Buckets, redis: Breaker) -> Self {
        Self {
            buckets,
            redis,
            local: LocalBuckets::new(LOCAL_SUBJECTS),
        }
    }

    /// Lets a password be tried.
    ///
    /// # Errors
    /// `RateLimited`: there were too many failures.
    pub async fn admit(&self, trial: Trial<'_>) -> Result<Stake, ApiError> {
        let mut stake = stake(trial);
        let (mut refused, mut pressed) = (None, false);
        for (rule, subject) in &stake {
            match self.peek(*rule, subject).await {
                Ok(()) => {}
                Err(_) if *rule == ACCOUNT => pressed = true,
                Err(wait) => refused = refused.max(Some((wait, rule.name))),
            }
        }
        if pressed {
            let subject = pair(trial.account, &trial.address.to_string());
            if let Err(wait) = self.peek(PRESSED, &subject).await {
                refused = refused.max(Some((wait, PRESSED.name)));
            }
            stake.push((PRESSED, subject));
        }
        match refused {
            None => Ok(Stake(stake)),
            Some((wait, rule)) => {
                metrics::counter!("im_rate_limited_total", "rule" => rule).increment(1);
                Err(ApiError::RateLimited(wait))
            }
        }
    }

    /// The password was wrong.
    pub async fn charge(&self, stake: Stake) {
        metrics::counter!("im_password_failures_total").increment(1);
        for (rule, subject) in stake.0 {
            let rate = rule.rate();
            let charging = self.buckets.charge(rule.name, &subject, 1, rate);
            if self.ask(rule, charging).await.is_none() {
                let now = Instant::now();
                self.local.charge(rule.name, &subject, 1, rate, now);
            }
        }
    }

    /// Whether this account may be sent one more mail of this kind; it counts as sent.
    pub async fn may_mail(&self, letter: Letter, account: &str) -> bool {
        let rule = match letter {
            Letter::Reset => FORGOTTEN,
            Letter::Notice => NOTICE,
        };
        let rate = rule.rate();
        let taking = self.buckets.take(rule.name, account, 1, rate);
        let taken = self.ask(rule, taking).await.unwrap_or_else(|| {
            let now = Instant::now();
            self.local.take(rule.name, account, 1, rate, now)
        });
        taken.is_ok()
    }

    async fn peek(&self, rule: Rule, subject: &str) -> Result<(), Duration> {
        let rate = rule.rate();
        let peeking = self.buckets.peek(rule.name, subject, rate);
        self.ask(rule, peeking).await.unwrap_or_else(|| {
            let now = Instant::now();
            self.local.peek(rule.name, subject, rate, now)
        })
    }

    /// What Redis says, or nothing.
    async fn ask<T>(
        &self,
        rule: Rule,
        asking: impl Future<Output = Result<T, RedisError>>,
    ) -> Option<T> {
        match self.redis.call(asking).await {
            Ok(answer) => Some(answer),
            Err(error) => {
                metrics::counter!("im_rate_limit_local_total", "rule" => rule.name).increment(1);
                tracing::debug!(%error, rule = rule.name, "failures are counted by this node alone");
                None
            }
        }
    }
}

/// What a failure of `trial` is charged to, before it is known whether the account is under pressure.
fn stake(trial: Trial<'_>) -> Vec<(Rule, String)> {
    let address = trial.address.to_string();
    let at_address = (PAIR, pair(trial.account, &address));
    match trial.standing {
        Standing::KnownDevice => vec![(DEVICE, pair(trial.account, trial.device))],
        Standing::KnownAddress => vec![at_address, (ADDRESS, address)],
        Standing::Stranger => vec![
            at_address,
            (ADDRESS, address),
            (ACCOUNT, trial.account.to_owned()),
        ],
    }
}

/// A name of both; no account has a `|` in it.
fn pair(account: &str, other: &str) -> String {
    format!("{account}|{other}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
