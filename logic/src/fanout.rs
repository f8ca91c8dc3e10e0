//! After the commit: pushes to the recipients and the sender's other sessions, then the acknowledgements.
//!
//! One task per lane; it ends when its lane has ended and everything is handed to the publisher. [`Fanout::load`] is the one place where a
//! group becomes its members, or a task when it is large.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::join_all;
use im_shared::bus::{GroupFrame, GroupPush};
use im_shared::ids::{ConversationId, NodeId, Seq, SessionId, UserId};
use im_shared::location::{Location, Locations};
use im_shared::nodes::LiveNodes;
use parking_lot::Mutex;
use tokio::sync::mpsc;

use crate::members::{Members, Membership};
use crate::metrics;
use crate::parcel::{self, Shipment};
use crate::pending::{Done, Refusal};
use crate::publisher::Publisher;
use crate::push;
use crate::reach::{Reach, Told};
use crate::routing::{Answer, Audience, Outgoing, Push, Whereabouts, route};
use crate::search::Indexer;
use crate::tasks::Tasks;

/// Frames of one carrier for a large group, in bytes.
const MAX_GROUP_PUSH: usize = 256 * 1024;

/// What such a frame costs beside itself. Bytes.
const GROUP_FRAME_OVERHEAD: usize = 96;

/// Locations that come later are not worth waiting for: an acknowledgement waits with them.
const LOCATE_WITHIN: Duration = Duration::from_millis(250);

/// So long after a failure nobody asks again, so that a Redis that hangs costs each lane one wait and not one per batch.
const BLIND_FOR: Duration = Duration::from_secs(1);

/// Sends frames to the sessions of users, wherever they are. A cheap clone.
#[derive(Debug, Clone)]
pub struct Fanout {
    locations: Locations,
    live: LiveNodes,
    publisher: Publisher,
    members: Members,
    tasks: Tasks,
    large_group: usize,
    listeners: Listeners,
    blind_until: Arc<Mutex<Option<Instant>>>,
}

/// Who hears of every commit, and works behind it at its own pace.
#[derive(Debug, Clone)]
pub struct Listeners {
    /// Pushes to who is away.
    pub away: push::Push,
    /// The full text.
    pub indexer: Indexer,
}

/// Memberships that were just looked up.
type Found = HashMap<ConversationId, Arc<Membership>>;

impl Fanout {
    /// Over an open connection. What goes to groups of more than `large_group` members is a task; nobody gets hints there.
    #[must_use]
    pub fn new(
        locations: Locations,
        live: LiveNodes,
        publisher: Publisher,
        members: Members,
        tasks: Tasks,
        large_group: usize,
        listeners: Listeners,
    ) -> Self {
        Self {
            locations,
            live,
            publisher,
            members,
            tasks,
            large_group,
            listeners,
            blind_until: Arc::default(),
        }
    }

    /// Delivers the batches of one lane, in their order.
    pub async fn run(self, mut batches: mpsc::Receiver<Vec<Done>>) {
        while let Some(batch) = batches.recv().await {
            let (shipments, tally) = parcel::of_batch(batch);
            metrics::messages(tally.acknowledged, tally.refused);
            self.offer(&shipments);
            self.index(&shipments);
            self.ship(shipments).await;
        }
    }

    /// Pushes entries that were committed elsewhere than in a lane, then sends the answers. When the members of a group cannot be looked up
    /// the answers are `Unavailable` instead: the client repeats the request, which is told again.
    pub async fn tell(&self, told: Told, answers: Vec<Answer>) {
        let is_message = told.entries.iter().any(|entry| entry.type_.0 < 32);
        let shipments = vec![parcel::of_told(told, answers)];
        if is_message {
            self.offer(&shipments);
        }
        self.index(&shipments);
        self.ship(shipments).await;
    }

    /// Who is away is told later, whatever their number (E6).
    fn offer(&self, shipments: &[Shipment]) {
        for parcel in shipments.iter().flat_map(|shipment| &shipment.parcels) {
            let (first, last) = parcel.stretch;
            self.listeners.away.offer(parcel.conversation, first, last);
        }
    }

