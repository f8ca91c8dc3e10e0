//! Groups, through their commands, on two workers.
//!
//! | file | what it shows |
//! |---|---|
//! | `life` | made, renamed, left, ended |
//! | `permissions` | who may do what to whom, cell by cell |
//! | `joining` | join policies, requests, limits |
//! | `large` | more than five hundred members |
//! | `ranges` | what of the log a member reads |
//! | `remembered` | what web has read is forgotten |
//! | `repeats` | one key, one effect, on any worker |
//! | `races` | what excludes each other, and many at once |
//!
//! The actors stand here: a group with its owner, and the words of its members.

mod joining;
mod large;
mod life;
mod permissions;
mod races;
mod ranges;
mod remembered;
mod repeats;

use im_shared::content::{Content, GroupEvent, MemberEvent};
use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::{
    Body, Code, ConversationEvent, ConversationState, Direction, Entry, EntryType, GroupAnswer,
    GroupCreate, GroupDissolve, GroupInvite, GroupJoin, GroupLeave, GroupRemove, GroupRole,
    GroupSilence, GroupTransfer, GroupUpdate, JoinPolicy, Role,
};
use uuid::Uuid;

use crate::access::{TestAccess, TestSession};
use crate::reading::history;
use crate::world::{Worker, World};

/// Two workers, an access node, and users who are all friends of each other.
pub(super) struct Scene {
    pub(super) world: World,
    pub(super) access: TestAccess,
    workers: [Worker; 2],
}

impl Scene {
    pub(super) async fn new(users: i64) -> Self {
        Self::over(World::new().await, users).await
    }

    /// With other settings.
    pub(super) async fn over(world: World, users: i64) -> Self {
        world.users(users).await;
        world
            .execute(&format!(
                "INSERT INTO friends (id, user_id, friend_id) SELECT a * 1000 + b, a, b \
                 FROM generate_series(1, {users}) a, generate_series(1, {users}) b WHERE a <> b"
            ))
            .await;
        let workers = [world.worker().await, world.worker().await];
        let access = world.access("access-1").await;
        Self {
            world,
            access,
            workers,
        }
    }

    pub(super) async fn session(&self, user: u64) -> TestSession {
        self.access.session(user).await
    }

    /// A group of user 1 with these members.
    pub(super) async fn group(&self, members: &[u64]) -> ConversationId {
        self.group_of(1, members).await
    }

    pub(super) async fn group_of(&self, owner: u64, members: &[u64]) -> ConversationId {
        let mut owner = self.session(owner).await;
        let id = state(&mut owner, creation("Tea", members)).await;
        self.access.forget(&owner).await;
        id.conversation_id
    }

    /// What a query says of a group, as one number.
    pub(super) async fn number(&self, what: &str, id: ConversationId) -> i64 {
        let sql = format!("SELECT ({what})::bigint FROM conversations c WHERE c.id = {id}");
        self.world.count(&sql).await
    }

    /// Who is in a group, with their roles, by id.
    pub(super) async fn members(&self, id: ConversationId) -> Vec<(u64, Role)> {
        let sql = format!(
            "SELECT coalesce(string_agg(user_id || ':' || role, ',' ORDER BY user_id), '') \
             FROM conversation_members WHERE conversation_id = {id} AND deleted = 0"
        );
        let text = self.world.text(&sql).await;
        let pair = |pair: &str| {
            let (user, role) = pair.split_once(':').unwrap();
            (user.parse().unwrap(), Role(role.parse().unwrap()))
        };
        text.split(',')
            .filter(|pair| !pair.is_empty())
            .map(pair)
            .collect()
    }

    /// The whole log, whoever may read it.
    pub(super) async fn entries(&self, id: ConversationId) -> Vec<Entry> {
        let sql = format!(
            "SELECT coalesce(string_agg(type || ' ' || sender_id || ' ' || content, E'\n' ORDER BY seq), '') \
             FROM messages WHERE conversation_id = {id}"
        );
        let entry = |line: &str| {
            let mut parts = line.splitn(3, ' ');
            let mut part = || parts.next().unwrap();
            Entry {
                type_: EntryType(part().parse().unwrap()),
                sender_id: UserId(part().parse().unwrap()),
                content: part().to_owned().into(),
                ..Entry::default()
            }
        };
        self.world.text(&sql).await.lines().map(entry).collect()
    }

    /// E5: what is counted is what is there, and one member owns what is not dissolved.
    pub(super) async fn audit(&self) {
        let miscounted = "SELECT count(*) FROM conversations c WHERE c.type = 2 AND c.member_count <> \
                          (SELECT count(*) FROM conversation_members m WHERE m.conversation_id = c.id AND m.deleted = 0)";
        assert_eq!(
            self.world.count(miscounted).await,
            0,
            "member_count is wrong"
        );
        let masterless = "SELECT count(*) FROM conversations c WHERE c.type = 2 AND (c.owner_id = 0) <> (c.member_count = 0)";
        assert_eq!(
            self.world.count(masterless).await,
            0,
            "a group without owner"
        );
        let owners = "SELECT count(*) FROM conversations c WHERE c.type = 2 AND c.owner_id > 0 AND c.owner_id IS DISTINCT FROM \
                      (SELECT CASE WHEN count(*) = 1 THEN min(m.user_id) END FROM conversation_members m \
                       WHERE m.conversation_id = c.id AND m.deleted = 0 AND m.role = 3)";
        assert_eq!(self.world.count(owners).await, 0, "not one owner");
        self.world.audit().await;
    }

