//! Made, renamed, left, ended.

use im_shared::content::MemberEvent;
use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::{Body, Code, ConversationType, GroupCreate, GroupUpdate, JoinPolicy, Role};
use uuid::Uuid;

use super::{
    FIRST, Scene, code, creation, dissolve, done, group, invite, join, leave, log, member,
    next_entries, remove, role, silence, state, transfer, update, users,
};

use crate::access::{text, to_conversation};

/// E1, E5, D14, [G1]: the members hear of it, and the first entries say what it is and who is in it.
#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_made_with_its_members_and_each_of_them_is_shown_it() {
    let scene = Scene::new(4).await;
    let (mut ann, mut tab) = (scene.session(1).await, scene.session(1).await);
    let (mut bob, mut dan) = (scene.session(2).await, scene.session(4).await);
    let request = GroupCreate {
        description: "leaves in water".to_owned(),
        avatar: "/files/7".to_owned(),
        ..creation("Tea", &[3, 2, 2, 1])
    };
    let made = state(&mut ann, request).await;
    let id = made.conversation_id;
    assert_eq!(
        (made.type_, made.tip_seq, made.role),
        (ConversationType::Group, Seq(2), Role::Owner)
    );
    assert_eq!((&*made.name, &*made.avatar), ("Tea", "/files/7"));
    assert_eq!((made.owner_id, made.member_count), (UserId(1), 3));

    for session in [&mut tab, &mut bob] {
        match session.next_push().await {
            Body::ConversationEvent(event) => {
                let shown = (event.state.conversation_id, event.state.unread);
                assert_eq!(shown, (id, 0));
            }
            other => panic!("{other:?}"),
        }
        let entries = next_entries(session, 2).await;
        assert_eq!((entries[0].seq, entries[0].sender_id), (FIRST, UserId(1)));
        let face = group(&entries[0]);
        assert!(face.created);
        assert_eq!(face.name.as_deref(), Some("Tea"));
        assert_eq!(face.description.as_deref(), Some("leaves in water"));
        assert_eq!(face.join_policy.as_deref(), Some("invite"));
        let invited = MemberEvent::Invited {
            users: users(&[2, 3]),
        };
        assert_eq!(member(&entries[1]), invited);
    }
    assert_eq!(
        scene.members(id).await,
        [(1, Role::Owner), (2, Role::Member), (3, Role::Member)]
    );
    let columns = [
        ("c.member_count", 3),
        ("c.owner_id", 1),
        ("c.members_seq", 2),
        ("(c.name = 'Tea')::int", 1),
        ("(c.avatar = '/files/7')::int", 1),
        ("(c.created_at <= c.updated_at)::int", 1),
    ];
    for (column, expected) in columns {
        assert_eq!(scene.number(column, id).await, expected, "{column}");
    }
    // Sent after everything above: whatever Dan gets would have come before it.
    done(&mut dan, creation("Coffee", &[])).await;
    assert!(dan.is_quiet());
    scene.audit().await;
    scene.stop().await;
}

/// E1, [G1], [G2], C1: a creation that is refused leaves nothing.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_creation_has_its_own_code() {
    let scene = Scene::new(4).await;
    scene
        .world
        .execute("UPDATE users SET type = 2 WHERE id = 3")
        .await;
    scene.world.unfriend(1, 4).await;
    let mut ann = scene.session(1).await;
    let with = |change: fn(&mut GroupCreate)| {
        let mut request = creation("Tea", &[]);
        change(&mut request);
        request
    };
    let cases = [
        (with(|g| g.name.clear()), Code::GroupNameInvalid),
        (with(|g| g.name = "a\nb".to_owned()), Code::GroupNameInvalid),
        (with(|g| g.name = "x".repeat(65)), Code::GroupNameInvalid),
        (
            with(|g| g.description = "x".repeat(1_025)),
            Code::TextTooLong,
        ),
        (
            with(|g| g.avatar = "ftp://a/b".to_owned()),
            Code::InvalidArgument,
        ),
        (
            with(|g| g.join_policy = JoinPolicy(9)),
            Code::InvalidArgument,
        ),
        (with(|g| g.member_ids = users(&[0])), Code::InvalidArgument),
        (
            with(|g| g.member_ids = (2..=502).map(UserId).collect()),
            Code::InvalidArgument,
        ),
        (
            with(|g| g.client_message_id = Uuid::new_v4()),
            Code::MessageIdInvalid,
        ),
        // Nobody, a stranger, a guest: one of them refuses the whole.
        (creation("Tea", &[2, 99]), Code::NotFriends),
        (creation("Tea", &[2, 4]), Code::NotFriends),
        (creation("Tea", &[2, 3]), Code::NotFriends),
    ];
    for (request, expected) in cases {
        assert_eq!(
            code(&mut ann, request.clone()).await,
            expected,
            "{request:?}"
        );
    }
    ann.origin.guest = true;
    assert_eq!(code(&mut ann, creation("Tea", &[])).await, Code::Forbidden);
    let made = "SELECT count(*) FROM conversations WHERE type = 2";
    assert_eq!(scene.world.count(made).await, 0);
    assert_eq!(scene.world.count("SELECT count(*) FROM messages").await, 0);
    scene.stop().await;
}

