//! The one way that every group command takes (E1, [G6], [G7]).
//!
//! ```text
//! lock -> made before? -> load -> decide -> write -> append -> commit -> push -> answer
//! ```
//!
//! Everything from the lock to the commit is one transaction under the lock of the conversation, on whatever worker: of two commands that
//! exclude each other one comes first, and the other one decides by what it left.

use std::sync::Arc;

use im_shared::content::MemberEvent;
use im_shared::ids::{ConversationId, MessageId, NodeId, Seq, SessionId, UserId};
use im_shared::wire::{
    Code, ConversationEvent, ConversationType, Done, Entry, Frame, JoinChange, JoinEvent, Role,
    encode,
};
use uuid::{Uuid, Variant};

use super::{Replies, Services};
use crate::caller::Caller;
use crate::group::{Action, Event, permits};
use crate::metrics;
use crate::pending::Refusal;
use crate::publisher::Reply;
use crate::reach::{Reach, Told};
use crate::routing::{Answer, Audience, Push};
use crate::store::{Asking, Group, Joining, Locked, NewEntry, Rank, Seen, StoreError};

/// New members who are shown the group at once: each state holds the entry that names them all. The others find it by syncing, which an
/// entry of an unknown conversation makes them do ([R5]).
const SHOWN: usize = 100;

