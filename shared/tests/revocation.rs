//! The mirror of revocations, in a real Redis (B7).
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Duration;

use fred::interfaces::{KeysInterface, SortedSetsInterface};
use im_shared::cache::{self, Keys, Redis};
use im_shared::ids::SignInId;
use im_shared::revocation::{Build, Mirror, Reason, Verdict};
use im_shared::testing::{RedisServer, Servers, unique_prefix, wait_until};

const PATIENCE: Duration = Duration::from_secs(20);
const ONE: SignInId = SignInId(1);
const TWO: SignInId = SignInId(2);

async fn setup() -> (Redis, Keys, Mirror) {
    let prefix = unique_prefix();
    let mut config = Servers::redis(&prefix);
    config.command_timeout_ms = 10_000;
    let redis = cache::connect(&config).await.unwrap();
    let keys = Keys::new(&prefix);
    let mirror = Mirror::new(redis.clone(), &keys);
    (redis, keys, mirror)
}

/// Of a server of its own.
async fn on(server: &RedisServer) -> Mirror {
    let mut config = Servers::redis("im");
    config.url = server.url().as_str().into();
    config.command_timeout_ms = 5_000;
    let redis = cache::connect(&config).await.unwrap();
    Mirror::new(redis, &Keys::new("im"))
}

async fn build(mirror: &Mirror) {
    let build = Build::begin(mirror.clone()).await.unwrap();
    assert!(build.finish().await.unwrap());
}

#[tokio::test]
async fn a_revoked_sign_in_is_known_with_its_reason_and_others_are_good() {
    let (_, _, mirror) = setup().await;
    build(&mirror).await;
    for (number, reason) in (1..).zip(Reason::ALL) {
        let sign_in = SignInId(number);
        assert_eq!(mirror.check(sign_in).await, Verdict::Good);
        mirror.add(&[(sign_in, reason)]).await.unwrap();
        assert_eq!(mirror.check(sign_in).await, Verdict::Revoked(reason));
    }
    // Once revoked, the reason stays.
    mirror.add(&[(ONE, Reason::Administrator)]).await.unwrap();
    assert_eq!(mirror.check(ONE).await, Verdict::Revoked(Reason::SignedOut));
}

#[tokio::test]
async fn a_mirror_that_was_never_built_says_nothing() {
    let (_, _, mirror) = setup().await;
    assert_eq!(mirror.check(ONE).await, Verdict::Unknown);
    mirror.add(&[(ONE, Reason::SignedOut)]).await.unwrap();
    assert_eq!(mirror.check(ONE).await, Verdict::Unknown);
    assert_eq!(mirror.check(TWO).await, Verdict::Unknown);
    assert!(!mirror.is_whole().await.unwrap());
    assert_eq!(mirror.since(0, 10).await.unwrap(), None);
}

/// The key may be flushed, expire or be evicted: it goes as a whole.
#[tokio::test]
async fn a_flushed_mirror_is_unknown_and_never_good() {
    let (redis, keys, mirror) = setup().await;
    build(&mirror).await;
    mirror.add(&[(ONE, Reason::SignedOut)]).await.unwrap();
    redis.del::<(), _>(keys.revoked()).await.unwrap();
    assert_eq!(mirror.check(ONE).await, Verdict::Unknown);
    assert_eq!(mirror.check(TWO).await, Verdict::Unknown);
    // What is added to an empty mirror does not make it whole.
    mirror.add(&[(TWO, Reason::SignedOut)]).await.unwrap();
    assert_eq!(mirror.check(ONE).await, Verdict::Unknown);
    build(&mirror).await;
    assert!(mirror.is_whole().await.unwrap());
}

#[tokio::test]
async fn a_flush_during_a_build_starts_over() {
    let (redis, keys, mirror) = setup().await;
    let begun = Build::begin(mirror.clone()).await.unwrap();
    mirror.add(&[(ONE, Reason::SignedOut)]).await.unwrap();
    redis.del::<(), _>(keys.revoked()).await.unwrap();
    mirror.add(&[(TWO, Reason::SignedOut)]).await.unwrap();
    assert!(!begun.finish().await.unwrap());
    assert_eq!(mirror.check(ONE).await, Verdict::Unknown);
}

