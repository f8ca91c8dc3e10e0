//! `SyncRequest`: a page of states, and the entries after the cursors that fit ([R4]).

use std::time::Instant;

use im_shared::ids::ConversationId;
use im_shared::wire::{Code, Frame, SyncRequest, SyncResponse, limits};

use super::{Replies, Services, answer_aside};
use crate::caller::Caller;
use crate::metrics;
use crate::page::{Budget, behind, cut_entries, cut_states};
use crate::pending::Refusal;
use crate::publisher::Reply;
use crate::store::Span;

/// States of a page at most.
const PAGE_STATES: usize = 100;

/// Entries that are read for a page at most; frames have room for few more.
const PAGE_ENTRIES: i64 = 300;

pub(super) fn apply(
    request: SyncRequest,
    caller: Caller,
    services: &Services,
    replies: &mut Replies,
) {
    if request.cursors.len() > limits::MAX_CURSORS {
        return replies.refuse(caller, Refusal::because(Code::InvalidArgument));
    }
    let work = page(request, caller.clone(), services.clone());
    answer_aside(&services.reads, caller, services, replies, work);
}

async fn page(request: SyncRequest, caller: Caller, services: Services) -> Result<Reply, Refusal> {
    let began = Instant::now();
    let failed = |error: crate::store::StoreError| error.refusal("a page of a sync");
    let mut budget = Budget::default();
    // One more than a page shows whether another one follows.
    let limit = i64::try_from(PAGE_STATES + 1).unwrap_or(i64::MAX);
    let states = services
        .store
        .states(caller.user, request.after_conversation_id, limit)
        .await;
    let mut conversations = states.map_err(failed)?;
    // Everybody is in the world chat, and its id comes before all others.
    if request.after_conversation_id < ConversationId::WORLD {
        let world = services.store.world().await;
        if let Some(world) = world.map_err(failed)? {
            services.world.learn(world.tip_seq);
            conversations.insert(0, world);
        }
    }
    let next_conversation_id = cut_states(&mut conversations, PAGE_STATES, &mut budget);

    let cursors = behind(&conversations, &request.cursors);
    let mut entries = Vec::new();
    if !cursors.is_empty() {
        let spans: Vec<_> = cursors
            .iter()
            .map(|cursor| (*cursor, Span::default()))
            .collect();
        entries = services
            .store
            .after_cursors(&spans, PAGE_ENTRIES)
            .await
            .map_err(failed)?;
        cut_entries(&mut entries, &cursors, &mut budget);
    }
    metrics::read_took(began.elapsed());
    let response = SyncResponse {
        conversations,
        entries,
        next_conversation_id,
        more: false,
        ..SyncResponse::default()
    };
    Ok(Reply::Bulk(Frame::reply(caller.request_id, response)))
}
