//! Sign-ins: one row per login on a device. V14 describes the table.

use std::time::SystemTime;

use im_shared::ids::{SignInId, UserId};

use super::model::model;

model! {
    /// One login on a device.
    SignIn in "sign_ins" {
        /// `sid` in access tokens, `family_id` of refresh tokens.
        id: SignInId,
        /// Whose.
        user_id: UserId,
        /// The client's id of the device.
        device_id: String,
        /// The platform.
        platform: i16,
        /// What the device calls itself.
        name: String,
        /// The program that signed in.
        user_agent: String,
        /// The address that was last seen.
        address: String,
        /// The last login, refresh or call, to some minutes.
        last_seen_at: SystemTime,
        /// When its last refresh token expires; of a revoked one when its last access token does.
        expires_at: SystemTime,
        /// When it was revoked; epoch while it is good.
        revoked_at: SystemTime,
        /// Why it was revoked.
        reason: i16,
        /// 1: Redis was told that it is revoked.
        mirrored: i16,
        /// When it began.
        created_at: SystemTime,
        /// When it was last changed.
        updated_at: SystemTime,
        /// Always 0.
        deleted: i16,
    }
}
