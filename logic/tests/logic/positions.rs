//! Read, delivered, unread.

use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::{
    Body, Code, ConversationOpen, ConversationRead, ConversationState, ConversationType,
    MessageDelivered, OutgoingMessage, Platform,
};

use crate::access::{TestSession, text, to_conversation};
use crate::changes::{edit, group, recall};
use crate::reading::sync;
use crate::world::World;

pub(crate) async fn read(
    session: &mut TestSession,
    conversation_id: ConversationId,
    seq: u64,
) -> u64 {
    match session
        .ask(ConversationRead {
            conversation_id,
            seq: Seq(seq),
        })
        .await
    {
        Body::ReadReceipt(receipt) => {
            assert_eq!(
                (receipt.conversation_id, receipt.user_id),
                (conversation_id, session.user())
            );
            receipt.seq.0
        }
        other => panic!("{other:?}"),
    }
}

async fn state(session: &mut TestSession, peer: u64) -> ConversationState {
    match session
        .ask(ConversationOpen {
            peer_id: UserId(peer),
        })
        .await
    {
        Body::ConversationEvent(event) => event.state,
        other => panic!("{other:?}"),
    }
}

/// The state of one conversation on the first page.
pub(crate) async fn listed(session: &mut TestSession, id: ConversationId) -> ConversationState {
    let page = sync(session, 0, Vec::new()).await;
    let mut states = page.conversations.into_iter();
    states.find(|state| state.conversation_id == id).unwrap()
}

/// G3, [R6], [R7]
#[tokio::test(flavor = "multi_thread")]
async fn a_read_position_only_moves_forward_and_never_past_the_tip() {
    let world = World::new().await;
    world.users(3).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);
    let empty = state(&mut ann, 2).await.conversation_id;
    assert_eq!(read(&mut bob, empty, 5).await, 0);

    let messages: Vec<_> = (0..5).map(|n| text(&n.to_string())).collect();
    let conversation = ann
        .acknowledged(to_conversation(empty, &messages))
        .await
        .conversation_id;
    assert_eq!(read(&mut bob, conversation, 3).await, 3);
    assert_eq!(read(&mut bob, conversation, 1).await, 3);
    assert_eq!(read(&mut bob, conversation, 99).await, 5);
    assert_eq!(state(&mut bob, 1).await.unread, 0);
    let seen = state(&mut ann, 2).await;
    assert_eq!(
        (seen.peer_read_seq, seen.peer_delivered_seq),
        (Seq(5), Seq(5))
    );

    let mut cat = access.session(3).await;
    assert_eq!(
        cat.refused(ConversationRead {
            conversation_id: conversation,
            seq: Seq(1)
        })
        .await,
        Code::NotMember
    );
    let nowhere = ConversationRead {
        conversation_id: ConversationId(9),
        seq: Seq(1),
    };
    assert_eq!(cat.refused(nowhere).await, Code::ConversationNotFound);
    worker.stop().await;
}

/// G3, D7, [R7]
#[tokio::test(flavor = "multi_thread")]
async fn the_peer_and_the_readers_other_sessions_are_told_once() {
    let world = World::new().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let mut ann = access.session(1).await;
    let conversation = ann.tell(2, "hello").await.conversation_id;
    let mut bob = access.session_on(2, Platform::Web).await;
    let mut bob_phone = access.session_on(2, Platform::Ios).await;

    let delivered = MessageDelivered {
        conversation_id: conversation,
        seq: Seq(1),
    };
    bob.request(delivered).await;
    let Body::DeliveryReceipt(receipt) = ann.next_push().await else {
        panic!("no receipt")
    };
    assert_eq!((receipt.user_id, receipt.seq), (UserId(2), Seq(1)));

    assert_eq!(read(&mut bob, conversation, 1).await, 1);
    // Nothing moves a second time, so nobody is told a second time.
    assert_eq!(read(&mut bob, conversation, 1).await, 1);
    for session in [&mut ann, &mut bob_phone] {
        let Body::ReadReceipt(receipt) = session.next_push().await else {
            panic!("no receipt")
        };
        assert_eq!((receipt.user_id, receipt.seq), (UserId(2), Seq(1)));
    }
    ann.tell(2, "last").await;
    for session in [&mut bob, &mut bob_phone] {
        assert_eq!(session.next_texts(1).await, ["last"]);
    }
    assert!(ann.is_quiet());
    worker.stop().await;
}

/// G2
#[tokio::test(flavor = "multi_thread")]
async fn unread_is_exact_under_concurrent_sends_and_reads() {
    send_and_read("SELECT 1").await;
}

/// G2: a conversation that began before its log counted who wrote (V20) is counted by index for ever.
#[tokio::test(flavor = "multi_thread")]
async fn unread_is_exact_where_the_log_does_not_count_who_wrote() {
    send_and_read("UPDATE messages SET low_index = NULL").await;
}

