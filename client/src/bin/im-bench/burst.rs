//! Many logins at the same moment, while others go on asking at their rate. Who is told to come later comes again exactly then, until all are in.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use im_client::api::{Api, platform_name};
use parking_lot::Mutex;
use reqwest::StatusCode;
use reqwest::header::RETRY_AFTER;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::api::{Account, paced, request_of};
use crate::cli;
use crate::histogram::Latencies;
use crate::people::PLATFORM;
use crate::process::{Cpu, round};

/// A login that is not in by then has failed.
const PATIENCE: Duration = Duration::from_secs(120);

/// How the logins were answered.
#[derive(Debug, Default)]
struct Told {
    /// At the first try: in, 429, 503.
    first: [u64; 3],
    /// Refusals of all tries.
    later: u64,
    /// Of these without a time to come again.
    without_time: u64,
}

/// From the middle of the window on: half of it is as it is without logins.
pub(crate) async fn run(
    command: &cli::Api,
    api: &Api,
    callers: Arc<[Api]>,
) -> anyhow::Result<Value> {
    let account = Account::make(api).await?;
    let from = Instant::now() + Duration::from_secs(command.window.warm_up);
    let window = Duration::from_secs(command.window.seconds);
    let (begins, until) = (from + window / 2, from + window);
    let taken = Arc::new(Mutex::new(Vec::new()));
    let cpu = Cpu::read(&command.processes.pids)?;
    let mix = command.mix;
    let requests = paced(command.rate, until, |n, intended| {
        let (callers, taken) = (Arc::clone(&callers), Arc::clone(&taken));
        async move {
            request_of(&callers, mix, n).await?;
            taken.lock().push((intended, intended.elapsed()));
            Ok(())
        }
    });
    let told = Arc::new(Mutex::new(Told::default()));
    let entered = Latencies::new()?;
    let storm = storm(command, &account, begins, &told, &entered);
    let ((asked, failed), ends) = tokio::try_join!(requests, storm)?;
    let (cpu, each) = Cpu::read(&command.processes.pids)?.micros_per(&cpu, asked);
    let (before, during) = (Latencies::new()?, Latencies::new()?);
    for (intended, latency) in taken.lock().iter().filter(|(at, _)| *at >= from) {
        if *intended < begins {
            before.record(*latency);
        } else if *intended < ends {
            during.record(*latency);
        }
    }
    let told = told.lock();
    Ok(json!({
        "beforeP50Ms": before.millis(0.5), "beforeP95Ms": before.millis(0.95), "beforeP99Ms": before.millis(0.99),
        "duringP50Ms": during.millis(0.5), "duringP95Ms": during.millis(0.95), "duringP99Ms": during.millis(0.99),
        "requestsBefore": before.count(), "requestsDuring": during.count(), "failed": failed, "rate": command.rate,
        "logins": command.login_burst, "firstIn": told.first[0], "first429": told.first[1], "first503": told.first[2],
        "toldLater": told.later, "toldLaterWithoutTime": told.without_time,
        "burstSeconds": round((ends - begins).as_secs_f64()), "withinWindow": ends <= until,
        "inP50Ms": entered.millis(0.5), "inP95Ms": entered.millis(0.95), "inMaxMs": entered.millis(1.0),
        "cpuMicrosPerRequest": cpu, "cpuMicrosPerRequestByProcess": each,
    }))
}

/// All logins at `begins`, each of a device of its own. Gives when the last one was in.
async fn storm(
    command: &cli::Api,
    account: &Account,
    begins: Instant,
    told: &Arc<Mutex<Told>>,
    entered: &Latencies,
) -> anyhow::Result<Instant> {
    // Connections of their own: who asks beside them waits for the server, not for a connection.
    let http = reqwest::Client::builder().timeout(PATIENCE).build()?;
    let server = command.web.server.trim_end_matches('/');
    let url = format!("{server}/api/v1/auth/login");
    let mut logins = JoinSet::new();
    for number in 0..command.login_burst {
        let body = json!({
            "username": account.username, "password": account.password,
            "deviceId": format!("burst-{number}"), "platform": platform_name(PLATFORM),
        });
        let (request, told) = (http.post(&url).json(&body), Arc::clone(told));
        logins.spawn(async move {
            tokio::time::sleep_until(begins.into()).await;
            tokio::time::timeout(PATIENCE, login(request, &told)).await??;
            anyhow::Ok(Instant::now())
        });
    }
    let mut ends = begins;
    while let Some(login) = logins.join_next().await {
        let at = login?.context("a login of the burst failed")?;
        entered.record(at - begins);
        ends = ends.max(at);
    }
    Ok(ends)
}

async fn login(request: reqwest::RequestBuilder, told: &Mutex<Told>) -> anyhow::Result<()> {
    let mut is_first = true;
    loop {
        let request = request
            .try_clone()
            .context("a body that can be sent again")?;
        let answer = request.send().await?;
        let place = match answer.status() {
            StatusCode::OK => 0,
            StatusCode::TOO_MANY_REQUESTS => 1,
            StatusCode::SERVICE_UNAVAILABLE => 2,
            status => anyhow::bail!("status {status}: {}", answer.text().await?),
        };
        let wait = answer.headers().get(RETRY_AFTER);
        let wait = wait.and_then(|seconds| seconds.to_str().ok()?.parse().ok());
        {
            let mut told = told.lock();
            told.first[place] += u64::from(is_first);
            told.later += u64::from(place > 0);
            told.without_time += u64::from(place > 0 && wait.is_none());
        }
        if place == 0 {
            return Ok(());
        }
        is_first = false;
        tokio::time::sleep(Duration::from_secs(wait.unwrap_or(1))).await;
    }
}
