//! Messages in groups: who may write, who gets what, on two workers and two nodes.

use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::{
    Body, Code, Entry, EntryType, JoinPolicy, OutgoingMessage, Platform, RequestId, Role,
    UserMessage,
};
use uuid::Uuid;

use crate::access::{TestSession, codes, message, text, to_conversation, to_user};
use crate::files::upload;
use crate::groups::{
    Scene, code, dissolve, done, invite, join, log, next_entries, policy, remove, role, silence,
    update,
};

/// What became of a request: the code of its only message, or why all of it was refused.
async fn fate(session: &mut TestSession, request: UserMessage) -> Code {
    let id = session.request(request).await;
    fate_of(session, id).await.0
}

/// The same, and the seq.
async fn fate_of(session: &mut TestSession, id: RequestId) -> (Code, Seq) {
    match session.reply(id).await.0 {
        Body::MessageAck(ack) => (ack.results[0].code, ack.results[0].seq),
        Body::ErrorResponse(error) => (error.code, Seq(0)),
        other => panic!("{other:?}"),
    }
}

async fn say(session: &mut TestSession, id: ConversationId, said: &str) -> Seq {
    let ack = session
        .acknowledged(to_conversation(id, &[text(said)]))
        .await;
    assert_eq!(codes(&ack.results), [Code::Ok]);
    ack.results[0].seq
}

fn said(entries: &[Entry]) -> Vec<(u64, String)> {
    let text = |entry: &Entry| String::from_utf8(entry.content.to_vec()).unwrap();
    let texts = entries
        .iter()
        .filter(|entry| entry.type_ == EntryType::Text);
    texts.map(|entry| (entry.seq.0, text(entry))).collect()
}

/// E2, [R2]
#[tokio::test(flavor = "multi_thread")]
async fn a_message_reaches_every_member_on_every_node_and_the_senders_other_sessions() {
    let scene = Scene::new(4).await;
    let id = scene.group(&[2, 3]).await;
    let other_node = scene.world.access("access-2").await;
    let mut ann = scene.session(1).await;
    let mut members = [
        other_node.session_on(1, Platform::Ios).await,
        scene.session(2).await,
        other_node.session_on(2, Platform::Ios).await,
        other_node.session(3).await,
    ];
    let mut stranger = other_node.session(4).await;
    for round in 0..10 {
        let text = format!("hello {round}");
        let seq = say(&mut ann, id, &text).await;
        for session in &mut members {
            let entries = next_entries(session, 1).await;
            let entry = &entries[0];
            assert_eq!(
                (entry.conversation_id, entry.seq, entry.sender_id),
                (id, seq, UserId(1))
            );
            assert_eq!(said(&entries), [(seq.0, text.clone())]);
        }
    }
    assert!(ann.is_quiet());
    assert!(stranger.is_quiet());
    scene.audit().await;
    scene.stop().await;
}

/// E2: both workers knew the group without the newcomers.
#[tokio::test(flavor = "multi_thread")]
async fn who_joins_between_two_messages_gets_the_second() {
    let scene = Scene::new(12).await;
    let id = scene.group(&[2]).await;
    let mut ann = scene.session(1).await;
    for newcomer in 3..=12 {
        for _ in 0..4 {
            say(&mut ann, id, "before").await;
        }
        let mut session = scene.session(newcomer).await;
        done(&mut ann, invite(id, &[newcomer])).await;
        for _ in 0..4 {
            let seq = say(&mut ann, id, "after").await;
            let mut entries = next_entries(&mut session, 1).await;
            if entries[0].type_ == EntryType::Member {
                entries = next_entries(&mut session, 1).await;
            }
            assert_eq!(said(&entries), [(seq.0, "after".to_owned())]);
        }
        scene.access.forget(&session).await;
    }
    scene.audit().await;
    scene.stop().await;
}