/// E1, [G6], D14: the entry says what changed; what is as it was makes none.
#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_renamed_and_the_entry_says_only_what_differs() {
    let scene = Scene::new(2).await;
    let id = scene.group(&[2]).await;
    let (mut ann, mut bob) = (scene.session(1).await, scene.session(2).await);
    let both = GroupUpdate {
        name: Some("Coffee".to_owned()),
        silenced: Some(true),
        history_open: Some(false),
        ..update(id)
    };
    done(&mut ann, both).await;
    let entry = next_entries(&mut bob, 1).await.remove(0);
    assert_eq!(entry.seq, Seq(3));
    assert_eq!(
        entry.content.as_ref(),
        br#"{"name":"Coffee","silenced":true}"#
    );
    assert_eq!(scene.number("c.silenced", id).await, 1);
    assert_eq!(scene.number("(c.name = 'Coffee')::int", id).await, 1);
    // Who may write has changed.
    assert_eq!(scene.number("c.members_seq", id).await, 3);

    let same = GroupUpdate {
        name: Some("Coffee".to_owned()),
        ..update(id)
    };
    assert_eq!(state(&mut ann, same).await.tip_seq, Seq(3));
    assert_eq!(code(&mut ann, update(id)).await, Code::InvalidArgument);
    let bad = GroupUpdate {
        name: Some("\t".to_owned()),
        ..update(id)
    };
    assert_eq!(code(&mut ann, bad).await, Code::GroupNameInvalid);
    assert_eq!(log(&mut bob, id).await.len(), 3);
    scene.audit().await;
    scene.stop().await;
}

/// E1, [G8]: the one who has to go hears of it, and nothing after it.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_removed_gets_the_entry_of_it_as_the_last() {
    let scene = Scene::new(3).await;
    let id = scene.group(&[2, 3]).await;
    let (mut ann, mut bob, mut cat) = (
        scene.session(1).await,
        scene.session(2).await,
        scene.session(3).await,
    );
    done(&mut ann, remove(id, 2)).await;
    let removed = MemberEvent::Removed { user: UserId(2) };
    for session in [&mut bob, &mut cat] {
        let entry = next_entries(session, 1).await.remove(0);
        assert_eq!((entry.seq, member(&entry)), (Seq(3), removed.clone()));
    }
    let rename = GroupUpdate {
        name: Some("Coffee".to_owned()),
        ..update(id)
    };
    done(&mut ann, rename).await;
    assert_eq!(next_entries(&mut cat, 1).await[0].seq, Seq(4));
    assert_eq!(code(&mut bob, leave(id)).await, Code::NotMember);
    assert!(bob.is_quiet());
    assert_eq!(scene.number("c.member_count", id).await, 2);
    assert_eq!(scene.number("c.members_seq", id).await, 3);

    // Again in, by a row that is used again.
    done(&mut ann, invite(id, &[2])).await;
    assert_eq!(next_entries(&mut bob, 1).await[0].seq, Seq(5));
    let rows = format!(
        "SELECT count(*) FROM conversation_members WHERE conversation_id = {id} AND user_id = 2 \
         AND deleted = 0 AND until_seq = 0 AND from_seq = 4 AND read_seq = 4 AND invited_by = 1 AND changed_seq = 5"
    );
    assert_eq!(scene.world.count(&rows).await, 1);
    scene.audit().await;
    scene.stop().await;
}