    /// The full text follows, edits and recalls too (D16).
    fn index(&self, shipments: &[Shipment]) {
        for parcel in shipments.iter().flat_map(|shipment| &shipment.parcels) {
            self.listeners.indexer.offer(parcel.conversation);
        }
    }

    /// Sends a frame that is no entry and must not be lost where that can be helped: a receipt, an event.
    pub async fn push(
        &self,
        conversation: ConversationId,
        reach: Reach,
        frame: Bytes,
        except: Option<(Arc<NodeId>, SessionId)>,
    ) {
        let Some(audience) = self.audience(conversation, reach).await else {
            return;
        };
        let push = Push {
            frame,
            audience,
            except,
            ephemeral: false,
        };
        self.deliver(&[push], Vec::new()).await;
    }

    /// Sends a frame that may be lost and is worth little a moment later: somebody is typing. In a large group nobody gets it.
    pub async fn hint(
        &self,
        conversation: ConversationId,
        reach: Reach,
        frame: Bytes,
        except: Option<(Arc<NodeId>, SessionId)>,
    ) {
        let Some(audience) = self.audience(conversation, reach).await else {
            return;
        };
        if matches!(&audience, Audience::Users(users) if users.len() > self.large_group) {
            return;
        }
        let push = Push {
            frame,
            audience,
            except,
            ephemeral: true,
        };
        self.deliver(&[push], Vec::new()).await;
    }

    /// Whom a frame that is no entry goes to; none when the members of a group cannot be looked up, which is told in the log.
    async fn audience(&self, conversation: ConversationId, reach: Reach) -> Option<Audience> {
        let (members_seq, also) = match reach {
            Reach::Users(users) => return Some(Audience::Users(users)),
            Reach::World => return Some(Audience::Followers(ConversationId::WORLD)),
            Reach::Everybody => return Some(Audience::Everybody),
            Reach::Group { members_seq, also } => (members_seq, also),
        };
        let found = if members_seq == Seq(0) {
            self.members.lately(conversation).await
        } else {
            self.members.at(conversation, members_seq).await
        };
        match found {
            Ok(membership) => Some(users(membership.present(), also)),
            Err(_) => {
                metrics::members_missing();
                None
            }
        }
    }

    /// Sends out what has to go to the members of groups as well as all the rest. What can go at once does; groups whose members have
    /// to be looked up come after it, all looks at the same time.
    async fn ship(&self, shipments: Vec<Shipment>) {
        let mut load = Load::default();
        let mut waiting = Vec::new();
        for shipment in shipments {
            if let Err(shipment) = self.load(shipment, &Found::new(), &mut load) {
                waiting.push(shipment);
            }
        }
        self.unload(load).await;
        if waiting.is_empty() {
            return;
        }
        let found = self.look_up(&waiting).await;
        let mut load = Load::default();
        for shipment in waiting {
            if let Err(shipment) = self.load(shipment, &found, &mut load) {
                metrics::members_missing();
                load.answers.extend(shipment.refused(Refusal::UNAVAILABLE));
            }
        }
        self.unload(load).await;
    }

    /// What goes to large groups is handed over first; then all pushes and answers go out. An answer whose pushes could not be handed
    /// over is a refusal.
    async fn unload(&self, mut load: Load) {
        for large in std::mem::take(&mut load.large) {
            match self.tasks.send(&large.push).await {
                Ok(()) => load.answers.extend(large.answers),
                Err(refusal) => load.answers.extend(parcel::refused(large.answers, refusal)),
            }
        }
        self.deliver(&load.pushes, load.answers).await;
    }

    /// The memberships that these need, as far as they can be had.
    async fn look_up(&self, shipments: &[Shipment]) -> Found {
        let mut wanted: HashMap<ConversationId, Seq> = HashMap::new();
        for (conversation, members_seq) in shipments.iter().filter_map(Shipment::group) {
            let seq = wanted.entry(conversation).or_default();
            *seq = members_seq.max(*seq);
        }
        let looks = wanted.into_iter().map(async |(conversation, seq)| {
            let found: Result<_, Refusal> = self.members.at(conversation, seq).await;
            Some((conversation, found.ok()?))
        });
        join_all(looks).await.into_iter().flatten().collect()
    }

