//! REST, open loop over a mix of requests, with logins beside it; or as fast as it goes, for memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use im_client::api::{Api, Direction};
use im_shared::ids::Seq;
use im_shared::wire::Code;
use serde_json::{Map, Value, json};
use tokio::task::JoinSet;

use crate::burst;
use crate::cli::{self, Mix};
use crate::histogram::Latencies;
use crate::people::{DEVICE, PLATFORM, Person, Tokens};
use crate::process::{Cpu, NamedProcess, resident_kib};
use crate::saturate::failures;

/// Requests that are under way at a time when all that counts is how many there were.
const AT_ONCE: u64 = 32;

pub(crate) async fn run(command: cli::Api) -> anyhow::Result<Value> {
    command.web.guard.check(&command.web.server)?;
    let api = Api::new(&command.web.server)?;
    // Signed beforehand: the generator's CPU is the servers' CPU here.
    let tokens = Tokens::load(&command.web.signing_key)?;
    let callers = (0..command.users)
        .map(|user| Ok(api.with_token(&tokens.of(Person(user))?)))
        .collect::<anyhow::Result<Arc<[Api]>>>()?;
    match (command.requests, command.login_burst) {
        (0, 0) => at_a_rate(&command, &api, callers).await,
        (0, _) => burst::run(&command, &api, callers).await,
        (requests, _) => in_all(&command, callers, requests).await,
    }
}

/// Open loop: latencies from the intended times, at the rate that is asked for.
async fn at_a_rate(command: &cli::Api, api: &Api, callers: Arc<[Api]>) -> anyhow::Result<Value> {
    let from = Instant::now() + Duration::from_secs(command.window.warm_up);
    let until = from + Duration::from_secs(command.window.seconds);
    let logins = Logins::prepare(api, command.logins_per_second).await?;
    let latencies = Arc::new(Latencies::new()?);
    let before = Cpu::read(&command.processes.pids)?;
    let mix = command.mix;
    let requests = paced(command.rate, until, |n, intended| {
        let (callers, latencies) = (Arc::clone(&callers), Arc::clone(&latencies));
        async move {
            request_of(&callers, mix, n).await?;
            if intended >= from {
                latencies.record(intended.elapsed());
            }
            Ok(())
        }
    });
    let ((asked, failed), ()) = tokio::try_join!(requests, logins.run(from, until))?;
    let (cpu, each) = Cpu::read(&command.processes.pids)?.micros_per(&before, asked);
    Ok(json!({
        "apiP50Ms": latencies.millis(0.5), "apiP95Ms": latencies.millis(0.95), "apiP99Ms": latencies.millis(0.99),
        "requests": latencies.count(), "failed": failed, "rate": command.rate,
        "cpuMicrosPerRequest": cpu, "cpuMicrosPerRequestByProcess": each,
        "loginP50Ms": logins.latencies.millis(0.5), "loginP95Ms": logins.latencies.millis(0.95),
        "logins": logins.latencies.count(), "loginsBusy": logins.busy.load(Ordering::Relaxed),
        "loginsPerSecond": command.logins_per_second, "residentKib": resident(&command.processes.pids)?,
    }))
}

/// Closed loop: so many requests, and the memory afterwards.
async fn in_all(command: &cli::Api, callers: Arc<[Api]>, requests: u64) -> anyhow::Result<Value> {
    let begun = Instant::now();
    let next = Arc::new(AtomicU64::new(0));
    let mut askers = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (callers, next, mix) = (Arc::clone(&callers), Arc::clone(&next), command.mix);
        askers.spawn(async move {
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= requests {
                    return Ok(());
                }
                request_of(&callers, mix, n).await?;
            }
        });
    }
    let failed = failures(askers).await;
    Ok(json!({
        "requests": requests, "failed": failed, "seconds": begun.elapsed().as_secs_f64(),
        "residentKib": resident(&command.processes.pids)?,
    }))
}

