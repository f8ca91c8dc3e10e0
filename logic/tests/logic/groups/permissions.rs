//! Who may do what to whom, cell by cell, through the commands.

use im_shared::ids::ConversationId;
use im_shared::wire::{Body, Code, GroupUpdate, JoinPolicy, Role};

use super::{
    Scene, answer, code, dissolve, done, invite, join, leave, policy, remove, role, silence,
    transfer, update,
};

use crate::access::{TestSession, text, to_conversation};
use crate::changes::recall;

/// Outsider, member, admin, owner; and another one of each, as far as there can be one.
const ACTORS: [u64; 4] = [6, 4, 2, 1];
const TARGETS: [u64; 4] = [7, 5, 3, 1];

/// 1 owns it, 2 and 3 are admins, 4 and 5 members, 6 and 7 are not in it.
async fn group(scene: &Scene) -> ConversationId {
    let id = scene.group(&[2, 3, 4, 5]).await;
    let mut owner = scene.session(1).await;
    done(&mut owner, role(id, 2, Role::Admin)).await;
    done(&mut owner, role(id, 3, Role::Admin)).await;
    id
}

/// What a cell of a table says.
fn expected(cell: char) -> Code {
    match cell {
        'x' => Code::Ok,
        'p' => Code::NotPermitted,
        'm' => Code::NotMember,
        'f' => Code::NotFound,
        // Nobody is their own target.
        's' => Code::InvalidArgument,
        'i' => Code::InviteOnly,
        other => panic!("{other}"),
    }
}

/// Asks, and looks whether the log grew by one entry exactly when the command was done.
async fn check(scene: &Scene, id: ConversationId, actor: u64, body: Body, cell: char) {
    let entries = format!("SELECT count(*) FROM messages WHERE conversation_id = {id}");
    let before = scene.world.count(&entries).await;
    let mut session = scene.session(actor).await;
    let what = format!("{actor} {body:?}");
    assert_eq!(code(&mut session, body).await, expected(cell), "{what}");
    let grown = scene.world.count(&entries).await - before;
    assert_eq!(grown, i64::from(cell == 'x'), "{what}");
}

/// E1, [G3]: rows are actors, columns targets: none, member, admin, owner.
#[tokio::test(flavor = "multi_thread")]
async fn every_action_on_somebody_follows_the_table() {
    type Command = fn(ConversationId, u64) -> Body;
    let demote: fn(u64) -> Role = |target| match target {
        3 => Role::Member,
        _ => Role::Admin,
    };
    let scene = Scene::new(7).await;
    let tables: [(Command, [&str; 4]); 4] = [
        (
            |id, user| remove(id, user).into(),
            ["mmmm", "fppp", "fxpp", "fxxs"],
        ),
        (
            |id, user| silence(id, user, 253_402_300_799_000).into(),
            ["mmmm", "fppp", "fxpp", "fxxs"],
        ),
        (
            |id, user| transfer(id, user).into(),
            ["mmmm", "fppp", "fppp", "fxxs"],
        ),
        (
            |id, user| role(id, user, Role::Admin).into(),
            ["mmmm", "fppp", "fppp", "fxxs"],
        ),
    ];
    for (command, rows) in tables {
        for (actor, row) in ACTORS.into_iter().zip(rows) {
            for (target, cell) in TARGETS.into_iter().zip(row.chars()) {
                let id = group(&scene).await;
                let mut body = command(id, target);
                if let Body::GroupRole(request) = &mut body {
                    request.role = demote(target);
                }
                check(&scene, id, actor, body, cell).await;
            }
        }
    }
    scene.audit().await;
    scene.stop().await;
}

/// E1, [G3]: columns are actors: none, member, admin, owner.
#[tokio::test(flavor = "multi_thread")]
async fn every_action_on_the_group_follows_the_table() {
    type Command = fn(ConversationId) -> Body;
    let scene = Scene::new(7).await;
    let tables: [(Command, &str); 6] = [
        (
            |id| {
                let name = Some("Coffee".to_owned());
                GroupUpdate { name, ..update(id) }.into()
            },
            "mpxx",
        ),
        (
            |id| {
                let silenced = Some(true);
                GroupUpdate {
                    silenced,
                    ..update(id)
                }
                .into()
            },
            "mpxx",
        ),
        (|id| policy(id, JoinPolicy::Free).into(), "mpxx"),
        (|id| answer(id, 7, true).into(), "mpxx"),
        (|id| leave(id).into(), "mxxx"),
        (|id| dissolve(id).into(), "mppx"),
    ];
    for (command, row) in tables {
        for (actor, cell) in ACTORS.into_iter().zip(row.chars()) {
            let id = group(&scene).await;
            if matches!(command(id), Body::GroupAnswer(_)) {
                let (mut owner, mut asker) = (scene.session(1).await, scene.session(7).await);
                done(&mut owner, policy(id, JoinPolicy::Approval)).await;
                done(&mut asker, join(id)).await;
            }
            check(&scene, id, actor, command(id), cell).await;
        }
    }
    scene.audit().await;
    scene.stop().await;
}

