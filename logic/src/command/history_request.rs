//! `HistoryRequest`: a stretch of the log, for members only (D8).

use std::time::Instant;

use im_shared::ids::ConversationId;
use im_shared::wire::{Code, Direction, Frame, HistoryRequest, SyncResponse, limits};

use super::{Replies, Services, answer_aside};
use crate::caller::Caller;
use crate::metrics;
use crate::page::Budget;
use crate::pending::Refusal;
use crate::publisher::Reply;
use crate::store::{Span, Stretch};

pub(super) fn apply(
    request: &HistoryRequest,
    caller: Caller,
    services: &Services,
    replies: &mut Replies,
) {
    let limit = usize::from(request.limit);
    let is_legal = request.conversation_id.is_some()
        && (1..=limits::MAX_HISTORY).contains(&limit)
        && matches!(request.direction, Direction::Forward | Direction::Backward);
    if !is_legal {
        return replies.refuse(caller, Refusal::because(Code::InvalidArgument));
    }
    let stretch = Stretch {
        conversation: request.conversation_id,
        span: Span::default(),
        from: request.seq,
        direction: request.direction,
        // One more than is asked for shows whether more follows.
        limit: i64::from(request.limit) + 1,
    };
    let work = read(stretch, limit, caller.clone(), services.clone());
    answer_aside(&services.reads, caller, services, replies, work);
}

async fn read(
    mut stretch: Stretch,
    limit: usize,
    caller: Caller,
    services: Services,
) -> Result<Reply, Refusal> {
    let began = Instant::now();
    let view = services
        .directory
        .view(caller.user, stretch.conversation)
        .await?;
    stretch.span = view.into();
    let found = services.store.stretch(stretch).await;
    let mut entries = found.map_err(|error| error.refusal("a stretch of history"))?;

    let mut budget = Budget::default();
    let fitting = entries
        .iter()
        .take(limit)
        .take_while(|entry| budget.entry(entry))
        .count();
    let more = fitting < entries.len();
    entries.truncate(fitting);
    if stretch.direction == Direction::Backward {
        entries.reverse();
    }
    metrics::read_took(began.elapsed());
    let response = SyncResponse {
        conversations: Vec::new(),
        entries,
        next_conversation_id: ConversationId(0),
        more,
        ..SyncResponse::default()
    };
    Ok(Reply::Bulk(Frame::reply(caller.request_id, response)))
}
