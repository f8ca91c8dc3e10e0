//! End to end over WebTransport, closed loop: how much goes through, and in the order of sending.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;

use crate::cli::Saturate;
use crate::process::{Cpu, round};
use crate::session::Cluster;
use crate::talker::{self, Load, Meters};

const GRACE: Duration = Duration::from_secs(5);

pub(crate) async fn run(command: Saturate) -> anyhow::Result<Value> {
    let cluster = Cluster::find(&command.web).await?;
    let sessions = cluster.open_many(command.sessions).await?;
    eprintln!(
        "{} sessions on {} nodes are open",
        sessions.len(),
        cluster.node_count()
    );
    let seconds = Duration::from_secs(command.window.seconds);
    let meters = Arc::new(Meters::new(
        Duration::from_secs(command.window.warm_up),
        seconds,
    )?);
    let messages = usize::try_from(command.messages_per_request)?;
    let (stop, stopped) = watch::channel(false);
    let talkers = talker::talk(
        sessions,
        |person| person.peers(command.conversations, command.sessions),
        |_| Load::Closed(messages),
        &meters,
        &stopped,
        GRACE,
    );
    tokio::time::sleep_until(meters.from.into()).await;
    let before = Cpu::read(&command.processes.pids)?;
    tokio::time::sleep_until(meters.until.into()).await;
    let after = Cpu::read(&command.processes.pids)?;
    stop.send_replace(true);
    let failed = failures(talkers).await;
    let acknowledged = meters.acknowledged.load(Ordering::Relaxed);
    let (cpu, cpu_by_process) = after.micros_per(&before, acknowledged);
    #[allow(clippy::cast_precision_loss)]
    let rate = acknowledged as f64 / seconds.as_secs_f64();
    Ok(json!({
        "messagesPerSecond": rate.round(),
        "cpuMicrosPerMessage": cpu,
        "cpuMicrosPerMessageByProcess": cpu_by_process,
        "outOfOrder": meters.out_of_order.load(Ordering::Relaxed),
        "acknowledged": acknowledged,
        "pushed": meters.pushed.load(Ordering::Relaxed),
        "ackP50Ms": meters.ack.millis(0.5), "ackP99Ms": meters.ack.millis(0.99),
        "deliveryP50Ms": meters.delivery.millis(0.5), "deliveryP99Ms": meters.delivery.millis(0.99),
        "retries": meters.retries.load(Ordering::Relaxed),
        "refused": meters.refused.load(Ordering::Relaxed),
        "failedSessions": failed,
        "sessions": command.sessions, "conversationsPerSession": command.conversations,
        "messagesPerRequest": command.messages_per_request, "seconds": round(seconds.as_secs_f64()),
    }))
}

/// Waits for all talkers. Tells the first reason why one failed, and counts them.
pub(crate) async fn failures(mut talkers: tokio::task::JoinSet<anyhow::Result<()>>) -> u64 {
    let mut failed = 0;
    while let Some(done) = talkers.join_next().await {
        if let Err(error) = done.map_err(anyhow::Error::from).and_then(|done| done) {
            if failed == 0 {
                eprintln!("a session failed: {error:#}");
            }
            failed += 1;
        }
    }
    failed
}
