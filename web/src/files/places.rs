//! Places among the uploads that run: so many on a node, and half of them for one user, who could hold all by sending slowly.

use std::collections::HashMap;

use im_shared::ids::UserId;
use parking_lot::Mutex;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::error::ApiError;

/// The places of a node.
pub(super) struct Places {
    all: Semaphore,
    per_user: usize,
    held: Mutex<HashMap<UserId, usize>>,
}

/// A place, until it is dropped.
pub struct Place<'a> {
    places: &'a Places,
    user: UserId,
    _permit: SemaphorePermit<'a>,
}

impl Places {
    pub(super) fn new(places: usize) -> Self {
        Self {
            all: Semaphore::new(places),
            per_user: places.div_ceil(2),
            held: Mutex::default(),
        }
    }

    /// See `Files::place`.
    pub(super) fn take(&self, user: UserId) -> Result<Place<'_>, ApiError> {
        let mut held = self.held.lock();
        let own = held.get(&user).copied().unwrap_or(0);
        if own >= self.per_user {
            return Err(ApiError::Busy("the uploads of this user"));
        }
        let permit = self.all.try_acquire();
        let _permit = permit.map_err(|_| ApiError::Busy("the uploads"))?;
        held.insert(user, own + 1);
        Ok(Place {
            places: self,
            user,
            _permit,
        })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut held = self.places.held.lock();
        match held.get_mut(&self.user) {
            Some(own) if *own > 1 => *own -= 1,
            _ => {
                held.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// A15.
    #[test]
    fn one_user_does_not_take_every_place() {
        let places = Places::new(6);
        let (ada, bob) = (UserId(1), UserId(2));
        let mut own: Vec<_> = (0..3).map(|_| places.take(ada).unwrap()).collect();
        assert!(places.take(ada).is_err());
        let others: Vec<_> = (0..3).map(|_| places.take(bob).unwrap()).collect();
        assert!(places.take(UserId(3)).is_err(), "all are taken");
        own.pop();
        drop(others);
        let _again = places.take(ada).unwrap();
        assert!(places.take(ada).is_err());
        drop(own);
        assert_eq!(*places.held.lock(), HashMap::from([(ada, 1)]));
    }
}
