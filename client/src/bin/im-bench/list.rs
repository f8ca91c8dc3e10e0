//! The list of a user with many conversations: the first page over a session and over REST, and all pages.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use im_client::Api;
use im_shared::wire::{Body, SyncRequest, SyncResponse};
use serde_json::{Value, json};
use tokio::time::{Interval, MissedTickBehavior};

use crate::cli::{Asked, List};
use crate::database::Database;
use crate::histogram::Latencies;
use crate::people::Tokens;
use crate::seeded::Seeded;
use crate::session::{Cluster, Session};

/// How often all pages are asked for.
const WHOLE: usize = 20;

pub(crate) async fn run(command: List) -> anyhow::Result<Value> {
    let seeded = Seeded {
        person: Seeded::nth_person(0),
        conversations: command.conversations,
        entries: 30,
        unread: 5,
        unread_in: 3,
        undelivered: 0,
    };
    if let Some(url) = &command.postgres {
        let database = Database::connect(url, &command.web.guard).await?;
        seeded.prepare(&database).await?;
        database.close().await?;
    }
    let mut pace = tokio::time::interval(Duration::from_secs(1) / u32::try_from(command.pace)?);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (page, rest, whole) = (Latencies::new()?, Latencies::new()?, Latencies::new()?);
    let mut first = None;
    let (mut states, mut pages, mut found) = (0, 0, 0);
    if command.asked != Asked::Api {
        let cluster = Cluster::find(&command.web).await?;
        let mut session = cluster.open(seeded.person).await?;
        for _ in 0..command.calls {
            pace.tick().await;
            let began = Instant::now();
            let response = sync(&mut session, SyncRequest::default()).await?;
            first.get_or_insert(began.elapsed());
            page.record(began.elapsed());
            states = response.conversations.len();
        }
        if command.asked == Asked::All {
            for _ in 0..WHOLE {
                let (took, conversations, count) = all(&mut session, &mut pace).await?;
                whole.record(took);
                (found, pages) = (conversations, count);
            }
            if (found as u64) < command.conversations {
                bail!(
                    "only {found} of {} conversations are listed",
                    command.conversations
                );
            }
        }
        session.close().await;
    }
    if command.asked != Asked::Sync {
        let tokens = Tokens::load(&command.web.signing_key)?;
        let api = Api::new(&command.web.server)?.with_token(&tokens.of(seeded.person)?);
        for _ in 0..command.calls {
            pace.tick().await;
            let began = Instant::now();
            api.conversations().await.context("no list over REST")?;
            first.get_or_insert(began.elapsed());
            rest.record(began.elapsed());
        }
    }
    Ok(json!({
        "conversations": command.conversations, "calls": command.calls, "pageStates": states,
        "firstMs": first.map(|first| crate::process::round(first.as_secs_f64() * 1_000.0)),
        "pageP50Ms": page.millis(0.5), "pageP95Ms": page.millis(0.95), "pageMaxMs": page.millis(1.0),
        "apiP50Ms": rest.millis(0.5), "apiP95Ms": rest.millis(0.95), "apiMaxMs": rest.millis(1.0),
        "allPages": pages, "allPagesP50Ms": whole.millis(0.5), "allPagesP95Ms": whole.millis(0.95), "listed": found,
    }))
}

/// One request and its answer.
async fn sync(session: &mut Session, request: SyncRequest) -> anyhow::Result<SyncResponse> {
    let (id, frame) = session.request(request.into());
    session.sender.send(&[frame]).await?;
    loop {
        let frame = session.next().await?;
        match frame.body {
            Body::SyncResponse(response) if frame.request_id == id => return Ok(response),
            Body::ErrorResponse(error) => bail!("refused: {}", error.message),
            _ => {}
        }
    }
}

/// All pages, one after the other: the time that they took without the waits in between, the conversations, the pages.
async fn all(
    session: &mut Session,
    pace: &mut Interval,
) -> anyhow::Result<(Duration, usize, usize)> {
    let (mut request, mut took, mut states, mut pages) =
        (SyncRequest::default(), Duration::ZERO, 0, 0);
    loop {
        pace.tick().await;
        let began = Instant::now();
        let response = sync(session, request).await?;
        took += began.elapsed();
        states += response.conversations.len();
        pages += 1;
        if !response.next_conversation_id.is_some() {
            return Ok((took, states, pages));
        }
        request = SyncRequest {
            after_conversation_id: response.next_conversation_id,
            after_activity: response.next_activity,
            ..SyncRequest::default()
        };
    }
}
