//! Token buckets in Redis: one limit over all programs and nodes.
//!
//! One key per rule and subject, one script call per request; the clock is that of Redis. A bucket that is full has no key, so losing all
//! of Redis fills every bucket and nothing worse.

use std::sync::LazyLock;
use std::time::Duration;

use fred::types::scripts::Script;

use super::{Keys, Rate, Redis, RedisError};

const SOURCE: &str = include_str!("bucket.lua");

static TAKE: LazyLock<Script> = LazyLock::new(|| Script::from_lua(SOURCE));
static PEEK: LazyLock<Script> = LazyLock::new(|| Script::from_lua(include_str!("bucket_peek.lua")));
static CHARGE: LazyLock<Script> =
    LazyLock::new(|| Script::from_lua(include_str!("bucket_charge.lua")));

/// The buckets of every rule. A cheap clone.
#[derive(Debug, Clone)]
pub struct Buckets {
    pub(super) redis: Redis,
    pub(super) keys: Keys,
}

impl Buckets {
    /// The buckets under the prefix of `keys`.
    #[must_use]
    pub fn new(redis: Redis, keys: Keys) -> Self {
        Self { redis, keys }
    }

    /// Takes `cost` tokens (1 to 10,000) of the bucket that `rule` has for `subject`; one round trip. The inner error is the time after which
    /// the same request passes, if nobody else takes anything; a refusal costs nothing. What costs more than a full bucket
    /// passes when the bucket is full, and the bucket owes the rest ([`Rate::take`]).
    ///
    /// `rule` names the limit, of `[a-z0-9_]`; `subject` is whom it is for: a user, an address. All callers of a rule give the same `rate`; when
    /// it changes, the time at which a bucket is full stays.
    ///
    /// # Errors
    ///
    /// Redis did not answer; the tokens may have been taken or not. The caller decides what holds then ([`super::LocalBuckets`]).
    pub async fn take(
        &self,
        rule: &str,
        subject: &str,
        cost: u32,
        rate: Rate,
    ) -> Result<Result<(), Duration>, RedisError> {
        let arguments = vec![
            Rate::cost(cost).to_string(),
            rate.burst().to_string(),
            rate.interval().as_micros().to_string(),
        ];
        self.run(&TAKE, rule, subject, arguments).await
    }

    /// Whether a token is there, without taking it; for what is charged only when it went wrong ([`Buckets::charge`]).
    ///
    /// # Errors
    ///
    /// Redis did not answer.
    pub async fn peek(
        &self,
        rule: &str,
        subject: &str,
        rate: Rate,
    ) -> Result<Result<(), Duration>, RedisError> {
        let arguments = vec![
            rate.burst().to_string(),
            rate.interval().as_micros().to_string(),
        ];
        self.run(&PEEK, rule, subject, arguments).await
    }

    /// Takes `cost` tokens whether they are there or not ([`Rate::charge`]).
    ///
    /// # Errors
    ///
    /// Redis did not answer; the tokens may have been taken or not.
    pub async fn charge(
        &self,
        rule: &str,
        subject: &str,
        cost: u32,
        rate: Rate,
    ) -> Result<(), RedisError> {
        let arguments = vec![
            Rate::cost(cost).to_string(),
            rate.interval().as_micros().to_string(),
        ];
        self.run(&CHARGE, rule, subject, arguments)
            .await
            .map(|_| ())
    }

    async fn run(
        &self,
        script: &Script,
        rule: &str,
        subject: &str,
        arguments: Vec<String>,
    ) -> Result<Result<(), Duration>, RedisError> {
        let client = self.redis.next_connected().clone();
        let key = self.keys.bucket(rule, subject);
        let wait: u64 = script.evalsha_with_reload(&client, key, arguments).await?;
        Ok(match wait {
            0 => Ok(()),
            wait => Err(Duration::from_micros(wait)),
        })
    }
}

#[cfg(test)]
mod tests {
    use fred::prelude::KeysInterface;
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    use super::*;
    use crate::cache;
    use crate::testing::{RedisServer, Servers, unique_prefix};

    const HOUR: Duration = Duration::from_secs(3_600);

    async fn buckets() -> Buckets {
        let prefix = unique_prefix();
        let mut config = Servers::redis(&prefix);
        config.command_timeout_ms = 10_000;
        let redis = cache::connect(&config).await.unwrap();
        Buckets::new(redis, Keys::new(&prefix))
    }