/// E1, [G9]: first the admins, by the time they are members, then the members; the last one ends the group.
#[tokio::test(flavor = "multi_thread")]
async fn an_owner_who_leaves_is_followed_until_nobody_is_left() {
    let scene = Scene::new(4).await;
    let id = scene.group(&[2]).await;
    let mut sessions = Vec::new();
    for user in 1..=4 {
        sessions.push(scene.session(user).await);
    }
    let owner = &mut sessions[0];
    done(owner, invite(id, &[4])).await;
    done(owner, invite(id, &[3])).await;
    // 3 was an admin before 4, but came later.
    done(owner, role(id, 3, Role::Admin)).await;
    done(owner, role(id, 4, Role::Admin)).await;
    done(owner, silence(id, 4, 253_402_300_799_000)).await;

    for (leaving, heir) in [(1, Some(4)), (4, Some(3)), (3, Some(2)), (2, None)] {
        done(&mut sessions[leaving - 1], leave(id)).await;
        assert_eq!(
            scene.number("c.owner_id", id).await,
            heir.unwrap_or(0),
            "{leaving} has left"
        );
        scene.audit().await;
    }
    assert_eq!(scene.members(id).await, []);
    let left: Vec<MemberEvent> = log(&mut sessions[1], id)
        .await
        .iter()
        .rev()
        .take(4)
        .rev()
        .map(member)
        .collect();
    let owners = [Some(4), Some(3), Some(2), None];
    assert_eq!(
        left,
        owners.map(|owner| MemberEvent::Left {
            owner: owner.map(UserId)
        })
    );
    // Nobody could have given the heir the voice back.
    let silenced = format!(
        "SELECT count(*) FROM conversation_members WHERE conversation_id = {id} AND silenced_until > now()"
    );
    assert_eq!(scene.world.count(&silenced).await, 0);
    assert_eq!(code(&mut sessions[1], join(id)).await, Code::GroupDissolved);
    scene.stop().await;
}

/// E1, [G3]: the one who gave it away stays, as an admin.
#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_handed_over() {
    let scene = Scene::new(3).await;
    let id = scene.group(&[2, 3]).await;
    let (mut ann, mut bob) = (scene.session(1).await, scene.session(2).await);
    done(&mut ann, silence(id, 2, 253_402_300_799_000)).await;
    done(&mut ann, transfer(id, 2)).await;
    assert_eq!(
        scene.members(id).await,
        [(1, Role::Admin), (2, Role::Owner), (3, Role::Member)]
    );
    let silenced = "SELECT count(*) FROM conversation_members WHERE silenced_until > now()";
    assert_eq!(scene.world.count(silenced).await, 0);
    assert_eq!(code(&mut ann, dissolve(id)).await, Code::NotPermitted);
    let last = next_entries(&mut bob, 2).await.remove(1);
    assert_eq!(
        (last.seq, member(&last)),
        (Seq(4), MemberEvent::Transferred { user: UserId(2) })
    );
    scene.audit().await;
    scene.stop().await;
}

/// E1, [G10]: everybody hears of the end, keeps the log, and nothing can be done any more.
#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_dissolved_and_stays_readable() {
    let scene = Scene::new(4).await;
    let id = scene.group(&[2, 3]).await;
    let (mut ann, mut bob, mut cat) = (
        scene.session(1).await,
        scene.session(2).await,
        scene.session(3).await,
    );
    done(&mut ann, remove(id, 3)).await;
    done(&mut ann, dissolve(id)).await;
    let entries = next_entries(&mut bob, 2).await;
    assert_eq!(
        (entries[1].seq, member(&entries[1])),
        (Seq(4), MemberEvent::Dissolved)
    );
    // Who had left before reads up to there, and is not told.
    assert_eq!(next_entries(&mut cat, 1).await[0].seq, Seq(3));
    assert_eq!(log(&mut cat, id).await.len(), 3);
    assert!(cat.is_quiet());
    assert_eq!(log(&mut bob, id).await.len(), 4);

    for user in [1, 2, 4] {
        let mut session = scene.session(user).await;
        assert_eq!(code(&mut session, join(id)).await, Code::GroupDissolved);
        assert_eq!(code(&mut session, leave(id)).await, Code::GroupDissolved);
        assert_eq!(
            code(&mut session, invite(id, &[3])).await,
            Code::GroupDissolved
        );
        assert_eq!(code(&mut session, dissolve(id)).await, Code::GroupDissolved);
    }
    for (column, expected) in [("c.member_count", 0), ("c.owner_id", 0), ("c.deleted", 0)] {
        assert_eq!(scene.number(column, id).await, expected, "{column}");
    }
    scene.audit().await;
    scene.stop().await;
}

