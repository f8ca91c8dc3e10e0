//! What happened, in words. Pure: entries and names go in, lines come out. Whatever others wrote goes through [`plain`].

use std::collections::BTreeSet;

use im_shared::content::{
    Content, Custom, File, GroupEvent, Image, MemberEvent, Notice, Video, Voice,
};
use im_shared::ids::{Seq, UserId};
use im_shared::wire::{Entry, EntryType};

use crate::show::{Show, plain};

/// Letters of what an application defined for itself that are shown.
const CUSTOM_SHOWN: usize = 200;

/// In the place of what cannot be shown.
const STRANGE: &str = "[something that this version cannot show]";

/// What to call users; oneself is `you`.
pub(crate) type Calls<'a> = &'a dyn Fn(UserId) -> String;

/// Whom a line about an entry names, besides everybody.
pub(crate) fn people(entry: &Entry) -> Vec<UserId> {
    let mut people: BTreeSet<UserId> = [entry.sender_id].into();
    if entry.type_ == EntryType::Member
        && let Ok(event) = MemberEvent::parse(&entry.content)
    {
        match event {
            MemberEvent::Invited { users } => people.extend(users),
            MemberEvent::Admitted { user }
            | MemberEvent::Removed { user }
            | MemberEvent::Transferred { user }
            | MemberEvent::Role { user, .. }
            | MemberEvent::Silenced { user, .. } => {
                people.insert(user);
            }
            MemberEvent::Left { owner } => people.extend(owner),
            MemberEvent::Joined | MemberEvent::Dissolved => {}
        }
    }
    people.into_iter().filter(|user| user.is_some()).collect()
}

/// Whether people see an entry: of the types that this version does not know, those that count [E8].
pub(crate) fn is_seen(entry: &Entry) -> bool {
    entry.type_.0 <= EntryType::Group.0
}

/// One reaction and how many gave it.
pub(crate) type Tally = (String, u64);

/// A line for an entry: a message with its number, or what happened.
pub(crate) fn line(
    show: &Show,
    entry: &Entry,
    me: UserId,
    calls: Calls<'_>,
    reactions: &[Tally],
) -> String {
    let time = show.dim(&show.time(entry.created_at));
    if let Some(event) = happened(show, entry, calls) {
        return format!("     {time} {}", show.dim(&format!("· {event}")));
    }
    let number = show.dim(&format!("{:>4}", entry.seq.0));
    let (mine, called) = (
        entry.sender_id == me,
        entry.mentions.contains(&me) || entry.mentions.contains(&UserId(0)),
    );
    let mut name = match (mine, entry.type_) {
        (_, EntryType::System) => show.warn("!"),
        (true, _) => show.dim("me:"),
        (false, _) => format!("{}:", show.strong(&calls(entry.sender_id))),
    };
    if called && !mine {
        name = format!("{name} {}", show.warn("@you"));
    }
    let mut text = match entry.recalled_seq {
        Seq(0) => content(entry),
        _ => show.dim("(taken back)"),
    };
    if entry.target_seq > Seq(0) {
        text = format!("{} {text}", show.dim(&format!("↪ {}", entry.target_seq)));
    }
    if entry.edited_seq > Seq(0) {
        text = format!("{text} {}", show.dim("(edited)"));
    }
    for (reaction, count) in reactions {
        text = format!(
            "{text}  {}",
            show.dim(&format!("{} {count}", plain(reaction)))
        );
    }
    format!("{number} {time} {name} {text}")
}

/// An entry that is no message, as a sentence; none for a message.
pub(crate) fn happened(show: &Show, entry: &Entry, calls: Calls<'_>) -> Option<String> {
    let who = calls(entry.sender_id);
    let target = entry.target_seq;
    Some(match entry.type_ {
        EntryType::Edit if entry.recalled_seq > Seq(0) => {
            format!("{who} edited {target}, which was taken back")
        }
        EntryType::Edit => format!("{who} edited {target}: {}", text(entry)),
        EntryType::Recall => format!("{who} took {target} back"),
        EntryType::Reaction => match text(entry) {
            added if added.starts_with('+') => format!("{who} reacted {} to {target}", &added[1..]),
            removed if removed.starts_with('-') => {
                format!("{who} took {} back from {target}", &removed[1..])
            }
            _ => format!("{who} reacted to {target}"),
        },
        EntryType::Member => MemberEvent::parse(&entry.content).map_or_else(
            |_| format!("{who} changed the members"),
            |event| member(show, &who, entry.sender_id, &event, calls),
        ),
        EntryType::Group => GroupEvent::parse(&entry.content).map_or_else(
            |_| format!("{who} changed the group"),
            |event| group(&who, &event),
        ),
        _ => return None,
    })
}

