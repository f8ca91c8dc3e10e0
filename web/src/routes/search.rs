//! Words in one's own conversations.

use axum::extract::State;
use im_shared::ids::{ConversationId, MessageId};
use im_shared::wire::SearchRequest;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::Route;
use super::messages::{Message, messages};
use crate::auth::Registered;
use crate::error::ApiError;
use crate::extract::InQuery;
use crate::reply::{Envelope, Failure, Reply};
use crate::services::Services;
use crate::store::Entry;
use crate::validate;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/api/v1/search/messages", search)]
}

/// The same for the document.
#[derive(OpenApi)]
#[openapi(paths(search))]
pub(super) struct Paths;

/// What to search for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct Query {
    /// Words, all of which a message has; at most 256 bytes.
    q: String,
    /// In this conversation only.
    #[param(value_type = Option<String>)]
    conversation_id: Option<ConversationId>,
    /// `nextBefore` of the page before.
    #[param(value_type = Option<String>)]
    before: Option<MessageId>,
    /// 1 to 100; 50 if missing.
    limit: Option<u32>,
}

/// The messages found.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FoundMessages {
    /// The newest first.
    messages: Vec<Message>,
    /// `before` for the next page; null on the last one.
    #[schema(value_type = Option<String>)]
    next_before: Option<MessageId>,
}

/// Finds messages of the caller's conversations by their words, as they are now: by the text of the last edit, and none that was taken back.
#[utoipa::path(get, path = "/api/v1/search/messages", tag = "messages", params(Query), security(("bearer" = [])), responses(
    (status = 200, body = Envelope<FoundMessages>),
    (status = 400, body = Failure, description = "InvalidArgument; SearchInvalid: no word, or more than 256 bytes"),
    (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
    (status = 403, body = Failure, description = "Forbidden for a guest; NotMember"),
    (status = 404, body = Failure, description = "ConversationNotFound"),
    (status = 503, body = Failure, description = "Unavailable, RetryLater"),
    (status = 504, body = Failure, description = "DeadlineExceeded"),
))]
pub async fn search(
    State(services): State<Services>,
    Registered(caller): Registered,
    InQuery(query): InQuery<Query>,
) -> Result<Reply<FoundMessages>, ApiError> {
    let limit = validate::limit(query.limit, 50, 100)?;
    let request = SearchRequest {
        query: query.q,
        conversation_id: query.conversation_id.unwrap_or_default(),
        before_message_id: query.before.unwrap_or_default(),
        limit: u16::try_from(limit).unwrap_or(u16::MAX),
    };
    let found = services.commands.search(&caller, request).await?;
    let entries = found.entries.into_iter().map(Entry::from).collect();
    let next = found.next_message_id;
    Ok(Reply(FoundMessages {
        messages: messages(&services, &caller, entries).await?,
        next_before: next.is_some().then_some(next),
    }))
}