/// One group command.
pub(super) trait GroupChange: Send + Sync + 'static {
    /// For logs and metrics.
    const NAME: &'static str;

    /// Which group.
    fn conversation(&self) -> ConversationId;

    /// The client's id, which makes a repeat harmless (J7).
    fn key(&self) -> Uuid;

    /// What is wrong with it by itself.
    fn check(&self, caller: UserId) -> Result<(), Code>;

    /// Whether `event` is what an earlier try of the same command made.
    fn made(&self, event: &Event) -> bool;

    /// Decides and writes.
    fn make(&self, scene: &mut Scene) -> impl Future<Output = Result<Outcome, Stop>> + Send;
}

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

    fn is_written(&self) -> bool {
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

/// Whether `user` can be somebody else's target.
pub(super) fn check_target(user: UserId, caller: UserId) -> Result<(), Code> {
    let is_legal = user.is_some() && user != caller;
    is_legal.then_some(()).ok_or(Code::InvalidArgument)
}

/// Starts a command, or refuses it at once.
pub(super) fn apply<C: GroupChange>(
    change: C,
    caller: Caller,
    services: &Services,
    replies: &mut Replies,
) {
    let checked = check_key(change.key()).and_then(|()| change.check(caller.user));
    if let Err(code) = checked {
        return replies.refuse(caller, Refusal::because(code));
    }
    let (own, asker) = (services.clone(), caller.clone());
    start(services, caller, replies, async move {
        run(change, &asker, &own).await
    });
}

/// Runs `work` in its turn; what it is refused with is its answer.
pub(super) fn start(
    services: &Services,
    caller: Caller,
    replies: &mut Replies,
    work: impl Future<Output = Result<(), Refusal>> + Send + 'static,
) {
    let (publisher, asker) = (services.publisher.clone(), caller.clone());
    let started = services.changes.start(async move {
        if let Err(refusal) = work.await {
            publisher.reply(asker, Reply::Refused(refusal)).await;
        }
    });
    if started.is_err() {
        replies.refuse(caller, Refusal::FULL);
    }
}

/// A `UUIDv7`, as the ids of messages are.
pub(super) fn check_key(key: Uuid) -> Result<(), Code> {
    let is_legal = key.get_version_num() == 7 && key.get_variant() == Variant::RFC4122;
    is_legal.then_some(()).ok_or(Code::MessageIdInvalid)
}

async fn run<C: GroupChange>(
    change: C,
    caller: &Caller,
    services: &Services,
) -> Result<(), Refusal> {
    let (conversation, key) = (change.conversation(), change.key());
    if !conversation.is_some() {
        return Err(Refusal::because(Code::InvalidArgument));
    }
    if conversation.is_of_everybody() {
        // Their lock is worth more than the same answer.
        return Err(Refusal::because(Code::NotAGroup));
    }
    let failed = |error: StoreError| error.refusal(C::NAME);
    let locked = services.store.lock(conversation).await.map_err(failed)?;
    let stored = locked.stored(caller.user, key).await.map_err(failed)?;
    let (locked, outcome) = match stored {
        Some(entry) => {
            let outcome = repeat(&change, entry, &locked).await;
            (locked, outcome)
        }
        None => decide(&change, locked, caller, services)
            .await
            .map_err(failed)?,
    };
    match outcome {
        Ok(outcome) if outcome.is_written() => {
            locked.commit().await.map_err(failed)?;
            metrics::group_changed(C::NAME);
            tell(outcome, conversation, caller, services).await
        }
        Ok(outcome) => {
            release(locked).await;
            tell(outcome, conversation, caller, services).await
        }
        Err(Stop::Refused(refusal)) => {
            release(locked).await;
            Err(refusal)
        }
        // A transaction in which a statement failed ends with its connection.
        Err(Stop::Failed(error)) => Err(failed(error)),
    }
}

async fn decide<C: GroupChange>(
    change: &C,
    locked: Locked,
    caller: &Caller,
    services: &Services,
) -> Result<(Locked, Result<Outcome, Stop>), StoreError> {
    let Some(group) = locked.group().await? else {
        return Ok((locked, Err(Code::ConversationNotFound.into())));
    };
    if group.kind != ConversationType::Group {
        return Ok((locked, Err(Code::NotAGroup.into())));
    }
    if !group.owner.is_some() {
        return Ok((locked, Err(Code::GroupDissolved.into())));
    }
    let role = locked.rank(caller.user).await?.role;
    let mut scene = Scene {
        locked,
        group,
        actor: caller.user,
        role,
        key: change.key(),
        services: services.clone(),
    };
    let outcome = change.make(&mut scene).await;
    Ok((scene.locked, outcome))
}

/// An earlier try made `entry`: it is pushed again, since the first push may be what was lost, and answered as then ([M4]).
async fn repeat<C: GroupChange>(
    change: &C,
    entry: Entry,
    locked: &Locked,
) -> Result<Outcome, Stop> {
    let event = Event::of(&entry).filter(|event| change.made(event));
    let Some(event) = event else {
        return Err(Code::MessageConflict.into());
    };
    let (seq, sender) = (entry.seq, entry.sender_id);
    let mut also: Vec<UserId> = event.gone(sender).into_iter().collect();
    if event == Event::Member(MemberEvent::Dissolved) {
        also = locked.parted(seq).await?;
    }
    let members_seq = locked.group().await?.map_or(seq, |group| group.members_seq);
    Ok(Outcome {
        entries: vec![entry],
        reach: Some(Reach::Group { members_seq, also }),
        ..Outcome::default()
    })
}

/// After the commit: the list of who is new, the entries, the answer.
pub(super) async fn tell(
    outcome: Outcome,
    conversation: ConversationId,
    caller: &Caller,
    services: &Services,
) -> Result<(), Refusal> {
    let except = caller.session();
    show(&outcome.newcomers, conversation, except.clone(), services).await;
    let joins = outcome.joins.into_iter().map(|(event, users)| Push {
        frame: encode(&Frame::push(event)),
        audience: Audience::Users(users),
        except: except.clone(),
        ephemeral: false,
    });
    let joins: Vec<Push> = joins.collect();
    if !joins.is_empty() {
        services.fanout.deliver(&joins, Vec::new()).await;
    }
    let frame = if outcome.is_done {
        Frame::reply(caller.request_id, Done {})
    } else {
        // What was committed stays so: when the state cannot be read, the client asks again and finds the entry.
        let state = services.store.state(caller.user, conversation).await;
        match state.map_err(|error| error.refusal("the state of a group"))? {
            Some(state) => Frame::reply(caller.request_id, ConversationEvent { state }),
            None => Frame::reply(caller.request_id, Done {}),
        }
    };
    let told = Told {
        conversation,
        reach: outcome.reach.unwrap_or(Reach::Users(Vec::new())),
        entries: outcome.entries,
        except,
    };
    let answer = Answer {
        caller: caller.clone(),
        frame: encode(&frame),
        bulk: false,
    };
    services.fanout.tell(told, vec![answer]).await;
    Ok(())
}

/// Pushes the state of the conversation to those of `newcomers` who are there.
async fn show(
    newcomers: &[UserId],
    conversation: ConversationId,
    except: Option<(Arc<NodeId>, SessionId)>,
    services: &Services,
) {
    if newcomers.is_empty() {
        return;
    }
    let online = services.fanout.online(newcomers).await.unwrap_or_default();
    let present: Vec<UserId> = online
        .into_iter()
        .filter_map(|(user, is_online)| is_online.then_some(user))
        .take(SHOWN)
        .collect();
    if present.is_empty() {
        return;
    }
    let states = match services.store.states_of(&present, conversation).await {
        Ok(states) => states,
        Err(error) => {
            // The entry that follows makes their clients sync ([R5]).
            let refusal = error.refusal("the states of new members");
            tracing::debug!(code = refusal.code.name(), %conversation, "new members are not shown the group");
            return;
        }
    };
    let push = |(user, seen): (UserId, Seen)| Push {
        frame: encode(&Frame::push(ConversationEvent { state: seen.state })),
        audience: Audience::Users(vec![user]),
        except: except.clone(),
        ephemeral: false,
    };
    let pushes: Vec<Push> = states.into_iter().map(push).collect();
    services.fanout.deliver(&pushes, Vec::new()).await;
}

/// Gives a lock back. A connection that fails at it is closed, and the transaction with it.
pub(super) async fn release(locked: Locked) {
    if let Err(error) = locked.release().await {
        tracing::debug!(%error, "a transaction ended with its connection");
    }
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
    services.ids.next().map_err(|error| {
        tracing::warn!(%error, "no id for a change of a group");
        Stop::Refused(Refusal::UNAVAILABLE)
    })
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
