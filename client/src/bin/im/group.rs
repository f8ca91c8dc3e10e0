//! Groups, over REST: no session is needed and none is replaced.

use std::time::{SystemTime, UNIX_EPOCH};

use im_client::Api;
use im_client::api::{
    Admission, Answer, ConversationKind, Group, GroupChange, Member, NewGroup, Policy, Role,
};
use im_shared::ids::{ConversationId, UserId};

use crate::cli::{GroupCommand, HistoryRule, Switch};
use crate::context::{Context, Me};
use crate::error::Error;
use crate::names::{self, Names};
use crate::place;
use crate::show::{Show, plain};

pub(crate) async fn run(context: &Context, command: Option<GroupCommand>) -> Result<(), Error> {
    let me = context.me().await?;
    let (api, show) = (&me.api, &context.show);
    match command.unwrap_or(GroupCommand::List) {
        GroupCommand::Create {
            name,
            users,
            policy,
            history,
            description,
        } => {
            let group = NewGroup {
                name,
                description,
                join_policy: Some(policy.into()),
                history_open: history == HistoryRule::Open,
                member_ids: ids(api, &users).await?,
                ..NewGroup::default()
            };
            let group = api.create_group(&group).await?;
            let name = plain(&group.name);
            println!(
                "Made #{name} ({}), with {}.",
                group.id,
                members_word(group.member_count)
            );
            println!("Talk: im chat '#{name}'");
            Ok(())
        }
        GroupCommand::List => list(api, show).await,
        GroupCommand::Show { group } => {
            let group = api.group(place::group_id(api, &group).await?).await?;
            let mut names = Names::load(api.clone(), me.login.user_id).await?;
            let owner = match group.owner_id {
                Some(owner) => names.of(owner).await,
                None => String::new(),
            };
            for line in describe(show, &group, &owner) {
                println!("{line}");
            }
            Ok(())
        }
        GroupCommand::Members { group } => members(&me, show, &group).await,
        GroupCommand::Rename { group, name } => {
            let change = GroupChange {
                name: Some(name),
                ..GroupChange::default()
            };
            let group = update(api, &group, change).await?;
            println!("It is called #{} now.", plain(&group.name));
            Ok(())
        }
        GroupCommand::Describe { group, text } => {
            let change = GroupChange {
                description: Some(text),
                ..GroupChange::default()
            };
            done(update(api, &group, change).await)
        }
        GroupCommand::Avatar { group, address } => {
            let change = GroupChange {
                avatar: Some(address),
                ..GroupChange::default()
            };
            done(update(api, &group, change).await)
        }
        GroupCommand::Policy { group, policy } => {
            let change = GroupChange {
                join_policy: Some(policy.into()),
                ..GroupChange::default()
            };
            let group = update(api, &group, change).await?;
            println!(
                "One joins #{} {}.",
                plain(&group.name),
                joining(group.join_policy)
            );
            Ok(())
        }
        GroupCommand::History { group, rule } => {
            let change = GroupChange {
                history_open: Some(rule == HistoryRule::Open),
                ..GroupChange::default()
            };
            done(update(api, &group, change).await)
        }
        GroupCommand::Invite { group, users } => {
            let id = place::group_id(api, &group).await?;
            match api.invite(id, &ids(api, &users).await?).await? {
                Admission::Member(group) => println!(
                    "#{} has {} now.",
                    plain(&group.name),
                    members_word(group.member_count)
                ),
                Admission::Asked {} => println!("The admins are asked."),
            }
            Ok(())
        }
        GroupCommand::Join { group, message } => {
            match api
                .join(place::group_id(api, &group).await?, &message)
                .await?
            {
                Admission::Member(group) => {
                    let name = plain(&group.name);
                    println!("You are in #{name} now. Say hello: im chat '#{name}'");
                }
                Admission::Asked {} => println!("Asked. You are in as soon as an admin agrees."),
            }
            Ok(())
        }
        GroupCommand::Requests { group } => requests(&me, show, &group).await,
        GroupCommand::Accept { group, member } => {
            answer(api, &group, &member, Answer::Accept).await?;
            println!("{} is in.", plain(&member));
            Ok(())
        }
        GroupCommand::Reject { group, member } => {
            answer(api, &group, &member, Answer::Reject).await?;
            println!("Declined.");
            Ok(())
        }
        GroupCommand::Remove { group, member } => {
            let id = place::group_id(api, &group).await?;
            api.remove_member(id, person(api, id, &member).await?)
                .await?;
            println!("{} is no member any more.", plain(&member));
            Ok(())
        }
        GroupCommand::Leave { group } => {
            let id = place::group_id(api, &group).await?;
            api.remove_member(id, me.login.user_id).await?;
            println!("You left. What you could read stays.");
            Ok(())
        }
        GroupCommand::Transfer { group, member } => {
            let id = place::group_id(api, &group).await?;
            api.transfer_group(id, person(api, id, &member).await?)
                .await?;
            println!(
                "It belongs to {} now, and you are an admin.",
                plain(&member)
            );
            Ok(())
        }
        GroupCommand::Dissolve { group } => {
            api.dissolve_group(place::group_id(api, &group).await?)
                .await?;
            println!("Dissolved. Everybody keeps what they could read.");
            Ok(())
        }
        GroupCommand::Role {
            group,
            member,
            role,
        } => {
            let id = place::group_id(api, &group).await?;
            let changed = api
                .set_role(id, person(api, id, &member).await?, role.into())
                .await?;
            println!("{} is {} now.", plain(&member), role_word(changed.role));
            Ok(())
        }
        GroupCommand::Silence {
            group,
            member,
            minutes,
            all,
        } => silence(api, show, &group, member.zip(minutes), all).await,
    }
}

