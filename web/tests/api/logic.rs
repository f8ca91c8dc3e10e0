//! The part of logic that these tests need: answers commands on the upstream subject, and a log written by hand. The programs meet in e2e.

use futures_util::StreamExt;
use im_shared::bus::{self, Carrier, LOGIC_GROUP, Origin};
use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::{
    self, Body, Code, ConversationEvent, ConversationOpen, ConversationState, ErrorResponse, Frame,
};
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use crate::app::TestApp;

/// What the answer to a command is.
pub(crate) enum Reply {
    /// This conversation.
    Conversation(ConversationId),
    /// A refusal.
    Refused(Code),
    /// None at all.
    Silence,
    /// Something that is no frame.
    Garbage,
}

/// Answers every `ConversationOpen` until it is dropped.
pub(crate) async fn answer(
    app: &TestApp,
    mut decide: impl FnMut(Origin, ConversationOpen) -> Reply + Send + 'static,
) -> AbortOnDropHandle<()> {
    serve(app, move |origin, frame| {
        let Body::ConversationOpen(open) = frame.body else {
            panic!("another command");
        };
        let reply = match decide(origin, open) {
            Reply::Conversation(conversation) => event(conversation),
            Reply::Refused(code) => refusal(code),
            Reply::Silence => return None,
            Reply::Garbage => return Some(bytes::Bytes::from_static(b"no frame")),
        };
        Some(wire::encode(&Frame::reply(frame.request_id, reply)))
    })
    .await
}

/// Answers every command with what `decide` says, until it is dropped.
pub(crate) async fn obey(
    app: &TestApp,
    mut decide: impl FnMut(Origin, Body) -> Body + Send + 'static,
) -> AbortOnDropHandle<()> {
    serve(app, move |origin, frame| {
        let reply = decide(origin, frame.body);
        Some(wire::encode(&Frame::reply(frame.request_id, reply)))
    })
    .await
}

async fn serve(
    app: &TestApp,
    mut reply: impl FnMut(Origin, Frame) -> Option<bytes::Bytes> + Send + 'static,
) -> AbortOnDropHandle<()> {
    let bus = app.bus.clone();
    let mut commands = bus
        .queue_subscribe(bus.subjects().upstream(), LOGIC_GROUP)
        .await
        .unwrap();
    app.subscribed().await;
    AbortOnDropHandle::new(tokio::spawn(async move {
        while let Some(message) = commands.next().await {
            let Carrier::Upstream { items, .. } = bus::decode(message.payload).unwrap() else {
                panic!("another carrier");
            };
            let (origin, frame) = &items[0];
            let frame = wire::decode(frame).unwrap();
            if let Some(reply) = reply(*origin, frame) {
                bus.publish(message.reply.unwrap(), reply).await.unwrap();
            }
        }
    }))
}

/// "This conversation, as it is now."
pub(crate) fn event(conversation_id: ConversationId) -> Body {
    let state = ConversationState {
        conversation_id,
        ..ConversationState::default()
    };
    ConversationEvent { state }.into()
}

/// "No."
pub(crate) fn refusal(code: Code) -> Body {
    ErrorResponse {
        code,
        message: "no".into(),
        retry_after_ms: 0,
    }
    .into()
}

/// A group as logic stores it: the first one owns it, the last one joined last. Its log begins with its creation.
pub(crate) async fn group(app: &TestApp, name: &str, members: &[UserId]) -> ConversationId {
    let id = app.id();
    let count = i32::try_from(members.len()).unwrap();
    let sql = "INSERT INTO conversations (id, type, name, owner_id, creator_id, creation_key, member_count, members_seq) \
               VALUES ($1, 2, $2, $3, $3, gen_random_uuid(), $4, 1)";
    let owner = members[0].to_sql();
    app.execute(sql, &[&id, &name, &owner, &count]).await;
    for member in members {
        let role: i16 = if *member == members[0] { 3 } else { 1 };
        let sql = "INSERT INTO conversation_members (id, conversation_id, user_id, role, changed_seq) VALUES ($1, $2, $3, $4, 1)";
        app.execute(sql, &[&app.id(), &id, &member.to_sql(), &role])
            .await;
    }
    let id = ConversationId::from_sql(id);
    append(app, id, members[0], 36, r#"{"created":true}"#).await;
    id
}

/// The private conversation of two, as logic stores it.
pub(crate) async fn conversation(app: &TestApp, one: UserId, other: UserId) -> ConversationId {
    let id = app.id();
    let (low, high) = (one.min(other).to_sql(), one.max(other).to_sql());
    let sql = "INSERT INTO conversations (id, type, user_low, user_high) VALUES ($1, 1, $2, $3)";
    app.execute(sql, &[&id, &low, &high]).await;
    for user in [low, high] {
        let sql =
            "INSERT INTO conversation_members (id, conversation_id, user_id) VALUES ($1, $2, $3)";
        app.execute(sql, &[&app.id(), &id, &user]).await;
    }
    ConversationId::from_sql(id)
}

/// Appends an entry of `kind` (a text is 1); below 32 it counts.
pub(crate) async fn append(
    app: &TestApp,
    conversation: ConversationId,
    sender: UserId,
    kind: i16,
    content: &str,
) {
    about(app, conversation, sender, kind, content, 0, &[]).await;
}

/// Appends an entry about another one, or that mentions users.
pub(crate) async fn about(
    app: &TestApp,
    conversation: ConversationId,
    sender: UserId,
    kind: i16,
    content: &str,
    target: i64,
    mentions: &[UserId],
) {
    let sql = "INSERT INTO messages (id, conversation_id, seq, message_index, sender_id, client_message_id, type, content, created_at, \
               target_seq, mentions) \
               SELECT $1, $2, coalesce(max(seq), 0) + 1, coalesce(max(message_index), 0) + CASE WHEN $5::smallint < 32 THEN 1 ELSE 0 END, \
                      $3, $4, $5::smallint, $6, clock_timestamp(), $7, $8 FROM messages WHERE conversation_id = $2";
    let key = Uuid::now_v7();
    let mentions: Vec<i64> = mentions.iter().map(|user| user.to_sql()).collect();
    app.execute(
        sql,
        &[
            &app.id(),
            &conversation.to_sql(),
            &sender.to_sql(),
            &key,
            &kind,
            &content,
            &target,
            &mentions,
        ],
    )
    .await;
}

/// Moves a read position as logic does.
pub(crate) async fn read(app: &TestApp, conversation: ConversationId, reader: UserId, seq: i64) {
    let sql = "UPDATE conversation_members SET read_seq = $3, \
               read_index = (SELECT message_index FROM messages WHERE conversation_id = $1 AND seq = $3) \
               WHERE conversation_id = $1 AND user_id = $2";
    app.execute(sql, &[&conversation.to_sql(), &reader.to_sql(), &seq])
        .await;
}
