//! A20, [T5]: what may be lost travels as datagrams where the transport has them.

use im_shared::bus::{Delivery, Target};
use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::{
    self, Code, Frame, Heartbeat, MessageDelivered, PresenceEvent, RequestId, TypingEvent,
};

use crate::support::logic::target;
use crate::support::{Arrived, Stage, Ticket, Transport, error_of, notice, notice_text, request};

fn typing() -> Frame {
    Frame::push(TypingEvent {
        conversation_id: ConversationId(7),
        user_id: UserId(9),
    })
}

fn ephemeral(frame: &Frame, to: Target) -> Delivery {
    Delivery {
        ephemeral: true,
        ..Delivery::live(wire::encode(frame), vec![to])
    }
}

/// A20, [S5]
#[tokio::test]
async fn typing_and_presence_arrive_as_datagrams_where_the_transport_has_them() {
    let stage = Stage::start().await;
    let presence = Frame::push(PresenceEvent {
        user_id: UserId(9),
        online: true,
        last_seen: 0,
    });
    for (transport, user) in Transport::BOTH.into_iter().zip([1, 2]) {
        let mut client = stage.sign_in(transport, user).await;
        for frame in [typing(), presence.clone()] {
            let to = target(client.session, user);
            stage.logic.deliver(&[ephemeral(&frame, to)]).await;
            let bytes = match (transport, client.arrived().await) {
                (Transport::WebTransport, Arrived::Datagram(bytes))
                | (Transport::WebSocket, Arrived::Live(bytes)) => bytes,
                (transport, other) => panic!("{other:?} over {transport:?}"),
            };
            assert_eq!(wire::decode(&bytes).unwrap(), frame);
        }
        assert_eq!(client.heartbeat().await, 0, "they do not count");
    }
}

/// [S5]: what counts is told from the frame, so a push of another kind counts and goes in line whatever logic says of it, and a typing
/// event that logic does not mark goes in line and does not count.
#[tokio::test]
async fn only_typing_and_presence_are_ephemeral() {
    let stage = Stage::start().await;
    for (transport, user) in Transport::BOTH.into_iter().zip([1, 2]) {
        let mut client = stage.sign_in(transport, user).await;
        let to = target(client.session, user);
        let unmarked = Delivery::live(wire::encode(&typing()), vec![to]);
        let marked = ephemeral(&notice("counts"), to);
        stage.logic.deliver(&[unmarked, marked]).await;
        for _ in 0..2 {
            assert!(matches!(client.arrived().await, Arrived::Live(_)));
        }
        assert_eq!(client.heartbeat().await, 1);
    }
}

/// [T5]
#[tokio::test]
async fn a_client_may_send_typing_as_a_datagram_and_nothing_else() {
    let stage = Stage::start().await;
    let ticket = Ticket::of(1);
    let mut client = stage.connect(Transport::WebTransport).await;
    // It may overtake the AuthRequest.
    client.send_datagram(b"rubbish");
    client.authenticate(&stage.token(&ticket), &ticket).await;
    client.heartbeat().await;

    let delivered = MessageDelivered {
        conversation_id: ConversationId(7),
        seq: Seq(1),
    };
    let mut with_length = bytes::BytesMut::new();
    wire::write_frame(&mut with_length, &wire::encode(&request(2)));
    for ignored in [
        b"".to_vec(),
        b"rubbish".to_vec(),
        with_length.to_vec(),
        wire::encode(&Frame::request(RequestId(3), delivered)).to_vec(),
        wire::encode(&Frame::request(RequestId(4), Heartbeat { client_time: 5 })).to_vec(),
    ] {
        client.send_datagram(&ignored);
    }
    client.send_datagram(&wire::encode(&request(5)));
    let (origin, frame) = stage.logic.next_request().await;
    assert_eq!(frame, request(5));
    assert_eq!((origin.session, origin.user), (client.session, UserId(1)));
    client.heartbeat().await;
    assert_eq!(client.waiting(), 0, "nothing was answered");
}

/// [T5], [S9]: datagrams share the limit of the session, and what is over it has no answer.
#[tokio::test]
async fn too_many_datagrams_are_passed_over_in_silence() {
    let stage = Stage::with(|config| {
        config.session.frame_burst = 20;
        config.session.frames_per_second = 1;
    })
    .await;
    let mut client = stage.sign_in(Transport::WebTransport, 1).await;
    for id in 1..=25 {
        client.send_datagram(&wire::encode(&request(id)));
    }
    for id in 1..=20 {
        assert_eq!(stage.logic.next_request().await.1, request(id));
    }
    // Fewer than a limit of their own would let in, and more than the seconds that this takes.
    for id in 26..=40 {
        client.send(&request(id)).await;
    }
    client.heartbeat().await;
    assert!(client.waiting() > 0, "the limit is shared");
    for _ in 0..client.waiting() {
        let (code, id, _) = error_of(&client.next().await);
        assert_eq!(code, Code::RetryLater);
        assert!(id > 25, "a datagram was answered: {id}");
    }
    stage
        .logic
        .push(target(client.session, 1), &notice("goes on"))
        .await;
    assert_eq!(notice_text(&client.next().await), "goes on");
}
