//! Join policies, requests, limits.

use im_shared::content::MemberEvent;
use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::{Body, Code, GroupJoin, JoinChange, JoinEvent, JoinPolicy, Role};

use super::{
    Scene, answer, code, creation, dissolve, done, invite, join, leave, member, next_entries,
    policy, remove, role, silence, transfer, users,
};
use crate::access::TestSession;
use crate::world::World;

/// The next event of requests to join; entries on the way are passed over.
async fn next_join(session: &mut TestSession) -> (JoinChange, UserId, String) {
    loop {
        if let Body::JoinEvent(JoinEvent {
            user_id,
            change,
            message,
            ..
        }) = session.next_push().await
        {
            return (change, user_id, message);
        }
    }
}

async fn open(scene: &Scene, id: ConversationId, join_policy: JoinPolicy) {
    let mut owner = scene.session(1).await;
    done(&mut owner, policy(id, join_policy)).await;
    scene.access.forget(&owner).await;
}

/// E1, [G4]
#[tokio::test(flavor = "multi_thread")]
async fn an_open_group_is_joined_alone_and_not_twice() {
    let scene = Scene::new(3).await;
    let id = scene.group(&[2]).await;
    open(&scene, id, JoinPolicy::Free).await;
    let (mut bob, mut cat) = (scene.session(2).await, scene.session(3).await);
    done(&mut cat, join(id)).await;
    let entry = next_entries(&mut bob, 1).await.remove(0);
    assert_eq!(
        (entry.sender_id, member(&entry)),
        (UserId(3), MemberEvent::Joined)
    );
    assert_eq!(code(&mut cat, join(id)).await, Code::AlreadyMember);
    assert_eq!(
        code(&mut bob, invite(id, &[3, 1])).await,
        Code::AlreadyMember
    );
    assert_eq!(scene.number("c.member_count", id).await, 3);
    let alone = format!(
        "SELECT count(*) FROM conversation_members WHERE conversation_id = {id} AND user_id = 3 AND invited_by = 0"
    );
    assert_eq!(scene.world.count(&alone).await, 1);
    scene.audit().await;
    scene.stop().await;
}

/// E1, [G4], [G5]: the admins hear of it, one agrees, and both sides are told.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_to_join_waits_for_an_admin() {
    let scene = Scene::new(5).await;
    let id = scene.group(&[2, 3]).await;
    open(&scene, id, JoinPolicy::Approval).await;
    let (mut ann, mut bob, mut cat) = (
        scene.session(1).await,
        scene.session(2).await,
        scene.session(3).await,
    );
    done(&mut ann, role(id, 2, Role::Admin)).await;
    next_entries(&mut bob, 1).await;
    next_entries(&mut cat, 1).await;
    let mut dan = scene.session(4).await;
    let asking = GroupJoin {
        message: "may I?".to_owned(),
        ..join(id)
    };
    assert_eq!(
        dan.ask(asking.clone()).await,
        Body::Done(Default::default())
    );
    let asked = (JoinChange::Requested, UserId(4), "may I?".to_owned());
    assert_eq!(next_join(&mut ann).await, asked);
    assert_eq!(next_join(&mut bob).await, asked);
    // Another request while one is pending; the same one again is none.
    assert_eq!(code(&mut dan, join(id)).await, Code::JoinRequestPending);
    assert_eq!(code(&mut dan, asking).await, Code::Ok);
    assert_eq!(next_join(&mut bob).await, asked);

    done(&mut bob, answer(id, 4, true)).await;
    let accepted = (JoinChange::Accepted, UserId(4), String::new());
    assert_eq!(next_join(&mut ann).await.0, JoinChange::Requested);
    assert_eq!(next_join(&mut ann).await, accepted);
    assert_eq!(next_join(&mut dan).await, accepted);
    let entry = next_entries(&mut cat, 1).await.remove(0);
    let admitted = MemberEvent::Admitted { user: UserId(4) };
    assert_eq!((entry.sender_id, member(&entry)), (UserId(2), admitted));
    assert!(cat.is_quiet(), "a member is told of requests");
    assert_eq!(
        code(&mut ann, answer(id, 4, true)).await,
        Code::JoinRequestNotFound
    );
    let row = format!(
        "SELECT count(*) FROM group_requests WHERE conversation_id = {id} AND status = 2 AND answered_by = 2"
    );
    assert_eq!(scene.world.count(&row).await, 1);
    assert_eq!(scene.members(id).await.last(), Some(&(4, Role::Member)));
    scene.audit().await;
    scene.stop().await;
}

