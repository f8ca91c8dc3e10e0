//! Plain memberships and candidates.
#![allow(clippy::unwrap_used)]

use bytes::Bytes;
use im_shared::ids::Seq;

use super::*;

fn push(users: std::ops::Range<u64>) -> Push {
    Push {
        frame: Bytes::new(),
        audience: Audience::Users(users.map(UserId).collect()),
        except: None,
        ephemeral: false,
    }
}

fn lengths(pushes: &[Push]) -> Vec<usize> {
    pushes
        .iter()
        .map(|push| match &push.audience {
            Audience::Users(users) => users.len(),
            _ => 0,
        })
        .collect()
}

/// E4
#[test]
fn many_users_are_looked_for_chunk_by_chunk() {
    let (now, later) = chunk(vec![push(0..2_500), push(0..3)]);
    assert_eq!(
        (lengths(&now), lengths(&later)),
        (vec![1_000, 3], vec![1_500])
    );
    assert_eq!(users_of(&now), 1_000);
    let (now, later) = chunk(later);
    assert_eq!((lengths(&now), lengths(&later)), (vec![1_000], vec![500]));
    let (now, later) = chunk(later);
    assert_eq!((lengths(&now), lengths(&later)), (vec![500], vec![]));
}

/// E2: of those who may be online, each gets what was committed while they were a member; and who has just left, that they left.
#[test]
fn a_frame_goes_to_candidates_who_were_members_then() {
    let frame = |first: u64, last: u64| GroupFrame {
        frame: Bytes::new(),
        first: Seq(first),
        last: Seq(last),
        node: "access-1".to_owned(),
        session: SessionId(4),
    };
    let membership = Membership::of_three();
    let candidates = BTreeSet::from([1, 2, 9].map(UserId));
    let users = |first, last, also: &[UserId], candidates| {
        let pushes = pushes(&[frame(first, last)], also, &membership, candidates);
        assert_eq!(pushes[0].except.as_ref().unwrap().1, SessionId(4));
        match &pushes[0].audience {
            Audience::Users(users) => users.iter().map(|user| user.0).collect::<Vec<u64>>(),
            other => panic!("{other:?}"),
        }
    };
    // 1 is a member since ever, 2 since entry 5, 3 too but nobody expects them online.
    assert_eq!(users(4, 4, &[], Some(&candidates)), [1]);
    assert_eq!(users(5, 6, &[], Some(&candidates)), [1, 2]);
    assert_eq!(users(5, 6, &[], None), [1, 2, 3]);
    assert_eq!(users(7, 7, &[UserId(8)], Some(&candidates)), [1, 2, 8]);
}
