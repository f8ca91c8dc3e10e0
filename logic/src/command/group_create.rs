//! `GroupCreate`: a group with its owner and the friends that the owner brings (E1). Answered by `ConversationEvent`.
//!
//! The creation is found again by its key, so a repeat on another worker gives the same group (J7).

use im_shared::content::MemberEvent;
use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::{Code, Direction, Entry, GroupCreate, JoinPolicy, Role};
use uuid::Uuid;

use super::group_change::{check_key, release, start};
use super::group_scene::{Outcome, Stop, append, each_once, ids, next_id};
use super::group_told::tell;
use super::{Replies, Services};
use crate::caller::Caller;
use crate::group::{
    Event, Face, MAX_INVITED, check_avatar, check_description, check_name, check_policy,
};
use crate::metrics;
use crate::pending::Refusal;
use crate::reach::Reach;
use crate::store::{Joining, Locked, NewGroup, Span, Stretch};

const NAME: &str = "group_create";

/// A group to be made, checked.
struct Creation {
    key: Uuid,
    face: Face,
    /// Each once, by id, without the owner.
    members: Vec<UserId>,
}

pub(super) fn apply(
    request: GroupCreate,
    caller: Caller,
    services: &Services,
    replies: &mut Replies,
) {
    let creation = match check(request, caller.user) {
        Ok(creation) => creation,
        Err(code) => return replies.refuse(caller, Refusal::because(code)),
    };
    let (own, asker) = (services.clone(), caller.clone());
    start(services, caller, replies, async move {
        let created = create(&creation, &asker, &own).await;
        let (conversation, outcome) = created.map_err(|stop| stop.refusal(NAME))?;
        tell(outcome, conversation, &asker, &own).await
    });
}

fn check(request: GroupCreate, owner: UserId) -> Result<Creation, Code> {
    check_key(request.client_message_id)?;
    check_name(&request.name)?;
    check_avatar(&request.avatar)?;
    check_description(&request.description)?;
    let join_policy = match request.join_policy {
        JoinPolicy::Unknown => JoinPolicy::Invite,
        policy => policy,
    };
    check_policy(join_policy)?;
    let is_legal = |user: &UserId| user.is_some();
    if request.member_ids.len() > MAX_INVITED || !request.member_ids.iter().all(is_legal) {
        return Err(Code::InvalidArgument);
    }
    Ok(Creation {
        key: request.client_message_id,
        face: Face {
            name: request.name,
            avatar: request.avatar,
            description: request.description,
            join_policy,
            history_open: request.history_open,
            silenced: false,
        },
        members: each_once(&request.member_ids, owner),
    })
}

/// Makes the group, or finds the one that this creation made before.
async fn create(
    creation: &Creation,
    caller: &Caller,
    services: &Services,
) -> Result<(ConversationId, Outcome), Stop> {
    let (owner, key) = (caller.user, creation.key);
    if let Some(found) = services.store.created_group(owner, key).await? {
        return Ok((found, again(creation, owner, found, services).await?));
    }
    let conversation = ConversationId(next_id(services)?);
    let mut locked = services.store.lock(conversation).await?;
    let new = NewGroup {
        owner,
        key,
        face: &creation.face,
    };
    if !locked.create_group(&new).await? {
        release(locked).await;
        let found = services.store.created_group(owner, key).await?;
        let found = found.ok_or(Stop::Refused(Refusal::UNAVAILABLE))?;
        return Ok((found, again(creation, owner, found, services).await?));
    }
    match fill(creation, owner, &mut locked, services).await {
        Ok(outcome) => {
            locked.commit_group().await?;
            metrics::group_changed(NAME);
            Ok((conversation, outcome))
        }
        Err(Stop::Refused(refusal)) => {
            release(locked).await;
            Err(Stop::Refused(refusal))
        }
        Err(failed) => Err(failed),
    }
}

/// The members and the first entries.
async fn fill(
    creation: &Creation,
    owner: UserId,
    locked: &mut Locked,
    services: &Services,
) -> Result<Outcome, Stop> {
    let (limits, members) = (&services.groups, &creation.members);
    // The group that was just made is counted.
    if locked.owned_groups(owner).await? > limits.max_owned {
        return Err(Code::GroupFull.into());
    }
    if members.len() + 1 > limits.max_members {
        return Err(Code::GroupFull.into());
    }
    locked.bond_with(owner, members).await?.check()?;
    let created = Event::Group(creation.face.created());
    let first = append(locked, next_id(services)?, owner, creation.key, created).await?;
    // The founders read everything from the first entry on.
    let mut joining = Joining {
        users: &[owner],
        ids: &ids(services, 1)?,
        role: Role::Owner,
        invited_by: UserId(0),
        seq: first.seq,
        from: Seq(0),
        read: Seq(0),
        read_index: 0,
    };
    locked.admit(&joining).await?;
    let mut entries = vec![first];
    if !members.is_empty() {
        let invited = Event::Member(MemberEvent::Invited {
            users: members.clone(),
        });
        let second = append(locked, next_id(services)?, owner, Uuid::now_v7(), invited).await?;
        let ids = ids(services, members.len())?;
        joining = Joining {
            users: members,
            ids: &ids,
            role: Role::Member,
            invited_by: owner,
            seq: second.seq,
            ..joining
        };
        locked.admit(&joining).await?;
        entries.push(second);
    }
    let everybody = members.iter().copied().chain([owner]).collect();
    Ok(outcome(entries, everybody))
}

fn outcome(entries: Vec<Entry>, newcomers: Vec<UserId>) -> Outcome {
    let members_seq = entries.last().map_or(Seq(0), |entry| entry.seq);
    let also = Vec::new();
    Outcome {
        entries,
        reach: Some(Reach::Group { members_seq, also }),
        newcomers,
        ..Outcome::default()
    }
}

/// An earlier try made the group: its first entries are pushed again.
async fn again(
    creation: &Creation,
    owner: UserId,
    conversation: ConversationId,
    services: &Services,
) -> Result<Outcome, Stop> {
    let limit = if creation.members.is_empty() { 1 } else { 2 };
    let stretch = Stretch {
        conversation,
        from: Seq(0),
        direction: Direction::Forward,
        limit,
        span: Span {
            from: Seq(0),
            until: None,
        },
    };
    let entries = services.store.stretch(stretch).await?;
    let said: Vec<Option<Event>> = entries.iter().map(Event::of).collect();
    let mut expected = vec![Some(Event::Group(creation.face.created()))];
    if !creation.members.is_empty() {
        expected.push(Some(Event::Member(MemberEvent::Invited {
            users: creation.members.clone(),
        })));
    }
    if said != expected || entries.iter().any(|entry| entry.sender_id != owner) {
        return Err(Code::MessageConflict.into());
    }
    Ok(outcome(entries, vec![owner]))
}