/// After any mixture of sends and reads on two workers, unread is what an exact count says, and at every moment it fits the tip and the
/// position that it came with. `first_entry`: what happens to the log while it has one entry.
async fn send_and_read(first_entry: &str) {
    let world = World::new().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    let (first, second) = (world.worker().await, world.worker().await);
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (
        access.session(1).await,
        access.session_on(2, Platform::Web).await,
    );
    let (mut reader, mut watcher) = (
        access.session_on(2, Platform::Ios).await,
        access.session_on(2, Platform::Desktop).await,
    );
    let conversation = ann.tell(2, "first").await.conversation_id;
    world.execute(first_entry).await;

    let sends = async |session: &mut TestSession| {
        for n in 0..60 {
            session
                .acknowledged(to_conversation(
                    conversation,
                    &[text(&n.to_string()), text("and")],
                ))
                .await;
        }
    };
    let reads = async {
        for seq in 0..70 {
            read(&mut reader, conversation, seq * 3).await;
        }
    };
    let watches = async {
        for _ in 0..40 {
            let state = state(&mut watcher, 1).await;
            assert!(u64::from(state.unread) <= state.tip_seq.0 - state.read_seq.0);
        }
    };
    tokio::join!(sends(&mut ann), sends(&mut bob), reads, watches);

    for (session, user, peer) in [(&mut ann, 1, 2), (&mut watcher, 2, 1)] {
        let exact = format!(
            "SELECT count(*) FROM messages e JOIN conversation_members m ON m.conversation_id = e.conversation_id \
             AND m.user_id = {user} WHERE e.sender_id <> {user} AND e.seq > m.read_seq"
        );
        let exact = world.count(&exact).await;
        let state = state(session, peer).await;
        assert_eq!(i64::from(state.unread), exact);
        assert_eq!(state.tip_seq, Seq(241));
        let total = format!("SELECT unread_total({user})");
        assert_eq!(world.count(&total).await, exact);
    }
    world.audit().await;
    first.stop().await;
    second.stop().await;
}

/// G2, [R14]: in a group with mentions, edits, recalls and joins, after any mixture of sends and reads, both counts are what a walk over the
/// log says, and own messages never count.
#[tokio::test(flavor = "multi_thread")]
async fn unread_and_mentions_in_a_group_are_exact_under_concurrent_sends_and_reads() {
    let world = World::new().await;
    world.users(4).await;
    let members = [(1, 3), (2, 1), (3, 1), (4, 1)];
    let ours = group(&world, 901, &members, 0).await;
    let (first, second) = (world.worker().await, world.worker().await);
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);
    let mut reader = access.session_on(2, Platform::Ios).await;
    let mut watcher = access.session_on(2, Platform::Desktop).await;
    let calling = |mentions: &[u64]| OutgoingMessage {
        mentions: mentions.iter().copied().map(UserId).collect(),
        ..text("you")
    };

    let owner = async {
        for n in 0..40_u64 {
            let mentions: &[u64] = match n % 4 {
                0 => &[2],
                1 => &[0],
                2 => &[3, 4],
                _ => &[],
            };
            let request = to_conversation(ours, &[calling(mentions), text("and")]);
            let sent = ann.acknowledged(request).await.results;
            assert_eq!(sent[0].code, Code::Ok);
            let target = sent[0].seq.0;
            match n % 10 {
                // Called by an edit, no longer called by one, and taken back.
                3 | 7 => {
                    let mut edit = edit(ours, target, "you, too");
                    edit.mentions = vec![UserId(2)];
                    ann.ask(edit).await;
                }
                4 => {
                    ann.ask(edit(ours, target, "not you")).await;
                }
                5 | 8 => {
                    ann.ask(recall(ours, target)).await;
                }
                _ => (),
            }
        }
    };
    let own = async {
        for _ in 0..30 {
            bob.acknowledged(to_conversation(ours, &[calling(&[2])]))
                .await;
        }
    };
    let reads = async {
        for seq in 0..20 {
            read(&mut reader, ours, seq * 3).await;
        }
    };
    let watches = async {
        for _ in 0..20 {
            let state = listed(&mut watcher, ours).await;
            assert!(u64::from(state.unread) <= state.tip_index);
            assert!(state.mentions <= state.unread);
        }
    };
    tokio::join!(owner, own, reads, watches);

    let state = listed(&mut watcher, ours).await;
    let unread = "SELECT count(*) FROM messages e JOIN conversation_members m ON m.conversation_id = e.conversation_id \
                  AND m.user_id = 2 WHERE e.conversation_id = 901 AND e.sender_id <> 2 AND e.seq > m.read_seq AND e.type < 32";
    assert_eq!(i64::from(state.unread), world.count(unread).await);
    let mentions = "SELECT count(*) FROM messages e JOIN conversation_members m ON m.conversation_id = e.conversation_id \
                    AND m.user_id = 2 WHERE e.conversation_id = 901 AND e.sender_id <> 2 AND e.seq > m.read_seq AND e.type < 32 \
                    AND NOT EXISTS (SELECT FROM messages r WHERE r.conversation_id = 901 AND r.target_seq = e.seq AND r.type = 33) \
                    AND coalesce((SELECT x.mentions FROM messages x WHERE x.conversation_id = 901 AND x.target_seq = e.seq \
                                  AND x.type = 32 ORDER BY x.seq DESC LIMIT 1), e.mentions) && '{0,2}'";
    assert_eq!(i64::from(state.mentions), world.count(mentions).await);
    assert!(state.mentions > 0 && state.mentions < state.unread);
    read(&mut reader, ours, state.tip_seq.0).await;
    let state = listed(&mut watcher, ours).await;
    assert_eq!((state.unread, state.mentions), (0, 0));
    world.audit().await;
    first.stop().await;
    second.stop().await;
}

