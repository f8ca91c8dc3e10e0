//! The entries that changes of a group leave in the log.

use im_shared::content::{Content, GroupEvent, MemberEvent};
use im_shared::ids::UserId;
use im_shared::wire::{Entry, EntryType, GroupUpdate};

use super::face;

/// What an entry says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Of members.
    Member(MemberEvent),
    /// Of the face or the rules.
    Group(GroupEvent),
}

impl Event {
    /// What `entry` says; none when it is no change of a group.
    #[must_use]
    pub fn of(entry: &Entry) -> Option<Self> {
        match entry.type_ {
            EntryType::Member => MemberEvent::parse(&entry.content).ok().map(Self::Member),
            EntryType::Group => GroupEvent::parse(&entry.content).ok().map(Self::Group),
            _ => None,
        }
    }

    /// The type of its entry.
    #[must_use]
    pub const fn entry_type(&self) -> EntryType {
        match self {
            Self::Member(_) => EntryType::Member,
            Self::Group(_) => EntryType::Group,
        }
    }

    /// The content of its entry.
    #[must_use]
    pub fn to_json(&self) -> String {
        match self {
            Self::Member(event) => event.to_json(),
            Self::Group(event) => event.to_json(),
        }
    }

    /// Who was a member before the entry and is not after it, apart from everybody at the end of the group. `sender` made the entry.
    #[must_use]
    pub fn gone(&self, sender: UserId) -> Option<UserId> {
        match self {
            Self::Member(MemberEvent::Removed { user }) => Some(*user),
            Self::Member(MemberEvent::Left { .. }) => Some(sender),
            _ => None,
        }
    }

    /// Whether it can be what `update` came to.
    #[must_use]
    pub fn is_update(&self, update: &GroupUpdate) -> bool {
        matches!(self, Self::Group(event) if face::is_of(event, update))
    }
}
