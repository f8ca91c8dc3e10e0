//! What Redis remembers of users, friends, conversations and members (mission I7). Who writes their rows makes Redis forget them, after the commit and before the
//! answer: the store of web ([`Forgets`]), and that of logic.
//!
//! | family | by | written by |
//! |---|---|---|
//! | users | user | web; logic: when the user was last here, and whether others see that |
//! | friends | user | web |
//! | conversations | conversation | logic |
//!
//! No list of conversations is remembered, nor what one member has read and not: every message changes it.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use im_shared::cache::{Cache, Keys, Redis, Source, family};
use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::{Code, Role};

use crate::error::ApiError;
use crate::store::{
    Account, Contact, ConversationRow, FRIENDS, Face, Forgets, FriendPosition, FriendRow,
    Friendship, GroupRow, History, Member, MemberRow, Person, Store, Window,
};

type Result<T> = std::result::Result<T, ApiError>;

/// What Redis remembers. A cheap clone.
#[derive(Clone)]
pub struct Cached {
    store: Store,
    users: Cache<Users>,
    friends: Cache<Friends>,
    conversations: Cache<Faces>,
}

struct Users(Store);
struct Friends(Store);
struct Faces(Store);

impl Source for Users {
    type Value = Account;
    type Error = ApiError;
    const FAMILY: &'static str = family::USERS;
    const LIVES: Duration = family::LIVES;

    async fn load(&self, ids: &[u64]) -> Result<HashMap<u64, Account>> {
        self.0.accounts(ids).await
    }
}

impl Source for Friends {
    type Value = Vec<Friendship>;
    type Error = ApiError;
    const FAMILY: &'static str = family::FRIENDS;
    const LIVES: Duration = family::LIVES;

    async fn load(&self, ids: &[u64]) -> Result<HashMap<u64, Vec<Friendship>>> {
        let mut pages = HashMap::with_capacity(ids.len());
        for id in ids {
            let page = self.0.friends(UserId(*id), None, FRIENDS).await?;
            pages.insert(*id, page.into_iter().map(Friendship::from).collect());
        }
        Ok(pages)
    }
}

impl Source for Faces {
    type Value = Face;
    type Error = ApiError;
    const FAMILY: &'static str = family::CONVERSATIONS;
    const LIVES: Duration = family::LIVES;

    async fn load(&self, ids: &[u64]) -> Result<HashMap<u64, Face>> {
        self.0.faces(ids).await
    }
}

impl Cached {
    /// What is remembered of the tables of `store`. Redis answers within `answer_within`, or the tables are read.
    #[must_use]
    pub fn new(store: Store, redis: &Redis, keys: &Keys, answer_within: Duration) -> Self {
        let (redis, keys) = (|| redis.clone(), || keys.clone());
        Self {
            users: Cache::new(redis(), keys(), answer_within, Users(store.clone())),
            friends: Cache::new(redis(), keys(), answer_within, Friends(store.clone())),
            conversations: Cache::new(redis(), keys(), answer_within, Faces(store.clone())),
            store,
        }
    }

    /// For the store, which forgets what it changes.
    #[must_use]
    pub fn forgets(&self) -> Forgets {
        Forgets {
            users: self.users.forget(),
            friends: self.friends.forget(),
        }
    }

    /// The account of `id`.
    ///
    /// # Errors
    /// `UserNotFound`.
    pub async fn account(&self, id: UserId) -> Result<Arc<Account>> {
        let found = shared(self.users.one(id.0)).await?;
        found.ok_or(ApiError::Refused(Code::UserNotFound))
    }

    /// As [`Store::profile`].
    ///
    /// # Errors
    /// `UserNotFound`.
    pub async fn profile(&self, viewer: UserId, id: UserId) -> Result<(Person, Option<Contact>)> {
        let account = self.account(id).await?;
        if account.shows_contact {
            // To friends only, and who is one is not remembered here.
            return self.store.profile(viewer, id).await;
        }
        Ok((account.person(), None))
    }