/// G3, [R6], [R10]: a former member may still read what was theirs, and no more.
#[tokio::test(flavor = "multi_thread")]
async fn the_position_of_a_former_member_ends_with_their_time() {
    let world = World::new().await;
    world.users(3).await;
    let ours = group(&world, 902, &[(1, 3), (2, 1)], 9).await;
    world
        .execute(
            "UPDATE conversation_members SET deleted = 1, from_seq = 2, read_seq = 2, read_index = 2, until_seq = 6 \
             WHERE conversation_id = 902 AND user_id = 2",
        )
        .await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let mut bob = access.session(2).await;
    for (seq, held) in [(1, 2), (5, 5), (3, 5), (99, 6)] {
        assert_eq!(read(&mut bob, ours, seq).await, held);
    }
    let state = listed(&mut bob, ours).await;
    assert_eq!((state.read_seq, state.delivered_seq), (Seq(6), Seq(6)));
    assert_eq!((state.tip_seq, state.unread), (Seq(6), 0));
    let mut cat = access.session(3).await;
    let request = ConversationRead {
        conversation_id: ours,
        seq: Seq(1),
    };
    assert_eq!(cat.refused(request).await, Code::NotMember);
    worker.stop().await;
}

/// D12, [R14]: of the announcements, those after the account was made are unread, the last hundred at most, until they are read.
#[tokio::test(flavor = "multi_thread")]
async fn announcements_are_unread_from_the_time_of_the_account_on() {
    let announcements = ConversationId::ANNOUNCEMENTS;
    let world = World::new().await;
    world.users(2).await;
    world
        .execute(
            "UPDATE users SET created_at = now() - interval '1 day' WHERE id = 1; \
             UPDATE users SET created_at = now() - interval '1 hour' WHERE id = 2; \
             INSERT INTO messages (id, conversation_id, seq, message_index, sender_id, client_message_id, type, content, created_at) \
             SELECT n, 2, n, n, 0, gen_random_uuid(), 6, '{}', now() - interval '90 minutes' + n * interval '10 seconds' \
             FROM generate_series(1, 250) n",
        )
        .await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);
    let state = listed(&mut ann, announcements).await;
    assert_eq!(state.type_, ConversationType::System);
    assert_eq!((state.unread, state.read_seq), (100, Seq(150)));
    let state = listed(&mut bob, announcements).await;
    assert_eq!((state.unread, state.read_seq), (70, Seq(180)));
    // What counts as read stays read.
    for (seq, held) in [(3, 180), (200, 200), (190, 200), (999, 250)] {
        assert_eq!(read(&mut bob, announcements, seq).await, held);
    }
    let state = listed(&mut bob, announcements).await;
    assert_eq!((state.unread, state.read_seq), (0, Seq(250)));
    assert_eq!(listed(&mut ann, announcements).await.unread, 100);
    worker.stop().await;
}

/// G3, [R6]: many reports of one user at once, over two workers, end at the highest.
#[tokio::test(flavor = "multi_thread")]
async fn positions_in_the_world_chat_only_move_forward_from_any_device() {
    let everywhere = ConversationId::WORLD;
    let world = World::new().await;
    world.users(3).await;
    world
        .execute(
            "INSERT INTO messages (id, conversation_id, seq, message_index, sender_id, client_message_id, type, content) \
             SELECT n, 1, n, n, 3, gen_random_uuid(), 1, 'x' FROM generate_series(1, 300) n",
        )
        .await;
    let (first, second) = (world.worker().await, world.worker().await);
    let access = world.access("access-1").await;
    let mut sessions = Vec::new();
    for user in [1, 1, 1, 2, 2, 2] {
        sessions.push(access.session_on(user, Platform::Web).await);
    }
    // A first read far behind is one of a hundred at most.
    assert_eq!(read(&mut sessions[0], everywhere, 7).await, 200);
    let reading = sessions
        .iter_mut()
        .enumerate()
        .map(|(n, session)| async move {
            let mut last = 0;
            for step in 0..20 {
                let held = read(session, everywhere, 210 + step * 3 + n as u64).await;
                assert!(held >= last, "back from {last} to {held}");
                last = held;
            }
        });
    futures_util::future::join_all(reading).await;
    for (place, highest) in [(0, 269), (3, 272)] {
        let state = listed(&mut sessions[place], everywhere).await;
        assert_eq!(state.read_seq, Seq(highest));
        assert_eq!(u64::from(state.unread), 300 - highest);
    }
    let rows = "SELECT count(*) FROM conversation_views";
    assert_eq!(world.count(rows).await, 2);
    first.stop().await;
    second.stop().await;
}
