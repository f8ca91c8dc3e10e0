//! End to end over WebTransport, open loop: latency at a given rate between neighbours on different nodes.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;

use crate::cli::Rate;
use crate::process::{Cpu, round};
use crate::saturate::failures;
use crate::session::Cluster;
use crate::talker::{self, Load, Meters};

/// What is late still counts, up to here.
const GRACE: Duration = Duration::from_secs(5);

pub(crate) async fn run(command: Rate) -> anyhow::Result<Value> {
    let cluster = Cluster::find(&command.web).await?;
    let sessions = cluster.open_many(command.users).await?;
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
    #[allow(clippy::cast_precision_loss)]
    let (interval, users) = (1.0 / command.rate as f64, command.users as f64);
    // Each user in turn, so that the whole is even.
    #[allow(clippy::cast_precision_loss)]
    let load = |person: crate::people::Person| Load::Open {
        every: Duration::from_secs_f64(interval * users),
        offset: Duration::from_secs_f64(interval * person.0 as f64),
    };
    let (stop, stopped) = watch::channel(false);
    let talkers = talker::talk(
        sessions,
        |person| person.peers(1, command.users),
        load,
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
    let intended = command.rate * command.window.seconds;
    Ok(json!({
        "ackP50Ms": meters.ack.millis(0.5), "ackP99Ms": meters.ack.millis(0.99), "ackMaxMs": meters.ack.millis(1.0),
        "deliveryP50Ms": meters.delivery.millis(0.5), "deliveryP99Ms": meters.delivery.millis(0.99),
        "deliveryMaxMs": meters.delivery.millis(1.0),
        "cpuMicrosPerMessage": cpu,
        "cpuMicrosPerMessageByProcess": cpu_by_process,
        "intended": intended, "acknowledged": meters.ack.count(), "delivered": meters.delivery.count(),
        "outOfOrder": meters.out_of_order.load(Ordering::Relaxed),
        "retries": meters.retries.load(Ordering::Relaxed),
        "refused": meters.refused.load(Ordering::Relaxed),
        "failedSessions": failed,
        "rate": command.rate, "users": command.users, "seconds": round(seconds.as_secs_f64()),
    }))
}
