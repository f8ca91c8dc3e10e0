//! Groups and members in words. Pure.

use im_client::api::{Group, Member, Policy, Role};
use im_shared::ids::UserId;

use crate::names;
use crate::show::{Show, column, plain};

/// One member on a line; `now` in milliseconds since 1970.
pub(super) fn member_line(show: &Show, member: &Member, me: UserId, now: i64) -> String {
    let name = plain(&names::call(&member.profile));
    let you = if member.user_id == me { " (you)" } else { "" };
    let silenced = match member.silenced_until {
        Some(until) if until > now => {
            show.warn(&format!(", may not write until {}", show.time(until)))
        }
        _ => String::new(),
    };
    format!(
        "{} {:<7} {}{silenced}",
        show.strong(&column(&format!("{name}{you}"), 24)),
        role_name(member.role),
        show.dim(&format!("since {}", show.time(member.joined_at))),
    )
}

/// What a group is, line by line.
pub(super) fn describe(show: &Show, group: &Group, owner: &str) -> Vec<String> {
    let mut lines = vec![format!(
        "{} {}",
        show.strong(&format!("#{}", plain(&group.name))),
        show.dim(&group.id.to_string())
    )];
    let mut say = |what: &str, text: String| lines.push(format!("  {what:<9}{text}"));
    if let Some(text) = group.description.as_deref().filter(|text| !text.is_empty()) {
        say("about", plain(text));
    }
    let limit = group
        .member_limit
        .map(|limit| format!(" of {limit} at most"));
    say(
        "members",
        format!("{}{}", group.member_count, limit.unwrap_or_default()),
    );
    say("you", format!("are {}", role_word(group.role)));
    if !owner.is_empty() {
        say("owner", owner.to_owned());
    }
    say("joining", joining(group.join_policy).to_owned());
    if let Some(open) = group.history_open {
        let text = match open {
            true => "new members read what was before them",
            false => "new members read only what comes after them",
        };
        say("history", text.to_owned());
    }
    if let Some(silenced) = group.silenced {
        say("writing", writing(silenced).to_owned());
    }
    if !group.avatar.is_empty() {
        say("picture", plain(&group.avatar));
    }
    if let Some(made) = group.created_at {
        say("made", show.time(made));
    }
    lines
}

pub(super) fn members_word(count: u32) -> String {
    match count {
        1 => "1 member".to_owned(),
        count => format!("{count} members"),
    }
}

pub(super) const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Owner => "owner",
        Role::Admin => "admin",
        Role::Member => "member",
        Role::None => "none",
    }
}

pub(super) const fn role_word(role: Role) -> &'static str {
    match role {
        Role::Owner => "the owner",
        Role::Admin => "an admin",
        Role::Member => "a member",
        Role::None => "no member",
    }
}

pub(super) const fn joining(policy: Policy) -> &'static str {
    match policy {
        Policy::Free => "by oneself",
        Policy::Approval => "by oneself, once an admin agrees",
        Policy::Invite => "by invitation only",
    }
}

pub(super) const fn writing(silenced: bool) -> &'static str {
    match silenced {
        true => "only admins and the owner write",
        false => "everybody writes",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn a_group_is_described_line_by_line() {
        let group = json!({
            "id": "7", "name": "Tea\u{1b}[2J", "avatar": "", "memberCount": 2, "joinPolicy": "approval", "role": "admin",
            "description": "at five", "ownerId": "9", "memberLimit": 500, "historyOpen": false, "silenced": true, "createdAt": 0
        });
        let group: Group = serde_json::from_value(group).unwrap();
        let lines = describe(&Show::plain(), &group, "ann");
        assert_eq!(
            lines,
            [
                "#Tea[2J 7",
                "  about    at five",
                "  members  2 of 500 at most",
                "  you      are an admin",
                "  owner    ann",
                "  joining  by oneself, once an admin agrees",
                "  history  new members read only what comes after them",
                "  writing  only admins and the owner write",
                "  made     1970-01-01 00:00",
            ]
        );
    }

    #[test]
    fn a_member_without_a_voice_is_marked() {
        let member = json!({
            "userId": "9", "role": "member", "joinedAt": 0, "silencedUntil": 60_000,
            "profile": { "userId": "9", "username": "ann" }
        });
        let member: Member = serde_json::from_value(member).unwrap();
        let line = |now| member_line(&Show::plain(), &member, UserId(9), now);
        assert!(line(0).starts_with("ann (you) "));
        assert!(line(0).ends_with("may not write until 1970-01-01 00:01"));
        assert!(!line(60_000).contains("may not"), "it is over");
    }
}
