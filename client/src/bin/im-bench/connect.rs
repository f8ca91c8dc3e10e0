//! From nothing to an authenticated session, open loop.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::cli::Connect;
use crate::histogram::Latencies;
use crate::people::Person;
use crate::process::Cpu;
use crate::saturate::failures;
use crate::session::Cluster;

pub(crate) async fn run(command: Connect) -> anyhow::Result<Value> {
    let cluster = Cluster::find(&command.web).await?;
    let latencies = Arc::new(Latencies::new()?);
    let every = Duration::from_secs(1) / u32::try_from(command.rate)?;
    let begin = Instant::now();
    let from = begin + Duration::from_secs(command.window.warm_up);
    let until = from + Duration::from_secs(command.window.seconds);
    let (mut connects, mut intended, mut turn, mut before) = (JoinSet::new(), begin, 0, None);
    while intended < until {
        tokio::time::sleep_until(intended.into()).await;
        if before.is_none() && intended >= from {
            before = Some(Cpu::read(&command.processes.pids)?);
        }
        let (cluster, latencies, counts) =
            (cluster.clone(), Arc::clone(&latencies), intended >= from);
        let person = Person(turn % command.users);
        connects.spawn(async move {
            let session = cluster.open(person).await?;
            if counts {
                latencies.record(intended.elapsed());
            }
            session.close().await;
            Ok(())
        });
        turn += 1;
        intended += every;
    }
    let failed = failures(connects).await;
    let after = Cpu::read(&command.processes.pids)?;
    let (cpu, cpu_by_process) = before.map_or((Value::Null, Value::Null), |before| {
        after.micros_per(&before, latencies.count())
    });
    Ok(json!({
        "connectP50Ms": latencies.millis(0.5), "connectP99Ms": latencies.millis(0.99), "connectMaxMs": latencies.millis(1.0),
        "connects": latencies.count(), "failed": failed, "rate": command.rate,
        "cpuMicrosPerConnect": cpu, "cpuMicrosPerConnectByProcess": cpu_by_process,
    }))
}