async fn update(api: &Api, group: &str, change: GroupChange) -> Result<Group, Error> {
    let id = place::group_id(api, group).await?;
    Ok(api.change_group(id, &change).await?)
}

fn done(changed: Result<Group, Error>) -> Result<(), Error> {
    changed.map(|_| println!("Done."))
}

async fn list(api: &Api, show: &Show) -> Result<(), Error> {
    let mut groups = place::all(api).await?;
    groups.retain(|group| group.kind == ConversationKind::Group && group.role != Role::None);
    if groups.is_empty() {
        println!("No groups yet. Make one: im group create NAME FRIEND...");
    }
    for group in groups {
        println!(
            "{} {:<12} {:<7} {}",
            show.strong(&column(&place::title(&group), 24)),
            members_word(group.member_count),
            role_name(group.role),
            show.dim(&group.id.to_string()),
        );
    }
    Ok(())
}

async fn members(me: &Me, show: &Show, group: &str) -> Result<(), Error> {
    let id = place::group_id(&me.api, group).await?;
    let mut members = me.api.members(id).await?;
    members.sort_by(|a, b| (b.role, &a.profile.username).cmp(&(a.role, &b.profile.username)));
    for member in members {
        println!("{}", member_line(show, &member, me.login.user_id, now()));
    }
    Ok(())
}

