//! What excludes each other, and many at once, over two workers.

use std::collections::BTreeMap;

use im_shared::content::MemberEvent;
use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::{Body, Code, ConversationRead, Entry, EntryType, JoinPolicy, Role};
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};

use super::{
    Scene, code, creation, dissolve, done, group, invite, join, leave, member, policy, remove,
    role, silence, transfer,
};
use crate::access::TestSession;
use crate::world::World;

/// The codes of two commands that are under way at the same time.
async fn at_once(
    (one, first): (&mut TestSession, Body),
    (other, second): (&mut TestSession, Body),
) -> (Code, Code) {
    tokio::join!(code(one, first), code(other, second))
}

/// E1, [G3]: neither may, so both stay, in whatever order the lock takes them.
#[tokio::test(flavor = "multi_thread")]
async fn two_admins_who_remove_each_other_are_both_refused() {
    let scene = Scene::new(3).await;
    let id = scene.group(&[2, 3]).await;
    let mut ann = scene.session(1).await;
    let (mut bob, mut cat) = (scene.session(2).await, scene.session(3).await);
    done(&mut ann, role(id, 2, Role::Admin)).await;
    done(&mut ann, role(id, 3, Role::Admin)).await;
    for round in 0..40 {
        let first = (&mut bob, remove(id, 3).into());
        let second = (&mut cat, remove(id, 2).into());
        let refused = (Code::NotPermitted, Code::NotPermitted);
        assert_eq!(at_once(first, second).await, refused, "round {round}");
    }
    let admins = [(1, Role::Owner), (2, Role::Admin), (3, Role::Admin)];
    assert_eq!(scene.members(id).await, admins);
    scene.stop().await;
}

/// E1, [G3], [G7]: the group changes hands while its old and its new owner remove each other. Who comes first at the lock decides, and
/// who stays owns it: never are both gone.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_owners_who_remove_each_other_as_the_group_changes_hands_at_most_one_goes() {
    let scene = Scene::new(2).await;
    let (mut ann, mut bob) = (scene.session(1).await, scene.session(2).await);
    let mut tab = scene.session(1).await;
    let mut outcomes: BTreeMap<(u16, u16, u16), usize> = BTreeMap::new();
    for round in 0..60 {
        let id = scene.group(&[2]).await;
        let (given, (first, second)) = tokio::join!(
            code(&mut tab, transfer(id, 2)),
            at_once(
                (&mut ann, remove(id, 2).into()),
                (&mut bob, remove(id, 1).into())
            )
        );
        let members = scene.members(id).await;
        let expected: &[(u64, Role)] = match (given, first, second) {
            (Code::NotFound, Code::Ok, Code::NotMember | Code::NotPermitted) => &[(1, Role::Owner)],
            (Code::Ok, Code::NotPermitted | Code::NotMember, Code::Ok) => &[(2, Role::Owner)],
            (Code::Ok, Code::NotPermitted, Code::NotPermitted) => {
                &[(1, Role::Admin), (2, Role::Owner)]
            }
            other => panic!("round {round}: {other:?}"),
        };
        assert_eq!(members, expected, "round {round}");
        *outcomes.entry((given.0, first.0, second.0)).or_default() += 1;
    }
    println!("outcomes {outcomes:?}");
    scene.audit().await;
    scene.stop().await;
}

/// E1, [G7]: two admins remove the same member, who leaves at that moment: one of the three ends the membership.
#[tokio::test(flavor = "multi_thread")]
async fn a_membership_ends_once() {
    let scene = Scene::new(3).await;
    let id = scene.group(&[2, 3]).await;
    let (mut ann, mut bob, mut cat) = (
        scene.session(1).await,
        scene.session(2).await,
        scene.session(3).await,
    );
    done(&mut ann, role(id, 2, Role::Admin)).await;
    for round in 0..40 {
        let (left, (first, second)) = tokio::join!(
            code(&mut cat, leave(id)),
            at_once(
                (&mut ann, remove(id, 3).into()),
                (&mut bob, remove(id, 3).into())
            )
        );
        let codes = [left, first, second];
        let ended = codes.iter().filter(|code| **code == Code::Ok).count();
        assert_eq!(ended, 1, "round {round}: {codes:?}");
        done(&mut ann, invite(id, &[3])).await;
    }
    scene.audit().await;
    scene.stop().await;
}

