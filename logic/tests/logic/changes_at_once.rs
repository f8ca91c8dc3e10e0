//! Changes that are repeated, that meet, and that come in masses ([C1], [M4], A15).

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use im_shared::ids::Seq;
use im_shared::wire::{Body, Code, MessageEdit, MessageReaction, MessageRecall};
use uuid::Uuid;

use crate::access::{message, text, to_conversation, to_user};
use crate::changes::{edit, group, log, made, pushed, react, recall};
use crate::world::World;

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
    // The storm breaks loose when all of it is there, and a message to the same conversation.
    let held = world.hold(ours).await;
    let mut asked = Vec::new();
    for (who, session) in sessions.iter_mut().enumerate() {
        for reaction in REACTIONS {
            asked.push((who, session.request(react(ours, 1, reaction)).await));
        }
        asked.push((who, session.request(react(ours, 1, REACTIONS[0])).await));
    }
    world.until_waiting(2).await;
    for _ in 0..10 {
        let told = ann.tell(USERS + 2, "not held up").await;
        assert_eq!(told.results[0].code, Code::Ok);
    }
    let question = to_conversation(ours, &[text("what is it?")]);
    let question = talker.request(question).await;
    world.until_waiting(3).await;
    drop(held);
    let is_over = AtomicBool::new(false);
    let began = Instant::now();
    let storm = async {
        let (mut stored, mut later, mut last) = (0, 0, 0);
        for (who, id) in asked {
            let (answer, arrived) = sessions[who].reply(id).await;
            last = last.max(arrived.order);
            match answer {
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
        (stored, later, last, began.elapsed())
    };
    // Meanwhile messages, to another conversation and to the same one.
    let messages = async {
        let (mut count, mut slowest) = (0, Duration::ZERO);
        let (answer, answered) = talker.reply(question).await;
        assert!(matches!(answer, Body::MessageAck(_)), "{answer:?}");
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
        (answered.order, count, slowest)
    };
    let ((stored, later, last, took), (answered, count, slowest)) = tokio::join!(storm, messages);
    println!(
        "{stored} answered and {later} to be repeated within {took:?}; {count} messages meanwhile, two in {slowest:?} at most"
    );
    assert_eq!(later, 0, "there is room for as many as this");
    assert!(
        answered < last,
        "a message does not wait for the end of the storm"
    );
    bob.next_texts(10 + count / 2).await;
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

/// A15, [C1]: changes of one conversation take turns, and have one place among all.
#[tokio::test(flavor = "multi_thread")]
async fn changes_of_a_conversation_that_is_held_up_hold_up_no_other() {
    let world = World::new().await;
    world.users(4).await;
    world.befriend(1, 2).await;
    world.befriend(3, 4).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut cat) = (access.session(1).await, access.session(3).await);
    let stuck = ann.tell(2, "a").await.conversation_id;
    let free = cat.tell(4, "b").await.conversation_id;
    let lock = world.hold(stuck).await;
    let mut asked = Vec::new();
    for n in 0..50 {
        let change = edit(stuck, 1, &n.to_string());
        asked.push(ann.request(change).await);
    }
    for n in 0..5 {
        made(&mut cat, edit(free, 1, &n.to_string())).await;
    }
    drop(lock);
    for (seq, id) in (2..).zip(asked) {
        match ann.reply(id).await.0 {
            Body::MessageAck(ack) => assert_eq!(ack.results[0].seq, Seq(seq), "in their order"),
            other => panic!("{other:?}"),
        }
    }
    world.audit().await;
    worker.stop().await;
}
