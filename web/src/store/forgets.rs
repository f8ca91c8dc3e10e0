//! What Redis remembers of rows that were changed is forgotten here, after the commit (mission I7).

use im_shared::cache::Forget;
use im_shared::ids::UserId;

use super::Store;

/// What Redis remembers of the tables that web writes.
#[derive(Debug, Clone)]
pub struct Forgets {
    /// By user: accounts, what they let others see, and when they were last here.
    pub users: Forget,
    /// By user: their friends.
    pub friends: Forget,
}

impl Store {
    /// The accounts of `users` are others now, or what they let others see.
    pub(super) async fn users_changed(&self, users: &[UserId]) {
        if let Some(forgets) = &self.forgets {
            forgets.users.forget(&ids(users)).await;
        }
    }

    /// `users` have other friends now, or call them by other names, or see them otherwise.
    pub(super) async fn friends_changed(&self, users: &[UserId]) {
        if let Some(forgets) = &self.forgets {
            forgets.friends.forget(&ids(users)).await;
        }
    }

    /// `user` has another name: it stands elsewhere in the lists of friends.
    pub(super) async fn renamed(&self, user: UserId) {
        self.users_changed(&[user]).await;
        match self.friends_of(user).await {
            Ok(friends) => self.friends_changed(&friends).await,
            // The lists tell the new name, in the old place for as long as they live.
            Err(error) => tracing::warn!(%error, "lists of friends keep their order"),
        }
    }
}

fn ids(users: &[UserId]) -> Vec<u64> {
    users.iter().map(|user| user.0).collect()
}