/// E1, [G9]: the last one leaves while somebody joins: the group has a member who owns it, or it is over.
#[tokio::test(flavor = "multi_thread")]
async fn the_last_one_leaves_as_somebody_joins() {
    let scene = Scene::new(2).await;
    let (mut ann, mut bob) = (scene.session(1).await, scene.session(2).await);
    let mut over = 0;
    for round in 0..40 {
        let id = scene.group(&[]).await;
        done(&mut ann, policy(id, JoinPolicy::Free)).await;
        let codes = at_once((&mut ann, leave(id).into()), (&mut bob, join(id).into())).await;
        let members = scene.members(id).await;
        match codes {
            (Code::Ok, Code::Ok) => assert_eq!(members, [(2, Role::Owner)], "round {round}"),
            (Code::Ok, Code::GroupDissolved) => {
                assert_eq!(members, [], "round {round}");
                over += 1;
            }
            other => panic!("round {round}: {other:?}"),
        }
    }
    println!("over {over} of 40");
    scene.audit().await;
    scene.stop().await;
}

/// E1, [G2]: the limit holds when many come at once.
#[tokio::test(flavor = "multi_thread")]
async fn as_many_join_as_find_room() {
    let mut world = World::new().await;
    world.config.groups.max_members = 10;
    let scene = Scene::over(world, 40).await;
    let id = scene.group(&[]).await;
    let mut owner = scene.session(1).await;
    done(&mut owner, policy(id, JoinPolicy::Free)).await;
    let mut asked = Vec::new();
    for user in 2..=40 {
        let mut session = scene.session(user).await;
        let request = session.request(join(id)).await;
        asked.push((session, request));
    }
    let mut joined = 0;
    for (session, request) in &mut asked {
        match session.reply(*request).await.0 {
            Body::ConversationEvent(_) => joined += 1,
            Body::ErrorResponse(error) => assert_eq!(error.code, Code::GroupFull),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(joined, 9);
    assert_eq!(scene.number("c.member_count", id).await, 10);
    scene.audit().await;
    scene.stop().await;
}

/// [G2]: so does the number of groups that one user owns.
#[tokio::test(flavor = "multi_thread")]
async fn as_many_groups_are_made_at_once_as_one_may_own() {
    let mut world = World::new().await;
    world.config.groups.max_owned = 5;
    let scene = Scene::over(world, 1).await;
    let mut ann = scene.session(1).await;
    let mut asked = Vec::new();
    for _ in 0..20 {
        asked.push(ann.request(creation("Tea", &[])).await);
    }
    let mut made = 0;
    for request in asked {
        match ann.reply(request).await.0 {
            Body::ConversationEvent(_) => made += 1,
            Body::ErrorResponse(error) => assert_eq!(error.code, Code::GroupFull),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(made, 5);
    let groups = "SELECT count(*) FROM conversations WHERE type = 2";
    assert_eq!(scene.world.count(groups).await, 5);
    scene.audit().await;
    scene.stop().await;
}

/// [G7], [R6], A14: many members read, in batches that take many rows, while rows of the group are written: nobody waits in a circle.
#[tokio::test(flavor = "multi_thread")]
async fn reads_and_the_end_of_a_group_are_not_in_each_others_way() {
    const MEMBERS: u64 = 30;
    let scene = Scene::new(MEMBERS as i64).await;
    let mut owner = scene.session(1).await;
    let mut readers = Vec::new();
    for user in 2..=MEMBERS {
        readers.push(scene.session(user).await);
    }
    for _ in 0..20 {
        let id = scene.group(&(2..=MEMBERS).collect::<Vec<u64>>()).await;
        let mut asked = Vec::new();
        for seq in 1..=2 {
            for (reader, session) in readers.iter_mut().enumerate() {
                let read = ConversationRead {
                    conversation_id: id,
                    seq: Seq(seq),
                };
                asked.push((reader, session.request(read).await));
            }
        }
        let end = owner.request(dissolve(id)).await;
        for (reader, request) in asked {
            match readers[reader].reply(request).await.0 {
                Body::ReadReceipt(_) => {}
                Body::ErrorResponse(error) => assert_eq!(error.code, Code::NotMember),
                other => panic!("{other:?}"),
            }
        }
        assert!(matches!(
            owner.reply(end).await.0,
            Body::ConversationEvent(_)
        ));
    }
    scene.audit().await;
    scene.stop().await;
}

const CROWD: u64 = 12;
const COMMANDS: usize = 100;

/// E1, E5, D5, D14: everybody does whatever comes to mind. Then the count is that of the rows, one member owns the group, and who reads
/// the log from the first entry knows exactly who is in it, and as what.
#[tokio::test(flavor = "multi_thread")]
async fn after_any_churn_count_rows_and_log_agree() {
    let seed = rand::rng().next_u64();
    println!("seed {seed}");
    let scene = Scene::new(CROWD as i64).await;
    let id = scene.group(&(2..=CROWD / 2).collect::<Vec<u64>>()).await;
    let mut owner = scene.session(1).await;
    done(&mut owner, policy(id, JoinPolicy::Free)).await;
    let mut crowd = tokio::task::JoinSet::new();
    for user in 1..=CROWD {
        let mut session = scene.session(user).await;
        let mut rng = StdRng::seed_from_u64(seed ^ user);
        crowd.spawn(async move {
            let mut made = 0;
            for _ in 0..COMMANDS {
                let body = whim(&mut rng, id);
                let what = format!("{user} {body:?}");
                match code(&mut session, body).await {
                    Code::Ok => made += 1,
                    Code::NotMember
                    | Code::NotPermitted
                    | Code::NotFound
                    | Code::AlreadyMember
                    | Code::InvalidArgument => {}
                    other => panic!("{what}: {other:?}"),
                }
            }
            made
        });
    }
    let made: usize = crowd.join_all().await.into_iter().sum();
    println!("{made} of {} were done", CROWD as usize * COMMANDS);
    scene.audit().await;
    let expected = fold(&scene, id).await;
    assert_eq!(scene.members(id).await, expected);
    let newest = "(c.members_seq = (SELECT max(changed_seq) FROM conversation_members m WHERE m.conversation_id = c.id))::int";
    assert_eq!(scene.number(newest, id).await, 1);
    scene.stop().await;
}

/// Something that a member of a lively group may want. The owner never leaves by whim, so that the group is not over too soon.
fn whim(rng: &mut StdRng, id: ConversationId) -> Body {
    let somebody = rng.random_range(1..=CROWD);
    match rng.random_range(0..12) {
        0..3 => invite(id, &[somebody, rng.random_range(1..=CROWD)]).into(),
        3..6 => join(id).into(),
        6 | 7 => remove(id, somebody).into(),
        8 => leave(id).into(),
        9 => role(id, somebody, Role::Admin).into(),
        10 => silence(id, somebody, rng.random_range(0..9_999)).into(),
        _ => transfer(id, somebody).into(),
    }
}

/// Who is in the group by what its log says.
async fn fold(scene: &Scene, id: ConversationId) -> Vec<(u64, Role)> {
    let mut members: BTreeMap<UserId, Role> = BTreeMap::new();
    for entry in scene.entries(id).await {
        if entry.type_ == EntryType::Group {
            if group(&entry).created {
                members.insert(entry.sender_id, Role::Owner);
            }
            continue;
        }
        apply(&mut members, &entry);
    }
    members
        .into_iter()
        .map(|(user, role)| (user.0, role))
        .collect()
}

fn apply(members: &mut BTreeMap<UserId, Role>, entry: &Entry) {
    let sender = entry.sender_id;
    match member(entry) {
        MemberEvent::Joined => assert!(members.insert(sender, Role::Member).is_none()),
        MemberEvent::Invited { users } => {
            for user in users {
                assert!(members.insert(user, Role::Member).is_none());
            }
        }
        MemberEvent::Admitted { user } => {
            assert!(members.insert(user, Role::Member).is_none());
        }
        MemberEvent::Removed { user } => assert!(members.remove(&user).is_some()),
        MemberEvent::Left { owner } => {
            let had = members.remove(&sender);
            assert_eq!(
                had == Some(Role::Owner),
                owner.is_some() || members.is_empty()
            );
            if let Some(owner) = owner {
                assert!(members.insert(owner, Role::Owner).is_some());
            }
        }
        MemberEvent::Transferred { user } => {
            assert_eq!(members.insert(sender, Role::Admin), Some(Role::Owner));
            assert!(members.insert(user, Role::Owner).is_some());
        }
        MemberEvent::Role { user, role } => {
            let role = match &*role {
                "admin" => Role::Admin,
                _ => Role::Member,
            };
            assert!(members.insert(user, role).is_some());
        }
        MemberEvent::Silenced { user, .. } => assert!(members.contains_key(&user)),
        MemberEvent::Dissolved => members.clear(),
    }
}