/// E2, [R1]: the entry of the joining is the first that comes, and from it on nothing is missing.
#[tokio::test(flavor = "multi_thread")]
async fn who_joins_while_others_write_gets_everything_from_that_entry_on_and_nothing_before() {
    let scene = Scene::new(2).await;
    let (mut ann, mut bob) = (scene.session(1).await, scene.session(2).await);
    for round in 0..25 {
        let id = scene.group(&[]).await;
        done(&mut ann, policy(id, JoinPolicy::Free)).await;
        // The session that joins gets a state; this one gets what every member gets.
        let mut phone = scene.session(2).await;
        let mut sent = Vec::new();
        for n in 0..6 {
            sent.push(
                ann.request(to_conversation(id, &[text(&n.to_string())]))
                    .await,
            );
        }
        let joining = bob.request(join(id)).await;
        for n in 6..12 {
            sent.push(
                ann.request(to_conversation(id, &[text(&n.to_string())]))
                    .await,
            );
        }
        for request in sent {
            assert_eq!(fate_of(&mut ann, request).await.0, Code::Ok);
        }
        assert!(matches!(
            bob.reply(joining).await.0,
            Body::ConversationEvent(_)
        ));
        say(&mut ann, id, "last").await;

        let whole = log(&mut ann, id).await;
        let joined = whole
            .iter()
            .find(|entry| entry.type_ == EntryType::Member)
            .unwrap();
        let expected: Vec<Entry> = whole
            .iter()
            .filter(|entry| entry.seq >= joined.seq)
            .cloned()
            .collect();
        let mut got = next_entries(&mut phone, expected.len()).await;
        // Two workers publish on connections of their own.
        got.sort_by_key(|entry| entry.seq);
        assert_eq!(got, expected, "round {round}");
        scene.access.forget(&phone).await;
    }
    scene.audit().await;
    scene.stop().await;
}

/// E1, [M10]: the lock decides; after the entry of the removal there is nothing of the one who was removed, and nothing comes to them.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_removed_member_has_under_way_is_stored_before_the_removal_or_refused() {
    let scene = Scene::new(3).await;
    let id = scene.group(&[2, 3]).await;
    let (mut ann, mut bob) = (scene.session(1).await, scene.session(2).await);
    let (mut stored, mut refused) = (0, 0);
    for round in 0..40 {
        let mut phone = scene.session(2).await;
        let before = log(&mut ann, id).await.last().unwrap().seq;
        // In the first round they stand in a row: one, the removal, the others. Later ones race.
        let (held, ahead) = match round {
            0 => (Some(scene.world.hold(id).await), 1),
            _ => (None, 5),
        };
        let mut sent = Vec::new();
        for n in 0..ahead {
            sent.push(
                bob.request(to_conversation(id, &[text(&n.to_string())]))
                    .await,
            );
        }
        if held.is_some() {
            scene.world.until_waiting(1).await;
        }
        let removing = ann.request(remove(id, 2)).await;
        if held.is_some() {
            scene.world.until_waiting(2).await;
        }
        for n in ahead..10 {
            sent.push(
                bob.request(to_conversation(id, &[text(&n.to_string())]))
                    .await,
            );
        }
        drop(held);
        assert!(matches!(
            ann.reply(removing).await.0,
            Body::ConversationEvent(_)
        ));
        let whole = log(&mut ann, id).await;
        let removed = whole
            .iter()
            .rfind(|entry| entry.type_ == EntryType::Member)
            .unwrap();
        for request in sent {
            match fate_of(&mut bob, request).await {
                (Code::Ok, seq) => {
                    assert!(seq < removed.seq, "round {round}: {seq} after the removal");
                    stored += 1;
                }
                (Code::NotMember, _) => refused += 1,
                other => panic!("round {round}: {other:?}"),
            }
        }
        let after = say(&mut ann, id, "gone").await;
        let late = say(&mut ann, id, "still gone").await;
        assert_eq!(late, after.next());
        // The other session of the one who is gone has the removal as its last entry.
        let marker = ann.tell(2, "marker").await.conversation_id;
        let mut got = Vec::new();
        let mut is_marked = false;
        while !is_marked || got.len() < usize::try_from(removed.seq.0 - before.0).unwrap() {
            let entry = next_entries(&mut phone, 1).await.remove(0);
            is_marked |= entry.conversation_id == marker;
            if entry.conversation_id == id {
                got.push(entry.seq.0);
            }
        }
        got.sort_unstable();
        let expected: Vec<u64> = (before.next().0..=removed.seq.0).collect();
        assert_eq!(got, expected, "round {round}");
        scene.access.forget(&phone).await;
        done(&mut ann, invite(id, &[2])).await;
    }
    println!("stored {stored}, refused {refused}");
    assert!(stored > 0 && refused > 0);
    scene.audit().await;
    scene.stop().await;
}

