//! What failures cost, in Redis and without it.

use im_shared::breaker::Policy;
use im_shared::cache::{self, Keys};
use im_shared::testing::{RedisServer, Servers, unique_prefix};

use super::*;

/// Waits for Redis however loaded the machine is; otherwise some would be counted here.
async fn failures() -> Failures {
    let (prefix, patience) = (unique_prefix(), Duration::from_secs(60));
    let mut config = Servers::redis(&prefix);
    config.connect_timeout_ms = 60_000;
    config.command_timeout_ms = 60_000;
    let redis = cache::connect(&config).await.unwrap();
    let breaker = Breaker::new("redis", Policy::patient_for(patience));
    Failures::new(Buckets::new(redis, Keys::new(&prefix)), breaker)
}

fn address(last: u8) -> ClientAddress {
    let peer = std::net::IpAddr::from([192, 0, 2, last]);
    ClientAddress::of(peer, &axum::http::HeaderMap::new(), &[])
}

fn stranger(last: u8) -> Trial<'static> {
    Trial {
        account: "ada",
        device: "d",
        address: address(last),
        standing: Standing::Stranger,
    }
}

async fn fail(failures: &Failures, trial: Trial<'_>) -> Result<(), ApiError> {
    let stake = failures.admit(trial).await?;
    failures.charge(stake).await;
    Ok(())
}

/// B2, B8: five wrong passwords, then one in half a minute; another account or address does not wait.
#[tokio::test]
async fn whoever_fails_waits_and_nobody_else() {
    let failures = failures().await;
    for _ in 0..5 {
        fail(&failures, stranger(1)).await.unwrap();
    }
    let refused = failures.admit(stranger(1)).await.unwrap_err();
    let ApiError::RateLimited(wait) = refused else {
        panic!("{refused}");
    };
    assert!(wait <= Duration::from_secs(30), "{wait:?}");
    let _ = failures.admit(stranger(2)).await.unwrap();
    let other = Trial {
        account: "bob",
        ..stranger(1)
    };
    let _ = failures.admit(other).await.unwrap();
}

/// B8: who tries one password on many accounts is slowed, too.
#[tokio::test]
async fn an_address_that_tries_many_accounts_waits() {
    let (failures, began) = (failures().await, Instant::now());
    let mut failed = 0;
    loop {
        let account = format!("user-{failed}");
        let trial = Trial {
            account: &account,
            ..stranger(1)
        };
        if fail(&failures, trial).await.is_err() {
            break;
        }
        failed += 1;
    }
    // One more for every six seconds that this took.
    let came_back = began.elapsed().as_secs() / ADDRESS.seconds_each;
    assert!((20..=20 + came_back).contains(&failed), "{failed}");
}

/// B8: whatever strangers do, the owner's devices do not notice, and an address that is new to the account has a try.
#[tokio::test]
async fn strangers_at_many_addresses_lock_nobody_out() {
    let failures = failures().await;
    for last in 1..=20 {
        for _ in 0..5 {
            fail(&failures, stranger(last)).await.unwrap();
        }
    }
    // The account is under pressure, and stays so for minutes: one try for each address that is new to it.
    for last in 21..=50 {
        fail(&failures, stranger(last)).await.unwrap();
    }
    fail(&failures, stranger(100)).await.unwrap();
    assert!(failures.admit(stranger(100)).await.is_err());
    let _ = failures.admit(stranger(101)).await.unwrap();
    for standing in [Standing::KnownDevice, Standing::KnownAddress] {
        for _ in 0..5 {
            let trial = Trial {
                standing,
                ..stranger(102)
            };
            fail(&failures, trial).await.unwrap();
        }
    }
}

/// B8: a known device is no way to try without end.
#[tokio::test]
async fn a_known_device_waits_for_itself() {
    let failures = failures().await;
    let trial = Trial {
        standing: Standing::KnownDevice,
        ..stranger(1)
    };
    for _ in 0..5 {
        fail(&failures, trial).await.unwrap();
    }
    assert!(failures.admit(trial).await.is_err());
}

/// B8: without Redis a node counts by itself, as strictly.
#[tokio::test]
async fn without_redis_failures_count_here() {
    let server = RedisServer::start();
    let mut config = Servers::redis("t");
    config.url = server.url().as_str().into();
    config.command_timeout_ms = 200;
    let redis = cache::connect(&config).await.unwrap();
    let breaker = Breaker::new("redis", Policy::default());
    let failures = Failures::new(Buckets::new(redis, Keys::new("t")), breaker);
    server.kill().await;
    for _ in 0..5 {
        fail(&failures, stranger(1)).await.unwrap();
    }
    assert!(failures.admit(stranger(1)).await.is_err());
}

/// B6: nobody's mailbox is flooded.
#[tokio::test]
async fn an_account_gets_a_few_mails_and_then_has_to_wait() {
    let failures = failures().await;
    for (letter, count) in [(Letter::Reset, 3), (Letter::Notice, 5)] {
        for _ in 0..count {
            assert!(failures.may_mail(letter, "ada").await);
        }
        assert!(!failures.may_mail(letter, "ada").await);
        assert!(failures.may_mail(letter, "bob").await);
    }
}
