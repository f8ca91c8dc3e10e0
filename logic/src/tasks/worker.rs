//! Takes carriers for large groups, finds who is online, pushes.
//!
//! A group always has the same lane of this worker, so that a burst in one group holds up the groups of its lane only, and what this worker
//! pushes to a group keeps its order. The lanes are tasks that [`Worker::run`] owns; they end with it, after what they hold is pushed.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use futures_util::StreamExt;
use im_shared::bus::{
    self, Bus, BusError, Carrier, GroupFrame, GroupPush, Message, Subject, Subscription, TASK_GROUP,
};
use im_shared::ids::{ConversationId, NodeId, SessionId, UserId};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::config::FanoutConfig;
use crate::fanout::Fanout;
use crate::intake::ANSWER_WITHIN;
use crate::members::{Members, Membership};
use crate::metrics;
use crate::pending::Refusal;
use crate::roster::{Roster, RosterError, Rosters};
use crate::routing::{Audience, Push};
use crate::writer::lane_of;

/// Users whose locations are looked up at once. Their sessions get what is pushed before those of the next ones are looked for.
const CHUNK: usize = 1_000;

/// Carriers that wait in a lane; more are not answered, and come again.
const LANE: usize = 256;

/// Pushes to large groups.
#[derive(Debug)]
pub struct Worker {
    tasks: Subscription,
    lanes: usize,
    hands: Hands,
}

/// What a lane works with.
#[derive(Debug, Clone)]
struct Hands {
    fanout: Fanout,
    members: Members,
    rosters: Rosters,
}

/// A carrier, and where its answer goes.
struct Task {
    push: GroupPush,
    reply: Option<Subject>,
}

impl Worker {
    /// Subscribes; carriers wait from now on.
    ///
    /// # Errors
    ///
    /// The bus did not take the subscription.
    pub async fn subscribe(
        bus: &Bus,
        fanout: Fanout,
        members: Members,
        rosters: Rosters,
        config: &FanoutConfig,
    ) -> Result<Self, BusError> {
        let tasks = bus
            .queue_subscribe(bus.subjects().task(), TASK_GROUP)
            .await?;
        let hands = Hands {
            fanout,
            members,
            rosters,
        };
        Ok(Self {
            tasks,
            lanes: config.task_lanes,
            hands,
        })
    }

    /// Pushes what arrives until `stop`, then what had arrived.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut running = JoinSet::new();
        let mut lanes = Vec::with_capacity(self.lanes);
        for _ in 0..self.lanes {
            let (lane, inbox) = mpsc::channel(LANE);
            running.spawn(work(self.hands.clone(), inbox));
            lanes.push(lane);
        }
        let ended = loop {
            tokio::select! {
                () = stop.cancelled() => break false,
                message = self.tasks.next() => match message {
                    Some(message) => hand_out(message, &lanes),
                    None => break true,
                },
            }
        };
        if !ended {
            let leaving = self.tasks.leave(|message| hand_out(message, &lanes));
            let left = timeout(ANSWER_WITHIN, leaving).await;
            if let Err(error) = left.unwrap_or(Err(BusError::Deadline)) {
                tracing::warn!(%error, "the group could not be left; other workers get the tasks again");
            }
        }
        drop(lanes);
        while let Some(ended) = running.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a lane of tasks failed");
            }
        }
    }
}

/// Into the lane of its group.
fn hand_out(message: Message, lanes: &[mpsc::Sender<Task>]) {
    match bus::decode(message.payload) {
        Ok(Carrier::GroupPush(push)) => {
            let lane = &lanes[lane_of(push.conversation, lanes.len())];
            let reply = message.reply;
            if lane.try_send(Task { push, reply }).is_err() {
                metrics::full("task lane");
            }
        }
        Ok(_) => {
            metrics::malformed();
            tracing::warn!("a carrier of another subject came as a task");
        }
        Err(error) => {
            metrics::malformed();
            tracing::warn!(%error, "a task is no carrier");
        }
    }
}

async fn work(hands: Hands, mut inbox: mpsc::Receiver<Task>) {
    while let Some(Task { push, reply }) = inbox.recv().await {
        let (began, group) = (Instant::now(), push.conversation);
        match hands.push(push).await {
            Ok(users) => {
                metrics::group_pushed(users, began.elapsed());
                if let Some(reply) = reply {
                    // Behind the pushes, in the order of the publisher.
                    hands.fanout.confirm(&reply).await;
                }
            }
            // Not answered: it comes again, perhaps to a worker that fares better.
            Err(refusal) => {
                tracing::warn!(code = refusal.code.name(), %group, "a push to a large group did not go out");
            }
        }
    }
}

