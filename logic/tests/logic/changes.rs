//! Edits, recalls and reactions ([C1] to [C4], [E5]).

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::{
    AckResult, Body, Code, Direction, Entry, EntryType, MessageEdit, MessageReaction, MessageRecall,
};
use uuid::Uuid;

use crate::access::{TestSession, message, text, to_conversation, to_user};
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
async fn made(session: &mut TestSession, change: impl Into<Body>) -> AckResult {
    match session.ask(change).await {
        Body::MessageAck(ack) => {
            assert_eq!(ack.results.len(), 1);
            assert_eq!(ack.results[0].code, Code::Ok);
            ack.results[0].clone()
        }
        other => panic!("{other:?}"),
    }
}

async fn pushed(session: &mut TestSession) -> Entry {
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

/// [C1] to [C4], M6: each code, by the real thing.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_is_not_allowed_has_its_own_code() {
    let mut world = World::new().await;
    world.config.changes.max_edits = 2;
    world.config.changes.max_reactions = 2;
    world.users(4).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let mut ann = access.session(1).await;
    let mut bob = access.session(2).await;
    let mut cat = access.session(3).await;
    let ours = ann.tell(2, "a").await.conversation_id;

    let nowhere = ConversationId(77);
    assert_eq!(
        ann.refused(recall(ConversationId(0), 1)).await,
        Code::InvalidArgument
    );
    let mut wrong = recall(ours, 1);
    wrong.client_message_id = Uuid::new_v4();
    assert_eq!(ann.refused(wrong).await, Code::MessageIdInvalid);
    assert_eq!(
        ann.refused(recall(nowhere, 1)).await,
        Code::ConversationNotFound
    );
    assert_eq!(cat.refused(recall(ours, 1)).await, Code::NotMember);
    assert_eq!(
        ann.refused(react(ConversationId::ANNOUNCEMENTS, 1, "x"))
            .await,
        Code::ReadOnly
    );
    for target in [0, 99] {
        assert_eq!(
            ann.refused(edit(ours, target, "b")).await,
            Code::TargetNotFound
        );
        assert_eq!(
            ann.refused(recall(ours, target)).await,
            Code::TargetNotFound
        );
        assert_eq!(
            ann.refused(react(ours, target, "x")).await,
            Code::TargetNotFound
        );
    }
    assert_eq!(bob.refused(edit(ours, 1, "b")).await, Code::NotSender);
    assert_eq!(bob.refused(recall(ours, 1)).await, Code::NotSender);
    assert_eq!(ann.refused(edit(ours, 1, "")).await, Code::MessageEmpty);
    assert_eq!(
        ann.refused(react(ours, 1, "a b")).await,
        Code::ReactionInvalid
    );
    let mut everybody = edit(ours, 1, "b");
    everybody.mentions = vec![UserId(0)];
    assert_eq!(ann.refused(everybody).await, Code::MentionInvalid);

    for content in ["b", "c"] {
        made(&mut ann, edit(ours, 1, content)).await;
    }
    assert_eq!(ann.refused(edit(ours, 1, "d")).await, Code::EditTooOften);
    assert_eq!(
        ann.refused(edit(ours, 2, "d")).await,
        Code::TargetNotFound,
        "an edit is no message"
    );
    for reaction in ["x", "y"] {
        made(&mut bob, react(ours, 1, reaction)).await;
    }
    assert_eq!(
        bob.refused(react(ours, 1, "z")).await,
        Code::TooManyReactions
    );
    let image = "UPDATE messages SET type = 2 WHERE seq = 1";
    world.execute(image).await;
    assert_eq!(
        ann.refused(edit(ours, 1, "d")).await,
        Code::MessageTypeInvalid
    );
    let old =
        "UPDATE messages SET type = 1, created_at = now() - interval '25 hours' WHERE seq = 1";
    world.execute(old).await;
    assert_eq!(ann.refused(edit(ours, 1, "d")).await, Code::EditTooLate);
    assert_eq!(ann.refused(recall(ours, 1)).await, Code::RecallTooLate);

    let fresh = ann.tell(2, "e").await.results[0].seq.0;
    world.unfriend(1, 2).await;
    assert_eq!(ann.refused(edit(ours, fresh, "f")).await, Code::NotFriends);
    assert_eq!(bob.refused(react(ours, fresh, "x")).await, Code::NotFriends);
    made(&mut ann, recall(ours, fresh)).await;
    worker.stop().await;
}

