//! Who has received and read what one sent to a group ([R7], [R17], D7).

use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::{
    Body, Code, MessageDelivered, Platform, ReceiptRequest, ReceiptResponse, limits,
};

use crate::access::{TestSession, text, to_conversation};
use crate::changes::group;
use crate::positions::read;
use crate::world::World;

fn about(conversation: ConversationId, seq: u64) -> ReceiptRequest {
    ReceiptRequest {
        conversation_id: conversation,
        seq: Seq(seq),
        after_user_id: UserId(0),
        limit: 200,
    }
}

async fn receipts(session: &mut TestSession, request: ReceiptRequest) -> ReceiptResponse {
    match session.ask(request).await {
        Body::ReceiptResponse(response) => response,
        other => panic!("{other:?}"),
    }
}

/// The next receipt: whether it is of reading, whose, and up to where.
async fn receipt(session: &mut TestSession) -> (bool, u64, u64) {
    loop {
        match session.next_push().await {
            Body::ReadReceipt(receipt) => return (true, receipt.user_id.0, receipt.seq.0),
            Body::DeliveryReceipt(receipt) => return (false, receipt.user_id.0, receipt.seq.0),
            Body::PushMessage(_) => (),
            other => panic!("{other:?}"),
        }
    }
}

/// D7, G3, [R7]
#[tokio::test(flavor = "multi_thread")]
async fn in_a_group_the_senders_of_what_was_read_are_told_and_nobody_else() {
    let world = World::new().await;
    world.users(5).await;
    let members = [(1, 3), (2, 1), (3, 1), (4, 1), (5, 1)];
    let ours = group(&world, 901, &members, 0).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);
    let (mut cat, mut dan) = (access.session(3).await, access.session(4).await);
    let mut phone = access.session_on(3, Platform::Ios).await;
    ann.acknowledged(to_conversation(ours, &[text("a")])).await;
    bob.acknowledged(to_conversation(ours, &[text("b")])).await;
    // Who has left hears no more of what others do.
    let mut eve = access.session(5).await;
    eve.acknowledged(to_conversation(ours, &[text("bye")]))
        .await;
    world
        .execute("UPDATE conversation_members SET deleted = 1, until_seq = 3 WHERE conversation_id = 901 AND user_id = 5")
        .await;

    let delivered = |seq| MessageDelivered {
        conversation_id: ours,
        seq: Seq(seq),
    };
    cat.request(delivered(1)).await;
    assert_eq!(receipt(&mut ann).await, (false, 3, 1));
    cat.request(delivered(2)).await;
    assert_eq!(receipt(&mut bob).await, (false, 3, 2));
    assert_eq!(read(&mut cat, ours, 3).await, 3);
    assert_eq!(receipt(&mut ann).await, (true, 3, 3));
    assert_eq!(receipt(&mut bob).await, (true, 3, 3));
    assert_eq!(receipt(&mut phone).await, (true, 3, 3));
    // One's own messages are no news to oneself.
    assert_eq!(read(&mut ann, ours, 3).await, 3);
    assert_eq!(receipt(&mut bob).await, (true, 1, 3));

    cat.acknowledged(to_conversation(ours, &[text("d")])).await;
    for session in [&mut ann, &mut bob] {
        assert_eq!(session.next_texts(1).await, ["d"]);
        assert!(session.is_quiet());
    }
    assert_eq!(dan.next_texts(4).await, ["a", "b", "bye", "d"]);
    assert!(dan.is_quiet());
    worker.stop().await;
}

/// D7, [R7], E4: a message is not answered by as many receipts as a large group has members; who wants to know asks.
#[tokio::test(flavor = "multi_thread")]
async fn in_a_large_group_senders_are_told_nothing_and_may_ask() {
    let mut world = World::new().await;
    world.config.fanout.large_group = 2;
    world.users(3).await;
    let ours = group(&world, 902, &[(1, 3), (2, 1), (3, 1)], 1).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);
    let mut phone = access.session_on(2, Platform::Ios).await;
    assert_eq!(read(&mut bob, ours, 1).await, 1);
    assert_eq!(receipt(&mut phone).await, (true, 2, 1));
    let found = receipts(&mut ann, about(ours, 1)).await;
    assert_eq!((found.members, found.delivered, found.read), (2, 1, 1));
    assert!(ann.is_quiet());
    worker.stop().await;
}

