//! Words of the operator.

use im_shared::bus::{Origin, encode_upstream};
use im_shared::content::{Content, Notice};
use im_shared::ids::{ConversationId, Incarnation, SessionId, UserId};
use im_shared::wire::{
    Body, Code, Done, EntryType, Frame, Platform, RequestId, SystemNotification, SystemNotify,
    UserMessage, decode, encode,
};
use uuid::Uuid;

use crate::access::{TestAccess, TestSession, text, to_conversation};
use crate::world::{PATIENCE, World};

const TEA: &str = "Tea is ready";

fn notify(users: &[u64]) -> SystemNotify {
    SystemNotify {
        client_message_id: Uuid::now_v7(),
        user_ids: users.iter().copied().map(UserId).collect(),
        everybody: users.is_empty(),
        title: TEA.to_owned(),
        content: "In the kitchen.".to_owned(),
    }
}

/// As `im notify` does: over the bus, as nobody.
async fn ask(access: &TestAccess, request: &SystemNotify, user: u64) -> Body {
    let origin = Origin {
        session: SessionId(0),
        user: UserId(user),
        platform: Platform::Unknown,
        guest: false,
    };
    let frame = encode(&Frame::request(RequestId(1), request.clone()));
    let carrier = encode_upstream("", Incarnation(0), &[(origin, frame)]);
    let bus = access.bus();
    let reply = bus
        .request(bus.subjects().upstream(), carrier, PATIENCE)
        .await
        .unwrap();
    decode(&reply.payload).unwrap().body
}

async fn notified(session: &mut TestSession) -> SystemNotification {
    match session.next_push().await {
        Body::SystemNotification(notification) => notification,
        other => panic!("{other:?}"),
    }
}

/// D12, A13
#[tokio::test(flavor = "multi_thread")]
async fn a_word_to_everybody_is_one_entry_that_all_get() {
    let world = World::new().await;
    world.users(3).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);
    let request = notify(&[]);
    assert_eq!(ask(&access, &request, 0).await, Body::Done(Done {}));
    for session in [&mut ann, &mut bob] {
        let told = notified(session).await;
        let entry = told.entry.unwrap();
        assert_eq!(told.title, TEA);
        assert_eq!(entry.conversation_id, ConversationId::ANNOUNCEMENTS);
        assert_eq!((entry.seq.0, entry.type_), (1, EntryType::System));
        assert_eq!(Notice::parse(&entry.content).unwrap().title, TEA);
    }
    // A repeat is pushed again and stored once (J7); with other words it is a conflict.
    assert_eq!(ask(&access, &request, 0).await, Body::Done(Done {}));
    assert_eq!(notified(&mut ann).await.entry.unwrap().seq.0, 1);
    let other = SystemNotify {
        title: "No tea".to_owned(),
        ..request
    };
    let Body::ErrorResponse(error) = ask(&access, &other, 0).await else {
        panic!("stored twice")
    };
    assert_eq!(error.code, Code::MessageConflict);
    world.audit().await;
    worker.stop().await;
}

/// D12: to one and to many, and kept for those who are away.
#[tokio::test(flavor = "multi_thread")]
async fn a_word_to_some_is_kept_for_each_of_them() {
    let world = World::new().await;
    world.users(4).await;
    let (worker, second) = (world.worker().await, world.worker().await);
    let access = world.access("access-1").await;
    let (mut ann, mut dan) = (access.session(1).await, access.session(4).await);
    assert_eq!(ask(&access, &notify(&[1, 2]), 0).await, Body::Done(Done {}));
    assert_eq!(ask(&access, &notify(&[1]), 0).await, Body::Done(Done {}));
    let seqs = [notified(&mut ann).await, notified(&mut ann).await];
    assert_eq!(seqs.map(|told| told.entry.unwrap().seq.0), [1, 2]);
    assert!(dan.is_quiet());
    let kept = "SELECT count(*) FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE c.user_low = 2 AND c.type = 4";
    assert_eq!(world.count(kept).await, 1);
    let request: UserMessage = {
        let id = world
            .count("SELECT id FROM conversations WHERE type = 4 AND user_low = 1")
            .await;
        to_conversation(ConversationId::from_sql(id), &[text("thanks")])
    };
    assert_eq!(ann.refused(request).await, Code::ReadOnly);
    let request = to_conversation(ConversationId::ANNOUNCEMENTS, &[text("me too")]);
    assert_eq!(ann.refused(request).await, Code::ReadOnly);
    world.audit().await;
    worker.stop().await;
    second.stop().await;
}

/// D13
#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_the_operator_speaks_for_the_operator() {
    let world = World::new().await;
    world.users(2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let mut ann = access.session(1).await;
    assert_eq!(ann.refused(notify(&[2])).await, Code::Forbidden);
    let bad = |change: fn(&mut SystemNotify)| {
        let mut request = notify(&[1]);
        change(&mut request);
        request
    };
    let refused = [
        (notify(&[1]), 1, Code::Forbidden),
        (notify(&[1, 99]), 0, Code::UserNotFound),
        (
            bad(|request| request.everybody = true),
            0,
            Code::InvalidArgument,
        ),
        (
            bad(|request| request.user_ids.clear()),
            0,
            Code::InvalidArgument,
        ),
        (
            bad(|request| request.title.clear()),
            0,
            Code::ContentInvalid,
        ),
        (
            bad(|request| request.client_message_id = Uuid::nil()),
            0,
            Code::MessageIdInvalid,
        ),
    ];
    for (request, user, expected) in refused {
        let Body::ErrorResponse(error) = ask(&access, &request, user).await else {
            panic!("taken: {request:?}")
        };
        assert_eq!(error.code, expected, "{request:?}");
    }
    assert_eq!(world.count("SELECT count(*) FROM messages").await, 0);
    worker.stop().await;
}
