//! Edits, recalls and reactions ([C1] to [C4], [E5]).

use bytes::Bytes;
use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::{
    AckResult, Body, Code, Direction, Entry, EntryType, MessageEdit, MessageReaction, MessageRecall,
};
use uuid::Uuid;

use crate::access::{TestSession, text, to_conversation, to_user};
use crate::reading::{cursor, history, sync};
use crate::world::World;

pub(crate) fn edit(conversation: ConversationId, target: u64, content: &str) -> MessageEdit {
    MessageEdit {
        conversation_id: conversation,
        target_seq: Seq(target),
        client_message_id: Uuid::now_v7(),
        content: Bytes::copy_from_slice(content.as_bytes()),
        mentions: Vec::new(),
    }
}

pub(crate) fn recall(conversation: ConversationId, target: u64) -> MessageRecall {
    MessageRecall {
        conversation_id: conversation,
        target_seq: Seq(target),
        client_message_id: Uuid::now_v7(),
    }
}

pub(crate) fn react(conversation: ConversationId, target: u64, reaction: &str) -> MessageReaction {
    MessageReaction {
        conversation_id: conversation,
        target_seq: Seq(target),
        client_message_id: Uuid::now_v7(),
        reaction: reaction.to_owned(),
        remove: false,
    }
}

pub(crate) fn unreact(
    conversation: ConversationId,
    target: u64,
    reaction: &str,
) -> MessageReaction {
    MessageReaction {
        remove: true,
        ..react(conversation, target, reaction)
    }
}