/// [G7]: what is no group has no members to change.
#[tokio::test(flavor = "multi_thread")]
async fn only_groups_take_group_commands() {
    let scene = Scene::new(2).await;
    let mut ann = scene.session(1).await;
    let private = ann.tell(2, "hi").await.conversation_id;
    let cases = [
        (private, Code::NotAGroup),
        (ConversationId::WORLD, Code::NotAGroup),
        (ConversationId::ANNOUNCEMENTS, Code::NotAGroup),
        (ConversationId(987_654_321), Code::ConversationNotFound),
        (ConversationId(0), Code::InvalidArgument),
    ];
    for (id, expected) in cases {
        assert_eq!(code(&mut ann, leave(id)).await, expected, "{id}");
        assert_eq!(code(&mut ann, join(id)).await, expected, "{id}");
    }
    scene.stop().await;
}

/// G5, [G6], [R10]: each answer says how the caller stands to the group from then on.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_shows_the_group_as_the_caller_sees_it() {
    let scene = Scene::new(3).await;
    let id = scene.group(&[2]).await;
    let (mut ann, mut bob, mut cat) = (
        scene.session(1).await,
        scene.session(2).await,
        scene.session(3).await,
    );
    let said = ann.acknowledged(to_conversation(id, &[text("hi")])).await;
    assert_eq!(said.results[0].seq, Seq(3));
    let opened = GroupUpdate {
        name: Some("Coffee".to_owned()),
        join_policy: Some(JoinPolicy::Free),
        silenced: Some(true),
        ..update(id)
    };
    let shown = state(&mut ann, opened).await;
    assert_eq!(
        (&*shown.name, shown.silenced, shown.tip_seq.0),
        ("Coffee", true, 4)
    );
    assert_eq!(shown.last.unwrap().seq, Seq(4));

    let shown = state(&mut cat, join(id)).await;
    assert_eq!((shown.role, shown.member_count), (Role::Member, 3));
    assert_eq!((shown.from_seq, shown.until_seq), (Seq(4), Seq(0)));
    assert_eq!((shown.read_seq, shown.unread), (Seq(4), 0));
    assert!(shown.created_at > 0 && shown.activity >= shown.created_at);

    let shown = state(&mut ann, transfer(id, 2)).await;
    assert_eq!((shown.role, shown.owner_id), (Role::Admin, UserId(2)));
    let leaving = leave(id);
    let shown = state(&mut cat, leaving.clone()).await;
    assert_eq!(
        (shown.role, shown.until_seq, shown.tip_seq),
        (Role::None, Seq(7), Seq(7))
    );
    let open = GroupUpdate {
        silenced: Some(false),
        ..update(id)
    };
    let shown = state(&mut bob, open).await;
    assert_eq!(
        (shown.role, shown.unread, shown.member_count),
        (Role::Owner, 1, 2)
    );
    let shown = state(&mut bob, dissolve(id)).await;
    assert_eq!((shown.role, shown.owner_id), (Role::None, UserId(0)));
    assert_eq!((shown.until_seq, shown.tip_seq), (Seq(9), Seq(9)));
    // What came after the leave is not shown to who left.
    let shown = state(&mut cat, leaving).await;
    assert_eq!((shown.until_seq, shown.tip_seq), (Seq(7), Seq(7)));
    scene.audit().await;
    scene.stop().await;
}