/// [M4], E2: a repeat is pushed again, but not to those who came after the message.
#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_is_pushed_again_to_those_who_were_there() {
    let scene = Scene::new(3).await;
    let id = scene.group(&[2]).await;
    let (mut ann, mut bob) = (scene.session(1).await, scene.session(2).await);
    let request = to_conversation(id, &[text("once")]);
    let first = ann.acknowledged(request.clone()).await;
    done(&mut ann, invite(id, &[3])).await;
    let mut cat = scene.session(3).await;
    for _ in 0..6 {
        let mut again = request.clone();
        again.messages.push(text("more"));
        let ack = ann.acknowledged(again).await;
        assert_eq!(ack.results[0], first.results[0]);
        assert!(next_entries(&mut cat, 1).await[0].seq > first.results[0].seq);
    }
    let repeats = |entries: Vec<Entry>| {
        let once = |entry: &&Entry| entry.seq == first.results[0].seq;
        entries.iter().filter(once).count()
    };
    // The joining and six more.
    assert_eq!(repeats(next_entries(&mut bob, 7 + 7).await), 7);
    assert!(cat.is_quiet());
    scene.stop().await;
}

/// E1, [M10]
#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_write_is_told_why() {
    let scene = Scene::new(4).await;
    let id = scene.group(&[2, 3]).await;
    let (mut ann, mut bob) = (scene.session(1).await, scene.session(2).await);
    let (mut cat, mut dan) = (scene.session(3).await, scene.session(4).await);
    let write = || to_conversation(id, &[text("a"), text("b")]);
    assert_eq!(fate(&mut dan, write()).await, Code::NotMember);

    done(&mut ann, silence(id, 2, i64::MAX / 1_000_000)).await;
    assert_eq!(fate(&mut bob, write()).await, Code::Silenced);
    assert_eq!(fate(&mut cat, write()).await, Code::Ok);
    done(&mut ann, silence(id, 2, 0)).await;
    assert_eq!(fate(&mut bob, write()).await, Code::Ok);

    let mut everyone = update(id);
    everyone.silenced = Some(true);
    done(&mut ann, everyone).await;
    done(&mut ann, role(id, 3, Role::Admin)).await;
    assert_eq!(fate(&mut bob, write()).await, Code::Silenced);
    for session in [&mut ann, &mut cat] {
        assert_eq!(fate(session, write()).await, Code::Ok);
    }
    done(&mut ann, dissolve(id)).await;
    for session in [&mut ann, &mut bob] {
        assert_eq!(fate(session, write()).await, Code::GroupDissolved);
    }
    let by_members = "SELECT count(*) FROM messages WHERE type = 1";
    assert_eq!(scene.world.count(by_members).await, 8);
    scene.audit().await;
    scene.stop().await;
}

/// [M13]: nobody but the operator writes in the announcements and in notifications.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_writes_where_the_operator_speaks() {
    let scene = Scene::new(2).await;
    scene
        .world
        .execute("INSERT INTO conversations (id, type, user_low, user_high) VALUES (70, 4, 1, 1)")
        .await;
    let (mut ann, mut bob) = (scene.session(1).await, scene.session(2).await);
    let write = |id| to_conversation(ConversationId(id), &[text("me too")]);
    for _ in 0..3 {
        assert_eq!(fate(&mut ann, write(2)).await, Code::ReadOnly);
        assert_eq!(fate(&mut ann, write(70)).await, Code::ReadOnly);
        assert_eq!(fate(&mut bob, write(70)).await, Code::NotMember);
    }
    scene.stop().await;
}

fn typed(entry_type: EntryType, content: &str) -> OutgoingMessage {
    OutgoingMessage {
        type_: entry_type,
        ..text(content)
    }
}

