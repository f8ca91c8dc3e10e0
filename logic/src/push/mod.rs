//! Offline push: members who are away are told of what was said (E6).
//!
//! ```text
//! fan-out -> offers -> push_jobs -> a pass over the members who are away -> push services, webhook
//! ```
//!
//! One task owns all of it, [`Pusher::run`]; it ends when its token is cancelled, after it has written down what was offered. A message costs
//! one place in a map per conversation and batch, however many members are away. From the row in `push_jobs` on, a push happens at least
//! once; what was offered in the last tenth of a second is lost with a worker that is killed, until the next message of the conversation.
//!
//! | file | what it holds |
//! |---|---|
//! | `offers` | conversations in which something was said, one place each |
//! | `jobs` | takes due jobs and works on them, each channel with places of its own |
//! | `pass` | one job: page by page through the members |
//! | `recipients`, `note` | who is told of what, and what it says: pure |
//! | `web_push`, `seal`, `vapid` | a push to a browser: encrypted, signed |
//! | `webhook` | a signed request to the operator's program |
//! | `http`, `address` | requests with a deadline; which addresses may be asked |
//! | `backoff` | when something is tried again: pure |

mod address;
mod backoff;
mod http;
mod jobs;
mod note;
mod offers;
mod pass;
mod recipients;
mod seal;
mod vapid;
mod web_push;
mod webhook;

use std::sync::Arc;
use std::time::Duration;

use im_shared::ids::{ConversationId, Seq};
use im_shared::snowflake::Ids;
use tokio_util::sync::CancellationToken;

use crate::config::PushConfig;
use crate::fanout::Fanout;
use crate::store::{Channel, Offer, Store, StoreError};

use address::Hosts;
use jobs::Jobs;
use offers::{Offers, Stretch};
use pass::Passes;
use seal::Subscriber;
use web_push::WebPush;
use webhook::Webhook;

pub use note::{Face, Message};
pub use vapid::{Vapid, VapidError, generate};

/// The first offers are gathered for so long.
const GATHER: Duration = Duration::from_millis(100);

/// After its row was written a conversation rests for so long, unless pushes have a shorter delay: whoever takes the row takes what was said
/// meanwhile as well. A look ten times a second cost as much as a tenth of the commit (measured).
const REST: Duration = Duration::from_secs(3);

/// Conversations of one statement.
const ROUND: usize = 500;

/// After a statement failed.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Why pushes cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// The key that signs them.
    #[error("the key for Web Push")]
    Vapid(#[from] VapidError),
    /// No authority is trusted.
    #[error("the system has no certificates of authorities")]
    Certificates(#[from] std::io::Error),
}

/// A subscription that is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// There is no Web Push here.
    Off,
    /// The endpoint is none that is allowed, or a key is none.
    Invalid,
}

/// Takes what was said. A cheap clone.
#[derive(Debug, Clone)]
pub struct Push {
    offers: Option<Arc<Offers>>,
    hosts: Option<Arc<Hosts>>,
}

impl Push {
    /// The handle, and what does the work.
    ///
    /// # Errors
    ///
    /// Web Push is on and its key cannot be read, or the system trusts no authority.
    pub fn new(config: &PushConfig) -> Result<(Self, Pusher), PushError> {
        let hosts = Hosts::new(&config.allowed_hosts, config.allow_private_hosts);
        let web_push = match config.web_push {
            true => {
                let vapid = Vapid::load(&config.vapid_key, &config.subject)?;
                Some(WebPush::new(config, vapid, hosts.clone())?)
            }
            false => None,
        };
        let webhook = match config.has_webhook() {
            true => Webhook::new(config)?,
            false => None,
        };
        let is_on = web_push.is_some() || webhook.is_some();
        let rest = REST.min(Duration::from_millis(config.delay_ms));
        let offers = is_on.then(|| Arc::new(Offers::new(config.waiting, rest)));
        let handle = Self {
            offers: offers.clone(),
            hosts: web_push.is_some().then(|| Arc::new(hosts)),
        };
        let pusher = Pusher {
            config: config.clone(),
            offers,
            web_push,
            webhook,
        };
        Ok((handle, pusher))
    }

    /// Entries `first` to `last` of a conversation were committed. Never waits; most offers are the same place in a map.
    pub fn offer(&self, conversation: ConversationId, first: Seq, last: Seq) {
        // Nobody is told of the world chat: everybody is in it, and it never rests.
        if conversation != ConversationId::WORLD
            && let Some(offers) = &self.offers
        {
            offers.put(conversation, (first, last));
        }
    }

