//! What is no frame harms only who sent it.

use bytes::Bytes;
use im_shared::ids::ConversationId;
use im_shared::wire::{self, Body, CloseCode, Code, Frame, RequestId, UserMessage};
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};

use crate::support::logic::target;
use crate::support::{Stage, Ticket, Transport, error_of, notice, request};

/// Bytes that are no frame, each with the code that answers it.
fn no_frames(random: &mut StdRng) -> Vec<(Vec<u8>, Code)> {
    let good = wire::encode(&request(1)).to_vec();
    let mut cases = vec![
        (vec![0], Code::MalformedFrame),
        (b"GET / HTTP/1.1\r\n\r\n".to_vec(), Code::MalformedFrame),
        (good[..good.len() / 2].to_vec(), Code::MalformedFrame),
        (vec![0xff; 1_000], Code::MalformedFrame),
    ];
    for _ in 0..10 {
        let mut bytes = vec![0; random.random_range(1..2_000)];
        random.fill_bytes(&mut bytes);
        cases.push((bytes, Code::MalformedFrame));
    }
    cases
}

/// A8, [F3]
#[tokio::test]
async fn what_is_no_frame_ends_its_sender_with_a_reason_and_nobody_else() {
    let seed = rand::random();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let stage = Stage::start().await;
    for transport in Transport::BOTH {
        let mut honest = stage.sign_in(transport, 1).await;
        for authenticated in [false, true] {
            for (bytes, code) in no_frames(&mut random) {
                let mut hostile = match authenticated {
                    true => stage.sign_in(transport, 666).await,
                    false => stage.connect(transport).await,
                };
                hostile.send_bytes(&bytes).await;
                let frames = hostile.expect_kick(CloseCode::ProtocolError).await;
                assert_eq!(error_of(&frames[0]), (code, 0, 0));
            }
        }
        honest.heartbeat().await;
        stage
            .logic
            .push(target(honest.session, 1), &notice("well"))
            .await;
        assert_eq!(honest.next().await.body.kind(), notice("").body.kind());
    }
}

/// [S6]
#[tokio::test]
async fn who_has_read_the_last_frame_and_stays_is_closed() {
    let stage = Stage::start().await;
    let mut hostile = stage.sign_in(Transport::WebTransport, 666).await;
    hostile.stay();
    hostile.send_bytes(&[0]).await;
    hostile.expect_kick(CloseCode::ProtocolError).await;
}

/// A8, [F2], [F3]: the length is checked before anything is read; it is smaller before authentication.
#[tokio::test]
async fn a_frame_over_the_limit_is_refused_by_its_length() {
    let stage = Stage::start().await;
    for transport in Transport::BOTH {
        let mut client = stage.connect(transport).await;
        client.announce(4_097).await;
        let frames = client.expect_kick(CloseCode::ProtocolError).await;
        assert_eq!(error_of(&frames[0]).0, Code::FrameTooLarge);

        for length in [65_537, 1_000_000] {
            let mut client = stage.sign_in(transport, 1).await;
            client.announce(length).await;
            let frames = client.expect_kick(CloseCode::ProtocolError).await;
            assert_eq!(error_of(&frames[0]).0, Code::FrameTooLarge, "{length}");
        }

        let mut client = stage.sign_in(transport, 1).await;
        client.announce(0).await;
        let frames = client.expect_kick(CloseCode::ProtocolError).await;
        assert_eq!(error_of(&frames[0]).0, Code::MalformedFrame);
    }
}

/// [T3]
#[tokio::test]
async fn a_text_message_is_a_protocol_error() {
    let stage = Stage::start().await;
    let mut client = stage.sign_in(Transport::WebSocket, 1).await;
    client.send_text("hello").await;
    client.expect_kick(CloseCode::ProtocolError).await;
}

/// [F4]: access forwards what clients may ask of logic, known to it or not, and opens nothing.
#[tokio::test]
async fn a_kind_that_access_does_not_know_reaches_logic() {
    let stage = Stage::start().await;
    for (transport, user) in Transport::BOTH.into_iter().zip([1, 2]) {
        let mut client = stage.sign_in(transport, user).await;
        let frame = Frame {
            body: Body::Unknown(47),
            ..request(7)
        };
        client.send(&frame).await;
        let (origin, arrived) = stage.logic.next_request().await;
        assert_eq!(
            (origin.session, origin.user),
            (client.session, Ticket::of(user).user)
        );
        assert_eq!(
            (arrived.body, arrived.request_id),
            (Body::Unknown(47), RequestId(7))
        );
    }
}

/// [F4], D13: what only the system may say is refused, and the session goes on.
#[tokio::test]
async fn a_kind_that_does_not_travel_upwards_is_unsupported() {
    let stage = Stage::start().await;
    for transport in Transport::BOTH {
        let ticket = Ticket::of(1);
        let mut client = stage.sign_in(transport, 1).await;
        let frames = [
            client_auth(&stage, &ticket),
            Frame {
                request_id: RequestId(8),
                ..notice("from a client")
            },
            Frame {
                body: Body::Unknown(48),
                ..request(8)
            },
            Frame {
                body: Body::Unknown(200),
                ..request(8)
            },
            Frame {
                body: Body::Unknown(0),
                ..request(8)
            },
        ];
        for frame in frames {
            client.send(&frame).await;
            let (code, id, _) = error_of(&client.next().await);
            assert_eq!((code, id), (Code::Unsupported, frame.request_id.0));
        }
        client.heartbeat().await;
    }
}

fn client_auth(stage: &Stage, ticket: &Ticket) -> Frame {
    crate::support::client::auth_request(&stage.token(ticket), ticket)
}

/// Architecture, sentence 1: the bytes of a frame arrive as they were sent.
#[tokio::test]
async fn a_forwarded_frame_is_not_touched() {
    let stage = Stage::start().await;
    let mut client = stage.sign_in(Transport::WebTransport, 1).await;
    let message = UserMessage {
        conversation_id: ConversationId(5),
        messages: vec![wire::OutgoingMessage {
            content: Bytes::from_static(b"\xff not UTF-8"),
            ..wire::OutgoingMessage::default()
        }],
        ..UserMessage::default()
    };
    let frame = Frame::request(RequestId(3), message);
    client.send(&frame).await;
    assert_eq!(stage.logic.next_request().await.1, frame);
}