#[tokio::test]
async fn a_revocation_during_a_build_is_kept() {
    let (redis, keys, mirror) = setup().await;
    let (first, second) = (
        Build::begin(mirror.clone()).await.unwrap(),
        Build::begin(mirror.clone()).await.unwrap(),
    );
    mirror.add(&[(ONE, Reason::SignedOut)]).await.unwrap();
    assert!(first.finish().await.unwrap());
    assert_eq!(mirror.check(ONE).await, Verdict::Revoked(Reason::SignedOut));
    // Somebody else was ready before: the mirror stays whole.
    assert!(!second.finish().await.unwrap());
    assert!(mirror.is_whole().await.unwrap());
    let members: u64 = redis.zcard(keys.revoked()).await.unwrap();
    assert_eq!(members, 2, "one that is revoked, and the mark");
}

/// A dump has the mark, but not what was revoked after it.
#[tokio::test]
async fn an_old_dump_is_not_believed() {
    let server = RedisServer::start();
    let mirror = on(&server).await;
    build(&mirror).await;
    server.dump().await;
    mirror.add(&[(ONE, Reason::SignedOut)]).await.unwrap();
    assert_eq!(mirror.check(TWO).await, Verdict::Good);
    server.restart().await;
    let answers = async || mirror.since(0, 1).await.is_ok();
    wait_until(answers, PATIENCE).await;
    assert_eq!(mirror.check(ONE).await, Verdict::Unknown);
    assert_eq!(mirror.check(TWO).await, Verdict::Unknown);
    mirror.add(&[(ONE, Reason::SignedOut)]).await.unwrap();
    build(&mirror).await;
    assert_eq!(mirror.check(ONE).await, Verdict::Revoked(Reason::SignedOut));
    assert_eq!(mirror.check(TWO).await, Verdict::Good);
}

/// The member of the build may be in the dump, too: the server is another one.
#[tokio::test]
async fn a_build_does_not_outlive_its_server() {
    let server = RedisServer::start();
    let mirror = on(&server).await;
    build(&mirror).await;
    let begun = Build::begin(mirror.clone()).await.unwrap();
    server.dump().await;
    mirror.add(&[(ONE, Reason::SignedOut)]).await.unwrap();
    server.restart().await;
    let answers = async || mirror.since(0, 1).await.is_ok();
    wait_until(answers, PATIENCE).await;
    assert!(!begun.finish().await.unwrap());
    assert_eq!(mirror.check(ONE).await, Verdict::Unknown);
}

#[tokio::test]
async fn without_redis_nobody_is_called_good() {
    let server = RedisServer::start();
    let mirror = on(&server).await;
    build(&mirror).await;
    server.kill().await;
    assert_eq!(mirror.check(ONE).await, Verdict::Unknown);
}

#[tokio::test]
async fn who_reads_on_gets_each_revocation_once_and_in_order() {
    let (redis, keys, mirror) = setup().await;
    build(&mirror).await;
    let all: Vec<_> = (1..=1_234)
        .map(|id| (SignInId(id), Reason::Replaced))
        .collect();
    mirror.add(&all).await.unwrap();
    let (mut last, mut read) = (0, Vec::new());
    loop {
        let since = mirror.since(last, 100).await.unwrap().unwrap();
        if since.revoked.is_empty() {
            break;
        }
        last = since.last;
        read.extend(since.revoked);
    }
    assert_eq!(read, all);
    mirror.add(&all).await.unwrap();
    mirror
        .add(&[(SignInId(5_000), Reason::Reused)])
        .await
        .unwrap();
    let since = mirror.since(last, 100).await.unwrap().unwrap();
    assert_eq!(since.revoked, [(SignInId(5_000), Reason::Reused)]);
    // A mirror that was built anew tells so.
    redis.del::<(), _>(keys.revoked()).await.unwrap();
    build(&mirror).await;
    let anew = mirror.since(last, 100).await.unwrap().unwrap();
    assert_ne!(anew.generation, since.generation);
}

#[tokio::test]
async fn what_is_older_than_every_token_is_forgotten() {
    let (redis, keys, mirror) = setup().await;
    build(&mirror).await;
    let day = 24 * 60 * 60;
    let long_ago = std::time::SystemTime::now() - Duration::from_secs(9 * day);
    let millis = long_ago
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_millis();
    let score = millis as f64 * 8.0 + 1.0;
    redis
        .zadd::<(), _, _>(keys.revoked(), None, None, false, false, (score, "1"))
        .await
        .unwrap();
    mirror.add(&[(TWO, Reason::SignedOut)]).await.unwrap();
    mirror.forget(Duration::from_secs(8 * day)).await.unwrap();
    assert_eq!(mirror.check(ONE).await, Verdict::Good);
    assert_eq!(mirror.check(TWO).await, Verdict::Revoked(Reason::SignedOut));
}
