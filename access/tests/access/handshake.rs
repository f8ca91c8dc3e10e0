//! From a connection to a session.

use std::time::{Duration, Instant};

use im_shared::testing::wait_until;
use im_shared::tokens::ACCESS_TOKEN_LIFE;
use im_shared::wire::{Body, CloseCode, Code, Frame, Heartbeat, Platform, Reauth, RequestId};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Client, PATIENCE, Stage, Ticket, Transport, client, error_of, request};

/// [S2], A2: who has read an AuthResponse is in Redis, and logic has been told.
#[tokio::test]
async fn a_good_token_opens_a_session_whose_location_is_registered_first() {
    let stage = Stage::start().await;
    for (transport, user) in Transport::BOTH.into_iter().zip([1, 2]) {
        let ticket = Ticket::of(user);
        let mut client = stage.connect(transport).await;
        let response = client.authenticate(&stage.token(&ticket), &ticket).await;
        let located = stage.located(user).await;
        assert_eq!(located.len(), 1);
        assert_eq!(located[0].session, response.session_id);
        assert_eq!(
            (response.user_id, response.node_id.as_str()),
            (ticket.user, "access-1")
        );
        assert_eq!(response.heartbeat_interval_ms, 30_000);
        assert_eq!(response.limits.max_frame_bytes, 65_536);
        assert!(response.token_expires_at > response.server_time);

        let (origin, online) = stage.logic.next_online(user).await;
        assert_eq!(
            (origin.session, origin.platform),
            (response.session_id, Platform::Web)
        );
        assert_eq!((online.device_id, online.first), (ticket.device, true));
        assert!(online.replaced.is_empty());
    }
}

/// [S1]
#[tokio::test]
async fn a_client_that_says_nothing_is_closed_at_the_deadline() {
    // The connection itself must stand before it is over, on a slow machine too.
    let stage = Stage::with(|config| config.handshake.deadline_ms = 8_000).await;
    let is_closed = async |transport| {
        let mut client = stage.connect(transport).await;
        if transport == Transport::WebTransport {
            // A stream exists for the server with its first byte.
            client.announce(100).await;
        }
        let frames = client.expect_kick(CloseCode::HandshakeTimeout).await;
        assert_eq!(error_of(&frames[0]).0, Code::DeadlineExceeded);
    };
    tokio::join!(
        is_closed(Transport::WebTransport),
        is_closed(Transport::WebSocket)
    );
}

/// [S1]: half an HTTP request does not hold a connection.
#[tokio::test]
async fn half_a_request_is_cut_off_at_the_deadline() {
    let stage = Stage::with(|config| config.handshake.deadline_ms = 1_000).await;
    let began = Instant::now();
    let mut stream = TcpStream::connect(("localhost", stage.addresses.web_socket.port()))
        .await
        .unwrap();
    stream
        .write_all(b"GET /im/v1 HTTP/1.1\r\nHost: ")
        .await
        .unwrap();
    let mut rest = Vec::new();
    let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest))
        .await
        .expect("cut off");
    assert!(began.elapsed() >= Duration::from_secs(1));
}

/// [S3]
#[tokio::test]
async fn a_refused_token_is_answered_with_the_reason() {
    let stage = Stage::start().await;
    for transport in Transport::BOTH {
        let good = Ticket::of(1);
        let old = good
            .clone()
            .issued(ACCESS_TOKEN_LIFE + Duration::from_secs(1));
        let mut forged = stage.token(&good);
        forged.replace_range(forged.len() - 6.., "AAAAAA");
        let other_platform = Ticket::of(1).on(Platform::Ios);
        let mut other_device = good.clone();
        other_device.device = "stolen".to_owned();
        let cases = [
            (
                forged,
                &good,
                Code::TokenInvalid,
                CloseCode::AuthenticationFailed,
            ),
            (
                "rubbish".to_owned(),
                &good,
                Code::TokenInvalid,
                CloseCode::AuthenticationFailed,
            ),
            (
                stage.token(&old),
                &good,
                Code::TokenExpired,
                CloseCode::TokenExpired,
            ),
            (
                stage.token(&other_platform),
                &good,
                Code::TokenInvalid,
                CloseCode::AuthenticationFailed,
            ),
            (
                stage.token(&good),
                &other_device,
                Code::TokenInvalid,
                CloseCode::AuthenticationFailed,
            ),
        ];
        for (token, ticket, code, close) in cases {
            let mut client = stage.connect(transport).await;
            client.send(&client::auth_request(&token, ticket)).await;
            let frames = client.expect_kick(close).await;
            assert_eq!(frames.len(), 1);
            assert_eq!((error_of(&frames[0]).0, error_of(&frames[0]).1), (code, 1));
        }
    }
    assert!(stage.located(1).await.is_empty());
}

/// [S1]
#[tokio::test]
async fn any_other_first_frame_ends_the_connection() {
    let stage = Stage::start().await;
    for transport in Transport::BOTH {
        let mut client = stage.connect(transport).await;
        client
            .send(&Frame::request(RequestId(9), Heartbeat { client_time: 1 }))
            .await;
        let frames = client.expect_kick(CloseCode::AuthenticationFailed).await;
        assert_eq!(error_of(&frames[0]), (Code::Unauthenticated, 9, 0));
    }
}

