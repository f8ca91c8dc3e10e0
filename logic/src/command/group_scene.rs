//! A group under its lock: what a command decides and writes with, and what it comes to.

use im_shared::content::MemberEvent;
use im_shared::ids::{MessageId, Seq, UserId};
use im_shared::wire::{Code, Entry, JoinChange, JoinEvent, Role};
use uuid::Uuid;

use super::Services;
use crate::group::{Action, Event, permits};
use crate::pending::Refusal;
use crate::reach::Reach;
use crate::store::{Asking, Group, Joining, Locked, NewEntry, Rank, StoreError};

/// Why a command does not go on.
#[derive(Debug)]
pub(super) enum Stop {
    /// It is refused.
    Refused(Refusal),
    /// A statement failed.
    Failed(StoreError),
}

impl From<Code> for Stop {
    fn from(code: Code) -> Self {
        Self::Refused(Refusal::because(code))
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl Stop {
    pub(super) fn refusal(self, what: &'static str) -> Refusal {
        match self {
            Self::Refused(refusal) => refusal,
            Self::Failed(error) => error.refusal(what),
        }
    }
}

/// What became of a command.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// What was appended, in order.
    pub(super) entries: Vec<Entry>,
    /// Who gets it.
    pub(super) reach: Option<Reach>,
    /// Who has the conversation in their list from now on, and is shown it.
    pub(super) newcomers: Vec<UserId>,
    /// What is told of requests to join, and to whom.
    pub(super) joins: Vec<(JoinEvent, Vec<UserId>)>,
    /// Answered by `Done`, not by the state of the conversation.
    pub(super) is_done: bool,
}

impl Outcome {
    /// Nothing differs from what was asked for.
    pub(super) fn unchanged() -> Self {
        Self::default()
    }

    /// One entry, for the members as of this entry and for `also`.
    pub(super) fn entry(entry: Entry, also: Vec<UserId>) -> Self {
        let members_seq = entry.seq;
        Self {
            entries: vec![entry],
            reach: Some(Reach::Group { members_seq, also }),
            ..Self::default()
        }
    }

    /// Nothing but requests to join, which have no place in the log.
    pub(super) fn requests(joins: Vec<(JoinEvent, Vec<UserId>)>) -> Self {
        Self {
            joins,
            is_done: true,
            ..Self::default()
        }
    }

    pub(super) fn is_written(&self) -> bool {
        !self.entries.is_empty() || !self.joins.is_empty()
    }
}

/// A group under its lock, and who wants something of it.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) locked: Locked,
    pub(super) group: Group,
    pub(super) actor: UserId,
    /// `None`: not a member.
    pub(super) role: Role,
    pub(super) key: Uuid,
    pub(super) services: Services,
}

impl Scene {
    /// Whether the caller may do this, to a target with this role.
    pub(super) fn permit(&self, action: Action, target: Option<Role>) -> Result<(), Code> {
        self.check_member()?;
        let is_permitted = permits(self.role, action, target);
        is_permitted.then_some(()).ok_or(Code::NotPermitted)
    }

    pub(super) fn check_member(&self) -> Result<(), Code> {
        let is_member = self.role != Role::None;
        is_member.then_some(()).ok_or(Code::NotMember)
    }

    /// What the member `user` may do.
    pub(super) async fn target(&self, user: UserId) -> Result<Rank, Stop> {
        self.check_member()?;
        let rank = self.locked.rank(user).await?;
        if rank.role == Role::None {
            return Err(Code::NotFound.into());
        }
        Ok(rank)
    }

    /// Whether `more` members find room.
    pub(super) fn check_room(&self, more: usize) -> Result<(), Code> {
        let fits = self.group.member_count + more <= self.services.groups.max_members;
        fits.then_some(()).ok_or(Code::GroupFull)
    }

    /// Appends the entry of this command.
    pub(super) async fn append(&mut self, event: Event) -> Result<Entry, Stop> {
        let (id, key) = (next_id(&self.services)?, self.key);
        append(&mut self.locked, id, self.actor, key, event).await
    }

    /// Appends the entry of a change of members.
    pub(super) async fn append_member(&mut self, event: MemberEvent) -> Result<Entry, Stop> {
        self.append(Event::Member(event)).await
    }

    /// Makes members of `users`, each once and by id, with the entry `event`.
    pub(super) async fn admit(
        &mut self,
        users: &[UserId],
        invited_by: UserId,
        event: MemberEvent,
    ) -> Result<Outcome, Stop> {
        self.check_room(users.len())?;
        let before = self.locked.tip();
        let entry = self.append_member(event).await?;
        let is_open = self.group.face.history_open;
        let joining = Joining {
            users,
            ids: &ids(&self.services, users.len())?,
            role: Role::Member,
            invited_by,
            seq: entry.seq,
            from: if is_open { Seq(0) } else { before.seq },
            read: before.seq,
            read_index: before.index,
        };
        self.locked.admit(&joining).await?;
        let mut outcome = Outcome::entry(entry, Vec::new());
        outcome.newcomers = users.to_vec();
        Ok(outcome)
    }

    /// Tells the admins of requests to join.
    pub(super) async fn tell_admins(
        &self,
        users: &[UserId],
        change: JoinChange,
        message: &str,
    ) -> Result<Vec<(JoinEvent, Vec<UserId>)>, Stop> {
        let admins = self.locked.admins().await?;
        let told = |user: &UserId| {
            let event = JoinEvent {
                conversation_id: self.locked.conversation(),
                user_id: *user,
                change,
                message: message.to_owned(),
            };
            (event, admins.clone())
        };
        Ok(users.iter().map(told).collect())
    }
}

/// Makes requests to join for `users`, each once and by id, where admins have to agree.
pub(super) async fn ask(scene: &Scene, users: &[UserId], message: &str) -> Result<Outcome, Stop> {
    let asking = Asking {
        users,
        ids: &ids(&scene.services, users.len())?,
        asked_by: scene.actor,
        key: scene.key,
        message,
    };
    let asked = scene.locked.ask(&asking).await?;
    if asked.is_empty() {
        return Err(Code::JoinRequestPending.into());
    }
    let change = JoinChange::Requested;
    let joins = scene.tell_admins(&asked, change, message).await?;
    Ok(Outcome::requests(joins))
}

/// Appends one entry of a group.
pub(super) async fn append(
    locked: &mut Locked,
    id: u64,
    sender: UserId,
    key: Uuid,
    event: Event,
) -> Result<Entry, Stop> {
    let entry = NewEntry {
        id: MessageId(id),
        sender,
        client_message_id: key,
        type_: event.entry_type(),
        content: event.to_json(),
        target: Seq(0),
        mentions: Vec::new(),
    };
    Ok(locked.append(entry).await?)
}

/// A snowflake.
pub(super) fn next_id(services: &Services) -> Result<u64, Stop> {
    services.id().map_err(Stop::Refused)
}

/// `count` snowflakes, as PostgreSQL stores them.
pub(super) fn ids(services: &Services, count: usize) -> Result<Vec<i64>, Stop> {
    (0..count)
        .map(|_| Ok(MessageId(next_id(services)?).to_sql()))
        .collect()
}

/// Each once, by id, without 0 and without `except`.
pub(super) fn each_once(users: &[UserId], except: UserId) -> Vec<UserId> {
    let mut users: Vec<UserId> = users
        .iter()
        .copied()
        .filter(|user| user.is_some() && *user != except)
        .collect();
    users.sort_unstable();
    users.dedup();
    users
}