/// E1, [G4]: an invitation by a member is one, a request or nothing, by the policy; who joins alone needs an open door.
#[tokio::test(flavor = "multi_thread")]
async fn who_may_bring_somebody_in_depends_on_the_policy() {
    let scene = Scene::new(7).await;
    // A capital letter is a request: done, and no entry yet.
    let tables = [
        (JoinPolicy::Free, "mxxx", 'x'),
        (JoinPolicy::Approval, "mAxx", 'A'),
        (JoinPolicy::Invite, "mpxx", 'i'),
    ];
    for (join_policy, row, alone) in tables {
        let commands = ACTORS
            .into_iter()
            .map(|actor| (actor, true))
            .chain([(7, false)])
            .zip(row.chars().chain([alone]));
        for ((actor, is_invitation), cell) in commands {
            let id = group(&scene).await;
            let mut owner = scene.session(1).await;
            let _ = code(&mut owner, policy(id, join_policy)).await;
            let body: Body = if is_invitation {
                invite(id, &[7]).into()
            } else {
                join(id).into()
            };
            if cell == 'A' {
                let mut session = scene.session(actor).await;
                assert_eq!(session.ask(body).await, Body::Done(Default::default()));
                let pending = format!(
                    "SELECT count(*) FROM group_requests WHERE conversation_id = {id} \
                     AND user_id = 7 AND asked_by = {actor} AND status = 1"
                );
                assert_eq!(scene.world.count(&pending).await, 1);
                assert_eq!(scene.number("c.member_count", id).await, 5);
            } else {
                check(&scene, id, actor, body, cell).await;
            }
        }
    }
    scene.audit().await;
    scene.stop().await;
}

/// What became of one message or one change of a message.
async fn message_code(session: &mut TestSession, body: impl Into<Body>) -> Code {
    match session.ask(body).await {
        Body::MessageAck(ack) => ack.results[0].code,
        Body::ErrorResponse(error) => error.code,
        other => panic!("{other:?}"),
    }
}

/// E1, [G3], [M10]: everybody is silenced, then one of each role is.
#[tokio::test(flavor = "multi_thread")]
async fn who_writes_while_who_is_silenced_follows_the_table() {
    let scene = Scene::new(7).await;
    let id = group(&scene).await;
    let mut owner = scene.session(1).await;
    let say = || to_conversation(id, &[text("hi")]);
    let silenced = |silenced| GroupUpdate {
        silenced: Some(silenced),
        ..update(id)
    };
    done(&mut owner, silenced(true)).await;
    let expected = [Code::NotMember, Code::Silenced, Code::Ok, Code::Ok];
    for (actor, expected) in ACTORS.into_iter().zip(expected) {
        let mut session = scene.session(actor).await;
        assert_eq!(message_code(&mut session, say()).await, expected, "{actor}");
    }
    done(&mut owner, silenced(false)).await;
    for user in [2, 4] {
        let mut session = scene.session(user).await;
        done(&mut owner, silence(id, user, 253_402_300_799_000)).await;
        assert_eq!(message_code(&mut session, say()).await, Code::Silenced);
        // A time that has passed takes nothing.
        done(&mut owner, silence(id, user, 1_000)).await;
        assert_eq!(message_code(&mut session, say()).await, Code::Ok);
        done(&mut owner, silence(id, user, 0)).await;
        assert_eq!(message_code(&mut session, say()).await, Code::Ok);
    }
    scene.audit().await;
    scene.stop().await;
}

/// E1, D14, [G3], [C3]: rows are actors, columns whose message is taken back: of one who has left, a member, an admin, the owner.
#[tokio::test(flavor = "multi_thread")]
async fn who_recalls_messages_of_others_follows_the_table() {
    let scene = Scene::new(8).await;
    for (actor, row) in ACTORS.into_iter().zip(["mmmm", "nnnn", "xxpp", "xxxx"]) {
        let id = scene.group(&[2, 3, 4, 5, 8]).await;
        let mut owner = scene.session(1).await;
        done(&mut owner, role(id, 2, Role::Admin)).await;
        done(&mut owner, role(id, 3, Role::Admin)).await;
        let mut targets = Vec::new();
        for sender in [8, 5, 3, 1] {
            let mut session = scene.session(sender).await;
            let said = to_conversation(id, &[text("hi")]);
            let ack = session.acknowledged(said).await;
            targets.push(ack.results[0].seq.0);
            if sender == 8 {
                done(&mut session, leave(id)).await;
            }
        }
        let mut session = scene.session(actor).await;
        for (target, cell) in targets.into_iter().zip(row.chars()) {
            let expected = match cell {
                'n' => Code::NotSender,
                cell => expected(cell),
            };
            let found = message_code(&mut session, recall(id, target)).await;
            assert_eq!(found, expected, "{actor} takes back {target}");
        }
    }
    scene.audit().await;
    scene.stop().await;
}