impl Hands {
    /// Pushes to whoever is online. Gives how many users were looked for.
    async fn push(&self, push: GroupPush) -> Result<usize, Refusal> {
        let group = push.conversation;
        let membership = self.members.at(group, push.members_seq).await?;
        let candidates = match self.online(group, &membership).await {
            Ok(candidates) => candidates,
            // Without Redis nobody's location is known either: everybody is addressed, on every node.
            Err(error) => {
                tracing::warn!(%error, %group, "who is online in a group is not known");
                None
            }
        };
        let mut frames = pushes(&push.frames, &push.also, &membership, candidates.as_ref());
        let mut addressed = 0;
        let mut offline = Vec::new();
        let looked = SystemTime::now();
        while !frames.is_empty() {
            let (now, later) = chunk(frames);
            addressed += users_of(&now);
            offline.extend(self.fanout.deliver_present(&now).await);
            frames = later;
        }
        if candidates.is_some()
            && let Err(error) = self.rosters.drop_settled(group, &offline, looked).await
        {
            tracing::debug!(%error, %group, "a roster keeps who is offline");
        }
        Ok(addressed)
    }

    /// Who of the group may be online; none when that is nobody's guess, and everybody is to be looked for.
    async fn online(
        &self,
        group: ConversationId,
        membership: &Arc<Membership>,
    ) -> Result<Option<BTreeSet<UserId>>, RosterError> {
        let Roster {
            mut users,
            complete,
        } = self.rosters.of(group).await?;
        let Some(complete) = complete else {
            return Ok(self.fill(group, membership).await?.map(|present| {
                users.extend(present);
                users
            }));
        };
        if complete < membership.seq() {
            let came: Vec<UserId> = membership.came_after(complete).collect();
            self.rosters.add(group, &came).await?;
            self.rosters
                .completed(group, membership.seq(), false)
                .await?;
            users.extend(came);
        }
        Ok(Some(users))
    }

    /// Looks at all members once. None when their locations are not known.
    async fn fill(
        &self,
        group: ConversationId,
        membership: &Membership,
    ) -> Result<Option<Vec<UserId>>, RosterError> {
        let members: Vec<UserId> = membership.present().collect();
        let mut present = Vec::new();
        for some in members.chunks(CHUNK) {
            let Some(online) = self.fanout.online(some).await else {
                return Ok(None);
            };
            let here: Vec<UserId> = online
                .into_iter()
                .filter(|(_, online)| *online)
                .map(|(user, _)| user)
                .collect();
            self.rosters.add(group, &here).await?;
            present.extend(here);
        }
        self.rosters
            .completed(group, membership.seq(), true)
            .await?;
        metrics::roster_filled();
        Ok(Some(present))
    }
}

/// Each frame with those of the candidates that it is given to.
fn pushes(
    frames: &[GroupFrame],
    also: &[UserId],
    membership: &Membership,
    candidates: Option<&BTreeSet<UserId>>,
) -> Vec<Push> {
    let members = match candidates {
        Some(candidates) => membership.among(candidates),
        None => membership.all(),
    };
    let push = |frame: &GroupFrame| {
        let given = members
            .iter()
            .filter(|member| member.is_given(frame.first, frame.last))
            .map(|member| member.user);
        let mut users: Vec<UserId> = given.chain(also.iter().copied()).collect();
        users.sort_unstable();
        users.dedup();
        Push {
            frame: frame.frame.clone(),
            audience: Audience::Users(users),
            except: cause(frame),
            ephemeral: false,
        }
    };
    frames.iter().map(push).collect()
}

fn cause(frame: &GroupFrame) -> Option<(Arc<NodeId>, SessionId)> {
    let node: NodeId = frame.node.parse().ok()?;
    Some((Arc::new(node), frame.session))
}

/// The first [`CHUNK`] users of every push, and the rest.
fn chunk(pushes: Vec<Push>) -> (Vec<Push>, Vec<Push>) {
    let mut later = Vec::new();
    let now = pushes
        .into_iter()
        .map(|mut push| {
            if let Audience::Users(users) = &mut push.audience
                && users.len() > CHUNK
            {
                let rest = users.split_off(CHUNK);
                later.push(Push {
                    audience: Audience::Users(rest),
                    ..push.clone()
                });
            }
            push
        })
        .collect();
    (now, later)
}

/// The most users of one push.
fn users_of(pushes: &[Push]) -> usize {
    let count = |push: &Push| match &push.audience {
        Audience::Users(users) => users.len(),
        Audience::Followers(_) | Audience::Everybody => 0,
    };
    pushes.iter().map(count).max().unwrap_or_default()
}

#[cfg(test)]
#[path = "worker_tests.rs"]
mod tests;