/// E1, [G5]: who was rejected may ask again.
#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_request_leaves_no_trace_in_the_log_and_may_be_made_again() {
    let scene = Scene::new(3).await;
    let id = scene.group(&[2]).await;
    open(&scene, id, JoinPolicy::Approval).await;
    let (mut ann, mut cat) = (scene.session(1).await, scene.session(3).await);
    let entries = format!("SELECT count(*) FROM messages WHERE conversation_id = {id}");
    let before = scene.world.count(&entries).await;
    done(&mut cat, join(id)).await;
    let no = answer(id, 3, false);
    done(&mut ann, no.clone()).await;
    assert_eq!(next_join(&mut cat).await.0, JoinChange::Rejected);
    // The answer once more, and another one under its id.
    done(&mut ann, no.clone()).await;
    let mut yes = no;
    yes.accept = true;
    assert_eq!(code(&mut ann, yes).await, Code::MessageConflict);
    assert_eq!(
        code(&mut ann, answer(id, 3, false)).await,
        Code::JoinRequestNotFound
    );
    done(&mut cat, join(id)).await;
    assert_eq!(scene.world.count(&entries).await, before);
    assert_eq!(scene.number("c.member_count", id).await, 2);
    scene.audit().await;
    scene.stop().await;
}

/// E1, [G4], [G5]: a member asks for friends; who gets in otherwise has nothing pending any more, and the end of the group ends requests.
#[tokio::test(flavor = "multi_thread")]
async fn requests_end_with_what_they_ask_for() {
    let scene = Scene::new(6).await;
    let id = scene.group(&[2]).await;
    open(&scene, id, JoinPolicy::Approval).await;
    let (mut ann, mut bob) = (scene.session(1).await, scene.session(2).await);
    let mut dan = scene.session(4).await;
    let asking = invite(id, &[3, 4]);
    done(&mut bob, asking.clone()).await;
    for user in [3, 4] {
        assert_eq!(next_join(&mut ann).await.1, UserId(user));
    }
    assert_eq!(
        code(&mut bob, invite(id, &[3, 4])).await,
        Code::JoinRequestPending
    );
    assert_eq!(code(&mut dan, join(id)).await, Code::JoinRequestPending);
    done(&mut bob, asking).await;
    done(&mut bob, invite(id, &[4, 5])).await;
    done(&mut ann, invite(id, &[3])).await;
    let status = |status: i64| {
        format!(
            "SELECT count(*) FROM group_requests WHERE conversation_id = {id} AND status = {status}"
        )
    };
    assert_eq!(scene.world.count(&status(1)).await, 2);
    assert_eq!(scene.world.count(&status(4)).await, 1);
    assert_eq!(
        code(&mut ann, answer(id, 3, true)).await,
        Code::JoinRequestNotFound
    );
    done(&mut ann, dissolve(id)).await;
    assert_eq!(scene.world.count(&status(1)).await, 0);
    assert_eq!(
        code(&mut ann, answer(id, 4, true)).await,
        Code::GroupDissolved
    );
    scene.audit().await;
    scene.stop().await;
}

