//! The client library against a node: what it does with datagrams and hints.

use im_client::session::{Session, SessionEvent, SessionEvents};
use im_client::transport::{
    Address, Connection, Dialer, Kind, WebSocketAddress, WebTransportAddress,
};
use im_shared::bus::Delivery;
use im_shared::ids::{ConversationId, SessionId, UserId};
use im_shared::wire::{
    self, AuthRequest, Body, Done, Follow, Frame, SyncHint, Typing, TypingEvent,
};
use tokio::time::timeout;

use crate::support::logic::target;
use crate::support::{PATIENCE, Stage, Ticket, notice};

const BOTH: [Kind; 2] = [Kind::WebTransport, Kind::WebSocket];
const WORLD: ConversationId = ConversationId::WORLD;

async fn open(stage: &Stage, kind: Kind, user: u64) -> (Session, SessionEvents) {
    let (ticket, addresses) = (Ticket::of(user), stage.addresses);
    let address = Address {
        node_id: "access-1".to_owned(),
        web_transport: Some(WebTransportAddress {
            url: format!("https://localhost:{}/im/v1", addresses.web_transport.port()),
            certificate_hashes: stage.hashes.clone(),
        }),
        web_socket: Some(WebSocketAddress {
            url: format!("ws://localhost:{}/im/v1", addresses.web_socket.port()),
        }),
    };
    let connection = Connection::open(&Dialer::default(), &address, kind, PATIENCE).await;
    let request = AuthRequest {
        token: stage.token(&ticket).into(),
        device_id: ticket.device,
        platform: ticket.platform,
        client_version: "test".to_owned(),
    };
    Session::open(connection.unwrap(), request).await.unwrap()
}

async fn next(events: &mut SessionEvents) -> SessionEvent {
    let event = timeout(PATIENCE, events.next()).await;
    event.expect("an event in time").expect("a session")
}

fn is_notice(event: &SessionEvent) -> bool {
    matches!(event, SessionEvent::Push(body) if matches!(**body, Body::SystemNotification(_)))
}

/// A20, [T5]: typing arrives, by datagram where the transport has them, as the node's own tests show.
#[tokio::test]
async fn the_library_reads_typing_from_datagrams() {
    let stage = Stage::start().await;
    for (kind, user) in BOTH.into_iter().zip([1, 2]) {
        let (session, mut events) = open(&stage, kind, user).await;
        let typing = TypingEvent {
            conversation_id: ConversationId(7),
            user_id: UserId(9),
        };
        let delivery = Delivery {
            ephemeral: true,
            ..Delivery::live(
                wire::encode(&Frame::push(typing.clone())),
                vec![target(session.welcome().session_id, user)],
            )
        };
        stage.logic.deliver(&[delivery]).await;
        match next(&mut events).await {
            SessionEvent::Push(body) => assert_eq!(*body, Body::TypingEvent(typing), "{kind}"),
            other => panic!("{other:?}"),
        }
    }
}

/// A20, [T5]: what is sent in line over the limit is refused; a datagram is passed over in silence.
#[tokio::test]
async fn the_library_sends_typing_as_datagrams() {
    let stage = Stage::with(|config| {
        config.session.frame_burst = 2;
        config.session.frames_per_second = 1;
    })
    .await;
    for (kind, user) in BOTH.into_iter().zip([1, 2]) {
        let (session, mut events) = open(&stage, kind, user).await;
        let typing = |id| Typing {
            conversation_id: ConversationId(id),
        };
        for id in 1..=5 {
            session.send_ephemeral(typing(id).into()).unwrap();
        }
        for id in 1..=2 {
            let (origin, frame) = stage.logic.next_request().await;
            assert_eq!(origin.session, session.welcome().session_id);
            assert_eq!(frame.body, Body::Typing(typing(id)));
        }
        if kind == Kind::WebSocket {
            for _ in 3..=5 {
                let refused = next(&mut events).await;
                assert!(matches!(refused, SessionEvent::Refused { .. }));
            }
        }
        let to = target(session.welcome().session_id, user);
        stage.logic.push(to, &notice("last")).await;
        let last = next(&mut events).await;
        assert!(is_notice(&last), "{last:?} over {kind}");
    }
}

/// [S12], [S13]: a hint about one conversation is handed on and asks for no sync; a follower gets the push.
#[tokio::test]
async fn a_hint_about_one_conversation_makes_nobody_sync() {
    let stage = Stage::with(|config| config.session.hint_interval_ms = 400).await;
    for (kind, user) in BOTH.into_iter().zip([1, 2]) {
        let (session, mut events) = open(&stage, kind, user).await;
        let news = Delivery {
            followed: WORLD,
            ..Delivery::live(wire::encode(&notice("news")), vec![target(SessionId(0), 0)])
        };
        stage.logic.broadcast(std::slice::from_ref(&news)).await;
        let hint = SyncHint {
            conversation_id: WORLD,
        };
        match next(&mut events).await {
            SessionEvent::Push(body) => assert_eq!(*body, Body::SyncHint(hint)),
            other => panic!("{other:?} over {kind}"),
        }
        let follow = Follow {
            conversation_id: WORLD,
            ended: false,
        };
        let answer = session.request(follow.into(), PATIENCE).await.unwrap();
        assert_eq!(answer, Body::Done(Done {}));
        stage.logic.broadcast(&[news]).await;
        let push = next(&mut events).await;
        assert!(is_notice(&push), "{push:?}");
    }
}