    /// Adds a shipment to the load, with the users that each push goes to; gives it back when a membership is not known.
    fn load(&self, shipment: Shipment, found: &Found, load: &mut Load) -> Result<(), Shipment> {
        let group = shipment.group();
        // Where the commit said how large the group is, nobody has to know who is in it.
        if group.is_some() && shipment.members > self.large_group {
            load.add_large(shipment);
            return Ok(());
        }
        let membership = match group {
            None => None,
            Some((group, seq)) => match found.get(&group) {
                Some(membership) => Some(Arc::clone(membership)),
                None => match self.members.known(group, seq) {
                    Some(membership) => Some(membership),
                    None => return Err(shipment),
                },
            },
        };
        match membership {
            Some(membership) if membership.count() > self.large_group => {
                load.add_large(shipment);
            }
            membership => load.add(shipment, membership.as_deref()),
        }
        Ok(())
    }

    /// Pushes first, then answers; with one look at the locations for all of them.
    pub async fn deliver(&self, pushes: &[Push], answers: Vec<Answer>) {
        if pushes.is_empty() && answers.is_empty() {
            return;
        }
        let outgoing = match self.locate(addressees(pushes)).await {
            Some(locations) => route(pushes, answers, &Whereabouts::Known(&locations)),
            None => route(pushes, answers, &Whereabouts::Unknown),
        };
        self.publisher.send(outgoing).await;
    }

    /// Pushes to the sessions of users. Gives those who have none; nobody when locations are not known, and everything went to every node.
    pub(crate) async fn deliver_present(&self, pushes: &[Push]) -> Vec<UserId> {
        let located = self.locate(addressees(pushes)).await;
        let (outgoing, offline) = match &located {
            Some(locations) => {
                let offline = locations
                    .iter()
                    .filter(|(_, locations)| locations.is_empty())
                    .map(|(user, _)| *user)
                    .collect();
                let known = Whereabouts::Known(locations);
                (route(pushes, Vec::new(), &known), offline)
            }
            None => (route(pushes, Vec::new(), &Whereabouts::Unknown), Vec::new()),
        };
        self.publisher.send(outgoing).await;
        offline
    }

    /// An empty answer to another program, behind everything that was handed over before.
    pub(crate) async fn confirm(&self, reply: &str) {
        let answer = Outgoing::Inbox {
            subject: Arc::from(reply),
            frame: Bytes::new(),
        };
        self.publisher.send(vec![answer]).await;
    }

    /// The live sessions of `user`, on one device or, with an empty one, on all; none when Redis does not answer.
    pub(crate) async fn sessions(&self, user: UserId, device: &str) -> Option<Vec<Location>> {
        if device.is_empty() {
            return self.locate(vec![user]).await?.remove(&user);
        }
        let looking = self.locations.on_device(user, device);
        match tokio::time::timeout(LOCATE_WITHIN, looking).await {
            Ok(Ok(mut found)) => {
                found.retain(|location| self.live.is_live(&location.node, location.incarnation));
                Some(found)
            }
            Ok(Err(_)) | Err(_) => None,
        }
    }

    /// Which of `users` have a live session; none when Redis does not answer.
    pub async fn online(&self, users: &[UserId]) -> Option<BTreeMap<UserId, bool>> {
        let located = self.locate(users.to_vec()).await?;
        Some(
            located
                .into_iter()
                .map(|(user, locations)| (user, !locations.is_empty()))
                .collect(),
        )
    }

    /// The live sessions of `users`; none when Redis does not answer.
    async fn locate(&self, mut users: Vec<UserId>) -> Option<HashMap<UserId, Vec<Location>>> {
        if users.is_empty() {
            return Some(HashMap::new());
        }
        users.sort_unstable();
        users.dedup();
        let found = self.ask(&users).await;
        if found.is_none() {
            metrics::located_blind();
        }
        let found = found?;
        let mut dead = 0;
        let mut known = HashMap::with_capacity(users.len());
        for (user, mut locations) in users.into_iter().zip(found) {
            let before = locations.len();
            locations.retain(|location| self.live.is_live(&location.node, location.incarnation));
            dead += before - locations.len();
            known.insert(user, locations);
        }
        metrics::dead_locations(dead as u64);
        Some(known)
    }

