//! A device that comes back after it missed much: when its list is usable, and when it has everything. Through the client library, with the
//! limits that every session has.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use im_client::api::{Api, Login};
use im_client::{Client, Event, MemoryStorage, Options, Storage};
use im_shared::wire::Cursor;
use serde_json::{Value, json};

use crate::cli::Sync;
use crate::database::Database;
use crate::histogram::Latencies;
use crate::people::{DEVICE, PLATFORM, Tokens};
use crate::seeded::Seeded;

/// A sync that takes longer has failed.
const WITHIN: Duration = Duration::from_secs(60);
/// The device was last here so long ago: before all that it missed.
const AWAY: Duration = Duration::from_secs(29 * 24 * 60 * 60);
/// What the device held before.
const HELD: u64 = 20;
/// Between two times: what the device received is told meanwhile.
const REST: Duration = Duration::from_secs(3);

/// One time, from the moment when the session was open.
struct Caught {
    connect: Duration,
    usable: Duration,
    complete: Duration,
    listed: usize,
    entries: u64,
}

pub(crate) async fn run(command: Sync) -> anyhow::Result<Value> {
    let seeded = Seeded {
        person: Seeded::nth_person(1),
        conversations: command.conversations,
        entries: HELD + command.missed,
        unread: command.missed,
        unread_in: 1,
        undelivered: command.missed,
    };
    let database = Database::connect(&command.postgres, &command.web.guard).await?;
    seeded.prepare(&database).await?;
    database.close().await?;
    let tokens = Tokens::load(&command.web.signing_key)?;
    let missed = command.conversations * command.missed;
    let (connect, usable, complete) = (Latencies::new()?, Latencies::new()?, Latencies::new()?);
    let (mut requests, mut listed) = (Vec::new(), 0);
    for _ in 0..command.times {
        let before = asked(&command.ops).await?;
        let caught = come_back(&command, &seeded, &tokens).await?;
        if caught.entries != missed {
            bail!("{} of {missed} missed messages came", caught.entries);
        }
        requests.extend(
            asked(&command.ops)
                .await?
                .zip(before)
                .map(|(now, before)| now - before),
        );
        connect.record(caught.connect);
        usable.record(caught.usable);
        complete.record(caught.complete);
        listed = caught.listed;
        tokio::time::sleep(REST).await;
    }
    Ok(json!({
        "conversations": command.conversations, "missed": missed, "times": command.times,
        "connectP50Ms": connect.millis(0.5),
        "usableP50Ms": usable.millis(0.5), "usableMaxMs": usable.millis(1.0), "usableRequests": 1, "usableConversations": listed,
        "completeP50Ms": complete.millis(0.5), "completeMaxMs": complete.millis(1.0), "requests": requests,
    }))
}

async fn come_back(command: &Sync, seeded: &Seeded, tokens: &Tokens) -> anyhow::Result<Caught> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let storage = MemoryStorage::default();
    for (conversation_id, seq) in seeded.held()? {
        storage.follow(Cursor {
            conversation_id,
            seq,
        });
    }
    storage.put_synced_at(i64::try_from((now - AWAY).as_millis())?);
    let login = Login {
        user_id: seeded.person.id(),
        access_token: tokens.of(seeded.person)?,
        refresh_token: String::new(),
        expires_at: i64::try_from((now + Duration::from_secs(3_600)).as_millis())?,
    };
    let mut options = Options::new(Api::new(&command.web.server)?, login, DEVICE, PLATFORM);
    options.storage = Arc::new(storage);
    let began = Instant::now();
    let (client, mut events) = Client::start(options);
    let (mut open, mut usable, mut listed, mut entries) = (None, None, 0, 0);
    let complete = loop {
        let event = tokio::time::timeout(WITHIN, events.next()).await;
        match event
            .context("the sync does not end")?
            .context("the client has stopped")?
        {
            Event::Connected { .. } => open = Some(Instant::now()),
            Event::Conversation(_) => {
                usable.get_or_insert_with(Instant::now);
                // The states of the first reply come before its entries.
                listed += usize::from(entries == 0);
            }
            Event::EntryStored(_) => entries += 1,
            Event::CaughtUp => break Instant::now(),
            Event::Kicked { message, .. } => bail!("kicked: {message}"),
            Event::Missed(count) => bail!("{count} events did not fit"),
            _ => {}
        }
    };
    // What the device received is told after a moment, as in daily life.
    tokio::time::sleep(REST).await;
    client.close().await;
    let open = open.context("no session was opened")?;
    Ok(Caught {
        connect: open - began,
        usable: usable
            .context("no list came")?
            .saturating_duration_since(open),
        complete: complete - open,
        listed,
        entries,
    })
}

/// Sync and history requests that logic answered so far; none when it is not known where logic tells.
async fn asked(ops: &[String]) -> anyhow::Result<Option<u64>> {
    let mut count = None;
    for address in ops {
        let metrics = reqwest::get(format!("{address}/metrics"))
            .await?
            .text()
            .await?;
        let line = metrics
            .lines()
            .find_map(|line| line.strip_prefix("im_logic_read_seconds_count"));
        // Nothing was asked of this one yet, where there is no such line.
        let number: f64 = line
            .and_then(|line| line.rsplit(' ').next())
            .map_or(Ok(0.0), str::parse)?;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // A count.
        let number = number as u64;
        count = Some(count.unwrap_or(0) + number);
    }
    Ok(count)
}