/// The one result of a change that is allowed.
pub(crate) async fn made(session: &mut TestSession, change: impl Into<Body>) -> AckResult {
    match session.ask(change).await {
        Body::MessageAck(ack) => {
            assert_eq!(ack.results.len(), 1);
            assert_eq!(ack.results[0].code, Code::Ok);
            ack.results[0].clone()
        }
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn pushed(session: &mut TestSession) -> Entry {
    match session.next_push().await {
        Body::PushMessage(push) => {
            assert_eq!(push.entries.len(), 1);
            push.entries[0].clone()
        }
        other => panic!("{other:?}"),
    }
}

/// The whole log, as it is given now.
pub(crate) async fn log(session: &mut TestSession, conversation: ConversationId) -> Vec<Entry> {
    let mut log: Vec<Entry> = Vec::new();
    loop {
        let at = log.last().map_or(0, |entry| entry.seq.0);
        let (entries, more) = history(session, conversation, at, Direction::Forward, 200).await;
        log.extend(entries);
        if !more {
            return log;
        }
    }
}

/// A group with these members and roles, and `messages` texts of the first one. Group 900 + n has its rows from 90,000 * n.
pub(crate) async fn group(
    world: &World,
    id: u64,
    members: &[(u64, u8)],
    messages: u64,
) -> ConversationId {
    let owner = members[0].0;
    let rows: Vec<String> = members
        .iter()
        .map(|(user, role)| format!("({id} * 100000 + {user}, {id}, {user}, {role})"))
        .collect();
    world
        .execute(&format!(
            "INSERT INTO conversations (id, type, name, owner_id, creator_id, creation_key, member_count, members_seq) \
             VALUES ({id}, 2, 'group', {owner}, {owner}, gen_random_uuid(), {}, 0); \
             INSERT INTO conversation_members (id, conversation_id, user_id, role) VALUES {}; \
             INSERT INTO messages (id, conversation_id, seq, message_index, sender_id, client_message_id, type, content) \
             SELECT {id} * 100000 + s, {id}, s, s, {owner}, gen_random_uuid(), 1, 'text ' || s FROM generate_series(1, {messages}) s",
            members.len(),
            rows.join(", "),
        ))
        .await;
    ConversationId(id)
}

/// [C1], [C2], D14
#[tokio::test(flavor = "multi_thread")]
async fn an_edit_is_an_entry_and_whoever_reads_gets_the_new_text() {
    let world = World::new().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);
    let mut phone = access.session(1).await;
    let sent = [text("a"), text("b")];
    let ours = ann.acknowledged(to_user(2, &sent)).await.conversation_id;
    bob.next_texts(2).await;
    phone.next_texts(2).await;

    let mut change = edit(ours, 1, "better");
    change.mentions = vec![UserId(2)];
    let id = change.client_message_id;
    let result = made(&mut ann, change).await;
    assert_eq!((result.seq, result.message_index), (Seq(3), 2));
    for session in [&mut bob, &mut phone] {
        let entry = pushed(session).await;
        assert_eq!((entry.seq, entry.type_), (Seq(3), EntryType::Edit));
        assert_eq!((entry.target_seq, entry.client_message_id), (Seq(1), id));
        assert_eq!(entry.content.as_ref(), b"better");
        assert_eq!(entry.mentions, [UserId(2)]);
    }
    assert!(ann.is_quiet(), "who did it has the answer");

    let read = log(&mut bob, ours).await;
    assert_eq!(read[0].content.as_ref(), b"better");
    assert_eq!(
        (read[0].edited_seq, &read[0].mentions[..]),
        (Seq(3), &[UserId(2)][..])
    );
    assert_eq!(
        (read[1].content.as_ref(), read[1].edited_seq),
        (&b"b"[..], Seq(0))
    );
    let page = sync(&mut bob, 0, vec![cursor(ours.0, 0)]).await;
    assert_eq!(page.entries, read);

    // The last one counts, and what is there already is no edit.
    made(&mut ann, edit(ours, 1, "best")).await;
    let same = made(&mut ann, edit(ours, 1, "best")).await;
    assert_eq!(same.seq, Seq(4));
    let (newest, _) = history(&mut bob, ours, 2, Direction::Backward, 1).await;
    assert_eq!(
        (newest[0].content.as_ref(), newest[0].edited_seq),
        (&b"best"[..], Seq(4))
    );
    assert!(newest[0].mentions.is_empty());
    world.audit().await;
    worker.stop().await;
}

/// [C3], [E5], D14
#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_a_recalled_message_said_is_given_any_more() {
    let world = World::new().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);
    let ours = ann.tell(2, "secret 1").await.conversation_id;
    let change = edit(ours, 1, "secret 2");
    made(&mut ann, change.clone()).await;
    made(&mut bob, react(ours, 1, "👍")).await;
    let taken = made(&mut ann, recall(ours, 1)).await;
    assert_eq!((taken.seq, taken.message_index), (Seq(4), 1));

    let read = log(&mut bob, ours).await;
    let said: Vec<(&[u8], Seq, Seq)> = read
        .iter()
        .map(|entry| (&*entry.content, entry.edited_seq, entry.recalled_seq))
        .collect();
    assert_eq!(
        said,
        [
            (&b""[..], Seq(0), Seq(4)),
            (&b""[..], Seq(0), Seq(4)),
            ("+👍".as_bytes(), Seq(0), Seq(0)),
            (&b""[..], Seq(0), Seq(0)),
        ]
    );
    let page = sync(&mut bob, 0, vec![cursor(ours.0, 0)]).await;
    assert_eq!(page.entries, read);
    let (backward, _) = history(&mut bob, ours, 0, Direction::Backward, 200).await;
    assert_eq!(backward, read);
    // Neither does an edit that is asked for again tell it.
    let mut phone = access.session(1).await;
    let again = made(&mut ann, change).await;
    assert_eq!(again.seq, Seq(2));
    let told = pushed(&mut phone).await;
    assert_eq!((told.seq, told.content.len()), (Seq(2), 0));
    // It is recalled once, and not changed any more.
    assert_eq!(made(&mut ann, recall(ours, 1)).await.seq, Seq(4));
    assert_eq!(ann.refused(edit(ours, 1, "x")).await, Code::TargetRecalled);
    assert_eq!(bob.refused(react(ours, 1, "x")).await, Code::TargetRecalled);
    world.audit().await;
    worker.stop().await;
}

