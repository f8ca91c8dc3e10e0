//! After the commit: pushes to the recipients and the sender's other sessions, then the acknowledgements.
//!
//! One task per lane; it ends when its lane has ended and everything is handed to the publisher. [`Fanout::load`] is the one place where a
//! group becomes its members, or a task when it is large.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::join_all;
use im_shared::ids::{ConversationId, NodeId, Seq, SessionId, UserId};
use im_shared::location::Location;
use tokio::sync::mpsc;

use crate::finder::Finder;
use crate::load::{Load, users};
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

/// Sends frames to the sessions of users, wherever they are. A cheap clone.
#[derive(Debug, Clone)]
pub struct Fanout {
    finder: Finder,
    publisher: Publisher,
    members: Members,
    tasks: Tasks,
    large_group: usize,
    listeners: Listeners,
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
        finder: Finder,
        publisher: Publisher,
        members: Members,
        tasks: Tasks,
        large_group: usize,
        listeners: Listeners,
    ) -> Self {
        Self {
            finder,
            publisher,
            members,
            tasks,
            large_group,
            listeners,
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
        let outgoing = match self.finder.locate(addressees(pushes)).await {
            Some(locations) => route(pushes, answers, &Whereabouts::Known(&locations)),
            None => route(pushes, answers, &Whereabouts::Unknown),
        };
        self.publisher.send(outgoing).await;
    }

    /// Pushes to the sessions of users. Gives those who have none; nobody when locations are not known, and everything went to every node.
    pub(crate) async fn deliver_present(&self, pushes: &[Push]) -> Vec<UserId> {
        let located = self.finder.locate(addressees(pushes)).await;
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

    /// Which of `users` have a live session; none when Redis does not answer.
    pub async fn online(&self, users: &[UserId]) -> Option<BTreeMap<UserId, bool>> {
        self.finder.online(users).await
    }

    /// The live sessions of `user`, on one device or, with an empty one, on all; none when Redis does not answer.
    pub(crate) async fn sessions(&self, user: UserId, device: &str) -> Option<Vec<Location>> {
        self.finder.sessions(user, device).await
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
