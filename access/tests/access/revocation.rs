//! Sign-ins that were revoked (B7).

use std::time::{Duration, Instant};

use im_shared::bus::encode_user_kick;
use im_shared::ids::{SignInId, UserId};
use im_shared::revocation::Reason;
use im_shared::testing::RedisServer;
use im_shared::tokens::ACCESS_TOKEN_LIFE;
use im_shared::wire::{self, Body, CloseCode, Code, Frame, Kick, Reauth, RequestId};

use crate::support::{Client, Stage, Ticket, Transport, client, error_of};

/// Sends an `AuthRequest` that is refused, and gives the code and the wait of the answer.
async fn refused(stage: &Stage, transport: Transport, user: u64, close: CloseCode) -> (Code, u32) {
    let ticket = Ticket::of(user);
    let mut client = stage.connect(transport).await;
    let token = stage.token(&ticket);
    client.send(&client::auth_request(&token, &ticket)).await;
    let frames = client.expect_kick(close).await;
    assert_eq!(frames.len(), 1);
    let (code, request, wait) = error_of(&frames[0]);
    assert_eq!(request, 1);
    (code, wait)
}

/// What web publishes when it revokes a sign-in.
async fn signal(stage: &Stage, user: u64, sign_in: SignInId, code: CloseCode) {
    let bus = &stage.logic.bus;
    let kick = Frame::push(Kick {
        code,
        message: String::new(),
    });
    let carrier = encode_user_kick(UserId(user), &wire::encode(&kick), "", sign_in);
    let subject = bus.subjects().user_event(UserId(user));
    bus.publish(subject, carrier).await.unwrap();
}

/// [S3]
#[tokio::test]
async fn a_revoked_token_is_refused_at_the_handshake() {
    let stage = Stage::start().await;
    for reason in Reason::ALL {
        let user = reason as u64;
        stage.revoke(user, reason).await;
        for transport in Transport::BOTH {
            let (code, _) = refused(&stage, transport, user, CloseCode::AuthenticationFailed).await;
            assert_eq!(code, Code::TokenRevoked);
        }
        assert!(stage.located(user).await.is_empty(), "it took no place");
    }
    stage.sign_in(Transport::WebSocket, 100).await;
}

/// [S14]
#[tokio::test]
async fn without_a_mirror_new_sessions_are_told_to_retry_and_old_ones_stay() {
    let redis = RedisServer::start();
    let stage = Stage::with(|config| {
        config.redis.url = redis.url().as_str().into();
        config.redis.command_timeout_ms = 3_000;
    })
    .await;
    let mut old = stage.sign_in(Transport::WebTransport, 1).await;
    redis.flush().await;
    for transport in Transport::BOTH {
        let (code, wait) = refused(&stage, transport, 2, CloseCode::Overloaded).await;
        assert_eq!((code, wait), (Code::RetryLater, 1_000));
    }
    // A revocation that comes before the rest makes nothing whole.
    stage.revoke(3, Reason::SignedOut).await;
    let (code, _) = refused(&stage, Transport::WebSocket, 2, CloseCode::Overloaded).await;
    assert_eq!(code, Code::RetryLater);
    stage.build_mirror().await;
    stage.sign_in(Transport::WebSocket, 2).await;
    redis.kill().await;
    let (code, _) = refused(&stage, Transport::WebSocket, 4, CloseCode::Overloaded).await;
    assert_eq!(code, Code::RetryLater);
    old.heartbeat().await;
}

/// A12, [S14]
#[tokio::test]
async fn a_signal_ends_that_sign_in_only_and_says_why() {
    let stage = Stage::start().await;
    let other = stage.another("access-2").await;
    let mut clients: Vec<(u64, Client)> = Vec::new();
    for (stage, transport) in [
        (&stage, Transport::WebTransport),
        (&other, Transport::WebSocket),
    ] {
        let user = clients.len() as u64 + 1;
        clients.push((user, stage.sign_in(transport, user).await));
    }
    // Of another login of the same user.
    signal(&stage, 1, SignInId(77), CloseCode::SignedOut).await;
    for (user, client) in &mut clients {
        client.heartbeat().await;
        // Nothing else says so: it is not in the mirror.
        signal(&stage, *user, SignInId(*user), CloseCode::PasswordChanged).await;
        client.expect_kick(CloseCode::PasswordChanged).await;
    }
}

#[tokio::test]
async fn a_lost_signal_is_made_up_for_within_a_second() {
    let stage = Stage::start().await;
    let mut stays = stage.sign_in(Transport::WebSocket, 100).await;
    let mut waits = Vec::new();
    for (user, transport) in (1..=8).zip(Transport::BOTH.into_iter().cycle()) {
        let mut client = stage.sign_in(transport, user).await;
        let began = Instant::now();
        stage.revoke(user, Reason::Administrator).await;
        client.expect_kick(CloseCode::RemovedByAdministrator).await;
        waits.push(began.elapsed());
    }
    // From the second on each begins when the mirror was just read, and waits for the next time. A slow machine delays some of them.
    let shortest = waits.iter().skip(1).min().unwrap();
    assert!(*shortest < Duration::from_secs(1), "{waits:?}");
    stays.heartbeat().await;
}

/// What was lost together with Redis is said once more by the mirror that is built anew.
#[tokio::test]
async fn what_was_revoked_while_redis_was_away_ends_with_the_new_mirror() {
    let redis = RedisServer::start();
    let stage = Stage::with(|config| config.redis.url = redis.url().as_str().into()).await;
    stage.revoke(9, Reason::SignedOut).await;
    let mut client = stage.sign_in(Transport::WebSocket, 1).await;
    client.heartbeat().await;
    redis.flush().await;
    stage.revoke(1, Reason::SignedOut).await;
    client.heartbeat().await;
    stage.build_mirror().await;
    client.expect_kick(CloseCode::SignedOut).await;
}

/// [S11]
#[tokio::test]
async fn reauth_takes_no_token_of_another_login() {
    let stage = Stage::start().await;
    let ticket = Ticket::of(1);
    let mut client = stage.enter(Transport::WebSocket, &ticket).await;
    let younger = ticket.clone().issued(ACCESS_TOKEN_LIFE / 2);
    for (sign_in, taken) in [(1, true), (2, false)] {
        let token = stage.token_of(&younger, SignInId(sign_in)).as_str().into();
        let request = Frame::request(RequestId(5), Reauth { token });
        client.send(&request).await;
        let answer = client.next().await;
        match answer.body {
            Body::AuthResponse(_) => assert!(taken),
            Body::ErrorResponse(error) => {
                assert!(!taken);
                assert_eq!(error.code, Code::TokenInvalid);
            }
            other => panic!("{other:?}"),
        }
    }
}
