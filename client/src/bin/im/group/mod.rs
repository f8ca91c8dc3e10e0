//! Groups, over REST: no session is needed and none is replaced.

mod words;

use im_client::Api;
use im_client::api::{Admission, Answer, ConversationKind, Group, GroupChange, NewGroup, Role};
use im_shared::ids::{ConversationId, UserId};

use crate::cli::{GroupCommand, HistoryRule, Switch};
use crate::context::{Context, Me};
use crate::error::Error;
use crate::names::{self, Names};
use crate::place;
use crate::show::{Show, column, now, plain};

use words::{describe, joining, member_line, members_word, role_name, role_word, writing};

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
