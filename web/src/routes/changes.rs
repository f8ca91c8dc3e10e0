//! Changes of messages that were sent: edit, recall, reactions. And who has received and read one.

use axum::extract::State;
use im_shared::ids::{ConversationId, MessageId, UserId};
use im_shared::wire::{AckResult, MessageEdit, MessageReaction, MessageRecall, ReceiptRequest};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::Route;
use crate::auth::Registered;
use crate::error::ApiError;
use crate::extract::{Body, InPath, InQuery, RepeatHeader, RepeatKey};
use crate::reply::{Envelope, Failure, Reply};
use crate::services::Services;
use crate::validate;

pub(super) fn routes() -> Vec<Route> {
    let message = "/api/v1/conversations/{id}/messages/{seq}";
    let reaction = "/api/v1/conversations/{id}/messages/{seq}/reactions/{reaction}";
    let receipts = "/api/v1/conversations/{id}/messages/{seq}/receipts";
    vec![
        Route::put(message, edit),
        Route::delete(message, recall),
        Route::put(reaction, react),
        Route::delete(reaction, unreact),
        Route::get(receipts, self::receipts),
    ]
}

/// The same for the document.
#[derive(OpenApi)]
#[openapi(paths(edit, recall, react, unreact, receipts))]
pub(super) struct Paths;

/// The entry by which a message was changed, now or before. Empty where there was nothing to change.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// Its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "123456789012345678")]
    message_id: Option<MessageId>,
    /// Its position.
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<u64>,
    /// When it was stored, milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<i64>,
}

impl From<AckResult> for Change {
    fn from(result: AckResult) -> Self {
        let made = result.seq.0 > 0;
        Self {
            message_id: made.then_some(result.message_id),
            seq: made.then_some(result.seq.0),
            created_at: made.then_some(result.created_at),
        }
    }
}

/// What a message says from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewContent {
    /// 1 to 8,192 bytes.
    content: String,
    /// Who is called by name, 32 at most; `0` stands for everybody.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    mentions: Vec<Mention>,
}

/// A user who is called by name, or everybody: an id, which may be 0.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub struct Mention(UserId);

impl TryFrom<String> for Mention {
    type Error = im_shared::ids::InvalidId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.as_str() {
            "0" => Ok(Self(UserId(0))),
            id => id.parse().map(Self),
        }
    }
}

/// Gives an own message a new text.
#[utoipa::path(put, path = "/api/v1/conversations/{id}/messages/{seq}", tag = "messages", request_body = NewContent, security(("bearer" = [])),
    params(("id" = String, Path, description = "The conversation"), ("seq" = u64, Path, description = "The message"), RepeatHeader),
    responses(
        (status = 200, body = Envelope<Change>),
        (status = 400, body = Failure, description = "InvalidArgument, MessageEmpty, TextTooLong, TextInvalid, MentionInvalid, MessageTypeInvalid"),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
        (status = 403, body = Failure, description = "Forbidden for a guest; NotMember, NotSender, EditTooLate, Silenced, ReadOnly"),
        (status = 404, body = Failure, description = "ConversationNotFound, TargetNotFound"),
        (status = 409, body = Failure, description = "TargetRecalled, EditTooOften, MessageConflict"),
        (status = 410, body = Failure, description = "GroupDissolved"),
        (status = 503, body = Failure, description = "Unavailable, RetryLater"),
        (status = 504, body = Failure, description = "DeadlineExceeded"),
    ))]
pub async fn edit(
    State(services): State<Services>,
    Registered(caller): Registered,
    InPath((id, seq)): InPath<(ConversationId, u64)>,
    key: RepeatKey,
    Body(body): Body<NewContent>,
) -> Result<Reply<Change>, ApiError> {
    let command = MessageEdit {
        conversation_id: id,
        target_seq: validate::seq(seq),
        client_message_id: key.0,
        content: body.content.into_bytes().into(),
        mentions: body.mentions.into_iter().map(|mention| mention.0).collect(),
    };
    let result = services.commands.change_message(&caller, command).await?;
    Ok(Reply(result.into()))
}

/// Takes a message back: one's own, or, for admins and the owner of a group, somebody else's.
#[utoipa::path(delete, path = "/api/v1/conversations/{id}/messages/{seq}", tag = "messages", security(("bearer" = [])),
    params(("id" = String, Path, description = "The conversation"), ("seq" = u64, Path, description = "The message"), RepeatHeader),
    responses(
        (status = 200, body = Envelope<Change>),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
        (status = 403, body = Failure, description = "Forbidden for a guest; NotMember, NotSender, NotPermitted, RecallTooLate"),
        (status = 404, body = Failure, description = "ConversationNotFound, TargetNotFound"),
        (status = 409, body = Failure, description = "MessageConflict"),
        (status = 410, body = Failure, description = "GroupDissolved"),
        (status = 503, body = Failure, description = "Unavailable, RetryLater"),
        (status = 504, body = Failure, description = "DeadlineExceeded"),
    ))]
pub async fn recall(
    State(services): State<Services>,
    Registered(caller): Registered,
    InPath((id, seq)): InPath<(ConversationId, u64)>,
    key: RepeatKey,
) -> Result<Reply<Change>, ApiError> {
    let command = MessageRecall {
        conversation_id: id,
        target_seq: validate::seq(seq),
        client_message_id: key.0,
    };
    let result = services.commands.change_message(&caller, command).await?;
    Ok(Reply(result.into()))
}