/// [C4], D14
#[tokio::test(flavor = "multi_thread")]
async fn a_reaction_is_added_once_and_removed_once() {
    let world = World::new().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);
    let ours = ann.tell(2, "a").await.conversation_id;
    assert_eq!(made(&mut bob, unreact(ours, 1, "👍")).await.seq, Seq(0));
    assert_eq!(made(&mut bob, react(ours, 1, "👍")).await.seq, Seq(2));
    assert_eq!(made(&mut bob, react(ours, 1, "👍")).await.seq, Seq(2));
    assert_eq!(made(&mut ann, react(ours, 1, "👍")).await.seq, Seq(3));
    assert_eq!(made(&mut bob, unreact(ours, 1, "👍")).await.seq, Seq(4));
    assert_eq!(made(&mut bob, unreact(ours, 1, "👍")).await.seq, Seq(4));
    let entry = pushed(&mut ann).await;
    assert_eq!(
        (entry.type_, entry.target_seq),
        (EntryType::Reaction, Seq(1))
    );
    assert_eq!(entry.content.as_ref(), "+👍".as_bytes());
    assert_eq!(pushed(&mut ann).await.content.as_ref(), "-👍".as_bytes());
    assert!(ann.is_quiet(), "what changes nothing is told to nobody");
    assert_eq!(world.count("SELECT count(*) FROM messages").await, 4);
    world.audit().await;
    worker.stop().await;
}

/// [E5], [R10], D8: what was before one's time, and what is said after it.
#[tokio::test(flavor = "multi_thread")]
async fn history_gives_what_was_in_ones_own_time_as_it_was_then() {
    let world = World::new().await;
    world.users(3).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let ours = group(&world, 902, &[(1, 3), (2, 1), (3, 1)], 4).await;
    world
        .execute(
            "UPDATE conversation_members SET from_seq = 2 WHERE user_id = 2; \
             UPDATE conversation_members SET deleted = 1, until_seq = 4 WHERE user_id = 3",
        )
        .await;
    let mut owner = access.session(1).await;
    let (mut late, mut gone) = (access.session(2).await, access.session(3).await);
    made(&mut owner, edit(ours, 3, "after they left")).await;
    made(&mut owner, recall(ours, 4)).await;
    let texts = |log: &[Entry]| -> Vec<(u64, String)> {
        log.iter()
            .map(|entry| {
                (
                    entry.seq.0,
                    String::from_utf8(entry.content.to_vec()).unwrap(),
                )
            })
            .collect()
    };
    let owned = |pairs: &[(u64, &str)]| -> Vec<(u64, String)> {
        pairs
            .iter()
            .map(|(seq, text)| (*seq, (*text).to_owned()))
            .collect()
    };
    let expected = owned(&[
        (3, "after they left"),
        (4, ""),
        (5, "after they left"),
        (6, ""),
    ]);
    assert_eq!(texts(&log(&mut late, ours).await), expected);
    let (backward, more) = history(&mut late, ours, 0, Direction::Backward, 200).await;
    assert_eq!((texts(&backward), more), (expected, false));
    // What was recalled is gone for them too; what was edited was not said to them.
    let expected = owned(&[(1, "text 1"), (2, "text 2"), (3, "text 3"), (4, "")]);
    assert_eq!(texts(&log(&mut gone, ours).await), expected);
    let (backward, _) = history(&mut gone, ours, 0, Direction::Backward, 2).await;
    assert_eq!(texts(&backward), expected[2..]);
    worker.stop().await;
}

/// [C1], [M9], E3: strangers, and one rate with messages.
#[tokio::test(flavor = "multi_thread")]
async fn in_the_world_chat_a_change_goes_to_everybody_and_counts_like_a_message() {
    let mut world = World::new().await;
    world.config.world.messages_per_second = 0.01;
    world.config.world.burst = 4;
    world.users(3).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);
    let all = ConversationId::WORLD;
    ann.acknowledged(to_conversation(all, &[text("hello")]))
        .await;
    made(&mut ann, edit(all, 1, "hello all")).await;
    assert_eq!(bob.refused(recall(all, 1)).await, Code::NotSender);
    made(&mut bob, react(all, 1, "👋")).await;
    made(&mut ann, recall(all, 1)).await;
    let mut seen = Vec::new();
    while seen.len() < 4 {
        if let Body::PushMessage(push) = bob.next_push().await {
            seen.extend(push.entries.iter().map(|entry| (entry.seq.0, entry.type_)));
        }
    }
    let expected = [
        (1, EntryType::Text),
        (2, EntryType::Edit),
        (3, EntryType::Reaction),
        (4, EntryType::Recall),
    ];
    assert_eq!(seen, expected);
    made(&mut ann, recall(all, 1)).await;
    assert_eq!(
        ann.refused(recall(all, 1)).await,
        Code::RetryLater,
        "the burst is used up"
    );
    worker.stop().await;
}