/// A8: one address cannot keep others out for longer than the deadline, and sessions do not count.
#[tokio::test]
async fn unauthenticated_connections_of_one_address_are_capped() {
    let stage = Stage::with(|config| {
        config.handshake.max_per_address = 2;
        config.handshake.deadline_ms = 10_000;
    })
    .await;
    for transport in Transport::BOTH {
        let (first, second) = (
            stage.connect(transport).await,
            stage.connect(transport).await,
        );
        assert!(stage.try_connect(transport).await.is_none());
        drop((first, second));
        let free = async || match stage.try_connect(transport).await {
            Some(mut client) => {
                let ticket = Ticket::of(5);
                client.authenticate(&stage.token(&ticket), &ticket).await;
                true
            }
            None => false,
        };
        wait_until(free, PATIENCE).await;
        let mut sessions = Vec::new();
        for user in 10..14 {
            sessions.push(sign_in_when_there_is_room(&stage, transport, user).await);
        }
        assert_eq!(sessions.len(), 4);
    }
}

async fn sign_in_when_there_is_room(stage: &Stage, transport: Transport, user: u64) -> Client {
    let ticket = Ticket::of(user);
    loop {
        if let Some(mut client) = stage.try_connect(transport).await {
            client.authenticate(&stage.token(&ticket), &ticket).await;
            return client;
        }
    }
}

/// A8: when many are unauthenticated, a QUIC client has to show first that its address is its own; honest ones can.
#[tokio::test]
async fn when_it_is_crowded_addresses_are_validated_and_honest_clients_get_in() {
    let stage = Stage::with(|config| config.handshake.max_total = 4).await;
    let silent = [
        stage.connect(Transport::WebTransport).await,
        stage.connect(Transport::WebSocket).await,
    ];
    stage
        .sign_in(Transport::WebTransport, 1)
        .await
        .heartbeat()
        .await;
    stage
        .sign_in(Transport::WebSocket, 2)
        .await
        .heartbeat()
        .await;
    drop(silent);
}

/// A session lives as long as its token, is warned before, and goes on with a newer one.
#[tokio::test]
async fn a_token_that_expires_is_announced_and_can_be_renewed() {
    let warning = Duration::from_secs(3_600);
    let stage =
        Stage::with(|config| config.session.token_warning_ms = warning.as_millis() as u64).await;
    let mut clients = Vec::new();
    for (transport, user) in Transport::BOTH.into_iter().zip([1, 2]) {
        // Long enough for what follows on a slow machine.
        let soon = Ticket::of(user).issued(ACCESS_TOKEN_LIFE - Duration::from_secs(10));
        let mut client = stage.enter(transport, &soon).await;
        assert!(matches!(client.next().await.body, Body::TokenExpiring(_)));

        let stolen = Reauth {
            token: stage.token(&Ticket::of(99)).as_str().into(),
        };
        client.send(&Frame::request(RequestId(2), stolen)).await;
        assert_eq!(error_of(&client.next().await), (Code::TokenInvalid, 2, 0));

        let fresh = Reauth {
            token: stage.token(&Ticket::of(user)).as_str().into(),
        };
        client.send(&Frame::request(RequestId(3), fresh)).await;
        let Body::AuthResponse(renewed) = client.next().await.body else {
            panic!("not renewed")
        };
        assert_eq!(renewed.session_id, client.session);
        assert!(renewed.token_expires_at - renewed.server_time > 6 * 24 * 3_600_000);

        let other = stage.enter(transport, &soon.on(Platform::Ios)).await;
        clients.push((client, other));
    }
    for (client, other) in &mut clients {
        other.expect_kick(CloseCode::TokenExpired).await;
        assert_eq!(client.heartbeat().await, 0);
    }
}

/// B12: logic sees of every frame whether a guest sent it; the token says so.
#[tokio::test]
async fn logic_is_told_which_sessions_are_of_guests() {
    let stage = Stage::start().await;
    let guest = Ticket::of(1).of_guest();
    for (transport, ticket) in [
        (Transport::WebTransport, guest.clone()),
        (Transport::WebSocket, Ticket::of(2)),
    ] {
        let mut client = stage.enter(transport, &ticket).await;
        let is_guest = ticket.user == guest.user;
        client.send(&request(7)).await;
        assert_eq!(stage.logic.next_request().await.0.guest, is_guest);
        let (online, _) = stage.logic.next_online(ticket.user.0).await;
        assert_eq!(online.guest, is_guest);
    }
    // A guest who registered signs in anew: logic knows this session as a guest's.
    let mut client = stage.enter(Transport::WebSocket, &guest).await;
    let token = stage.token(&Ticket::of(1)).into();
    match client.ask(Reauth { token }).await {
        Body::ErrorResponse(error) => assert_eq!(error.code, Code::TokenInvalid),
        other => panic!("{other:?}"),
    }
}
