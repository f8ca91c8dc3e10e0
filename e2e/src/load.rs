//! Load while faults happen: users who write to each other, and into a group of all of them, all the time from one device and watch on several,
//! and the record of it all.
//!
//! A task per user posts; [`Load::finish`] ends them, waits until everything has settled, and gives the [`History`] to check.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use im_client::api::{NewGroup, Policy};
use im_client::{ClientMessageId, Event, Target};
use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::Platform;
use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::cluster::Cluster;
use crate::device::Device;
use crate::history::{Acknowledged, History, Place, Screen, Sent};
use crate::user::{Account, Connect};

/// How long everything may take to settle after the last fault: a send is repeated after at most 10 s, a session after a backoff of a
/// few seconds; and the machine may have much else to do.
const SETTLE: Duration = Duration::from_secs(120);

/// The seed of this run, printed: the given one of `IM_E2E_SEED`, or a random one.
#[must_use]
pub fn seed() -> u64 {
    let given = std::env::var("IM_E2E_SEED")
        .ok()
        .and_then(|text| text.parse().ok());
    let seed = given.unwrap_or_else(rand::random);
    eprintln!("seed: IM_E2E_SEED={seed}");
    seed
}

/// Who takes part.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Each is a friend of the next two, and all are in one group.
    pub users: usize,
    /// Average pause between two messages of one user.
    pub pause: Duration,
    /// What every choice follows from.
    pub seed: u64,
}

impl Plan {
    /// Six users with a terminal that writes and a desktop that watches, together about 100 messages/s.
    #[must_use]
    pub fn small() -> Self {
        Self {
            users: 6,
            pause: Duration::from_millis(60),
            seed: seed(),
        }
    }
}

/// The users at work.
pub struct Load {
    group: ConversationId,
    writers: Vec<Arc<Writer>>,
    watchers: Vec<Device>,
    stop: Arc<AtomicBool>,
    tasks: JoinSet<Result<()>>,
}

struct Writer {
    account: Account,
    device: Device,
    places: Vec<Place>,
    sent: Mutex<Vec<(Sent, ClientMessageId)>>,
}

impl Load {
    /// Makes the users, connects their devices, and lets them write.
    ///
    /// # Errors
    /// When the cluster refuses any of it.
    pub async fn start(cluster: &Cluster, plan: Plan) -> Result<Self> {
        let mut accounts = Vec::new();
        for number in 0..plan.users {
            accounts.push(cluster.account(&format!("user{number}")).await?);
        }
        let mut friends: HashMap<UserId, Vec<UserId>> = HashMap::new();
        for (at, one) in accounts.iter().enumerate() {
            for step in [1, 2] {
                let other = &accounts[(at + step) % plan.users];
                if one.id != other.id
                    && !friends
                        .get(&one.id)
                        .is_some_and(|known| known.contains(&other.id))
                {
                    one.befriend(other).await?;
                    friends.entry(one.id).or_default().push(other.id);
                    friends.entry(other.id).or_default().push(one.id);
                }
            }
        }
        let group = everybodys_group(&accounts).await?;
        let (mut writers, mut watchers) = (Vec::new(), Vec::new());
        for account in accounts {
            let device = account.connect(Connect::default()).await?;
            watchers.push(
                account
                    .connect(Connect::default().platform(Platform::Desktop))
                    .await?,
            );
            let friends = friends
                .remove(&account.id)
                .context("everybody has friends")?;
            let friends = friends.into_iter().map(Place::Friend);
            writers.push(Arc::new(Writer {
                account,
                device,
                places: friends.chain([Place::Group(group)]).collect(),
                sent: Mutex::default(),
            }));
        }
        let stop = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        for (number, writer) in (0..).zip(&writers) {
            let rng = StdRng::seed_from_u64(plan.seed.wrapping_add(number));
            tasks.spawn(Arc::clone(writer).write(rng, plan.pause, Arc::clone(&stop)));
        }
        Ok(Self {
            group,
            writers,
            watchers,
            stop,
            tasks,
        })
    }

    /// Messages acknowledged so far.
    #[must_use]
    pub fn acknowledged(&self) -> usize {
        self.writers
            .iter()
            .map(|writer| writer.device.observe(|seen| seen.acknowledged.len()))
            .sum()
    }

