//! A user-level event of another program: to every session of the user, by location like any push (decision 12).

use bytes::Bytes;
use im_shared::ids::UserId;

use super::Services;
use crate::routing::{Audience, Push};

/// Delivers `frame` to every session of `user`. When there is no place it is dropped and counted: the client finds the same by REST.
pub fn apply(user: UserId, frame: Bytes, services: &Services) {
    let fanout = services.fanout.clone();
    let push = Push {
        frame,
        audience: Audience::Users(vec![user]),
        except: None,
        ephemeral: false,
    };
    let _ = services
        .events
        .start(async move { fanout.deliver(&[push], Vec::new()).await });
}
