//! Tokens that look like ours and are not, at the door of access.

use std::time::{Duration, SystemTime};

use im_shared::ids::SignInId;
use im_shared::testing::{Forged, Forger, wait_until};
use im_shared::tokens::{KeyFolder, Signer, Subject};
use im_shared::wire::{Body, CloseCode, Code};

use crate::support::{PATIENCE, Stage, Ticket, Transport, client, error_of};

fn subject_of(ticket: &Ticket) -> Subject<'_> {
    Subject {
        user: ticket.user,
        kind: ticket.kind,
        sign_in: SignInId(ticket.user.0),
        device: &ticket.device,
        platform: ticket.platform,
    }
}

/// B13, [S3]: every known way to forge a token.
#[tokio::test]
async fn every_kind_of_forged_token_is_refused_by_access() {
    let stage = Stage::start().await;
    let pem = std::fs::read_to_string(stage.folder().join("private/test.pem")).unwrap();
    let ticket = Ticket::of(1);
    let forger = Forger::new("test", &pem, subject_of(&ticket), SystemTime::now());
    let forged = forger.all();
    assert!(forged.len() >= 13);
    for (number, Forged { name, token }) in forged.into_iter().enumerate() {
        let expired = name == "expired";
        let transport = Transport::BOTH[number % 2];
        let mut client = stage.connect(transport).await;
        client.send(&client::auth_request(&token, &ticket)).await;
        let (code, close) = if expired {
            (Code::TokenExpired, CloseCode::TokenExpired)
        } else {
            (Code::TokenInvalid, CloseCode::AuthenticationFailed)
        };
        let frames = client.expect_kick(close).await;
        assert_eq!(error_of(&frames[0]).0, code, "{name}");
    }
    // The one that they imitate is good.
    let mut client = stage.connect(Transport::WebSocket).await;
    client.authenticate(&forger.genuine(), &ticket).await;
}

/// B14: a running node takes tokens of a key that was announced after its start, and none of a key that was withdrawn.
#[tokio::test]
async fn a_running_node_follows_the_keys() {
    let stage = Stage::start().await;
    let ticket = Ticket::of(1);
    stage.enter(Transport::WebSocket, &ticket).await;
    let (keys, now) = (KeyFolder::new(stage.folder()), SystemTime::now());
    keys.rotate("new", Duration::ZERO, now).unwrap();
    let private = stage.folder().join("private/new.pem");
    let signer = Signer::load(&private).unwrap();
    let token = signer.sign(&subject_of(&ticket), now).unwrap().token;
    let let_in = async |token: &str| {
        let mut client = stage.connect(Transport::WebSocket).await;
        client.send(&client::auth_request(token, &ticket)).await;
        matches!(client.next().await.body, Body::AuthResponse(_))
    };
    wait_until(async || let_in(&token).await, PATIENCE).await;
    let old = stage.token(&ticket);
    assert!(let_in(&old).await, "during the overlap");
    keys.withdraw("test", now).unwrap();
    wait_until(async || !let_in(&old).await, PATIENCE).await;
    assert!(let_in(&token).await);
}
