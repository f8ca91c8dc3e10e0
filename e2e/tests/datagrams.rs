//! What the client library does with datagrams and hints, against a real access node.

use anyhow::{Context, Result};
use futures_util::StreamExt;
use im_client::session::{Session, SessionEvent, SessionEvents};
use im_client::transport::{Connection, Dialer, Kind};
use im_e2e::{Cluster, PATIENCE};
use im_shared::bus::{self, Carrier, Delivery, Target};
use im_shared::ids::{ConversationId, SessionId, UserId};
use im_shared::wire::{
    self, AuthRequest, Body, Done, Follow, Frame, Platform, SyncHint, SystemNotification, Typing,
    TypingEvent,
};
use tokio::time::timeout;

const BOTH: [Kind; 2] = [Kind::WebTransport, Kind::WebSocket];
/// Not the world chat, in which logic may speak.
const CHAT: ConversationId = ConversationId(77);
const EVERYBODY: Target = Target {
    session: SessionId(0),
    user: UserId(0),
};

async fn open(cluster: &Cluster, kind: Kind) -> Result<(Session, SessionEvents)> {
    let account = cluster.account(&format!("{kind}").to_lowercase()).await?;
    let login = account.login(Platform::Terminal).await?;
    let address = cluster.endpoints().await?.remove(0);
    let connection = Connection::open(&Dialer::default(), &address, kind, PATIENCE).await?;
    let request = AuthRequest {
        token: login.access_token.as_str().into(),
        device_id: account.device_id(Platform::Terminal),
        platform: Platform::Terminal,
        client_version: "e2e".to_owned(),
    };
    Ok(Session::open(connection, request).await?)
}

async fn next(events: &mut SessionEvents) -> Result<SessionEvent> {
    timeout(PATIENCE, events.next())
        .await?
        .context("the session ended")
}

async fn broadcast(cluster: &Cluster, delivery: Delivery) -> Result<()> {
    let nats = cluster.backend().bus().await?;
    let payload = bus::encode_downstream(1, 0, &[delivery]);
    nats.publish(nats.subjects().broadcast(), payload).await?;
    Ok(nats.flush(PATIENCE).await?)
}

/// A20, [T5]: typing goes both ways in datagrams where the transport has them, and in line elsewhere.
#[tokio::test]
async fn typing_travels_as_datagrams_where_the_transport_has_them() -> Result<()> {
    let mut cluster = Cluster::builder().start().await?;
    let nats = cluster.backend().bus().await?;
    let mut upstream = nats.subscribe(nats.subjects().upstream()).await?;
    nats.flush(PATIENCE).await?;
    for kind in BOTH {
        let (session, mut events) = open(&cluster, kind).await?;
        let typing = Typing {
            conversation_id: CHAT,
        };
        session.send_ephemeral(typing.clone().into())?;
        let mut arrived = false;
        while !arrived {
            let payload = timeout(PATIENCE, upstream.next()).await?;
            let carrier = bus::decode(payload.context("the bus ended")?.payload)?;
            let Carrier::Upstream { items, .. } = carrier else {
                continue;
            };
            arrived = items.iter().any(|(origin, frame)| {
                origin.session == session.welcome().session_id
                    && wire::decode(frame)
                        .is_ok_and(|frame| frame.body == Body::Typing(typing.clone()))
            });
        }

        let typing = TypingEvent {
            conversation_id: CHAT,
            user_id: UserId(9),
        };
        let frame = wire::encode(&Frame::push(typing.clone()));
        let delivery = Delivery {
            ephemeral: true,
            ..Delivery::live(frame, vec![EVERYBODY])
        };
        broadcast(&cluster, delivery).await?;
        match next(&mut events).await? {
            SessionEvent::Push(body) => assert_eq!(*body, Body::TypingEvent(typing)),
            other => panic!("{other:?} over {kind}"),
        }
        let node = cluster.node("access-1");
        let taken = node.metric("im_access_datagrams_total{outcome=\"taken\"}");
        assert!((taken.await? - 1.0).abs() < f64::EPSILON, "{kind}");
        session.leave(PATIENCE).await;
    }
    let node = cluster.node("access-1");
    for (outcome, expected) in [("datagram", 1.0), ("in_line", 1.0), ("dropped", 0.0)] {
        let name = format!("im_access_ephemeral_total{{outcome=\"{outcome}\"}}");
        let found = node.metric(&name).await?;
        assert!((found - expected).abs() < f64::EPSILON, "{outcome} {found}");
    }
    Ok(())
}

/// E3, [S12], [S13]: a hint about one conversation is handed on and asks for no sync; a follower gets the push.
#[tokio::test]
async fn a_hint_about_one_conversation_makes_nobody_sync() -> Result<()> {
    let cluster = Cluster::builder()
        .setting("IM_ACCESS_SESSION__HINT_INTERVAL_MS", 400)
        .start()
        .await?;
    for kind in BOTH {
        let (session, mut events) = open(&cluster, kind).await?;
        let news = SystemNotification {
            notification_id: 7,
            ..SystemNotification::default()
        };
        let news = Delivery {
            followed: CHAT,
            ..Delivery::live(wire::encode(&Frame::push(news)), vec![EVERYBODY])
        };
        broadcast(&cluster, news.clone()).await?;
        let hint = SyncHint {
            conversation_id: CHAT,
        };
        match next(&mut events).await? {
            SessionEvent::Push(body) => assert_eq!(*body, Body::SyncHint(hint)),
            other => panic!("{other:?} over {kind}"),
        }
        let follow = Follow {
            conversation_id: CHAT,
            ended: false,
        };
        let answer = session.request(follow.into(), PATIENCE).await?;
        assert_eq!(answer, Body::Done(Done {}));
        broadcast(&cluster, news).await?;
        match next(&mut events).await? {
            SessionEvent::Push(body) => assert!(matches!(*body, Body::SystemNotification(_))),
            other => panic!("{other:?} over {kind}"),
        }
        session.leave(PATIENCE).await;
    }
    Ok(())
}
