//! What a user sets for themselves in a conversation, and how far they have read. Every device of the user follows.

use std::time::SystemTime;

use axum::extract::State;
use im_shared::ids::ConversationId;
use im_shared::wire::{ConversationRead, ConversationSet, Setting};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::Route;
use super::conversations::Conversation;
use crate::auth::{Caller, Registered};
use crate::error::ApiError;
use crate::extract::{Body, InPath};
use crate::reply::{Envelope, Failure, Reply};
use crate::services::Services;
use crate::store::millis;
use crate::validate;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::patch("/api/v1/conversations/{id}/settings", set),
        Route::post("/api/v1/conversations/{id}/read", read),
    ]
}

/// The same for the document.
#[derive(OpenApi)]
#[openapi(paths(set, read))]
pub(super) struct Paths;

/// Some settings; what is missing stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SettingsChange {
    /// Kept at the top, from now on, or not.
    #[serde(default)]
    pinned: Option<bool>,
    /// Nothing notifies until then, milliseconds since 1970; 0: not muted.
    #[serde(default)]
    muted_until: Option<i64>,
    /// Put away, or not.
    #[serde(default)]
    archived: Option<bool>,
    /// Not shown until the next message, or shown.
    #[serde(default)]
    hidden: Option<bool>,
    /// What is being written, at most 8,192 bytes; empty for nothing.
    #[serde(default)]
    draft: Option<String>,
}

/// Sets one or more things, one after the other in the order of the fields; what was set before a failure stays set.
#[utoipa::path(patch, path = "/api/v1/conversations/{id}/settings", tag = "conversations", request_body = SettingsChange, security(("bearer" = [])),
    params(("id" = String, Path, description = "The conversation")),
    responses(
        (status = 200, body = Envelope<Conversation>),
        (status = 400, body = Failure, description = "InvalidArgument, TextTooLong"),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
        (status = 403, body = Failure, description = "Forbidden for a guest; NotMember"),
        (status = 404, body = Failure, description = "ConversationNotFound"),
        (status = 503, body = Failure, description = "Unavailable, RetryLater"),
        (status = 504, body = Failure, description = "DeadlineExceeded"),
    ))]
pub async fn set(
    State(services): State<Services>,
    Registered(caller): Registered,
    InPath(id): InPath<ConversationId>,
    Body(body): Body<SettingsChange>,
) -> Result<Reply<Conversation>, ApiError> {
    let mut wanted = Vec::new();
    if let Some(pinned) = body.pinned {
        let now = if pinned { millis(SystemTime::now()) } else { 0 };
        wanted.push((Setting::Pin, now, String::new()));
    }
    if let Some(until) = body.muted_until {
        let until = validate::time("mutedUntil", until)?;
        wanted.push((Setting::Mute, until, String::new()));
    }
    if let Some(archived) = body.archived {
        wanted.push((Setting::Archive, i64::from(archived), String::new()));
    }
    if let Some(hidden) = body.hidden {
        // Up to what the caller could see: a message that comes meanwhile shows it again.
        let up_to = match hidden {
            true => services.cached.conversation(caller.user, id).await?.tip_seq,
            false => 0,
        };
        wanted.push((Setting::Hide, up_to, String::new()));
    }
    if let Some(draft) = body.draft {
        wanted.push((Setting::Draft, 0, draft));
    }
    for (setting, value, text) in wanted {
        let command = ConversationSet {
            conversation_id: id,
            setting,
            value,
            text,
        };
        services.commands.order(&caller, command).await?;
    }
    let row = services.cached.conversation(caller.user, id).await?;
    Ok(Reply(row.into()))
}

/// Up to where.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadUpTo {
    /// The highest seq that was read; beyond the tip it counts as the tip.
    seq: u64,
}

/// The read position.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReadPosition {
    /// Up to where the caller has read now.
    read_seq: u64,
}

/// Everything up to a position was read. It only moves forward. Guests read the world chat.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/read", tag = "conversations", request_body = ReadUpTo, security(("bearer" = [])),
    params(("id" = String, Path, description = "The conversation")),
    responses(
        (status = 200, body = Envelope<ReadPosition>),
        (status = 400, body = Failure, description = "InvalidArgument"),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
        (status = 403, body = Failure, description = "NotMember"),
        (status = 404, body = Failure, description = "ConversationNotFound"),
        (status = 503, body = Failure, description = "Unavailable, RetryLater"),
        (status = 504, body = Failure, description = "DeadlineExceeded"),
    ))]
pub async fn read(
    State(services): State<Services>,
    caller: Caller,
    InPath(id): InPath<ConversationId>,
    Body(body): Body<ReadUpTo>,
) -> Result<Reply<ReadPosition>, ApiError> {
    let read = ConversationRead {
        conversation_id: id,
        seq: validate::seq(body.seq),
    };
    let seq = services.commands.read(&caller, read).await?;
    Ok(Reply(ReadPosition { read_seq: seq.0 }))
}