/// C1, [G4]: one stranger, one guest or nobody at all refuses the whole invitation.
#[tokio::test(flavor = "multi_thread")]
async fn only_friends_who_are_registered_are_invited() {
    let scene = Scene::new(6).await;
    scene.world.unfriend(1, 4).await;
    scene
        .world
        .execute("UPDATE users SET type = 2 WHERE id = 5")
        .await;
    let id = scene.group(&[2]).await;
    let mut ann = scene.session(1).await;
    for stranger in [4, 5, 99] {
        let request = invite(id, &[3, stranger]);
        assert_eq!(
            code(&mut ann, request).await,
            Code::NotFriends,
            "{stranger}"
        );
    }
    for nothing in [Vec::new(), users(&[0]), (2..=502).map(UserId).collect()] {
        let mut request = invite(id, &[]);
        request.user_ids = nothing;
        assert_eq!(code(&mut ann, request).await, Code::InvalidArgument);
    }
    // Who is in it already is passed over, a friend or not.
    scene.world.unfriend(1, 2).await;
    done(&mut ann, invite(id, &[2, 3, 3, 1])).await;
    assert_eq!(scene.number("c.member_count", id).await, 3);
    scene.audit().await;
    scene.stop().await;
}

/// E1, [G2]: a group has so many members and a user so many groups.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_group_and_an_owner_of_too_many_are_refused() {
    let mut world = World::new().await;
    world.config.groups.max_members = 3;
    world.config.groups.max_owned = 2;
    let scene = Scene::over(world, 6).await;
    let (mut ann, mut bob) = (scene.session(1).await, scene.session(2).await);
    assert_eq!(
        code(&mut ann, creation("Tea", &[2, 3, 4])).await,
        Code::GroupFull
    );
    let id = scene.group(&[2]).await;
    assert_eq!(code(&mut ann, invite(id, &[3, 4])).await, Code::GroupFull);
    done(&mut ann, invite(id, &[3])).await;
    done(&mut ann, policy(id, JoinPolicy::Approval)).await;
    let mut dan = scene.session(4).await;
    done(&mut dan, join(id)).await;
    assert_eq!(code(&mut ann, answer(id, 4, true)).await, Code::GroupFull);
    // Refused, so it is still pending, and there is room later.
    done(&mut ann, remove(id, 3)).await;
    done(&mut ann, answer(id, 4, true)).await;

    scene.group(&[2]).await;
    assert_eq!(code(&mut ann, creation("More", &[])).await, Code::GroupFull);
    scene.group_of(2, &[]).await;
    scene.group_of(2, &[]).await;
    assert_eq!(code(&mut ann, transfer(id, 2)).await, Code::GroupFull);
    // Who inherits a group has it all the same.
    done(&mut ann, leave(id)).await;
    assert_eq!(scene.number("c.owner_id", id).await, 2);
    done(&mut ann, creation("More", &[])).await;
    assert_eq!(code(&mut bob, creation("More", &[])).await, Code::GroupFull);
    scene.audit().await;
    scene.stop().await;
}

/// [G3]: a voice that was taken is not found again by the door.
#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_is_a_member_and_still_silenced() {
    let scene = Scene::new(2).await;
    let id = scene.group(&[2]).await;
    open(&scene, id, JoinPolicy::Free).await;
    let (mut ann, mut bob) = (scene.session(1).await, scene.session(2).await);
    let until = 253_402_300_799_000;
    done(&mut ann, role(id, 2, Role::Admin)).await;
    done(&mut ann, silence(id, 2, until)).await;
    done(&mut bob, leave(id)).await;
    done(&mut bob, join(id)).await;
    assert_eq!(
        scene.members(id).await,
        [(1, Role::Owner), (2, Role::Member)]
    );
    let silenced =
        "SELECT count(*) FROM conversation_members WHERE user_id = 2 AND silenced_until > now()";
    assert_eq!(scene.world.count(silenced).await, 1);
    // The same again makes no entry; the voice comes back.
    let tip = format!("SELECT max(seq) FROM messages WHERE conversation_id = {id}");
    let before = scene.world.count(&tip).await;
    done(&mut ann, silence(id, 2, until)).await;
    assert_eq!(scene.world.count(&tip).await, before);
    done(&mut ann, silence(id, 2, 0)).await;
    assert_eq!(scene.world.count(silenced).await, 0);
    for until in [-1, i64::MAX] {
        let request = silence(id, 2, until);
        assert_eq!(code(&mut ann, request).await, Code::InvalidArgument);
    }
    scene.audit().await;
    scene.stop().await;
}