/// D7, [R17]
#[tokio::test(flavor = "multi_thread")]
async fn who_has_received_and_read_comes_by_pages_with_exact_counts() {
    let world = World::new().await;
    world.users(1_003).await;
    let members: Vec<_> = (1..=1_001).map(|user| (user, 1)).collect();
    let ours = group(&world, 903, &members, 5).await;
    world
        .execute(
            "UPDATE conversation_members SET delivered_seq = 5 WHERE conversation_id = 903 AND user_id % 2 = 0; \
             UPDATE conversation_members SET read_seq = 3, read_index = 3 WHERE conversation_id = 903 AND user_id % 10 = 0; \
             UPDATE conversation_members SET deleted = 1, until_seq = 2 WHERE conversation_id = 903 AND user_id = 500; \
             UPDATE conversation_members SET deleted = 1, until_seq = 4 WHERE conversation_id = 903 AND user_id = 600; \
             UPDATE conversation_members SET from_seq = 3 WHERE conversation_id = 903 AND user_id = 700; \
             INSERT INTO conversation_members (id, conversation_id, user_id, created_at, read_seq, delivered_seq) \
             VALUES (1, 903, 1002, clock_timestamp() + interval '1 second', 5, 5)",
        )
        .await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let mut ann = access.session(1).await;
    let mut request = about(ours, 3);
    let (mut seen, mut pages) = (Vec::new(), 0);
    loop {
        let found = receipts(&mut ann, request.clone()).await;
        pages += 1;
        // 1,000 others, without the one who had left, the one who came later, and the one who reads what was before.
        assert_eq!((found.conversation_id, found.seq), (ours, Seq(3)));
        assert_eq!((found.members, found.delivered, found.read), (998, 498, 98));
        assert!(found.receipts.len() <= limits::MAX_RECEIPTS);
        seen.extend(found.receipts);
        if !found.next_user_id.is_some() {
            break;
        }
        request.after_user_id = found.next_user_id;
    }
    assert_eq!(pages, 5);
    let users: Vec<u64> = seen.iter().map(|receipt| receipt.user_id.0).collect();
    let expected: Vec<u64> = (2..=1_001)
        .filter(|user| ![500, 700].contains(user))
        .collect();
    assert_eq!(users, expected);
    let has_read = seen.iter().filter(|receipt| receipt.read_seq >= Seq(3));
    assert_eq!(has_read.count(), 98);

    let mut bob = access.session(2).await;
    assert_eq!(bob.refused(about(ours, 3)).await, Code::NotSender);
    let mut stranger = access.session(1_003).await;
    assert_eq!(stranger.refused(about(ours, 3)).await, Code::NotMember);
    assert_eq!(ann.refused(about(ours, 9)).await, Code::TargetNotFound);
    let everywhere = about(ConversationId::WORLD, 1);
    assert_eq!(ann.refused(everywhere).await, Code::InvalidArgument);
    for limit in [0, 201] {
        let request = ReceiptRequest {
            limit,
            ..about(ours, 3)
        };
        assert_eq!(ann.refused(request).await, Code::InvalidArgument);
    }
    worker.stop().await;
}

/// D7
#[tokio::test(flavor = "multi_thread")]
async fn of_a_private_message_the_peer_is_the_only_one_who_can_have_read_it() {
    let world = World::new().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);
    let ours = ann.tell(2, "hello").await.conversation_id;
    let sent = receipts(&mut ann, about(ours, 1)).await;
    assert_eq!((sent.members, sent.delivered, sent.read), (1, 0, 0));
    read(&mut bob, ours, 1).await;
    let sent = receipts(&mut ann, about(ours, 1)).await;
    assert_eq!((sent.members, sent.delivered, sent.read), (1, 1, 1));
    assert_eq!(sent.receipts[0].user_id, UserId(2));
    worker.stop().await;
}