    /// B8: two nodes share what one address has left, and nobody else's is touched.
    #[tokio::test]
    async fn many_at_once_on_two_nodes_get_exactly_the_burst() {
        let (one, rate) = (buckets().await, Rate::of(20, HOUR));
        let other_node = cache::connect(&Servers::redis("unused")).await.unwrap();
        let other = Buckets::new(other_node, one.keys.clone());
        let calls = (0..100).map(|number| {
            let node = if number % 2 == 0 { &one } else { &other };
            node.take("guests", "10.0.0.1", 1, rate)
        });
        let answers = futures_util::future::join_all(calls).await;
        let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers.iter().filter(|taken| taken.is_ok()).count(), 20);
        for wait in answers.into_iter().filter_map(Result::err) {
            assert!(
                wait > Duration::from_secs(120) && wait <= rate.interval(),
                "{wait:?}"
            );
        }
        for (rule, subject) in [("guests", "10.0.0.2"), ("logins", "10.0.0.1")] {
            assert_eq!(one.take(rule, subject, 1, rate).await.unwrap(), Ok(()));
        }
    }

    /// B8: a look costs nothing, and a charge takes what is not there.
    #[tokio::test]
    async fn a_look_is_free_and_a_charge_is_owed() {
        let (buckets, rate) = (buckets().await, Rate::new(2, Duration::from_secs(60)));
        for _ in 0..5 {
            assert_eq!(buckets.peek("r", "s", rate).await.unwrap(), Ok(()));
        }
        for _ in 0..4 {
            buckets.charge("r", "s", 1, rate).await.unwrap();
        }
        let wait = buckets.peek("r", "s", rate).await.unwrap().unwrap_err();
        assert!(wait > Duration::from_secs(120), "{wait:?}");
        assert!(wait <= Duration::from_secs(180), "{wait:?}");
        assert!(buckets.take("r", "s", 1, rate).await.unwrap().is_err());
        assert_eq!(buckets.peek("r", "other", rate).await.unwrap(), Ok(()));
    }

    /// J8: a bucket lives in Redis until it is full again, and no longer.
    #[tokio::test]
    async fn a_bucket_ends_when_it_is_full() {
        let (buckets, rate) = (buckets().await, Rate::new(10, Duration::from_secs(60)));
        assert_eq!(buckets.take("r", "s", 3, rate).await.unwrap(), Ok(()));
        let key = buckets.keys.bucket("r", "s");
        let left: i64 = buckets.redis.pttl(&key).await.unwrap();
        assert!((120_000..=180_000).contains(&left), "{left}");
        // Above the burst: it passes a full bucket only, which this is not.
        assert!(buckets.take("r", "s", 64, rate).await.unwrap().is_err());
    }

    /// J8: the script and the pure twin say the same, at every time, cost and rate.
    #[tokio::test]
    async fn the_script_decides_as_the_pure_rate_does() {
        let seed: u64 = rand::random();
        println!("seed {seed}");
        let mut random = StdRng::seed_from_u64(seed);
        let buckets = buckets().await;
        let clock = "redis.call('TIME')";
        assert!(SOURCE.contains(clock));
        let script = Script::from_lua(SOURCE.replace(clock, "{ARGV[4], ARGV[5]}"));
        for world in 0..40 {
            let interval = Duration::from_micros(random.random_range(1..5_000_000));
            let rate = Rate::new(random.random_range(1..50), interval);
            let (subject, mut full_at) = (format!("world-{world}"), 0);
            let mut now: u64 = random.random_range(0..2_000_000_000_000_000);
            for _ in 0..25 {
                // The key's own end is told by the real clock, so it may not come before the told one.
                now += random.random_range(0..rate.interval().as_micros() as u64 * 3);
                let cost = random.random_range(1..70);
                let arguments = [
                    u64::from(cost),
                    u64::from(rate.burst()),
                    rate.interval().as_micros() as u64,
                    now / 1_000_000,
                    now % 1_000_000,
                ];
                let arguments = arguments.map(|number| number.to_string()).to_vec();
                let key = buckets.keys.bucket("twin", &subject);
                let value = full_at.to_string();
                if full_at > 0 {
                    buckets
                        .redis
                        .set::<(), _, _>(&key, value, None, None, false)
                        .await
                        .unwrap();
                }
                let said = buckets
                    .run(&script, "twin", &subject, arguments)
                    .await
                    .unwrap();
                let expected = rate.take(full_at, now, cost);
                assert_eq!(
                    said,
                    expected.map(|_| ()),
                    "{rate:?} {full_at} {now} {cost}"
                );
                full_at = expected.unwrap_or(full_at);
            }
        }
    }

    /// J8: without Redis the caller learns it, and a Redis that lost everything starts with full buckets.
    #[tokio::test]
    async fn a_lost_redis_is_told_and_an_empty_one_starts_anew() {
        let server = RedisServer::start();
        let mut config = Servers::redis("t");
        config.url = server.url().as_str().into();
        config.command_timeout_ms = 5_000;
        let redis = cache::connect(&config).await.unwrap();
        let (buckets, rate) = (Buckets::new(redis, Keys::new("t")), Rate::of(1, HOUR));
        assert_eq!(buckets.take("r", "s", 1, rate).await.unwrap(), Ok(()));
        assert!(buckets.take("r", "s", 1, rate).await.unwrap().is_err());
        server.kill().await;
        assert!(buckets.take("r", "s", 1, rate).await.is_err());
        server.restart().await;
        let taken = async || matches!(buckets.take("r", "s", 1, rate).await, Ok(Ok(())));
        crate::testing::wait_until(taken, Duration::from_secs(20)).await;
        assert!(buckets.take("r", "s", 1, rate).await.unwrap().is_err());
    }
}
