//! Read, delivered, unread.

use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::{
    Body, Code, ConversationOpen, ConversationRead, ConversationState, MessageDelivered, Platform,
};

use crate::access::{TestSession, text, to_conversation};
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

/// G2: after any mixture of sends and reads on two workers, unread is what an exact count says, and at every moment it fits the tip and
/// the position that it came with.
#[tokio::test(flavor = "multi_thread")]
async fn unread_is_exact_under_concurrent_sends_and_reads() {
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

    let exact = "SELECT count(*) FROM messages e JOIN conversation_members m ON m.conversation_id = e.conversation_id \
                 AND m.user_id = 2 WHERE e.sender_id <> 2 AND e.seq > m.read_seq";
    let state = state(&mut watcher, 1).await;
    assert_eq!(i64::from(state.unread), world.count(exact).await);
    assert_eq!(state.tip_seq, Seq(241));
    world.audit().await;
    first.stop().await;
    second.stop().await;
}
