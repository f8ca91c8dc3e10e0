//! `SyncRequest`: a page of states, the last active first, and the entries after the cursors that fit ([R4]).

use std::time::Instant;

use im_shared::wire::{Code, Cursor, Entry, Frame, SyncRequest, SyncResponse, limits};

use super::{Replies, Services, answer_aside};
use crate::caller::Caller;
use crate::metrics;
use crate::page::{Budget, behind, cut_entries, cut_states, distinct};
use crate::pending::Refusal;
use crate::publisher::Reply;
use crate::store::{Listing, Place, Span, StoreError};

/// States of a page at most.
const PAGE_STATES: usize = 100;

/// Entries that are read for a page at most; frames have room for few more.
const PAGE_ENTRIES: usize = 300;

pub(super) fn apply(
    request: SyncRequest,
    caller: Caller,
    services: &Services,
    replies: &mut Replies,
) {
    if request.cursors.len() > limits::MAX_CURSORS {
        return replies.refuse(caller, Refusal::because(Code::InvalidArgument));
    }
    let (asker, own) = (caller.clone(), services.clone());
    let work = async move {
        let began = Instant::now();
        let answered = if request.entries_only {
            entries(&request, &asker, &own).await
        } else {
            page(&request, &asker, &own).await
        };
        metrics::read_took(began.elapsed());
        let response = answered.map_err(|error| error.refusal("a page of a sync"))?;
        Ok(Reply::Bulk(Frame::reply(asker.request_id, response)))
    };
    answer_aside(&services.reads, caller, services, replies, work);
}

/// A page of states, and entries after the cursors of these.
async fn page(
    request: &SyncRequest,
    caller: &Caller,
    services: &Services,
) -> Result<SyncResponse, StoreError> {
    let mut budget = Budget::default();
    let after = request.after_conversation_id.is_some().then_some(Place {
        activity: request.after_activity,
        conversation: request.after_conversation_id,
    });
    if after.is_none() {
        enroll(caller, services).await?;
    }
    // Before anything is read, so that what changes meanwhile is younger.
    let synced_at = match after {
        Some(_) => 0,
        None => services.store.now().await?,
    };
    let listing = Listing {
        user: caller.user,
        since: request.since,
        after,
        // One more than a page shows whether another one follows.
        limit: i32::try_from(PAGE_STATES + 1).unwrap_or(i32::MAX),
    };
    let mut conversations = services.store.list(listing).await?;
    let next = cut_states(&mut conversations, PAGE_STATES, &mut budget);

    let behind = behind(&conversations, &request.cursors);
    let (entries, _) = after_cursors(&behind, PAGE_ENTRIES, &mut budget, services).await?;
    Ok(SyncResponse {
        conversations,
        entries,
        next_conversation_id: next.map_or_else(Default::default, |place| place.conversation),
        next_activity: next.map_or(0, |place| place.activity),
        synced_at,
        more: false,
    })
}

/// Every session begins with a sync, so whoever is online stands on the rosters of their large groups before they read anything: what is
/// committed later finds them there. Without Redis nothing is pushed by a roster either.
async fn enroll(caller: &Caller, services: &Services) -> Result<(), StoreError> {
    let large = i32::try_from(services.large_group).unwrap_or(i32::MAX);
    for group in services.store.large_groups(caller.user, large).await? {
        if let Err(error) = services.rosters.add(group, &[caller.user]).await {
            tracing::debug!(%error, %group, "a roster does not know who came");
        }
    }
    Ok(())
}

/// Entries after all the cursors, in their order: what did not fit on the pages of states, of many conversations at once.
async fn entries(
    request: &SyncRequest,
    caller: &Caller,
    services: &Services,
) -> Result<SyncResponse, StoreError> {
    let cursors = distinct(&request.cursors);
    let spans = services.store.spans(caller.user, &cursors).await?;
    let (entries, more) =
        after_cursors(&spans, limits::MAX_TABLES, &mut Budget::default(), services).await?;
    Ok(SyncResponse {
        entries,
        more,
        ..SyncResponse::default()
    })
}

/// As many entries as fit, and whether there are more.
async fn after_cursors(
    spans: &[(Cursor, Span)],
    limit: usize,
    budget: &mut Budget,
    services: &Services,
) -> Result<(Vec<Entry>, bool), StoreError> {
    if spans.is_empty() {
        return Ok((Vec::new(), false));
    }
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut entries = services.store.after_cursors(spans, limit).await?;
    let found = entries.len();
    cut_entries(&mut entries, spans, budget);
    let is_cut = entries.len() < found || i64::try_from(found) == Ok(limit);
    Ok((entries, is_cut))
}