/// Adds a reaction of the caller to a message. Doing it again changes nothing.
#[utoipa::path(put, path = "/api/v1/conversations/{id}/messages/{seq}/reactions/{reaction}", tag = "messages", security(("bearer" = [])),
    params(("id" = String, Path, description = "The conversation"), ("seq" = u64, Path, description = "The message"),
           ("reaction" = String, Path, description = "1 to 32 bytes without spaces: an emoji"), RepeatHeader),
    responses(
        (status = 200, body = Envelope<Change>),
        (status = 400, body = Failure, description = "InvalidArgument, ReactionInvalid"),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
        (status = 403, body = Failure, description = "Forbidden for a guest; NotMember, Silenced, ReadOnly"),
        (status = 404, body = Failure, description = "ConversationNotFound, TargetNotFound"),
        (status = 409, body = Failure, description = "TargetRecalled, TooManyReactions, MessageConflict"),
        (status = 410, body = Failure, description = "GroupDissolved"),
        (status = 503, body = Failure, description = "Unavailable, RetryLater"),
        (status = 504, body = Failure, description = "DeadlineExceeded"),
    ))]
pub async fn react(
    State(services): State<Services>,
    Registered(caller): Registered,
    InPath(place): InPath<(ConversationId, u64, String)>,
    key: RepeatKey,
) -> Result<Reply<Change>, ApiError> {
    let command = reaction(place, key, false);
    let result = services.commands.change_message(&caller, command).await?;
    Ok(Reply(result.into()))
}

/// Takes a reaction of the caller away. Doing it again changes nothing.
#[utoipa::path(delete, path = "/api/v1/conversations/{id}/messages/{seq}/reactions/{reaction}", tag = "messages", security(("bearer" = [])),
    params(("id" = String, Path, description = "The conversation"), ("seq" = u64, Path, description = "The message"),
           ("reaction" = String, Path, description = "As it was given"), RepeatHeader),
    responses(
        (status = 200, body = Envelope<Change>),
        (status = 400, body = Failure, description = "InvalidArgument, ReactionInvalid"),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
        (status = 403, body = Failure, description = "Forbidden for a guest; NotMember, Silenced, ReadOnly"),
        (status = 404, body = Failure, description = "ConversationNotFound, TargetNotFound"),
        (status = 409, body = Failure, description = "TargetRecalled, MessageConflict"),
        (status = 410, body = Failure, description = "GroupDissolved"),
        (status = 503, body = Failure, description = "Unavailable, RetryLater"),
        (status = 504, body = Failure, description = "DeadlineExceeded"),
    ))]
pub async fn unreact(
    State(services): State<Services>,
    Registered(caller): Registered,
    InPath(place): InPath<(ConversationId, u64, String)>,
    key: RepeatKey,
) -> Result<Reply<Change>, ApiError> {
    let command = reaction(place, key, true);
    let result = services.commands.change_message(&caller, command).await?;
    Ok(Reply(result.into()))
}

fn reaction(
    (id, seq, reaction): (ConversationId, u64, String),
    key: RepeatKey,
    remove: bool,
) -> MessageReaction {
    MessageReaction {
        conversation_id: id,
        target_seq: validate::seq(seq),
        client_message_id: key.0,
        reaction,
        remove,
    }
}

/// How far one member is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// Who.
    #[schema(value_type = String, example = "123456789012345678")]
    user_id: UserId,
    /// Whether the member has read the message.
    read: bool,
    /// Whether a device of the member has received it.
    delivered: bool,
}

/// Who has received and read a message.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Receipts {
    /// Members who can have got it, its sender apart.
    members: u32,
    /// How many of them have it.
    delivered: u32,
    /// How many of them have read it.
    read: u32,
    /// One page of them, by user id.
    receipts: Vec<Receipt>,
    /// `after` for the next page; null on the last one.
    #[schema(value_type = Option<String>)]
    next_after: Option<UserId>,
}

/// Which of them.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReceiptPage {
    /// `nextAfter` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<UserId>,
    /// 1 to 200; 100 if missing.
    limit: Option<u32>,
}

/// Who has received and read a message of the caller. In conversations of everybody nobody is told.
#[utoipa::path(get, path = "/api/v1/conversations/{id}/messages/{seq}/receipts", tag = "messages", security(("bearer" = [])),
    params(("id" = String, Path, description = "The conversation"), ("seq" = u64, Path, description = "The message"), ReceiptPage),
    responses(
        (status = 200, body = Envelope<Receipts>),
        (status = 400, body = Failure, description = "InvalidArgument, also in a conversation of everybody"),
        (status = 401, body = Failure, description = "Unauthenticated, TokenInvalid, TokenExpired"),
        (status = 403, body = Failure, description = "Forbidden for a guest; NotMember; NotSender: only its sender is told"),
        (status = 404, body = Failure, description = "ConversationNotFound, TargetNotFound"),
        (status = 503, body = Failure, description = "Unavailable, RetryLater"),
        (status = 504, body = Failure, description = "DeadlineExceeded"),
    ))]
pub async fn receipts(
    State(services): State<Services>,
    Registered(caller): Registered,
    InPath((id, seq)): InPath<(ConversationId, u64)>,
    InQuery(page): InQuery<ReceiptPage>,
) -> Result<Reply<Receipts>, ApiError> {
    let limit = validate::limit(page.limit, 100, 200)?;
    let seq = validate::seq(seq);
    let request = ReceiptRequest {
        conversation_id: id,
        seq,
        after_user_id: page.after.unwrap_or_default(),
        limit: u16::try_from(limit).unwrap_or(u16::MAX),
    };
    let found = services.commands.receipts(&caller, request).await?;
    let receipts = found.receipts.into_iter().map(|member| Receipt {
        user_id: member.user_id,
        read: member.read_seq >= seq,
        delivered: member.delivered_seq >= seq,
    });
    Ok(Reply(Receipts {
        members: found.members,
        delivered: found.delivered,
        read: found.read,
        receipts: receipts.collect(),
        next_after: found.next_user_id.is_some().then_some(found.next_user_id),
    }))
}
