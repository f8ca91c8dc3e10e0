//! Memory of idle sessions: resident memory of the access nodes at two numbers of sessions, and the slope between.

use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use crate::cli::Idle;
use crate::people::Person;
use crate::process::{NamedProcess, resident_kib, round};
use crate::saturate::failures;
use crate::session::{Cluster, Session};

const HEARTBEAT: Duration = Duration::from_secs(30);

pub(crate) async fn run(command: Idle) -> anyhow::Result<Value> {
    if command.processes.pids.is_empty() {
        bail!("--pid NAME=PID of each access node is needed");
    }
    let cluster = Cluster::find(&command.web).await?;
    let (stop, stopped) = watch::channel(false);
    let mut sessions = JoinSet::new();
    let (mut opened, mut steps) = (0, Vec::new());
    let mut pace = tokio::time::interval(Duration::from_secs(1) / u32::try_from(command.pace)?);
    // Not in a burst after the rest of a step: that would look like an attack and be refused as one.
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for step in &command.steps {
        let mut opening = JoinSet::new();
        while opened < *step {
            pace.tick().await;
            let (cluster, person) = (cluster.clone(), Person(opened));
            opening.spawn(async move { cluster.open(person).await });
            opened += 1;
        }
        while let Some(session) = opening.join_next().await {
            sessions.spawn(hold(session??, stopped.clone()));
        }
        tokio::time::sleep(Duration::from_secs(command.settle)).await;
        let memory = resident(&command.processes.pids)?;
        eprintln!("{step} sessions: {memory} KiB");
        steps.push((*step, memory));
    }
    stop.send_replace(true);
    let failed = failures(sessions).await;
    let ((first, low), (last, high)) = steps.first().zip(steps.last()).context("no steps")?;
    #[allow(clippy::cast_precision_loss)]
    let slope = (*high as f64 - *low as f64) / (last.saturating_sub(*first).max(1)) as f64;
    let steps: Vec<Value> = steps
        .iter()
        .map(|(sessions, kib)| json!({ "sessions": sessions, "residentKiB": kib }))
        .collect();
    Ok(json!({ "idleSessionKiB": round(slope), "steps": steps, "failedSessions": failed }))
}

/// Keeps a session alive until `stop`.
async fn hold(mut session: Session, mut stop: watch::Receiver<bool>) -> anyhow::Result<()> {
    let mut heartbeat = tokio::time::interval(HEARTBEAT);
    loop {
        tokio::select! {
            frame = session.next() => { frame?; }
            _ = heartbeat.tick() => session.heartbeat().await?,
            _ = stop.changed() => break,
        }
    }
    session.close().await;
    Ok(())
}

fn resident(processes: &[NamedProcess]) -> anyhow::Result<u64> {
    processes
        .iter()
        .map(|process| resident_kib(process.pid))
        .sum()
}
