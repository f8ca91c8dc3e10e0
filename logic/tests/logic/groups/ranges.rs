//! What of the log a member reads, and what stands in it.

use im_shared::content::MemberEvent;
use im_shared::ids::{ConversationId, Seq};
use im_shared::wire::{Body, Code, Direction, GroupUpdate, HistoryRequest, UserMessage};

use super::{
    Scene, dissolve, done, invite, leave, log, member, next_entries, remove, seqs_of, silence,
    state, update,
};
use crate::access::{TestSession, text, to_conversation};

async fn say(session: &mut TestSession, id: ConversationId, said: &str) -> u64 {
    let ack = session
        .acknowledged(to_conversation(id, &[text(said)]))
        .await;
    assert_eq!(ack.results[0].code, Code::Ok);
    ack.results[0].seq.0
}

/// E1, D8, [G11]: a new member reads from the entry of the join on, one who has left up to the entry of the leave.
#[tokio::test(flavor = "multi_thread")]
async fn a_member_reads_what_happened_between_joining_and_leaving() {
    let scene = Scene::new(3).await;
    let id = scene.group(&[2]).await;
    let (mut ann, mut cat) = (scene.session(1).await, scene.session(3).await);
    say(&mut ann, id, "before").await;
    let look = HistoryRequest {
        conversation_id: id,
        seq: Seq(0),
        direction: Direction::Forward,
        limit: 5,
    };
    assert_eq!(cat.refused(look).await, Code::NotMember);
    done(&mut ann, invite(id, &[3])).await;
    assert_eq!(seqs_of(&log(&mut cat, id).await), [4]);
    say(&mut ann, id, "meanwhile").await;
    assert_eq!(seqs_of(&log(&mut cat, id).await), [4, 5]);
    done(&mut cat, leave(id)).await;
    say(&mut ann, id, "after").await;
    assert_eq!(seqs_of(&log(&mut cat, id).await), [4, 5, 6]);
    let write = to_conversation(id, &[text("one more")]);
    assert_eq!(said_code(&mut cat, write).await, Code::NotMember);

    // Pushed is the same: the own leave is known by its answer, and nothing comes after it.
    assert_eq!(seqs_of(&next_entries(&mut cat, 2).await), [4, 5]);
    assert!(cat.is_quiet());

    // Again in: what was between the two times stays closed.
    done(&mut ann, invite(id, &[3])).await;
    assert_eq!(seqs_of(&log(&mut cat, id).await), [8]);
    done(&mut ann, remove(id, 3)).await;
    assert_eq!(seqs_of(&log(&mut cat, id).await), [8, 9]);
    scene.audit().await;
    scene.stop().await;
}

/// The code of the whole request or of its one message.
async fn said_code(session: &mut TestSession, request: UserMessage) -> Code {
    match session.ask(request).await {
        Body::MessageAck(ack) => ack.results[0].code,
        Body::ErrorResponse(error) => error.code,
        other => panic!("{other:?}"),
    }
}

/// E1, [G11]: where the history is open, what was before counts as read.
#[tokio::test(flavor = "multi_thread")]
async fn an_open_history_is_read_from_the_first_entry_on() {
    let scene = Scene::new(3).await;
    let id = scene.group(&[2]).await;
    let (mut ann, mut cat) = (scene.session(1).await, scene.session(3).await);
    say(&mut ann, id, "before").await;
    let mut opened = update(id);
    opened.history_open = Some(true);
    done(&mut ann, opened).await;
    done(&mut ann, invite(id, &[3])).await;
    assert_eq!(seqs_of(&log(&mut cat, id).await), [1, 2, 3, 4, 5]);
    let row = format!(
        "SELECT count(*) FROM conversation_members WHERE conversation_id = {id} AND user_id = 3 \
         AND from_seq = 0 AND read_seq = 4 AND delivered_seq = 4 AND read_index = 1"
    );
    assert_eq!(scene.world.count(&row).await, 1);
    scene.audit().await;
    scene.stop().await;
}

/// E1, [G10], [G11]: what is still under way when a group ends is refused or stood before the end.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_after_the_end() {
    let scene = Scene::new(2).await;
    for _ in 0..10 {
        let id = scene.group(&[2]).await;
        let (mut ann, mut bob) = (scene.session(1).await, scene.session(2).await);
        let mut asked = Vec::new();
        for n in 0..8 {
            let said = to_conversation(id, &[text(&n.to_string())]);
            asked.push(bob.request(said).await);
        }
        let end = ann.request(dissolve(id)).await;
        let _ = ann.reply(end).await;
        let mut stored = 0;
        for request in asked {
            match bob.reply(request).await.0 {
                Body::MessageAck(ack) => match ack.results[0].code {
                    Code::Ok => stored += 1,
                    code => assert_eq!(code, Code::GroupDissolved),
                },
                Body::ErrorResponse(error) => {
                    assert_eq!(error.code, Code::GroupDissolved);
                }
                other => panic!("{other:?}"),
            }
        }
        let entries = log(&mut bob, id).await;
        assert_eq!(entries.len(), 3 + stored);
        let last = member(entries.last().unwrap());
        assert_eq!(last, MemberEvent::Dissolved);
    }
    scene.audit().await;
    scene.stop().await;
}

/// D5, D14, [G6]: changes and messages of several senders are one log without a hole, the same for all.
#[tokio::test(flavor = "multi_thread")]
async fn changes_stand_between_the_messages_in_one_log() {
    let scene = Scene::new(4).await;
    let id = scene.group(&[2, 3]).await;
    let mut sessions = [scene.session(1).await, scene.session(2).await];
    let mut watcher = scene.session(3).await;
    let mut asked = Vec::new();
    for n in 0..60 {
        let who = n % 2;
        let request = match (who, n % 6) {
            (0, 0) => sessions[0].request(silence(id, 2, n as i64 + 1)).await,
            (0, 2) => {
                let mut renamed = update(id);
                renamed.name = Some(format!("Tea {n}"));
                sessions[0].request(renamed).await
            }
            _ => {
                let said = to_conversation(id, &[text(&n.to_string())]);
                sessions[who].request(said).await
            }
        };
        asked.push((who, request));
    }
    for (who, request) in asked {
        match sessions[who].reply(request).await.0 {
            Body::ConversationEvent(_) | Body::MessageAck(_) => {}
            other => panic!("{other:?}"),
        }
    }
    let entries = log(&mut watcher, id).await;
    let seqs: Vec<u64> = entries.iter().map(|entry| entry.seq.0).collect();
    assert_eq!(seqs, (1..=62).collect::<Vec<u64>>());
    let mut pushed = next_entries(&mut watcher, 60).await;
    pushed.sort_unstable_by_key(|entry| entry.seq);
    assert_eq!(pushed, entries[2..]);
    // Only messages are countable.
    assert_eq!(entries.last().unwrap().message_index, 40);
    let shown = state(&mut sessions[0], described(id)).await;
    assert_eq!((shown.tip_seq.0, shown.tip_index), (63, 40));
    assert!(matches!(member(&entries[1]), MemberEvent::Invited { .. }));
    scene.audit().await;
    scene.stop().await;
}

fn described(id: ConversationId) -> GroupUpdate {
    let mut renamed = update(id);
    renamed.description = Some("the end".to_owned());
    renamed
}
