//! Groups of more than five hundred members, whose pushes take another way than those of small ones.

use im_shared::content::MemberEvent;
use im_shared::ids::{Seq, UserId};
use im_shared::wire::{Entry, Role};

use super::{
    Scene, creation, dissolve, done, invite, leave, member, next_entries, remove, role, seqs_of,
    state,
};
use crate::access::TestSession;
use crate::world::World;

const MEMBERS: i64 = 700;

/// The next entries that are pushed to a session, by seq: two workers may have the tasks of two changes, and either may be the faster one.
async fn heard(session: &mut TestSession, count: usize) -> Vec<Entry> {
    let mut entries = next_entries(session, count).await;
    entries.sort_unstable_by_key(|entry| entry.seq);
    entries
}

/// E1, E5, [G4], [G8], [G10]: the same is true of a large group, for those who stay and for those who go.
#[tokio::test(flavor = "multi_thread")]
async fn who_comes_and_goes_in_a_large_group_hears_of_it() {
    let world = World::new().await;
    let scene = Scene::over(world, 3).await;
    scene
        .world
        .execute(&format!(
            "INSERT INTO users (id, username) SELECT n, 'user' || n FROM generate_series(4, {MEMBERS}) n; \
             INSERT INTO friends (id, user_id, friend_id) SELECT 10000 + n, 1, n FROM generate_series(4, {MEMBERS}) n"
        ))
        .await;
    let (mut ann, mut bob, mut cat) = (
        scene.session(1).await,
        scene.session(2).await,
        scene.session(3).await,
    );
    let mut last = scene.session(MEMBERS as u64).await;
    let id = state(&mut ann, creation("Tea", &[2, 3]))
        .await
        .conversation_id;
    let rest: Vec<u64> = (4..=MEMBERS as u64).collect();
    for invited in rest.chunks(500) {
        done(&mut ann, invite(id, invited)).await;
    }
    assert_eq!(scene.number("c.member_count", id).await, MEMBERS);
    assert_eq!(seqs_of(&heard(&mut bob, 4).await), [1, 2, 3, 4]);
    assert_eq!(seqs_of(&heard(&mut last, 1).await), [4]);

    done(&mut ann, role(id, 2, Role::Admin)).await;
    done(&mut bob, remove(id, MEMBERS as u64)).await;
    let gone = heard(&mut last, 2).await;
    assert_eq!(seqs_of(&gone), [5, 6]);
    let user = UserId(MEMBERS as u64);
    assert_eq!(member(&gone[1]), MemberEvent::Removed { user });
    done(&mut cat, leave(id)).await;
    // 3 gets no push of the own leave, which was answered; 700 nothing any more.
    assert_eq!(seqs_of(&heard(&mut cat, 6).await), [1, 2, 3, 4, 5, 6]);

    done(&mut ann, dissolve(id)).await;
    let end = heard(&mut bob, 3).await;
    assert_eq!(seqs_of(&end), [5, 7, 8]);
    assert_eq!(
        (end[2].seq, member(&end[2])),
        (Seq(8), MemberEvent::Dissolved)
    );
    assert_eq!(scene.number("c.member_count", id).await, 0);
    assert!(cat.is_quiet() && last.is_quiet());
    scene.audit().await;
    scene.stop().await;
}