/// [C1], [C3], E1
#[tokio::test(flavor = "multi_thread")]
async fn in_a_group_a_change_takes_a_voice_and_a_recall_of_others_a_role() {
    let world = World::new().await;
    world.users(5).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    // 1 owns it, 2 and 3 are admins, 4 is a member, 5 comes late.
    let ours = group(&world, 901, &[(1, 3), (2, 2), (3, 2), (4, 1), (5, 1)], 4).await;
    world
        .execute(
            "UPDATE messages SET sender_id = seq WHERE conversation_id = 901; \
             UPDATE conversation_members SET from_seq = 3 WHERE user_id = 5",
        )
        .await;
    let (mut owner, mut admin) = (access.session(1).await, access.session(2).await);
    let (mut member, mut late) = (access.session(4).await, access.session(5).await);
    assert_eq!(member.refused(recall(ours, 1)).await, Code::NotSender);
    assert_eq!(admin.refused(recall(ours, 3)).await, Code::NotPermitted);
    let taken = made(&mut admin, recall(ours, 4)).await;
    for session in [&mut owner, &mut member, &mut late] {
        let entry = pushed(session).await;
        assert_eq!((entry.seq, entry.target_seq), (taken.seq, Seq(4)));
    }
    made(&mut owner, recall(ours, 3)).await;

    assert_eq!(
        late.refused(react(ours, 2, "x")).await,
        Code::TargetNotFound
    );
    assert_eq!(late.refused(recall(ours, 3)).await, Code::TargetNotFound);
    world
        .execute("UPDATE conversation_members SET silenced_until = now() + interval '1 hour' WHERE user_id = 4")
        .await;
    assert_eq!(member.refused(react(ours, 1, "x")).await, Code::Silenced);
    world
        .execute("UPDATE conversations SET silenced = 1 WHERE id = 901")
        .await;
    assert_eq!(late.refused(react(ours, 4, "x")).await, Code::Silenced);
    made(&mut admin, edit(ours, 2, "admins speak")).await;
    world
        .execute("UPDATE conversation_members SET deleted = 1, until_seq = 4 WHERE user_id = 4")
        .await;
    assert_eq!(member.refused(recall(ours, 4)).await, Code::NotMember);
    world
        .execute(
            "UPDATE conversation_members SET deleted = 1, until_seq = 7 WHERE conversation_id = 901; \
             UPDATE conversations SET owner_id = 0, member_count = 0 WHERE id = 901",
        )
        .await;
    assert_eq!(owner.refused(recall(ours, 1)).await, Code::GroupDissolved);
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

/// [C1], [M4], D4
#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_change_is_stored_once_and_told_again() {
    let world = World::new().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    let (first, second) = (world.worker().await, world.worker().await);
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);
    let ours = ann.tell(2, "a").await.conversation_id;
    bob.next_texts(1).await;
    let changes: [Body; 3] = [
        edit(ours, 1, "b").into(),
        react(ours, 1, "x").into(),
        recall(ours, 1).into(),
    ];
    for change in changes {
        let stored = made(&mut ann, change.clone()).await;
        let entry = pushed(&mut bob).await;
        for _ in 0..3 {
            assert_eq!(made(&mut ann, change.clone()).await, stored);
            let again = pushed(&mut bob).await;
            assert_eq!((again.seq, again.message_id), (entry.seq, entry.message_id));
        }
    }
    assert_eq!(world.count("SELECT count(*) FROM messages").await, 4);

    // The same id with something else: another content, another target, another kind, a message.
    let used = Uuid::now_v7();
    let sent = to_conversation(ours, &[message(used, "c")]);
    ann.acknowledged(sent).await;
    let mut reaction = react(ours, 5, "y");
    reaction.client_message_id = Uuid::now_v7();
    made(&mut ann, reaction.clone()).await;
    let same = reaction.client_message_id;
    let conflicts: [Body; 4] = [
        MessageReaction {
            reaction: "z".to_owned(),
            ..reaction.clone()
        }
        .into(),
        MessageReaction {
            target_seq: Seq(1),
            ..reaction.clone()
        }
        .into(),
        MessageEdit {
            client_message_id: same,
            ..edit(ours, 5, "d")
        }
        .into(),
        MessageRecall {
            client_message_id: used,
            ..recall(ours, 5)
        }
        .into(),
    ];
    for conflict in conflicts {
        assert_eq!(ann.refused(conflict).await, Code::MessageConflict);
    }
    let results = ann
        .acknowledged(to_conversation(ours, &[message(same, "+y")]))
        .await
        .results;
    assert_eq!(results[0].code, Code::MessageConflict);
    world.audit().await;
    first.stop().await;
    second.stop().await;
}

