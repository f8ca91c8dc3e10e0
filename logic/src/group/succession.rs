//! Who owns a group when its owner leaves.

use std::cmp::Reverse;
use std::time::SystemTime;

use im_shared::ids::UserId;
use im_shared::wire::Role;

/// A member who stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub user: UserId,
    /// Their role.
    pub role: Role,
    /// Since when they are a member.
    pub since: SystemTime,
}

/// The next owner: the admin with the longest membership, else the member with it; of two who came together, the one with the smaller
/// id, so that every worker finds the same. None when nobody stays.
#[must_use]
pub fn heir(candidates: &[Candidate]) -> Option<UserId> {
    candidates
        .iter()
        .max_by_key(|candidate| {
            (
                candidate.role.0,
                Reverse(candidate.since),
                Reverse(candidate.user),
            )
        })
        .map(|candidate| candidate.user)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn candidate(user: u64, role: Role, since: u64) -> Candidate {
        Candidate {
            user: UserId(user),
            role,
            since: SystemTime::UNIX_EPOCH + Duration::from_secs(since),
        }
    }

    /// E1, [G9]
    #[test]
    fn the_admin_who_came_first_inherits_before_any_member() {
        let members = [
            candidate(1, Role::Member, 1),
            candidate(2, Role::Admin, 9),
            candidate(3, Role::Admin, 5),
            candidate(4, Role::Member, 2),
        ];
        assert_eq!(heir(&members), Some(UserId(3)));
    }

    /// E1, [G9]
    #[test]
    fn without_admins_the_member_who_came_first_inherits() {
        let members = [
            candidate(8, Role::Member, 4),
            candidate(7, Role::Member, 4),
            candidate(1, Role::Member, 5),
        ];
        assert_eq!(heir(&members), Some(UserId(7)));
        assert_eq!(heir(&[]), None);
    }
}