/// [M7], D14: what is stored and pushed is what was sent, spaces included.
#[tokio::test(flavor = "multi_thread")]
async fn every_type_of_message_is_stored_as_it_was_sent_or_refused_alone() {
    let scene = Scene::new(2).await;
    let id = scene.group(&[2]).await;
    let (mut ann, mut bob) = (scene.session(1).await, scene.session(2).await);
    for (file, mime, sides) in [
        ("f1", "image/png", (4, 3)),
        ("f2", "application/pdf", (0, 0)),
        ("f3", "audio/ogg", (0, 0)),
        ("f4", "video/mp4", (0, 0)),
    ] {
        upload(&scene.world, 1, file, mime, 10, sides).await;
    }
    let good = [
        (
            EntryType::Image,
            r#"{"fileId":"f1", "mime":"image/png","size":10,"width":4,"height":3,"caption":"a cat"}"#,
        ),
        (
            EntryType::File,
            r#"{"fileId":"f2","name":"a.pdf","mime":"application/pdf","size":10}"#,
        ),
        (
            EntryType::Voice,
            r#"{"fileId":"f3","mime":"audio/ogg","size":10,"durationMs":900}"#,
        ),
        (
            EntryType::Video,
            r#"{"fileId":"f4","mime":"video/mp4","size":10,"width":4,"height":3,"durationMs":900}"#,
        ),
        (
            EntryType::Custom,
            r#"{"type":"acme.poll","data":{"q":"tea?"}}"#,
        ),
    ];
    let bad = [
        (EntryType::Image, "a cat", Code::ContentInvalid),
        (
            EntryType::File,
            r#"{"fileId":"../f","name":"a","mime":"a/b","size":1}"#,
            Code::ContentInvalid,
        ),
        (EntryType::Custom, "", Code::MessageEmpty),
        (
            EntryType::System,
            r#"{"title":"t","content":"c"}"#,
            Code::MessageTypeInvalid,
        ),
        (
            EntryType::Member,
            r#"{"change":"joined"}"#,
            Code::MessageTypeInvalid,
        ),
        (EntryType::Recall, "x", Code::MessageTypeInvalid),
    ];
    let mut messages: Vec<_> = good
        .iter()
        .map(|(kind, content)| typed(*kind, content))
        .collect();
    messages.extend(bad.iter().map(|(kind, content, _)| typed(*kind, content)));
    let ack = ann.acknowledged(to_conversation(id, &messages)).await;
    let expected = good
        .iter()
        .map(|_| Code::Ok)
        .chain(bad.iter().map(|(.., code)| *code));
    assert_eq!(codes(&ack.results), expected.collect::<Vec<_>>());

    let pushed = next_entries(&mut bob, good.len()).await;
    let stored = log(&mut bob, id).await;
    for entries in [&pushed[..], &stored[stored.len() - good.len()..]] {
        for (entry, (kind, content)) in entries.iter().zip(good) {
            assert_eq!(
                (entry.type_, &entry.content[..]),
                (kind, content.as_bytes())
            );
        }
    }
    scene.audit().await;
    scene.stop().await;
}

fn answering(target: u64, content: &str) -> OutgoingMessage {
    OutgoingMessage {
        reply_to_seq: Seq(target),
        ..text(content)
    }
}

/// [M11], D14
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_names_a_message_that_its_sender_was_given() {
    let scene = Scene::new(3).await;
    let id = scene.group(&[2]).await;
    let (mut ann, mut bob) = (scene.session(1).await, scene.session(2).await);
    let first = say(&mut ann, id, "tea?").await;
    done(&mut ann, invite(id, &[3])).await;
    let joined = first.next();
    let second = say(&mut ann, id, "or coffee?").await;
    let mut cat = scene.session(3).await;
    next_entries(&mut bob, 3).await;

    let ack = bob
        .acknowledged(to_conversation(id, &[answering(first.0, "yes")]))
        .await;
    let seq = ack.results[0].seq;
    let pushed = next_entries(&mut cat, 1).await.remove(0);
    assert_eq!((pushed.seq, pushed.target_seq), (seq, first));
    assert_eq!(log(&mut bob, id).await.pop().unwrap().target_seq, first);

    let tip = seq.0;
    let refused = [first.0, joined.0, tip + 1, u64::MAX, 1 << 62];
    let mut messages: Vec<_> = refused.map(|target| answering(target, "?")).to_vec();
    messages.push(answering(second.0, "coffee"));
    let ack = cat.acknowledged(to_conversation(id, &messages)).await;
    let mut expected = vec![Code::TargetNotFound; refused.len()];
    expected.push(Code::Ok);
    assert_eq!(codes(&ack.results), expected);

    // In a conversation of two and in the world chat the whole log is there to be answered.
    let private = ann.tell(2, "hi").await.conversation_id;
    for conversation in [private, ConversationId::WORLD] {
        say(&mut ann, conversation, "hello").await;
        let messages = [answering(1, "hello"), answering(99, "?")];
        let ack = bob
            .acknowledged(to_conversation(conversation, &messages))
            .await;
        assert_eq!(codes(&ack.results), [Code::Ok, Code::TargetNotFound]);
    }
    scene.audit().await;
    scene.stop().await;
}

fn calling(mentions: &[u64], content: &str) -> OutgoingMessage {
    OutgoingMessage {
        mentions: mentions.iter().copied().map(UserId).collect(),
        ..text(content)
    }
}