    pub(super) async fn stop(self) {
        for worker in self.workers {
            worker.stop().await;
        }
    }
}

/// What became of a command: `Ok`, or why it was refused.
pub(super) async fn code(session: &mut TestSession, body: impl Into<Body>) -> Code {
    match session.ask(body).await {
        Body::ConversationEvent(_) | Body::Done(_) => Code::Ok,
        Body::ErrorResponse(error) => error.code,
        other => panic!("{other:?}"),
    }
}

/// Does a command that must be done.
pub(super) async fn done(session: &mut TestSession, body: impl Into<Body>) {
    let body = body.into();
    assert_eq!(code(session, body.clone()).await, Code::Ok, "{body:?}");
}

/// The state that a command is answered with.
pub(super) async fn state(session: &mut TestSession, body: impl Into<Body>) -> ConversationState {
    match session.ask(body).await {
        Body::ConversationEvent(ConversationEvent { state }) => state,
        other => panic!("{other:?}"),
    }
}

/// Everything that the session's user may read of a group, from the first entry on.
pub(super) async fn log(session: &mut TestSession, id: ConversationId) -> Vec<Entry> {
    let (mut entries, mut from): (Vec<Entry>, u64) = (Vec::new(), 0);
    loop {
        let (page, more) = history(session, id, from, Direction::Forward, 200).await;
        from = page.last().map_or(from, |last| last.seq.0);
        entries.extend(page);
        if !more {
            return entries;
        }
    }
}

pub(super) fn seqs_of(entries: &[Entry]) -> Vec<u64> {
    entries.iter().map(|entry| entry.seq.0).collect()
}

/// The change of members that an entry tells.
pub(super) fn member(entry: &Entry) -> MemberEvent {
    assert_eq!(entry.type_, EntryType::Member, "{entry:?}");
    MemberEvent::parse(&entry.content).unwrap()
}

pub(super) fn group(entry: &Entry) -> GroupEvent {
    assert_eq!(entry.type_, EntryType::Group, "{entry:?}");
    GroupEvent::parse(&entry.content).unwrap()
}

/// The next entries that are pushed to a session; states and events on the way are passed over.
pub(super) async fn next_entries(session: &mut TestSession, count: usize) -> Vec<Entry> {
    let mut entries = Vec::new();
    while entries.len() < count {
        if let Body::PushMessage(push) = session.next_push().await {
            entries.extend(push.entries);
        }
    }
    entries
}

pub(super) fn users(ids: &[u64]) -> Vec<UserId> {
    ids.iter().copied().map(UserId).collect()
}

pub(super) fn creation(name: &str, members: &[u64]) -> GroupCreate {
    GroupCreate {
        client_message_id: Uuid::now_v7(),
        name: name.to_owned(),
        join_policy: JoinPolicy::Invite,
        member_ids: users(members),
        ..GroupCreate::default()
    }
}

/// An update without a change yet.
pub(super) fn update(id: ConversationId) -> GroupUpdate {
    GroupUpdate {
        conversation_id: id,
        client_message_id: Uuid::now_v7(),
        ..GroupUpdate::default()
    }
}

pub(super) fn policy(id: ConversationId, policy: JoinPolicy) -> GroupUpdate {
    GroupUpdate {
        join_policy: Some(policy),
        ..update(id)
    }
}

pub(super) fn invite(id: ConversationId, members: &[u64]) -> GroupInvite {
    GroupInvite {
        conversation_id: id,
        client_message_id: Uuid::now_v7(),
        user_ids: users(members),
    }
}

pub(super) fn join(id: ConversationId) -> GroupJoin {
    GroupJoin {
        conversation_id: id,
        client_message_id: Uuid::now_v7(),
        message: String::new(),
    }
}

pub(super) fn answer(id: ConversationId, user: u64, accept: bool) -> GroupAnswer {
    GroupAnswer {
        conversation_id: id,
        client_message_id: Uuid::now_v7(),
        user_id: UserId(user),
        accept,
    }
}

pub(super) fn remove(id: ConversationId, user: u64) -> GroupRemove {
    GroupRemove {
        conversation_id: id,
        client_message_id: Uuid::now_v7(),
        user_id: UserId(user),
    }
}

pub(super) fn leave(id: ConversationId) -> GroupLeave {
    GroupLeave {
        conversation_id: id,
        client_message_id: Uuid::now_v7(),
    }
}

pub(super) fn transfer(id: ConversationId, user: u64) -> GroupTransfer {
    GroupTransfer {
        conversation_id: id,
        client_message_id: Uuid::now_v7(),
        user_id: UserId(user),
    }
}

pub(super) fn dissolve(id: ConversationId) -> GroupDissolve {
    GroupDissolve {
        conversation_id: id,
        client_message_id: Uuid::now_v7(),
    }
}

pub(super) fn role(id: ConversationId, user: u64, role: Role) -> GroupRole {
    GroupRole {
        conversation_id: id,
        client_message_id: Uuid::now_v7(),
        user_id: UserId(user),
        role,
    }
}

pub(super) fn silence(id: ConversationId, user: u64, until: i64) -> GroupSilence {
    GroupSilence {
        conversation_id: id,
        client_message_id: Uuid::now_v7(),
        user_id: UserId(user),
        until,
    }
}

/// Of an entry that a rule numbers.
pub(super) const FIRST: Seq = Seq(1);