    async fn ask(&self, users: &[UserId]) -> Option<Vec<Vec<Location>>> {
        if self
            .blind_until
            .lock()
            .is_some_and(|end| Instant::now() < end)
        {
            return None;
        }
        let reason = match tokio::time::timeout(LOCATE_WITHIN, self.locations.of(users)).await {
            Ok(Ok(found)) => return Some(found),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "no answer in time".to_owned(),
        };
        tracing::warn!(reason, "locations are not known: pushing to every node");
        *self.blind_until.lock() = Some(Instant::now() + BLIND_FOR);
        None
    }
}

/// What goes out together.
#[derive(Debug, Default)]
struct Load {
    pushes: Vec<Push>,
    answers: Vec<Answer>,
    large: Vec<Large>,
}

/// What goes to one large group, and the answers that wait until it is handed over.
#[derive(Debug)]
struct Large {
    push: GroupPush,
    bytes: usize,
    answers: Vec<Answer>,
}

impl Load {
    /// The members of its group, where it has one, are these.
    fn add(&mut self, shipment: Shipment, membership: Option<&Membership>) {
        for parcel in shipment.parcels {
            let audience = match (parcel.reach, membership) {
                (Reach::Users(users), _) => Audience::Users(users),
                (Reach::World, _) => Audience::Followers(ConversationId::WORLD),
                (Reach::Everybody, _) => Audience::Everybody,
                (Reach::Group { also, .. }, membership) => {
                    let (first, last) = parcel.stretch;
                    let given = membership.map(|membership| membership.given(first, last));
                    users(given.into_iter().flatten(), also)
                }
            };
            self.pushes.push(Push {
                frame: parcel.frame,
                audience,
                except: parcel.except,
                ephemeral: false,
            });
        }
        self.answers.extend(shipment.answers);
    }

    /// One carrier for all that a batch has for a group, as far as it has room. The answers go with the last carrier that has something
    /// of the shipment: those before are handed over before it.
    fn add_large(&mut self, shipment: Shipment) {
        let mut at = None;
        for parcel in shipment.parcels {
            let Reach::Group { members_seq, also } = parcel.reach else {
                continue;
            };
            let (node, session) = match &parcel.except {
                Some((node, session)) => (node.to_string(), *session),
                None => (String::new(), SessionId(0)),
            };
            let bytes = parcel.frame.len() + GROUP_FRAME_OVERHEAD;
            let place = self.room_for(parcel.conversation, bytes);
            at = Some(place);
            let large = &mut self.large[place];
            large.bytes += bytes;
            large.push.members_seq = members_seq.max(large.push.members_seq);
            large.push.also.extend(also);
            large.push.frames.push(GroupFrame {
                frame: parcel.frame,
                first: parcel.stretch.0,
                last: parcel.stretch.1,
                node,
                session,
            });
        }
        match at {
            Some(place) => self.large[place].answers.extend(shipment.answers),
            None => self.answers.extend(shipment.answers),
        }
    }

    /// The last carrier for a group if it has room, or a new one.
    fn room_for(&mut self, group: ConversationId, bytes: usize) -> usize {
        let last = self
            .large
            .iter()
            .rposition(|large| large.push.conversation == group);
        if let Some(place) = last
            && self.large[place].bytes + bytes <= MAX_GROUP_PUSH
        {
            return place;
        }
        self.large.push(Large {
            push: GroupPush {
                conversation: group,
                members_seq: Seq(0),
                also: Vec::new(),
                frames: Vec::new(),
            },
            bytes: 0,
            answers: Vec::new(),
        });
        self.large.len() - 1
    }
}

/// Whose locations pushes ask for.
fn addressees(pushes: &[Push]) -> Vec<UserId> {
    let users = pushes.iter().flat_map(|push| match &push.audience {
        Audience::Users(users) => users.as_slice(),
        Audience::Followers(_) | Audience::Everybody => &[],
    });
    users.copied().collect()
}

/// Each user once.
fn users(members: impl Iterator<Item = UserId>, also: Vec<UserId>) -> Audience {
    let mut users: Vec<UserId> = members.collect();
    for user in also {
        if users.binary_search(&user).is_err() {
            users.push(user);
            users.sort_unstable();
        }
    }
    Audience::Users(users)
}