fn member_line(show: &Show, member: &Member, me: UserId, now: i64) -> String {
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

async fn requests(me: &Me, show: &Show, group: &str) -> Result<(), Error> {
    let id = place::group_id(&me.api, group).await?;
    let requests = me.api.join_requests(id).await?;
    if requests.is_empty() {
        println!("Nobody waits.");
    }
    let mut names = Names::load(me.api.clone(), me.login.user_id).await?;
    for request in requests {
        let by = match request.asked_by == request.user_id {
            true => String::new(),
            false => format!(" (invited by {})", names.of(request.asked_by).await),
        };
        println!(
            "{} {}{by}: {}",
            show.dim(&show.time(request.created_at)),
            show.strong(&plain(&names::call(&request.profile))),
            plain(&request.message)
        );
    }
    Ok(())
}

async fn answer(api: &Api, group: &str, user: &str, answer: Answer) -> Result<(), Error> {
    let id = place::group_id(api, group).await?;
    let wanted = user.to_lowercase();
    let requests = api.join_requests(id).await?;
    let request = requests
        .iter()
        .find(|request| request.profile.username == wanted)
        .ok_or_else(|| Error::Failed(format!("{} has not asked to join", plain(user))))?;
    Ok(api.answer_join(id, request.user_id, answer).await?)
}

async fn silence(
    api: &Api,
    show: &Show,
    group: &str,
    one: Option<(String, i64)>,
    all: Option<Switch>,
) -> Result<(), Error> {
    let id = place::group_id(api, group).await?;
    if let Some((user, minutes)) = one {
        let until = match minutes {
            0 => 0,
            minutes => now() + minutes * 60_000,
        };
        api.silence(id, person(api, id, &user).await?, until)
            .await?;
        match until {
            0 => println!("{} may write again.", plain(&user)),
            until => println!("{} may not write until {}.", plain(&user), show.time(until)),
        }
        return Ok(());
    }
    let change = GroupChange {
        silenced: Some(all == Some(Switch::On)),
        ..GroupChange::default()
    };
    let group = api.change_group(id, &change).await?;
    let who = writing(group.silenced.unwrap_or_default());
    println!("#{}: {who}.", plain(&group.name));
    Ok(())
}

/// The ids of users, by name.
async fn ids(api: &Api, users: &[String]) -> Result<Vec<UserId>, Error> {
    let mut ids = Vec::with_capacity(users.len());
    for user in users {
        ids.push(names::find(api, user).await?.user_id);
    }
    Ok(ids)
}

/// A member, by name: found also where the search for users does not show them.
async fn person(api: &Api, group: ConversationId, user: &str) -> Result<UserId, Error> {
    match names::find(api, user).await {
        Err(Error::NoSuchUser(_)) => {
            let wanted = user.to_lowercase();
            let members = api.members(group).await?;
            members
                .iter()
                .find(|member| member.profile.username == wanted)
                .map(|member| member.user_id)
                .ok_or_else(|| Error::NoSuchUser(plain(user)))
        }
        found => Ok(found?.user_id),
    }
}

fn describe(show: &Show, group: &Group, owner: &str) -> Vec<String> {
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

/// Padded, or cut, to so many letters.
pub(crate) fn column(text: &str, letters: usize) -> String {
    let length = text.chars().count();
    if length <= letters {
        return format!("{text}{}", " ".repeat(letters - length));
    }
    let cut: String = text.chars().take(letters.saturating_sub(1)).collect();
    format!("{cut}…")
}

fn members_word(count: u32) -> String {
    match count {
        1 => "1 member".to_owned(),
        count => format!("{count} members"),
    }
}

const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Owner => "owner",
        Role::Admin => "admin",
        Role::Member => "member",
        Role::None => "none",
    }
}

const fn role_word(role: Role) -> &'static str {
    match role {
        Role::Owner => "the owner",
        Role::Admin => "an admin",
        Role::Member => "a member",
        Role::None => "no member",
    }
}

const fn joining(policy: Policy) -> &'static str {
    match policy {
        Policy::Free => "by oneself",
        Policy::Approval => "by oneself, once an admin agrees",
        Policy::Invite => "by invitation only",
    }
}

const fn writing(silenced: bool) -> &'static str {
    match silenced {
        true => "only admins and the owner write",
        false => "everybody writes",
    }
}

/// Milliseconds since 1970.
pub(crate) fn now() -> i64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(now.as_millis()).unwrap_or(i64::MAX)
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

    #[test]
    fn columns_count_letters() {
        assert_eq!(column("né", 4), "né  ");
        assert_eq!(column("grüße", 4), "grü…");
    }
}