    /// Waits until so many more messages have been acknowledged than now.
    ///
    /// # Errors
    /// When the cluster does not get that far in time.
    pub async fn progress(&self, more: usize) -> Result<()> {
        let wanted = self.acknowledged() + more;
        let deadline = Instant::now() + SETTLE;
        while self.acknowledged() < wanted {
            ensure!(
                Instant::now() < deadline,
                "no progress: {} of {wanted} messages acknowledged",
                self.acknowledged()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// All devices.
    pub fn devices(&self) -> impl Iterator<Item = &Device> {
        self.writers
            .iter()
            .map(|writer| &writer.device)
            .chain(&self.watchers)
    }

    /// What users would have seen as an error: a session that broke, a message that was refused. Empty when there was none.
    #[must_use]
    pub fn visible_errors(&self) -> Vec<String> {
        let of = |device: &Device| {
            device.observe(|seen| {
                let broken = seen
                    .disconnects
                    .iter()
                    .map(|why| format!("{}: disconnected: {why}", device.name()));
                let kicked = seen
                    .kicked
                    .iter()
                    .map(|code| format!("{}: kicked: {code:?}", device.name()));
                let failed = seen
                    .failed
                    .values()
                    .map(|code| format!("{}: refused: {code:?}", device.name()));
                broken.chain(kicked).chain(failed).collect::<Vec<_>>()
            })
        };
        self.devices().flat_map(of).collect()
    }

    /// Lets the users stop, waits until everything is acknowledged and shown, and gives the record.
    ///
    /// A device that has not shown everything in time is no error here: the check of the history tells what it lacks.
    ///
    /// # Errors
    /// When messages stay unacknowledged, or PostgreSQL does not answer.
    pub async fn finish(mut self, cluster: &Cluster) -> Result<History> {
        self.stop.store(true, Ordering::Relaxed);
        while let Some(ended) = self.tasks.join_next().await {
            ended??;
        }
        let mut history = History::default();
        let everybody: HashSet<UserId> = self.writers.iter().map(|one| one.account.id).collect();
        history.groups.insert(self.group, everybody);
        for writer in &self.writers {
            let sent = writer.sent.lock().clone();
            writer.settled(sent.len()).await?;
            for (message, id) in sent {
                let acknowledged = writer
                    .device
                    .observe(|seen| seen.acknowledged.get(&id).copied());
                if let Some(stored) = acknowledged {
                    let (id, conversation, seq) =
                        (stored.message_id, stored.conversation_id, stored.seq.0);
                    history.acknowledged.insert(
                        message.text.clone(),
                        Acknowledged {
                            id,
                            conversation,
                            seq,
                        },
                    );
                }
                history.sent.push(message);
            }
        }
        history.stored = cluster.stored().await?;
        let expected = expected(&history);
        let deadline = Instant::now() + SETTLE;
        for device in self.devices() {
            let count = expected.get(&device.user()).copied().unwrap_or_default();
            let left = deadline.saturating_duration_since(Instant::now());
            let complete = device.wait_within(left, "complete screen", |seen| {
                (seen.shown.len() >= count).then_some(())
            });
            if let Err(error) = complete.await {
                eprintln!("{error:#} (of {count})");
            }
            let missed = device.observe(|seen| {
                seen.events
                    .iter()
                    .any(|event| matches!(event, Event::Missed(_)))
            });
            ensure!(
                !missed,
                "{}: the test took events too slowly",
                device.name()
            );
            let shown = device.observe(|seen| seen.shown.clone());
            history.screens.push(Screen {
                device: device.name().to_owned(),
                user: device.user(),
                shown,
            });
        }
        Ok(history)
    }
}

/// How many entries each user's devices should show.
fn expected(history: &History) -> HashMap<UserId, usize> {
    let pairs: HashMap<&str, &Sent> = history
        .sent
        .iter()
        .map(|sent| (sent.text.as_str(), sent))
        .collect();
    let mut expected: HashMap<UserId, usize> = HashMap::new();
    for row in &history.stored {
        let users = match (
            history.groups.get(&row.conversation),
            pairs.get(row.text.as_str()),
        ) {
            (Some(members), _) => members.iter().copied().collect(),
            (None, Some(sent)) => match sent.to {
                Place::Friend(friend) => vec![sent.sender, friend],
                Place::Group(_) => Vec::new(),
            },
            (None, None) => Vec::new(),
        };
        for user in users {
            *expected.entry(user).or_default() += 1;
        }
    }
    expected
}

/// A group of all these, who see its whole log.
async fn everybodys_group(accounts: &[Account]) -> Result<ConversationId> {
    let (owner, others) = accounts.split_first().context("a load needs users")?;
    let group = NewGroup {
        name: "Everybody".to_owned(),
        join_policy: Some(Policy::Free),
        history_open: true,
        ..NewGroup::default()
    };
    let id = owner.api.create_group(&group).await?.id;
    for other in others {
        other.api.join(id, "").await?;
    }
    Ok(id)
}

impl Writer {
    /// Writes to a friend or into the group, at random, until told to stop.
    async fn write(
        self: Arc<Self>,
        mut rng: StdRng,
        pause: Duration,
        stop: Arc<AtomicBool>,
    ) -> Result<()> {
        while !stop.load(Ordering::Relaxed) {
            let place = self.places[rng.random_range(0..self.places.len())];
            let target = match place {
                Place::Friend(friend) => Target::Peer(friend),
                Place::Group(group) => Target::Conversation(group),
            };
            let text = format!("{} {}", self.account.name, self.sent.lock().len());
            let id = self.device.post(target, &text).await?;
            self.sent.lock().push((
                Sent {
                    sender: self.account.id,
                    to: place,
                    text,
                },
                id,
            ));
            tokio::time::sleep(pause.mul_f64(rng.random_range(0.0..2.0))).await;
        }
        Ok(())
    }

    async fn settled(&self, count: usize) -> Result<()> {
        let settled = |seen: &mut crate::device::Observed| {
            (seen.acknowledged.len() + seen.failed.len() >= count).then_some(())
        };
        self.device
            .wait_within(SETTLE, "acknowledgement of everything", settled)
            .await
    }
}
