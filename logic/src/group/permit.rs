//! Who may do what to whom in a group (E1). One table, in one place: commands, sends and changes of messages ask it.

use im_shared::wire::{JoinPolicy, Role};

/// What a member wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Change the name, the picture, the description or the rules, one of which is that only admins and the owner write.
    Update,
    /// Answer a request to join.
    Answer,
    /// End the membership of the target.
    Remove,
    /// End one's own membership.
    Leave,
    /// Make the target the owner.
    Transfer,
    /// End the group.
    Dissolve,
    /// Change the role of the target.
    SetRole,
    /// Take the voice of the target, or give it back.
    Silence,
    /// Write while only admins and the owner do.
    WriteSilenced,
    /// Take back a message of the target.
    Recall,
}

/// Whether a member with the role `actor` may do `action`. `target`: the role of whom it is done to, another member; `Role::None` for
/// one who has left. What is done to nobody has no target.
#[must_use]
pub fn permits(actor: Role, action: Action, target: Option<Role>) -> bool {
    let is_admin = matches!(actor, Role::Admin | Role::Owner);
    let is_owner = actor == Role::Owner;
    match action {
        Action::Leave => is_admin || actor == Role::Member,
        Action::Update | Action::Answer | Action::WriteSilenced => is_admin,
        Action::Dissolve => is_owner,
        Action::Transfer | Action::SetRole => {
            is_owner && matches!(target, Some(Role::Member | Role::Admin))
        }
        Action::Remove | Action::Silence => match target {
            Some(Role::Member) => is_admin,
            Some(Role::Admin) => is_owner,
            _ => false,
        },
        // What one who has left wrote is still there.
        Action::Recall => match target {
            Some(Role::Member | Role::None) => is_admin,
            Some(_) => is_owner,
            None => false,
        },
    }
}

/// What comes of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invitation {
    /// Who is invited is a member at once.
    Joins,
    /// An admin has to agree.
    Asks,
}

/// What an invitation by a member with the role `actor` comes to; none when it is not permitted.
#[must_use]
pub fn invitation(actor: Role, policy: JoinPolicy) -> Option<Invitation> {
    match (actor, policy) {
        (Role::Admin | Role::Owner, _) | (Role::Member, JoinPolicy::Free) => {
            Some(Invitation::Joins)
        }
        (Role::Member, JoinPolicy::Approval) => Some(Invitation::Asks),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLES: [Role; 4] = [Role::None, Role::Member, Role::Admin, Role::Owner];

    /// E1, [G3]: each row is an actor, each column a target.
    #[test]
    fn every_cell_of_what_is_done_to_somebody_is_as_the_rules_say() {
        let tables = [
            //                  target:  none member admin owner
            (Action::Remove, ["....", "....", ".x..", ".xx."]),
            (Action::Silence, ["....", "....", ".x..", ".xx."]),
            (Action::Transfer, ["....", "....", "....", ".xx."]),
            (Action::SetRole, ["....", "....", "....", ".xx."]),
            (Action::Recall, ["....", "....", "xx..", "xxxx"]),
        ];
        for (action, rows) in tables {
            for (actor, row) in ROLES.into_iter().zip(rows) {
                for (target, cell) in ROLES.into_iter().zip(row.chars()) {
                    let is_permitted = permits(actor, action, Some(target));
                    assert_eq!(is_permitted, cell == 'x', "{actor:?} {action:?} {target:?}");
                }
                assert!(
                    !permits(actor, action, None),
                    "{actor:?} {action:?} to nobody"
                );
            }
        }
    }

    /// E1, [G3]
    #[test]
    fn every_cell_of_what_is_done_to_the_group_is_as_the_rules_say() {
        let tables = [
            //               actor: none member admin owner
            (Action::Update, "..xx"),
            (Action::Answer, "..xx"),
            (Action::WriteSilenced, "..xx"),
            (Action::Leave, ".xxx"),
            (Action::Dissolve, "...x"),
        ];
        for (action, row) in tables {
            for (actor, cell) in ROLES.into_iter().zip(row.chars()) {
                assert_eq!(
                    permits(actor, action, None),
                    cell == 'x',
                    "{actor:?} {action:?}"
                );
            }
        }
    }

    /// E1, [G4]
    #[test]
    fn what_an_invitation_comes_to_depends_on_the_role_and_the_policy() {
        let policies = [JoinPolicy::Free, JoinPolicy::Approval, JoinPolicy::Invite];
        let (joins, asks) = (Some(Invitation::Joins), Some(Invitation::Asks));
        let table = [
            (Role::None, [None; 3]),
            (Role::Member, [joins, asks, None]),
            (Role::Admin, [joins; 3]),
            (Role::Owner, [joins; 3]),
        ];
        for (role, row) in table {
            assert_eq!(
                policies.map(|policy| invitation(role, policy)),
                row,
                "{role:?}"
            );
        }
        assert_eq!(invitation(Role::Member, JoinPolicy::Unknown), None);
    }

    /// A role that a newer version may know has no rights here.
    #[test]
    fn a_role_that_is_not_known_may_do_nothing() {
        for action in [
            Action::Update,
            Action::Leave,
            Action::Dissolve,
            Action::Remove,
        ] {
            assert!(!permits(Role(9), action, Some(Role::Member)), "{action:?}");
        }
    }
}