/// [C3], [E5], D14: whichever comes first, the end is the same.
#[tokio::test(flavor = "multi_thread")]
async fn an_edit_and_a_recall_at_once_on_two_workers_end_in_a_recalled_message() {
    const ROUNDS: usize = 20;
    let world = World::new().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    let (first, second) = (world.worker().await, world.worker().await);
    let access = world.access("access-1").await;
    let (mut ann, mut phone) = (access.session(1).await, access.session(1).await);
    let sent: Vec<_> = (0..ROUNDS).map(|n| text(&n.to_string())).collect();
    let ours = ann.acknowledged(to_user(2, &sent)).await.conversation_id;
    let mut asked = Vec::new();
    for target in 1..=ROUNDS as u64 {
        let edited = ann.request(edit(ours, target, "edited")).await;
        let recalled = phone.request(recall(ours, target)).await;
        asked.push((edited, recalled));
    }
    for (edited, recalled) in asked {
        let (edit, _) = ann.reply(edited).await;
        let (recall, _) = phone.reply(recalled).await;
        let Body::MessageAck(recall) = recall else {
            panic!("{recall:?}")
        };
        match edit {
            Body::MessageAck(edit) => assert!(edit.results[0].seq < recall.results[0].seq),
            Body::ErrorResponse(error) => assert_eq!(error.code, Code::TargetRecalled),
            other => panic!("{other:?}"),
        }
    }
    let read = log(&mut ann, ours).await;
    for entry in &read[..ROUNDS] {
        assert!(entry.recalled_seq > Seq(0) && entry.content.is_empty());
    }
    world.audit().await;
    first.stop().await;
    second.stop().await;
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

/// A15, [C4], D5: three hundred users at once, each with four reactions and one of them twice, on two workers.
#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_reactions_holds_up_neither_messages_nor_other_conversations() {
    const USERS: u64 = 300;
    const REACTIONS: [&str; 4] = ["👍", "🎉", "ok", "+1"];
    let world = World::new().await;
    world.users(USERS as i64 + 2).await;
    world.befriend(USERS + 1, USERS + 2).await;
    let (first, second) = (world.worker().await, world.worker().await);
    let access = world.access("access-1").await;
    let members: Vec<(u64, u8)> = (1..=USERS)
        .map(|user| (user, if user == 1 { 3 } else { 1 }))
        .collect();
    let ours = group(&world, 903, &members, 1).await;
    let mut sessions = Vec::new();
    for user in 1..=USERS {
        sessions.push(access.session(user).await);
    }
    let (mut ann, mut bob) = (
        access.session(USERS + 1).await,
        access.session(USERS + 2).await,
    );
    let mut talker = access.session(1).await;
    let mut asked = Vec::new();
    for (who, session) in sessions.iter_mut().enumerate() {
        for reaction in REACTIONS {
            asked.push((who, session.request(react(ours, 1, reaction)).await));
        }
        asked.push((who, session.request(react(ours, 1, REACTIONS[0])).await));
    }
    let is_over = AtomicBool::new(false);
    let began = Instant::now();
    let storm = async {
        let (mut stored, mut later) = (0, 0);
        for (who, id) in asked {
            match sessions[who].reply(id).await.0 {
                Body::MessageAck(ack) => {
                    assert_eq!(ack.results[0].code, Code::Ok);
                    stored += 1;
                }
                Body::ErrorResponse(error) => {
                    assert_eq!(error.code, Code::RetryLater);
                    later += 1;
                }
                other => panic!("{other:?}"),
            }
        }
        is_over.store(true, Ordering::Relaxed);
        (stored, later, began.elapsed())
    };
    // Meanwhile messages, to another conversation and to the same one.
    let messages = async {
        let (mut count, mut slowest) = (0, Duration::ZERO);
        while !is_over.load(Ordering::Relaxed) {
            let began = Instant::now();
            let told = ann.tell(USERS + 2, "still here").await;
            let said = talker
                .acknowledged(to_conversation(ours, &[text("what?")]))
                .await;
            for ack in [told, said] {
                assert_eq!(ack.results[0].code, Code::Ok);
                count += 1;
            }
            slowest = slowest.max(began.elapsed());
        }
        (count, slowest)
    };
    let ((stored, later, took), (count, slowest)) = tokio::join!(storm, messages);
    println!(
        "{stored} answered and {later} to be repeated within {took:?}; {count} messages meanwhile, two in {slowest:?} at most"
    );
    assert_eq!(later, 0, "there is room for as many as this");
    assert!(count >= 20, "messages do not wait for the end of the storm");
    bob.next_texts(count / 2).await;
    let reactions = "SELECT count(*) FROM messages WHERE type = 34";
    assert_eq!(
        world.count(reactions).await,
        (USERS as usize * REACTIONS.len()) as i64
    );
    let distinct =
        "SELECT count(*) FROM (SELECT DISTINCT sender_id, content FROM messages WHERE type = 34) d";
    assert_eq!(world.count(distinct).await, world.count(reactions).await);
    world.audit().await;
    assert_eq!(access.holes(), 0);
    first.stop().await;
    second.stop().await;
}
