//! What changed of a conversation on one's list, in words. Pure.

use im_shared::wire::{ConversationState, JoinChange, JoinEvent, Role};

use crate::show::{Show, plain};

/// What a user set, or what became of their membership, between two states; entries tell the rest.
pub(crate) fn of(show: &Show, before: &ConversationState, now: &ConversationState) -> Vec<String> {
    let mut changes = Vec::new();
    let mut say = |is_news: bool, text: String| {
        if is_news {
            changes.push(text);
        }
    };
    say(
        before.pinned_at != now.pinned_at,
        match now.pinned_at {
            0 => "not pinned any more".to_owned(),
            _ => "pinned".to_owned(),
        },
    );
    say(
        before.muted_until != now.muted_until,
        match now.muted_until {
            0 => "not muted any more".to_owned(),
            until => format!("muted until {}", show.time(until)),
        },
    );
    say(
        before.archived != now.archived,
        match now.archived {
            true => "archived".to_owned(),
            false => "not archived any more".to_owned(),
        },
    );
    say(
        before.hidden != now.hidden && now.hidden,
        "hidden until something comes".to_owned(),
    );
    say(
        before.draft != now.draft,
        match now.draft.as_str() {
            "" => "no draft any more".to_owned(),
            draft => format!("draft: {}", plain(draft)),
        },
    );
    say(
        before.role != now.role,
        match now.role {
            Role::Owner => "you are the owner now",
            Role::Admin => "you are an admin now",
            Role::Member => "you are a member now",
            _ => "you are no member any more",
        }
        .to_owned(),
    );
    changes
}

/// A request to join, or its answer, about a group of this name.
pub(crate) fn of_join(event: &JoinEvent, name: &str, group: &str) -> String {
    match event.change {
        JoinChange::Requested if event.message.is_empty() => {
            format!("{name} wants to join {group}")
        }
        JoinChange::Requested => {
            format!("{name} wants to join {group}: {}", plain(&event.message))
        }
        JoinChange::Accepted => format!("{name} may join {group}"),
        _ => format!("{name} may not join {group}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// G6: what another device of the user set.
    #[test]
    fn what_was_set_elsewhere_is_told_and_nothing_else() {
        let before = ConversationState::default();
        let now = ConversationState {
            pinned_at: 5,
            muted_until: 60_000,
            unread: 7,
            draft: "hi\u{1b}".to_owned(),
            ..ConversationState::default()
        };
        let show = Show::plain();
        assert_eq!(
            of(&show, &before, &now),
            ["pinned", "muted until 1970-01-01 00:01", "draft: hi"]
        );
        assert_eq!(
            of(&show, &now, &before),
            [
                "not pinned any more",
                "not muted any more",
                "no draft any more"
            ]
        );
        assert!(of(&show, &now, &now).is_empty());
    }

    /// [G5]
    #[test]
    fn a_request_to_join_is_told_with_its_message() {
        let event = JoinEvent {
            change: JoinChange::Requested,
            message: "please".to_owned(),
            ..JoinEvent::default()
        };
        assert_eq!(
            of_join(&event, "ann", "#Tea"),
            "ann wants to join #Tea: please"
        );
    }
}