fn member(show: &Show, who: &str, sender: UserId, event: &MemberEvent, calls: Calls<'_>) -> String {
    match event {
        MemberEvent::Joined => format!("{who} joined"),
        MemberEvent::Invited { users } => {
            let users: Vec<_> = users.iter().map(|user| calls(*user)).collect();
            format!("{who} invited {}", list(&users))
        }
        MemberEvent::Admitted { user } => format!("{who} let {} in", calls(*user)),
        MemberEvent::Removed { user } => format!("{who} removed {}", calls(*user)),
        MemberEvent::Left { owner: None } => format!("{who} left"),
        MemberEvent::Left { owner: Some(owner) } => {
            format!("{who} left; the group belongs to {} now", calls(*owner))
        }
        MemberEvent::Transferred { user } => format!("{who} gave the group to {}", calls(*user)),
        MemberEvent::Role { user, role } if role == "admin" => {
            format!("{who} made {} an admin", calls(*user))
        }
        MemberEvent::Role { user, .. } => format!("{who} made {} a member again", calls(*user)),
        MemberEvent::Silenced { user, until: 0 } => {
            format!("{who} gave {} the voice back", calls(*user))
        }
        MemberEvent::Silenced { user, until } if *user != sender => {
            format!(
                "{who} silenced {} until {}",
                calls(*user),
                show.time(*until)
            )
        }
        MemberEvent::Silenced { until, .. } => {
            format!("{who} may not write until {}", show.time(*until))
        }
        MemberEvent::Dissolved => format!("{who} dissolved the group"),
    }
}

fn group(who: &str, event: &GroupEvent) -> String {
    let name = event.name.as_deref().map(plain);
    if event.created {
        return match name {
            Some(name) => format!("{who} made the group {name}"),
            None => format!("{who} made the group"),
        };
    }
    let mut changes = Vec::new();
    changes.extend(name.map(|name| format!("called the group {name}")));
    changes.extend(event.description.as_deref().map(|text| match text {
        "" => "took the description away".to_owned(),
        text => format!("described it: {}", plain(text)),
    }));
    changes.extend(event.avatar.as_deref().map(|address| match address {
        "" => "took the picture away".to_owned(),
        _ => "changed the picture".to_owned(),
    }));
    changes.extend(event.join_policy.as_deref().map(|policy| match policy {
        "free" => "lets everybody join".to_owned(),
        "approval" => "lets people join whom an admin agrees to".to_owned(),
        _ => "lets people join by invitation only".to_owned(),
    }));
    changes.extend(event.history_open.map(|open| match open {
        true => "lets new members read what was before them".to_owned(),
        false => "lets new members read only what comes after them".to_owned(),
    }));
    changes.extend(event.silenced.map(|silenced| match silenced {
        true => "lets only admins write".to_owned(),
        false => "lets everybody write".to_owned(),
    }));
    match changes.is_empty() {
        true => format!("{who} changed the group"),
        false => format!("{who} {}", list(&changes)),
    }
}

/// What a message says, on one line or several that nobody can take for another one's.
pub(crate) fn content(entry: &Entry) -> String {
    let bytes = &entry.content;
    let said = match entry.type_ {
        EntryType::Image => Image::parse(bytes).map(|image| {
            let of = format!(
                "picture, {}×{}, {}",
                image.width,
                image.height,
                size(image.size)
            );
            captioned(&of, &image.caption)
        }),
        EntryType::File => File::parse(bytes)
            .map(|file| format!("[file {}, {}]", plain(&file.name), size(file.size))),
        EntryType::Voice => {
            Voice::parse(bytes).map(|voice| format!("[voice, {}]", duration(voice.duration_ms)))
        }
        EntryType::Video => Video::parse(bytes).map(|video| {
            let of = format!(
                "video, {}, {}",
                duration(video.duration_ms),
                size(video.size)
            );
            captioned(&of, &video.caption)
        }),
        EntryType::Custom => Custom::parse(bytes).map(|custom| {
            let data = custom.data.to_string();
            let mut shown: String = data.chars().take(CUSTOM_SHOWN).collect();
            if shown.len() < data.len() {
                shown.push('…');
            }
            format!("[{}] {}", plain(&custom.kind), plain(&shown))
        }),
        EntryType::System => Notice::parse(bytes)
            .map(|notice| format!("{}: {}", plain(&notice.title), plain(&notice.content))),
        EntryType::Text => Ok(text(entry)),
        _ => Ok(STRANGE.to_owned()),
    };
    said.unwrap_or_else(|_| STRANGE.to_owned())
}

/// The same on one line, with so many letters at most.
pub(crate) fn short(entry: &Entry, letters: usize) -> String {
    let text = match entry.recalled_seq {
        Seq(0) => content(entry),
        _ => "(taken back)".to_owned(),
    };
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut short: String = line.chars().take(letters).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    short
}

fn text(entry: &Entry) -> String {
    plain(&String::from_utf8_lossy(&entry.content))
}

fn captioned(of: &str, caption: &str) -> String {
    match caption {
        "" => format!("[{of}]"),
        caption => format!("[{of}] {}", plain(caption)),
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
    }
}

fn duration(millis: u64) -> String {
    let seconds = millis.div_ceil(1_000);
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn list(items: &[String]) -> String {
    match items {
        [] => "nobody".to_owned(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;
