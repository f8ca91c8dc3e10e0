//! Plain memberships.
#![allow(clippy::unwrap_used)]

use super::*;

fn member(user: u64, from: u64, until: Option<u64>) -> Member {
    Member {
        user: UserId(user),
        from: Seq(from),
        until: until.map(Seq),
        changed: Seq(until.unwrap_or(from)),
    }
}

fn membership(seq: u64, members: &[Member]) -> Membership {
    Membership::new(Seq(seq), members.to_vec(), Instant::now())
}

fn given(membership: &Membership, first: u64, last: u64) -> Vec<u64> {
    let users = membership.given(Seq(first), Seq(last));
    users.map(|user| user.0).collect()
}

/// E2: an entry goes to those who were members at its commit, even when the membership that is known is a later one.
#[test]
fn who_came_later_gets_nothing_of_before_and_who_left_gets_what_was_before_that() {
    let now = membership(
        9,
        &[
            member(1, 0, None),
            member(2, 8, None),
            member(3, 0, Some(9)),
        ],
    );
    assert_eq!(given(&now, 7, 8), [1, 3]);
    assert_eq!(given(&now, 9, 9), [1, 2, 3]);
    assert_eq!(given(&now, 10, 12), [1, 2]);
    assert_eq!((now.count(), now.seq()), (2, Seq(9)));
    assert!(now.present().eq([1, 2].map(UserId)));
}

/// E2
#[test]
fn changes_replace_what_was_known_and_who_left_long_ago_is_forgotten() {
    let first = membership(5, &[member(1, 0, None), member(2, 0, None)]);
    let second = first.with(
        vec![member(3, 6, None), member(2, 0, Some(8))],
        Seq(8),
        Instant::now(),
    );
    assert_eq!(given(&second, 8, 8), [1, 2, 3]);
    // Two came back, under a new beginning; one left.
    let third = second.with(
        vec![member(2, 9, None), member(1, 0, Some(11))],
        Seq(11),
        Instant::now(),
    );
    assert_eq!(given(&third, 9, 9), [1, 3]);
    assert_eq!(given(&third, 12, 12), [2, 3]);
    let fourth = third.with(Vec::new(), Seq(12), Instant::now());
    assert_eq!(given(&fourth, 10, 10), [2, 3], "who left before is gone");
}

/// A15: many groups are forgotten before the memory is full, and one that is used is not.
#[test]
fn what_is_remembered_is_bounded() {
    let mut inner = Inner {
        young: HashMap::new(),
        old: HashMap::new(),
        weight: 0,
        half: 100,
        loads: HashMap::new(),
    };
    let group = |n: u64| {
        let members: Vec<Member> = (0..9).map(|user| member(user, 0, None)).collect();
        (ConversationId(n), Arc::new(membership(1, &members)))
    };
    let (used, known) = group(0);
    inner.insert(used, known);
    for n in 1..500 {
        let (id, known) = group(n);
        inner.insert(id, known);
        assert!(inner.get(used).is_some());
        assert!(inner.young.len() + inner.old.len() <= 22);
    }
    assert!(inner.get(ConversationId(3)).is_none());
}
