//! Users by name and names of users.

use std::collections::HashMap;

use im_client::Api;
use im_client::api::Profile;
use im_shared::ids::UserId;

use crate::error::Error;

/// The user with exactly this username.
pub(crate) async fn find(api: &Api, username: &str) -> Result<Profile, Error> {
    let wanted = username.to_lowercase();
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

/// What to call each user: friends by their remark, others by their username.
pub(crate) struct Names {
    api: Api,
    known: HashMap<UserId, String>,
}

impl Names {
    pub(crate) async fn load(api: Api, me: UserId) -> Result<Self, Error> {
        let name =
            |remark: String, username: String| if remark.is_empty() { username } else { remark };
        let friends = api.friends().await?;
        let mut known: HashMap<_, _> = friends
            .into_iter()
            .map(|friend| {
                (
                    friend.friend_id,
                    name(friend.remark, friend.profile.username),
                )
            })
            .collect();
        known.insert(me, "me".to_owned());
        Ok(Self { api, known })
    }

    /// The name; the id when the server does not tell.
    pub(crate) async fn of(&mut self, user: UserId) -> String {
        if let Some(name) = self.known.get(&user) {
            return name.clone();
        }
        let name = self
            .api
            .user(user)
            .await
            .map_or_else(|_| user.to_string(), |profile| profile.username);
        self.known.insert(user, name.clone());
        name
    }
}