    /// Whether a browser may subscribe with these.
    ///
    /// # Errors
    ///
    /// [`Unfit`].
    pub fn check(&self, endpoint: &str, p256dh: &str, auth: &str) -> Result<(), Unfit> {
        let hosts = self.hosts.as_ref().ok_or(Unfit::Off)?;
        hosts.endpoint(endpoint).ok_or(Unfit::Invalid)?;
        Subscriber::parse(p256dh, auth).map_err(|_| Unfit::Invalid)?;
        Ok(())
    }
}

/// Does the work.
pub struct Pusher {
    config: PushConfig,
    offers: Option<Arc<Offers>>,
    web_push: Option<WebPush>,
    webhook: Option<Webhook>,
}

impl std::fmt::Debug for Pusher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pusher")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

impl Pusher {
    /// Writes down what is offered and tells those who are away, until `stop`.
    pub async fn run(self, store: Store, ids: Ids, fanout: Fanout, stop: CancellationToken) {
        let Some(offers) = self.offers else {
            return stop.cancelled().await;
        };
        let mut channels = Vec::new();
        channels.extend(self.web_push.as_ref().map(|_| Channel::WebPush));
        channels.extend(self.webhook.as_ref().map(|_| Channel::Webhook));
        let writer = Writer {
            store: store.clone(),
            ids: ids.clone(),
            delay: Duration::from_millis(self.config.delay_ms),
            channels: channels.clone(),
        };
        let places = (self.config.web_push_jobs, self.config.webhook_places);
        let passes = Passes::new(store, ids, fanout, self.config, self.web_push, self.webhook);
        let jobs = Jobs::new(Arc::new(passes));
        let work = |channel, places| {
            let (jobs, stop) = (jobs.clone(), stop.clone());
            let is_on = channels.contains(&channel);
            async move {
                if is_on {
                    jobs.run(channel, places, stop).await;
                }
            }
        };
        tokio::join!(
            writer.run(&offers, &stop),
            work(Channel::WebPush, places.0),
            work(Channel::Webhook, places.1),
        );
    }
}

/// Turns offers into rows.
struct Writer {
    store: Store,
    ids: Ids,
    delay: Duration,
    channels: Vec<Channel>,
}

impl Writer {
    async fn run(&self, offers: &Offers, stop: &CancellationToken) {
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                () = offers.filled() => {}
            }
            // What is offered from here on is in the next round; a stop does not wait for this one to gather.
            let _ = tokio::time::timeout(GATHER, stop.cancelled()).await;
            while let Some(lost) = self.write(offers).await {
                for (conversation, stretch) in lost {
                    offers.put(conversation, stretch);
                }
                if stop.is_cancelled() {
                    break;
                }
                let _ = tokio::time::timeout(AFTER_FAILURE, stop.cancelled()).await;
            }
        }
        // What the last messages left behind.
        offers.end_rests();
        if let Some(lost) = self.write(offers).await {
            tracing::warn!(
                conversations = lost.len(),
                "pushes of the last messages are lost"
            );
        }
    }

    /// Everything that is there; gives back what could not be written.
    async fn write(&self, offers: &Offers) -> Option<Vec<(ConversationId, Stretch)>> {
        loop {
            let round = offers.take(ROUND);
            if round.is_empty() {
                return None;
            }
            if let Err(error) = self.write_round(&round).await {
                tracing::warn!(%error, "pushes are not written down");
                return Some(round);
            }
        }
    }

    async fn write_round(&self, round: &[(ConversationId, Stretch)]) -> Result<(), String> {
        let mut rows = Vec::with_capacity(round.len() * self.channels.len());
        for (conversation, (first, last)) in round {
            for channel in &self.channels {
                // Who writes to everybody has the webhook.
                if conversation.is_of_everybody() && *channel == Channel::Webhook {
                    continue;
                }
                let id = self.ids.next().map_err(|error| error.to_string())?;
                rows.push(Offer {
                    id: ConversationId(id).to_sql(),
                    conversation: *conversation,
                    channel: *channel,
                    first: *first,
                    last: *last,
                });
            }
        }
        let told = |error: StoreError| error.told();
        self.store
            .offer_pushes(&rows, self.delay)
            .await
            .map_err(told)
    }
}
