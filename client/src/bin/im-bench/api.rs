//! REST, open loop over a mix of requests; logins, which bcrypt binds, apart.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use im_client::api::{Api, Direction};
use im_shared::ids::Seq;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::cli;
use crate::histogram::Latencies;
use crate::people::{DEVICE, PLATFORM, Person, Tokens};
use crate::process::Cpu;
use crate::saturate::failures;

pub(crate) async fn run(command: cli::Api) -> anyhow::Result<Value> {
    command.web.guard.check(&command.web.server)?;
    let api = Api::new(&command.web.server)?;
    let tokens = Tokens::load(&command.web.signing_key)?;
    let logins = logins(&api, command.logins).await?;
    let latencies = Arc::new(Latencies::new()?);
    let every = Duration::from_secs(1) / u32::try_from(command.rate)?;
    let from = Instant::now() + Duration::from_secs(command.window.warm_up);
    let until = from + Duration::from_secs(command.window.seconds);
    let (mut requests, mut intended, mut turn) = (JoinSet::new(), Instant::now(), 0);
    let before = Cpu::read(&command.processes.pids)?;
    while intended < until {
        tokio::time::sleep_until(intended.into()).await;
        let api = api.with_token(&tokens.of(Person(turn % command.users))?);
        let (latencies, counts, kind) = (Arc::clone(&latencies), intended >= from, turn);
        requests.spawn(async move {
            request(&api, kind).await?;
            if counts {
                latencies.record(intended.elapsed());
            }
            Ok(())
        });
        turn += 1;
        intended += every;
    }
    let failed = failures(requests).await;
    let (cpu, _) = Cpu::read(&command.processes.pids)?.micros_per(&before, turn);
    Ok(json!({
        "apiP50Ms": latencies.millis(0.5), "apiP95Ms": latencies.millis(0.95), "apiP99Ms": latencies.millis(0.99),
        "requests": latencies.count(), "failed": failed, "rate": command.rate, "cpuMicrosPerRequest": cpu,
        "loginP50Ms": logins.millis(0.5), "loginP95Ms": logins.millis(0.95), "logins": logins.count(),
    }))
}

/// The n-th request of the mix: what a client asks when it starts and while it is used.
async fn request(api: &Api, n: u64) -> anyhow::Result<()> {
    match n % 6 {
        0 => drop(api.profile().await?),
        1 => drop(api.friends().await?),
        2 => drop(api.conversations().await?),
        3 => drop(api.friend_requests(Direction::Received).await?),
        4 => drop(api.search("bench-1", 20).await?),
        _ => {
            let list = api.conversations().await?;
            if let Some(conversation) = list.conversations.first() {
                api.messages(conversation.id, Seq(0), 50).await?;
            }
        }
    }
    Ok(())
}

/// Logs in again and again, one after the other.
async fn logins(api: &Api, count: u64) -> anyhow::Result<Latencies> {
    let latencies = Latencies::new()?;
    if count == 0 {
        return Ok(latencies);
    }
    let name = uuid::Uuid::new_v4().simple().to_string();
    let (username, password) = (format!("bench-login-{}", &name[..12]), name.as_str());
    api.register(&username, password, "")
        .await
        .context("cannot make the account for the logins")?;
    for _ in 0..count {
        let begun = Instant::now();
        api.login(&username, password, DEVICE, PLATFORM).await?;
        latencies.record(begun.elapsed());
    }
    Ok(latencies)
}