/// Begins `work` so many times a second, and tells how many times, and how many failed.
pub(crate) async fn paced<W>(
    rate: u64,
    until: Instant,
    work: impl Fn(u64, Instant) -> W,
) -> anyhow::Result<(u64, u64)>
where
    W: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    let every = Duration::from_secs(1) / u32::try_from(rate)?;
    let (mut running, mut intended, mut turn) = (JoinSet::new(), Instant::now(), 0);
    while intended < until {
        tokio::time::sleep_until(intended.into()).await;
        running.spawn(work(turn, intended));
        turn += 1;
        intended += every;
    }
    Ok((turn, failures(running).await))
}

/// The n-th request of a mix, by whose turn it is.
pub(crate) async fn request_of(callers: &[Api], mix: Mix, n: u64) -> anyhow::Result<()> {
    let place = usize::try_from(n)? % callers.len().max(1);
    request(callers.get(place).context("nobody calls")?, mix, n).await
}

async fn request(api: &Api, mix: Mix, n: u64) -> anyhow::Result<()> {
    match (mix, n % 6) {
        (Mix::Profile, 0 | 2 | 4) | (Mix::All, 0) => drop(api.profile().await?),
        (Mix::Profile, _) | (Mix::All, 1) => drop(api.friends().await?),
        (Mix::All, 2) => drop(api.conversations().await?),
        (Mix::All, 3) => drop(api.friend_requests(Direction::Received).await?),
        (Mix::All, 4) => drop(api.search("bench-1", 20).await?),
        (Mix::All, _) => {
            let list = api.conversations().await?;
            if let Some(conversation) = list.conversations.first() {
                api.messages(conversation.id, Seq(0), 50).await?;
            }
        }
    }
    Ok(())
}

/// Who logs in.
pub(crate) struct Account {
    pub(crate) username: String,
    pub(crate) password: String,
}

impl Account {
    /// A new one.
    pub(crate) async fn make(api: &Api) -> anyhow::Result<Self> {
        let name = uuid::Uuid::new_v4().simple().to_string();
        let username = format!("bench-login-{}", &name[..12]);
        let made = api.register(&username, &name, "").await;
        made.context("cannot make the account for the logins")?;
        Ok(Self {
            username,
            password: name,
        })
    }
}

/// Logins of one account, which bcrypt binds. Busy is a legal answer.
struct Logins {
    api: Api,
    account: Option<Arc<Account>>,
    rate: u64,
    latencies: Arc<Latencies>,
    busy: Arc<AtomicU64>,
}

impl Logins {
    async fn prepare(api: &Api, rate: u64) -> anyhow::Result<Self> {
        let account = match rate {
            0 => None,
            _ => Some(Arc::new(Account::make(api).await?)),
        };
        Ok(Self {
            api: api.clone(),
            account,
            rate,
            latencies: Arc::new(Latencies::new()?),
            busy: Arc::default(),
        })
    }

    async fn run(&self, from: Instant, until: Instant) -> anyhow::Result<()> {
        let Some(account) = &self.account else {
            return Ok(());
        };
        let (_, failed) = paced(self.rate, until, |_, intended| {
            let (api, account) = (self.api.clone(), Arc::clone(account));
            let (latencies, busy) = (Arc::clone(&self.latencies), Arc::clone(&self.busy));
            async move {
                match api
                    .login(&account.username, &account.password, DEVICE, PLATFORM)
                    .await
                {
                    Ok(_) if intended >= from => latencies.record(intended.elapsed()),
                    Ok(_) => {}
                    Err(error) if error.code() == Some(Code::RetryLater) => {
                        busy.fetch_add(1, Ordering::Relaxed);
                    }
                    Err(error) => return Err(error.into()),
                }
                Ok(())
            }
        })
        .await?;
        anyhow::ensure!(failed == 0, "{failed} logins failed");
        Ok(())
    }
}

/// KiB of each process; of those with the same name, the largest.
fn resident(processes: &[NamedProcess]) -> anyhow::Result<Value> {
    let mut all = Map::new();
    for process in processes {
        let kib = resident_kib(process.pid)?;
        let most = all.get(&process.name).and_then(Value::as_u64).unwrap_or(0);
        all.insert(process.name.clone(), json!(kib.max(most)));
    }
    Ok(Value::Object(all))
}
