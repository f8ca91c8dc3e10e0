//! From logic to sessions.

use std::collections::BTreeSet;

use im_shared::bus::{Delivery, Target};
use im_shared::ids::{SessionId, UserId};
use im_shared::wire::{self, Body, CloseCode, Frame, Platform, RequestId, SyncHint, SyncResponse};

use crate::support::logic::target;
use crate::support::{Arrived, Stage, Ticket, Transport, notice, notice_text};

/// A10: pushes and replies arrive in order, and many in one carrier.
#[tokio::test]
async fn deliveries_arrive_in_order() {
    let stage = Stage::start().await;
    for (transport, user) in Transport::BOTH.into_iter().zip([1, 2]) {
        let mut client = stage.sign_in(transport, user).await;
        let deliveries: Vec<Delivery> = (0..200)
            .map(|number| wire::encode(&notice(&number.to_string())))
            .map(|frame| Delivery::live(frame, vec![target(client.session, user)]))
            .collect();
        stage.logic.deliver(&deliveries).await;
        for number in 0..200 {
            assert_eq!(notice_text(&client.next().await), number.to_string());
        }
    }
}

/// F6: session and user must both fit.
#[tokio::test]
async fn a_delivery_that_names_another_users_session_is_refused() {
    let stage = Stage::start().await;
    for (transport, user) in Transport::BOTH.into_iter().zip([1, 2]) {
        let mut victim = stage.sign_in(transport, user).await;
        let wrong = [
            target(victim.session, 99),
            Target {
                session: victim.session,
                user: UserId(0),
            },
            target(SessionId(victim.session.0 + 1), user),
        ];
        for target in wrong {
            stage.logic.push(target, &notice("not for you")).await;
            stage
                .logic
                .deliver(&[Delivery::close(CloseCode::SignedOut, vec![target])])
                .await;
        }
        stage
            .logic
            .push(target(victim.session, user), &notice("for you"))
            .await;
        assert_eq!(notice_text(&victim.next().await), "for you");
        assert_eq!(victim.heartbeat().await, 1);
    }
}

/// F3: session 0 stands for every session of the user on the node.
#[tokio::test]
async fn a_user_is_reached_on_every_platform() {
    let stage = Stage::start().await;
    let mut web = stage.enter(Transport::WebTransport, &Ticket::of(1)).await;
    let mut phone = stage
        .enter(Transport::WebSocket, &Ticket::of(1).on(Platform::Ios))
        .await;
    let mut other = stage.sign_in(Transport::WebSocket, 2).await;
    stage
        .logic
        .push(target(SessionId(0), 1), &notice("both"))
        .await;
    stage
        .logic
        .push(target(SessionId(0), 2), &notice("other"))
        .await;
    assert_eq!(notice_text(&web.next().await), "both");
    assert_eq!(notice_text(&phone.next().await), "both");
    assert_eq!(notice_text(&other.next().await), "other");
}

/// A11
#[tokio::test]
async fn one_broadcast_reaches_every_session_of_every_node() {
    let first = Stage::start().await;
    let second = first.another("access-2").await;
    let mut clients = Vec::new();
    for user in 1..=4 {
        for (stage, transport) in [(&first, Transport::BOTH[0]), (&second, Transport::BOTH[1])] {
            let platform = if transport == Transport::BOTH[0] {
                Platform::Web
            } else {
                Platform::Ios
            };
            clients.push(stage.enter(transport, &Ticket::of(user).on(platform)).await);
        }
    }
    let everybody = vec![target(SessionId(0), 0)];
    let frame = wire::encode(&notice("to all"));
    first
        .logic
        .broadcast(&[Delivery::live(frame, everybody)])
        .await;
    for client in &mut clients {
        assert_eq!(notice_text(&client.next().await), "to all");
        assert_eq!(client.heartbeat().await, 1);
        assert_eq!(client.waiting(), 0);
    }
}

/// [T2]: bulk replies come on streams of their own, where there are such; more than fit at once come in line.
#[tokio::test]
async fn bulk_replies_have_streams_of_their_own() {
    let stage = Stage::start().await;
    for (transport, user) in Transport::BOTH.into_iter().zip([1, 2]) {
        let mut client = stage.sign_in(transport, user).await;
        let deliveries: Vec<Delivery> = (1..=20)
            .map(|id| wire::encode(&Frame::reply(RequestId(id), SyncResponse::default())))
            .map(|frame| Delivery::bulk(frame, vec![target(client.session, user)]))
            .collect();
        stage.logic.deliver(&deliveries).await;
        let (mut ids, mut bulk) = (BTreeSet::new(), 0);
        while ids.len() < 20 {
            let frame = match client.arrived().await {
                Arrived::Live(frame) => frame,
                Arrived::Bulk(frame) => {
                    bulk += 1;
                    frame
                }
                Arrived::Datagram(frame) => panic!("a reply as a datagram: {frame:?}"),
                Arrived::End(code) => panic!("ended with {code:?}"),
            };
            assert!(ids.insert(wire::decode(&frame).unwrap().request_id.0));
        }
        assert_eq!(bulk > 0, transport == Transport::WebTransport);
    }
}

/// [S5]
#[tokio::test]
async fn the_heartbeat_tells_how_many_pushes_were_addressed_to_the_session() {
    let stage = Stage::start().await;
    for (transport, user) in Transport::BOTH.into_iter().zip([1, 2]) {
        let mut client = stage.sign_in(transport, user).await;
        let to = target(client.session, user);
        let hint = SyncHint {
            conversation_id: im_shared::ids::ConversationId(7),
        };
        stage.logic.push(to, &notice("counts")).await;
        stage.logic.push(to, &Frame::push(hint)).await;
        stage
            .logic
            .push(to, &Frame::reply(RequestId(5), SyncResponse::default()))
            .await;
        stage.logic.push(to, &notice("counts too")).await;
        for _ in 0..4 {
            client.next().await;
        }
        assert_eq!(client.heartbeat().await, 2);
    }
}

/// [S6]: what was delivered before the end arrives, and the Kick is the last frame.
#[tokio::test]
async fn a_session_that_logic_ends_is_told_why() {
    let stage = Stage::start().await;
    for (transport, user) in Transport::BOTH.into_iter().zip([1, 2]) {
        let mut client = stage.sign_in(transport, user).await;
        let to = vec![target(client.session, user)];
        let last = Delivery::live(wire::encode(&notice("last words")), to.clone());
        stage
            .logic
            .deliver(&[last, Delivery::close(CloseCode::SignedInElsewhere, to)])
            .await;
        let frames = client.expect_kick(CloseCode::SignedInElsewhere).await;
        assert_eq!(frames.len(), 1);
        assert_eq!(notice_text(&frames[0]), "last words");
        stage.logic.next_offline(user).await;
    }
}

/// A frame that is none, or a payload that is no carrier, does not stop what follows.
#[tokio::test]
async fn rubbish_on_the_bus_is_passed_over() {
    let stage = Stage::start().await;
    let mut client = stage.sign_in(Transport::WebTransport, 1).await;
    let subject = stage.logic.bus.subjects().downstream(&stage.logic.node);
    stage
        .logic
        .bus
        .publish(subject, bytes::Bytes::from_static(b"rubbish"))
        .await
        .unwrap();
    let to = vec![target(client.session, 1)];
    let rubbish = Delivery::live(bytes::Bytes::from_static(b"rubbish"), to.clone());
    let good = Delivery::live(wire::encode(&notice("good")), to);
    stage.logic.deliver(&[rubbish, good]).await;
    let frame = client.next().await;
    assert!(matches!(frame.body, Body::SystemNotification(_)));
}