/// [M12], D14
#[tokio::test(flavor = "multi_thread")]
async fn members_are_mentioned_by_all_and_everybody_by_those_who_lead() {
    let scene = Scene::new(3).await;
    let id = scene.group(&[2, 3]).await;
    let (mut ann, mut bob) = (scene.session(1).await, scene.session(2).await);
    let mut cat = scene.session(3).await;

    let sent = [calling(&[1, 3], "you two"), calling(&[77], "a stranger")];
    let ack = bob.acknowledged(to_conversation(id, &sent)).await;
    assert_eq!(codes(&ack.results), [Code::Ok; 2]);
    let pushed = next_entries(&mut cat, 2).await;
    assert_eq!(pushed[0].mentions, [UserId(1), UserId(3)]);
    assert_eq!(pushed[1].mentions, [UserId(77)]);
    let stored = log(&mut cat, id).await;
    assert_eq!(stored[stored.len() - 2].mentions, pushed[0].mentions);

    let everybody = || calling(&[0], "all of you");
    let ack = bob
        .acknowledged(to_conversation(
            id,
            &[everybody(), text("alone"), calling(&[2, 2], "?")],
        ))
        .await;
    assert_eq!(
        codes(&ack.results),
        [Code::MentionInvalid, Code::Ok, Code::MentionInvalid]
    );
    assert_eq!(
        fate(&mut ann, to_conversation(id, &[everybody()])).await,
        Code::Ok
    );
    done(&mut ann, role(id, 2, Role::Admin)).await;
    assert_eq!(
        fate(&mut bob, to_conversation(id, &[everybody()])).await,
        Code::Ok
    );
    // Nobody leads elsewhere.
    assert_eq!(
        fate(&mut ann, to_user(2, &[everybody()])).await,
        Code::MentionInvalid
    );
    let world = to_conversation(ConversationId::WORLD, &[everybody()]);
    assert_eq!(fate(&mut ann, world).await, Code::MentionInvalid);
    scene.audit().await;
    scene.stop().await;
}

/// [M4], [M11], [M12], D4: the same id is the same message only with the same answer and the same mentions.
#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_that_answers_or_calls_somebody_else_is_a_conflict() {
    let scene = Scene::new(2).await;
    let id = scene.group(&[2]).await;
    let mut ann = scene.session(1).await;
    let first = say(&mut ann, id, "tea?").await;
    let key = Uuid::now_v7();
    let sent = OutgoingMessage {
        reply_to_seq: first,
        mentions: vec![UserId(2), UserId(0)],
        ..message(key, "yes")
    };
    let request = to_conversation(id, std::slice::from_ref(&sent));
    let stored = ann.acknowledged(request.clone()).await;
    let again = ann.acknowledged(request).await;
    assert_eq!(stored.results, again.results);
    assert_eq!(codes(&again.results), [Code::Ok]);
    let other_answer = OutgoingMessage {
        reply_to_seq: Seq(0),
        ..sent.clone()
    };
    let other_mentions = OutgoingMessage {
        mentions: vec![UserId(2)],
        ..sent
    };
    for other in [other_answer, other_mentions] {
        let conflict = fate(&mut ann, to_conversation(id, &[other])).await;
        assert_eq!(conflict, Code::MessageConflict);
    }
    assert_eq!(code(&mut ann, dissolve(id)).await, Code::Ok);
    scene.stop().await;
}

/// [M2], [M3]: what is stored but cannot be pushed is not acknowledged; the repeat is, and is pushed.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_whose_receivers_cannot_be_found_is_acknowledged_once_they_are() {
    let scene = Scene::new(3).await;
    let id = scene.group(&[2]).await;
    let (mut ann, mut bob) = (scene.session(1).await, scene.session(2).await);
    // The commit does not need this column, and the look at the members does.
    let rename = "ALTER TABLE conversation_members RENAME COLUMN";
    let changed = "UPDATE conversations SET members_seq = members_seq + 1 WHERE type = 2";
    scene
        .world
        .execute(&format!("{changed}; {rename} changed_seq TO away"))
        .await;
    let request = to_conversation(id, &[text("hello")]);
    assert_eq!(fate(&mut ann, request.clone()).await, Code::Unavailable);
    // Others are not held up by it.
    assert_eq!(ann.tell(3, "private").await.results[0].code, Code::Ok);
    assert_eq!(
        scene
            .world
            .count("SELECT count(*) FROM messages WHERE type = 1")
            .await,
        2
    );
    assert!(bob.is_quiet());
    scene
        .world
        .execute(&format!("{rename} away TO changed_seq"))
        .await;
    let ack = ann.acknowledged(request).await;
    let pushed = next_entries(&mut bob, 1).await;
    assert_eq!(said(&pushed), [(ack.results[0].seq.0, "hello".to_owned())]);
    scene.audit().await;
    scene.stop().await;
}
