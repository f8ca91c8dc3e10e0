//! Taking tokens and learning what is left: for limits that are told to whom they are for.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use fred::types::scripts::Script;

use super::{Buckets, LocalBuckets, Rate, RedisError};

const SOURCE: &str = include_str!("bucket_counted.lua");

static TAKE: LazyLock<Script> = LazyLock::new(|| Script::from_lua(SOURCE));

/// How full a bucket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// Tokens that are there.
    pub remaining: u32,
    /// The time until it is full.
    pub full_in: Duration,
}

/// What came of asking for tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// They were taken; or the time after which the same request passes, if nobody else takes anything. A refusal costs nothing.
    pub taken: Result<(), Duration>,
    /// How full the bucket is afterwards.
    pub level: Level,
}

impl Rate {
    /// How full a bucket is at `now` that is full at `full_at`, both in microseconds.
    #[must_use]
    pub fn level(self, full_at: u64, now: u64) -> Level {
        let (missing, interval) = (full_at.saturating_sub(now), self.interval_micros());
        let there = (u64::from(self.burst()) * interval).saturating_sub(missing) / interval;
        Level {
            remaining: u32::try_from(there).unwrap_or(u32::MAX),
            full_in: Duration::from_micros(missing),
        }
    }
}

impl Buckets {
    /// As [`Buckets::take`], and tells what is left; one round trip.
    ///
    /// # Errors
    ///
    /// Redis did not answer; the tokens may have been taken or not.
    pub async fn take_counted(
        &self,
        rule: &str,
        subject: &str,
        cost: u32,
        rate: Rate,
    ) -> Result<Counted, RedisError> {
        let arguments = vec![
            u64::from(Rate::cost(cost)),
            u64::from(rate.burst()),
            rate.interval_micros(),
        ];
        self.counted(&TAKE, rule, subject, arguments).await
    }

    async fn counted(
        &self,
        script: &Script,
        rule: &str,
        subject: &str,
        arguments: Vec<u64>,
    ) -> Result<Counted, RedisError> {
        let client = self.redis.next_connected().clone();
        let key = self.keys.bucket(rule, subject);
        let arguments: Vec<String> = arguments.iter().map(u64::to_string).collect();
        let (wait, remaining, full_in): (u64, u32, u64) =
            script.evalsha_with_reload(&client, key, arguments).await?;
        Ok(Counted {
            taken: match wait {
                0 => Ok(()),
                wait => Err(Duration::from_micros(wait)),
            },
            level: Level {
                remaining,
                full_in: Duration::from_micros(full_in),
            },
        })
    }
}

impl LocalBuckets {
    /// As [`Buckets::take_counted`], for this process alone, at `now`.
    #[must_use]
    pub fn take_counted(
        &self,
        rule: &str,
        subject: &str,
        cost: u32,
        rate: Rate,
        now: Instant,
    ) -> Counted {
        let mut level = rate.level(0, 0);
        let taken = self.update(rule, subject, now, |full_at, now| {
            let taken = rate.take(full_at, now, cost);
            level = rate.level(taken.unwrap_or(full_at), now);
            taken.map(Some)
        });
        Counted { taken, level }
    }
}

#[cfg(test)]
mod tests {
    use fred::prelude::KeysInterface;
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    use super::*;
    use crate::cache::{self, Keys};
    use crate::testing::{Servers, unique_prefix};

    async fn buckets() -> Buckets {
        let prefix = unique_prefix();
        let mut config = Servers::redis(&prefix);
        config.command_timeout_ms = 10_000;
        let redis = cache::connect(&config).await.unwrap();
        Buckets::new(redis, Keys::new(&prefix))
    }

    /// B8: who is limited learns how much is left, and a refusal takes nothing.
    #[tokio::test]
    async fn what_is_left_is_told() {
        let (buckets, local) = (buckets().await, LocalBuckets::new(8));
        let rate = Rate::new(3, Duration::from_secs(60));
        for remaining in [2, 1, 0, 0, 0] {
            let shared = buckets.take_counted("r", "s", 1, rate).await.unwrap();
            let own = local.take_counted("r", "s", 1, rate, Instant::now());
            for counted in [shared, own] {
                assert_eq!(counted.level.remaining, remaining);
                let full_in = rate.interval() * (3 - remaining);
                let passed = full_in - counted.level.full_in;
                assert!(passed < Duration::from_secs(30), "{counted:?}");
            }
            assert_eq!(shared.taken.is_ok(), own.taken.is_ok());
        }
        let other = buckets.take("r", "s", 1, rate).await.unwrap();
        assert!(other.is_err(), "it is the bucket of those who do not count");
    }

    /// J8: the script and the pure twin say the same, at every time, cost and rate.
    #[tokio::test]
    async fn the_script_counts_as_the_pure_rate_does() {
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
                now += random.random_range(0..rate.interval_micros() * 3);
                let cost: u32 = random.random_range(1..70);
                let (burst, interval) = (u64::from(rate.burst()), rate.interval_micros());
                let arguments = vec![
                    u64::from(cost),
                    burst,
                    interval,
                    now / 1_000_000,
                    now % 1_000_000,
                ];
                // The key's own end is told by the real clock, so it may not come before the told one.
                let key = buckets.keys.bucket("twin", &subject);
                let value = full_at.to_string();
                if full_at > 0 {
                    let set = buckets
                        .redis
                        .set::<(), _, _>(&key, value, None, None, false);
                    set.await.unwrap();
                }
                let said = buckets
                    .counted(&script, "twin", &subject, arguments)
                    .await
                    .unwrap();
                let taken = rate.take(full_at, now, cost);
                full_at = taken.unwrap_or(full_at);
                let expected = Counted {
                    taken: taken.map(|_| ()),
                    level: rate.level(full_at, now),
                };
                assert_eq!(said, expected, "{rate:?} {full_at} {now} {cost}");
            }
        }
    }
}
