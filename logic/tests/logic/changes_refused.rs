//! Changes that are not allowed ([C1] to [C4]).

use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::Code;
use uuid::Uuid;

use crate::changes::{edit, group, made, pushed, react, recall};
use crate::world::World;

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
