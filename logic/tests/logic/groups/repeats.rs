//! One key, one effect, on any worker (J7).

use im_shared::ids::ConversationId;
use im_shared::wire::{Body, Code, JoinPolicy, Role};

use super::{
    Scene, answer, code, creation, dissolve, done, invite, join, leave, next_entries, policy,
    remove, role, silence, transfer, update,
};
use crate::access::TestSession;

/// So often each, so that both workers have it.
const REPEATS: usize = 6;

/// J7, [G1]: from two devices at once, on two workers.
#[tokio::test(flavor = "multi_thread")]
async fn a_creation_is_one_group_however_often_it_is_sent() {
    let scene = Scene::new(3).await;
    let mut tabs = [scene.session(1).await, scene.session(1).await];
    for round in 0..10 {
        let request = creation("Tea", &[2, 3]);
        let mut asked = Vec::new();
        for _ in 0..REPEATS {
            for (tab, session) in tabs.iter_mut().enumerate() {
                asked.push((tab, session.request(request.clone()).await));
            }
        }
        let mut made = Vec::new();
        for (tab, id) in asked {
            match tabs[tab].reply(id).await.0 {
                Body::ConversationEvent(event) => made.push(event.state.conversation_id),
                other => panic!("{other:?}"),
            }
        }
        made.dedup();
        assert_eq!(made.len(), 1, "round {round}");
        let mut other = request;
        other.name = "Coffee".to_owned();
        assert_eq!(
            code(&mut tabs[0], other.clone()).await,
            Code::MessageConflict
        );
        other.name = "Tea".to_owned();
        other.member_ids.pop();
        assert_eq!(code(&mut tabs[1], other).await, Code::MessageConflict);
    }
    let groups = "SELECT count(*) FROM conversations WHERE type = 2";
    assert_eq!(scene.world.count(groups).await, 10);
    assert_eq!(scene.world.count("SELECT count(*) FROM messages").await, 20);
    scene.audit().await;
    scene.stop().await;
}

async fn repeat(session: &mut TestSession, body: impl Into<Body>) {
    let body = body.into();
    for _ in 0..REPEATS {
        done(session, body.clone()).await;
    }
}

async fn tip(scene: &Scene, id: ConversationId) -> i64 {
    let sql = format!("SELECT max(seq) FROM messages WHERE conversation_id = {id}");
    scene.world.count(&sql).await
}

/// J7, D4, [G6]: each command again and again makes one entry, and is answered alike even when it could not be done any more.
#[tokio::test(flavor = "multi_thread")]
async fn every_command_is_done_once_and_answered_each_time() {
    let scene = Scene::new(6).await;
    let id = scene.group(&[2]).await;
    let (mut ann, mut bob) = (scene.session(1).await, scene.session(2).await);
    let (mut eve, mut fay) = (scene.session(5).await, scene.session(6).await);

    repeat(&mut ann, invite(id, &[3, 4])).await;
    repeat(&mut ann, role(id, 2, Role::Admin)).await;
    repeat(&mut bob, silence(id, 4, 253_402_300_799_000)).await;
    repeat(&mut bob, policy(id, JoinPolicy::Free)).await;
    repeat(&mut eve, join(id)).await;
    repeat(&mut bob, remove(id, 3)).await;
    repeat(&mut ann, policy(id, JoinPolicy::Approval)).await;
    repeat(&mut fay, join(id)).await;
    repeat(&mut bob, answer(id, 6, true)).await;
    repeat(&mut ann, transfer(id, 2)).await;
    repeat(&mut ann, leave(id)).await;
    assert_eq!(tip(&scene, id).await, 12);
    repeat(&mut bob, dissolve(id)).await;
    assert_eq!(tip(&scene, id).await, 13);
    scene.audit().await;
    scene.stop().await;
}

/// [M4], [G6]: the push may be what was lost, so a repeat pushes again; who was removed gets it again, too.
#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_is_pushed_again_to_whom_it_concerns() {
    let scene = Scene::new(3).await;
    let id = scene.group(&[2, 3]).await;
    let (mut ann, mut bob, mut cat) = (
        scene.session(1).await,
        scene.session(2).await,
        scene.session(3).await,
    );
    let request = remove(id, 2);
    done(&mut ann, request.clone()).await;
    done(&mut ann, request).await;
    for session in [&mut bob, &mut cat] {
        let twice = next_entries(session, 2).await;
        assert_eq!(twice[0], twice[1]);
    }
    let request = dissolve(id);
    done(&mut ann, request.clone()).await;
    done(&mut ann, request).await;
    let twice = next_entries(&mut cat, 2).await;
    assert_eq!(twice[0], twice[1]);
    assert!(bob.is_quiet(), "who had left is told of the end");
    scene.stop().await;
}

/// [M4], [G6]: one id, one meaning.
#[tokio::test(flavor = "multi_thread")]
async fn another_command_under_a_used_id_is_a_conflict() {
    let scene = Scene::new(4).await;
    let id = scene.group(&[2, 3]).await;
    let mut ann = scene.session(1).await;
    let first = remove(id, 2);
    done(&mut ann, first.clone()).await;
    let mut other = first.clone();
    other.user_id.0 = 3;
    assert_eq!(code(&mut ann, other).await, Code::MessageConflict);
    let mut leaving = leave(id);
    leaving.client_message_id = first.client_message_id;
    assert_eq!(code(&mut ann, leaving).await, Code::MessageConflict);
    let mut renamed = update(id);
    renamed.name = Some("Coffee".to_owned());
    renamed.client_message_id = first.client_message_id;
    assert_eq!(code(&mut ann, renamed).await, Code::MessageConflict);
    // Ids are of their sender: another's are not in the way.
    let mut cat = scene.session(3).await;
    let mut own = leave(id);
    own.client_message_id = first.client_message_id;
    done(&mut cat, own).await;
    scene.audit().await;
    scene.stop().await;
}
