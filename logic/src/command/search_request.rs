//! `SearchRequest`: messages with these words in one's own conversations, the newest first (D16).

use std::time::Instant;

use im_shared::ids::{ConversationId, MessageId, Seq};
use im_shared::wire::{Code, Entry, Frame, SearchRequest, SearchResponse, limits};

use super::{Replies, Services, answer_aside};
use crate::caller::Caller;
use crate::metrics;
use crate::page::Budget;
use crate::pending::Refusal;
use crate::publisher::Reply;
use crate::search::catch_up;
use crate::search::text::searched;
use crate::search::words::Query;
use crate::store::StoreError;

/// Candidates of one look, and looks of one search: a search for a common pair of characters in a rare order ends somewhere.
const CANDIDATES: usize = 200;
const LOOKS: usize = 5;

pub(super) fn apply(
    request: SearchRequest,
    caller: Caller,
    services: &Services,
    replies: &mut Replies,
) {
    let limit = usize::from(request.limit);
    if !(1..=limits::MAX_FOUND).contains(&limit) {
        return replies.refuse(caller, Refusal::because(Code::InvalidArgument));
    }
    let query = Some(&request.query)
        .filter(|text| text.len() <= limits::MAX_QUERY)
        .and_then(|text| Query::new(text));
    let Some(query) = query else {
        return replies.refuse(caller, Refusal::because(Code::SearchInvalid));
    };
    let work = search(query, request, caller.clone(), services.clone());
    answer_aside(&services.reads, caller, services, replies, work);
}

async fn search(
    query: Query,
    request: SearchRequest,
    caller: Caller,
    services: Services,
) -> Result<Reply, Refusal> {
    let began = Instant::now();
    let failed = |error: StoreError| error.refusal("a search");
    let store = &services.store;
    let wanted = request.conversation_id;
    let ranges = store.searched(caller.user, wanted).await.map_err(failed)?;
    if wanted.is_some() && ranges.is_empty() {
        // Says why: there is none, or it is of others.
        services.directory.view(caller.user, wanted).await?;
        return Err(Refusal::because(Code::NotMember));
    }
    let behind: Vec<ConversationId> = store.not_indexed(&ranges).await.map_err(failed)?;
    if !behind.is_empty() {
        catch_up(store, &behind).await.map_err(failed)?;
    }

    let limit = usize::from(request.limit);
    let mut budget = Budget::default();
    let mut found: Vec<Entry> = Vec::new();
    let mut before = request.before_message_id;
    let mut next = MessageId(0);
    for look in 1..=LOOKS {
        let count = i64::try_from(CANDIDATES).unwrap_or(i64::MAX);
        let candidates = store.find(&query, &ranges, before, count).await;
        let candidates = candidates.map_err(failed)?;
        let is_last = candidates.len() < CANDIDATES;
        let mut is_full = false;
        for entry in candidates {
            let text = searched(entry.type_, &entry.content);
            let is_hit = entry.recalled_seq == Seq(0) && query.has_runs(&text);
            if is_hit && (found.len() == limit || !budget.entry(&entry)) {
                is_full = true;
                break;
            }
            before = entry.message_id;
            if is_hit {
                found.push(entry);
            }
        }
        if is_full || (!is_last && look == LOOKS) {
            next = before;
        }
        if is_full || is_last {
            break;
        }
    }
    metrics::read_took(began.elapsed());
    let response = SearchResponse {
        entries: found,
        next_message_id: next,
    };
    Ok(Reply::Bulk(Frame::reply(caller.request_id, response)))
}
