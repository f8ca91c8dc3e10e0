//! Asking the mirror, and adding to it.

use std::sync::LazyLock;
use std::time::Duration;

use fred::error::Error;
use fred::interfaces::{LuaInterface, SortedSetsInterface};
use fred::types::scripts::Script;

use super::Reason;
use crate::cache::{Keys, Redis, RedisError};
use crate::ids::SignInId;

const READ: &str = include_str!("read.lua");

static ADD: LazyLock<Script> = LazyLock::new(|| Script::from_lua(include_str!("add.lua")));

/// Members that one script adds: a call holds the server for less than a millisecond.
const ADDED_AT_ONCE: usize = 500;

/// A place behind everything; a score is a double.
const BEYOND: u64 = 1 << 53;

/// What the mirror says of a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It was not revoked.
    Good,
    /// It was revoked.
    Revoked(Reason),
    /// The mirror is not whole, or does not answer: who has PostgreSQL asks there, who has not lets nobody in.
    Unknown,
}

/// A revoked sign-in.
pub type Revoked = (SignInId, Reason);

/// Revocations in the order in which the mirror learnt them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    /// Which mirror it is; a mirror that was built anew is another one, and is read from the beginning.
    pub generation: String,
    /// Not more than were asked for.
    pub revoked: Vec<Revoked>,
    /// Where to read on.
    pub last: u64,
}

/// The mirror of one system. A cheap clone.
#[derive(Debug, Clone)]
pub struct Mirror {
    pub(super) redis: Redis,
    pub(super) key: String,
    pub(super) read: Script,
}

impl Mirror {
    /// The mirror under the prefix of `keys`.
    #[must_use]
    pub fn new(redis: Redis, keys: &Keys) -> Self {
        let key = keys.revoked();
        // A builder answers for its own key only: each has a script of its own.
        let read = Script::from_lua(format!("-- {key}\n{READ}"));
        Self { redis, key, read }
    }

    /// Whether `sign_in` was revoked; one round trip. What fails is [`Verdict::Unknown`].
    pub async fn check(&self, sign_in: SignInId) -> Verdict {
        let arguments = vec!["is".to_owned(), sign_in.to_string()];
        let client = self.redis.next_connected();
        let score: Result<Option<String>, Error> = client
            .evalsha(self.read.sha1().clone(), self.key.as_str(), arguments)
            .await;
        match score {
            Ok(Some(score)) if score.is_empty() => Verdict::Good,
            Ok(Some(score)) => score.parse().map_or(Verdict::Unknown, |score: u64| {
                Verdict::Revoked(Reason::of(score % 8))
            }),
            Ok(None) => Verdict::Unknown,
            Err(error) => {
                tracing::debug!(%error, "the mirror of revocations does not answer");
                Verdict::Unknown
            }
        }
    }

    /// Up to `limit` revocations after the place `last`, 0 for the beginning; none when the mirror is not whole.
    ///
    /// # Errors
    /// Redis did not answer.
    pub async fn since(&self, last: u64, limit: usize) -> Result<Option<Since>, RedisError> {
        let arguments = vec!["since".to_owned(), last.to_string(), limit.to_string()];
        let client = self.redis.next_connected();
        let found: Result<Option<Vec<String>>, Error> = client
            .evalsha(self.read.sha1().clone(), self.key.as_str(), arguments)
            .await;
        let found = match found {
            Ok(found) => found,
            Err(error) if error.details().starts_with("NOSCRIPT") => None,
            Err(error) => return Err(error.into()),
        };
        let Some((generation, members)) = found.as_deref().and_then(<[String]>::split_first) else {
            return Ok(None);
        };
        let mut since = Since {
            generation: generation.clone(),
            revoked: Vec::with_capacity(members.len() / 2),
            last,
        };
        for pair in members.chunks_exact(2) {
            let score: u64 = pair[1].parse().map_err(|_| RedisError::Unreadable)?;
            let sign_in = pair[0].parse().map_err(|_| RedisError::Unreadable)?;
            since.last = score;
            since.revoked.push((sign_in, Reason::of(score % 8)));
        }
        Ok(Some(since))
    }

    /// Whether it is whole.
    ///
    /// # Errors
    /// Redis did not answer.
    pub async fn is_whole(&self) -> Result<bool, RedisError> {
        Ok(self.since(BEYOND, 1).await?.is_some())
    }

    /// Adds revoked sign-ins, whether the mirror is whole or not; doing it again changes nothing.
    ///
    /// # Errors
    /// Redis did not answer; some may have been added.
    pub async fn add(&self, revoked: &[Revoked]) -> Result<(), RedisError> {
        for some in revoked.chunks(ADDED_AT_ONCE) {
            let arguments: Vec<String> = some
                .iter()
                .flat_map(|(sign_in, reason)| [sign_in.to_string(), (*reason as u8).to_string()])
                .collect();
            let client = self.redis.next_connected().clone();
            ADD.evalsha_with_reload::<(), _, _>(&client, self.key.as_str(), arguments)
                .await?;
        }
        Ok(())
    }

    /// Forgets what was added longer than `age` ago: no token of it is good any more.
    ///
    /// # Errors
    /// Redis did not answer.
    pub async fn forget(&self, age: Duration) -> Result<(), RedisError> {
        let now = std::time::SystemTime::now();
        let before = now
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default()
            .saturating_sub(age);
        let score = before.as_millis() as f64 * 8.0;
        let client = self.redis.next_connected();
        client
            .zremrangebyscore::<(), _, _, _>(self.key.as_str(), 0.0, score)
            .await?;
        Ok(())
    }
}
