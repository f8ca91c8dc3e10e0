//! What two users are to each other. Pure.

use im_shared::wire::Code;

/// What a user is to another one, as the table of friends has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bond {
    /// Not friends.
    Strangers,
    /// Friends.
    Friends,
    /// Friends, and one of them has blocked the other.
    Blocked,
}

impl Bond {
    /// From `friends.blocked` of their row; none where there is no row.
    #[must_use]
    pub fn of(blocked: Option<i16>) -> Self {
        match blocked {
            None => Self::Strangers,
            Some(0) => Self::Friends,
            Some(_) => Self::Blocked,
        }
    }

    /// Whether one may turn to the other.
    ///
    /// # Errors
    ///
    /// `NotFriends`, or `Blocked`.
    pub fn check(self) -> Result<(), Code> {
        match self {
            Self::Strangers => Err(Code::NotFriends),
            Self::Friends => Ok(()),
            Self::Blocked => Err(Code::Blocked),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// C5
    #[test]
    fn only_friends_who_have_not_blocked_each_other_turn_to_each_other() {
        assert_eq!(Bond::of(None).check(), Err(Code::NotFriends));
        assert_eq!(Bond::of(Some(0)).check(), Ok(()));
        for blocked in 1..=3 {
            assert_eq!(Bond::of(Some(blocked)).check(), Err(Code::Blocked));
        }
    }
}