    /// As [`Store::friends`]; the first page is remembered.
    ///
    /// # Errors
    /// When PostgreSQL cannot be asked.
    pub async fn friends(
        &self,
        user: UserId,
        after: Option<&FriendPosition>,
        limit: u32,
    ) -> Result<Vec<FriendRow>> {
        if after.is_some() || limit > FRIENDS {
            return self.store.friends(user, after, limit).await;
        }
        let Some(page) = shared(self.friends.one(user.0)).await? else {
            return Ok(Vec::new());
        };
        let page = &page[..page.len().min(limit as usize)];
        let ids: Vec<u64> = page
            .iter()
            .map(|friendship| friendship.friend().0)
            .collect();
        let accounts = shared(self.users.many(&ids)).await?;
        let row = |friendship: &Friendship| {
            let account = accounts.get(&friendship.friend().0)?;
            Some(friendship.with(user, account))
        };
        Ok(page.iter().filter_map(row).collect())
    }

    /// As [`Store::group`].
    ///
    /// # Errors
    /// `ConversationNotFound`, `NotAGroup`, `GroupDissolved`.
    pub async fn group(&self, user: UserId, id: ConversationId) -> Result<GroupRow> {
        let face = self.face(id).await?;
        match face.group()?.seen_by(user)? {
            Some(row) => Ok(row),
            None => self.store.group(user, id).await,
        }
    }

    /// As [`Store::own_group`].
    ///
    /// # Errors
    /// `ConversationNotFound`, `NotAGroup`, `GroupDissolved`, `NotMember`.
    pub async fn own_group(&self, user: UserId, id: ConversationId) -> Result<GroupRow> {
        let group = self.group(user, id).await?;
        if group.role == Role::None {
            return Err(ApiError::Refused(Code::NotMember));
        }
        Ok(group)
    }

    /// As [`Store::members`].
    ///
    /// # Errors
    /// `ConversationNotFound`, `NotAGroup`.
    pub async fn members(
        &self,
        id: ConversationId,
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Vec<MemberRow>> {
        let face = self.face(id).await?;
        let Some(members) = face.group()?.members() else {
            return self.store.members(id, after, limit).await;
        };
        let begin = members.partition_point(|member| Some(member.user()) <= after);
        let end = members.len().min(begin.saturating_add(limit as usize));
        let page = &members[begin..end];
        let ids: Vec<u64> = page.iter().map(|member| member.user().0).collect();
        let accounts = shared(self.users.many(&ids)).await?;
        let now = SystemTime::now();
        let row = |member: &Member| Some(member.with(accounts.get(&member.user().0)?, now));
        Ok(page.iter().filter_map(row).collect())
    }

    /// As [`Store::conversation`]; whose it is, and that there is none, is remembered.
    ///
    /// # Errors
    /// `ConversationNotFound`, `NotMember`.
    pub async fn conversation(&self, user: UserId, id: ConversationId) -> Result<ConversationRow> {
        self.admit(user, id).await?;
        self.store.conversation(user, id).await
    }

    /// As [`Store::history`]; whose it is, and that there is none, is remembered.
    ///
    /// # Errors
    /// `ConversationNotFound`, `NotMember`.
    pub async fn history(
        &self,
        user: UserId,
        id: ConversationId,
        window: Window,
        limit: u32,
    ) -> Result<History> {
        self.admit(user, id).await?;
        self.store.history(user, id, window, limit).await
    }

    /// Refuses who has nothing to do with the conversation, as far as that is remembered; the tables have the last word.
    async fn admit(&self, user: UserId, id: ConversationId) -> Result<()> {
        if id.is_of_everybody() {
            return Ok(());
        }
        self.face(id).await?.admit(user)
    }

    async fn face(&self, id: ConversationId) -> Result<Arc<Face>> {
        let found = shared(self.conversations.one(id.0)).await?;
        found.ok_or(ApiError::Refused(Code::ConversationNotFound))
    }
}

/// Of a read that was made for many.
async fn shared<T>(read: impl Future<Output = std::result::Result<T, Arc<ApiError>>>) -> Result<T> {
    read.await.map_err(|error| match Arc::try_unwrap(error) {
        Ok(error) => error,
        Err(error) => error.again(),
    })
}
