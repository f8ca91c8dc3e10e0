//! Users by name and names of users.

use std::collections::HashMap;

use im_client::api::Profile;
use im_client::{Api, ApiError};
use im_shared::ids::UserId;
use im_shared::wire::Code;

use crate::error::Error;
use crate::show::plain;

/// How the names begin that the server gives to guests; nobody else's does.
const GUEST: &str = "guest-";

/// The user with exactly this username.
pub(crate) async fn find(api: &Api, username: &str) -> Result<Profile, Error> {
    let wanted = username.strip_prefix('@').unwrap_or(username);
    let wanted = wanted.to_lowercase();
    let friends = api
        .friends()
        .await?
        .into_iter()
        .map(|friend| friend.profile);
    if let Some(friend) = friends
        .into_iter()
        .find(|profile| profile.username == wanted)
    {
        return Ok(friend);
    }
    let found = api.search(&wanted, 20).await?;
    found
        .into_iter()
        .find(|profile| profile.username == wanted)
        .ok_or_else(|| Error::NoSuchUser(username.to_owned()))
}

/// What to call somebody: by the username, which nobody else has; a guest by the nickname, which anybody may choose, and as a guest.
pub(crate) fn call(profile: &Profile) -> String {
    if profile.username.starts_with(GUEST) {
        format!("{} (guest)", profile.nickname)
    } else {
        profile.username.clone()
    }
}

/// What to call each user: friends by their remark, others by their username. Safe to print.
pub(crate) struct Names {
    api: Api,
    me: UserId,
    known: HashMap<UserId, String>,
}

impl Names {
    pub(crate) async fn load(api: Api, me: UserId) -> Result<Self, Error> {
        let friends = match api.friends().await {
            Ok(friends) => friends,
            // A guest has none.
            Err(ApiError::Refused {
                code: Code::Forbidden,
                ..
            }) => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        let known = friends
            .into_iter()
            .map(|friend| {
                let name = match friend.remark.as_str() {
                    "" => call(&friend.profile),
                    remark => remark.to_owned(),
                };
                (friend.friend_id, plain(&name))
            })
            .collect();
        Ok(Self { api, me, known })
    }

    /// The name; the id when the server does not tell; oneself is `you`.
    pub(crate) async fn of(&mut self, user: UserId) -> String {
        self.learn(&[user]).await;
        self.known(user)
    }

    /// Asks for the names that are not known yet.
    pub(crate) async fn learn(&mut self, users: &[UserId]) {
        for user in users {
            if *user == self.me || self.known.contains_key(user) || !user.is_some() {
                continue;
            }
            let name = self
                .api
                .user(*user)
                .await
                .map_or_else(|_| user.to_string(), |profile| plain(&call(&profile)));
            self.known.insert(*user, name);
        }
    }

    /// A profile that came with something else.
    pub(crate) fn know(&mut self, profile: &Profile) {
        self.known
            .entry(profile.user_id)
            .or_insert_with(|| plain(&call(profile)));
    }

    /// The name, if it was learnt; else the id.
    pub(crate) fn known(&self, user: UserId) -> String {
        if user == self.me {
            return "you".to_owned();
        }
        self.known
            .get(&user)
            .cloned()
            .unwrap_or_else(|| user.to_string())
    }
}
