//! One job: page by page through the members who are away.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::time::{Duration, SystemTime};

use futures_util::{StreamExt as _, stream};
use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::snowflake::Ids;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::MissedTickBehavior;

use super::backoff;
use super::note::{Face, Message, Note};
use super::recipients::choose;
use super::web_push::{Outcome, WebPush};
use super::webhook::{Refused, Webhook};
use crate::config::PushConfig;
use crate::fanout::Fanout;
use crate::metrics;
use crate::store::{Channel, Failure, Job, Reader, Store, StoreError, Subscription};

/// Members of a page.
const PAGE: i64 = 500;

/// Connections that pushes use at a time. The pool is for people who wait for an answer.
const CONNECTIONS: usize = 2;

/// When it is not known who is there.
const WHILE_BLIND: Duration = Duration::from_secs(5);

/// What passes work with.
pub(super) struct Passes {
    store: Store,
    ids: Ids,
    fanout: Fanout,
    web_push: Option<WebPush>,
    webhook: Option<Webhook>,
    config: PushConfig,
    requests: Semaphore,
    connections: Semaphore,
}

/// How a pass ended.
enum End {
    /// Everybody was gone through, and this many pushes went out.
    Done(usize),
    /// Somebody else has the job.
    Lost,
}

/// Why it did not.
enum Trouble {
    Store(StoreError),
    /// Redis does not answer, so nobody knows who is away.
    Blind,
    Refused(Refused),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The store, for as long as one statement.
struct Turn<'a> {
    store: &'a Store,
    _turn: Option<SemaphorePermit<'a>>,
}

impl Deref for Turn<'_> {
    type Target = Store;

    fn deref(&self) -> &Store {
        self.store
    }
}

impl Passes {
    pub(super) fn new(
        store: Store,
        ids: Ids,
        fanout: Fanout,
        config: PushConfig,
        web_push: Option<WebPush>,
        webhook: Option<Webhook>,
    ) -> Self {
        Self {
            store,
            ids,
            fanout,
            web_push,
            webhook,
            requests: Semaphore::new(config.web_push_places),
            connections: Semaphore::new(CONNECTIONS),
            config,
        }
    }

    /// How often due jobs are looked for. Not all workers at once.
    pub(super) fn poll(&self) -> Duration {
        Duration::from_millis(self.config.poll_ms).mul_f64(rand::random_range(0.75..1.25))
    }

    fn lease(&self) -> Duration {
        Duration::from_millis(self.config.lease_ms)
    }

    async fn store(&self) -> Turn<'_> {
        // The semaphore is never closed.
        let turn = self.connections.acquire().await.ok();
        Turn {
            store: &self.store,
            _turn: turn,
        }
    }

    /// Up to `limit` due jobs.
    pub(super) async fn take(&self, channel: Channel, limit: usize) -> Vec<Job> {
        let taken = self
            .store()
            .await
            .take_pushes(channel, limit, self.lease())
            .await;
        taken.unwrap_or_else(|error| {
            tracing::warn!(error = error.told(), "due pushes are not known");
            Vec::new()
        })
    }

    /// Works on a job and writes down what became of it.
    pub(super) async fn run(&self, channel: Channel, job: Job) {
        let ended = match job.subscription {
            0 => self.all(channel, &job).await,
            _ => self.one(&job).await,
        };
        let written = match ended {
            Ok(End::Lost) => return,
            Ok(End::Done(told)) => {
                let rest = match told {
                    0 => Duration::ZERO,
                    _ => Duration::from_millis(self.config.collapse_ms),
                };
                self.store().await.finish_push(&job, rest).await.map(drop)
            }
            Err(Trouble::Blind) => self
                .store()
                .await
                .defer_push(&job, WHILE_BLIND)
                .await
                .map(drop),
            Err(Trouble::Refused(refused)) => self.failed(channel, &job, refused).await,
            Err(Trouble::Store(error)) => {
                tracing::warn!(error = error.told(), "a push waits");
                self.store()
                    .await
                    .defer_push(&job, WHILE_BLIND)
                    .await
                    .map(drop)
            }
        };
        if let Err(error) = written {
            tracing::warn!(error = error.told(), "a push is repeated after its lease");
        }
    }

    async fn failed(
        &self,
        channel: Channel,
        job: &Job,
        refused: Refused,
    ) -> Result<(), StoreError> {
        metrics::pushed(channel.name(), "failed", 1);
        let failure = self.failure(job.attempts + 1, refused);
        if self.store().await.fail_push(job, &failure).await? {
            metrics::push_dead(channel.name());
            tracing::warn!(
                conversation = %job.conversation, job = job.id, channel = channel.name(), reason = failure.reason,
                "a push is given up; push_again sends it again"
            );
        }
        Ok(())
    }

    fn failure(&self, attempts: u32, refused: Refused) -> Failure {
        Failure {
            reason: refused.reason,
            wait: backoff::after(attempts, rand::random_range(0.0..1.0), refused.retry_after),
            tries: self.config.tries,
        }
    }

    /// Every member.
    async fn all(&self, channel: Channel, job: &Job) -> Result<End, Trouble> {
        let Some(face) = self.store().await.push_face(job.conversation).await? else {
            return Ok(End::Done(0));
        };
        let (mut cursor, mut told) = (job.cursor, 0);
        loop {
            // Anew for each page: what was recalled, read or muted meanwhile counts.
            let messages = self
                .store()
                .await
                .push_messages(job.conversation, job.since, job.until)
                .await?;
            let Some(newest) = messages.first().map(|message| message.seq) else {
                return Ok(End::Done(told));
            };
            let readers = self
                .readers(channel, job.conversation, cursor, newest)
                .await?;
            let Some(last) = readers.last().map(|reader| reader.user) else {
                return Ok(End::Done(told));
            };
            let chosen = choose(&readers, &messages, &self.online(&readers).await?);
            let page = Page {
                job,
                face: &face,
                messages: &messages,
                chosen,
                cursor,
            };
            match self.holding(job, cursor, self.tell(channel, page)).await? {
                Some(sent) => told += sent,
                None => return Ok(End::Lost),
            }
            cursor = last;
            if !self
                .store()
                .await
                .go_on_pushing(job, cursor, self.lease())
                .await?
            {
                return Ok(End::Lost);
            }
        }
    }

    async fn readers(
        &self,
        channel: Channel,
        conversation: ConversationId,
        cursor: UserId,
        newest: Seq,
    ) -> Result<Vec<Reader>, StoreError> {
        let store = self.store().await;
        store
            .push_readers(channel, conversation, cursor, newest, PAGE)
            .await
    }

    async fn online(&self, readers: &[Reader]) -> Result<BTreeMap<UserId, bool>, Trouble> {
        let users: Vec<UserId> = readers.iter().map(|reader| reader.user).collect();
        self.fanout.online(&users).await.ok_or(Trouble::Blind)
    }

    /// Does `work` and keeps the job meanwhile; none when somebody else has it.
    async fn holding<T>(
        &self,
        job: &Job,
        cursor: UserId,
        work: impl Future<Output = Result<T, Trouble>>,
    ) -> Result<Option<T>, Trouble> {
        let mut ticks = tokio::time::interval(self.lease() / 3);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.tick().await;
        tokio::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return done.map(Some),
                _ = ticks.tick() => {
                    if !self.store().await.go_on_pushing(job, cursor, self.lease()).await? {
                        return Ok(None);
                    }
                }
            }
        }
    }

    async fn tell(&self, channel: Channel, page: Page<'_>) -> Result<usize, Trouble> {
        match channel {
            Channel::WebPush => self.tell_browsers(page).await,
            Channel::Webhook => self.tell_webhook(page).await,
        }
    }

    /// Each browser by itself: one that fails gets a job of its own, and delays nobody else.
    async fn tell_browsers(&self, page: Page<'_>) -> Result<usize, Trouble> {
        let Some(web_push) = &self.web_push else {
            return Ok(0);
        };
        let places: BTreeMap<UserId, &Message> = page
            .chosen
            .iter()
            .filter_map(|(place, users)| Some((page.messages.get(*place)?, users)))
            .flat_map(|(message, users)| users.iter().map(move |user| (*user, message)))
            .collect();
        if places.is_empty() {
            return Ok(0);
        }
        let users: Vec<UserId> = places.keys().copied().collect();
        let subscriptions = self.store().await.subscriptions(&users).await?;
        let pushes = subscriptions.into_iter().filter_map(|to| {
            let message = *places.get(&to.user)?;
            Some(async move {
                let outcome = self.push(web_push, page.face, message, &to).await;
                (to, outcome)
            })
        });
        let outcomes: Vec<(Subscription, Outcome)> = stream::iter(pushes)
            .buffer_unordered(self.config.web_push_places)
            .collect()
            .await;
        let mut sent = Vec::new();
        for (to, outcome) in outcomes {
            match outcome {
                Outcome::Sent => sent.push(to.id),
                Outcome::Gone => self.forget(&to).await?,
                Outcome::Failed {
                    reason,
                    retry_after,
                } => {
                    metrics::pushed(Channel::WebPush.name(), "failed", 1);
                    let refused = Refused {
                        reason,
                        retry_after,
                    };
                    let failure = self.failure(1, refused);
                    // No id: the lease of worker numbers is gone with PostgreSQL, and the page is repeated.
                    let id = self.ids.next().map_err(|_| Trouble::Blind)?;
                    let id = ConversationId(id).to_sql();
                    self.store()
                        .await
                        .push_apart(id, page.job, to.id, &failure)
                        .await?;
                }
            }
        }
        if !sent.is_empty() {
            metrics::pushed(Channel::WebPush.name(), "sent", sent.len());
            self.store()
                .await
                .settle_pushes(page.job.conversation, &sent)
                .await?;
        }
        Ok(sent.len())
    }

    async fn push(
        &self,
        web_push: &WebPush,
        face: &Face,
        message: &Message,
        to: &Subscription,
    ) -> Outcome {
        let note = Note::new(face, message, self.config.hide_content || to.hide_content);
        let payload = serde_json::to_vec(&note).unwrap_or_default();
        // The semaphore is never closed.
        let _place = self.requests.acquire().await;
        web_push
            .send(to, face.id, &payload, SystemTime::now())
            .await
    }

    async fn forget(&self, gone: &Subscription) -> Result<(), StoreError> {
        metrics::pushed(Channel::WebPush.name(), "gone", 1);
        self.store().await.forget_subscription(gone).await
    }

    /// One request per message that somebody is told of: one, or two when the one who wrote the newest is away as well.
    async fn tell_webhook(&self, page: Page<'_>) -> Result<usize, Trouble> {
        let Some(webhook) = &self.webhook else {
            return Ok(0);
        };
        let mut told = 0;
        for (place, users) in &page.chosen {
            let Some(message) = page.messages.get(*place) else {
                continue;
            };
            let note = Note::new(page.face, message, self.config.hide_content);
            let delivery = format!("{}-{}-{}-{place}", page.job.id, page.job.until, page.cursor);
            let sent = webhook
                .tell(&note, users, &delivery, SystemTime::now())
                .await;
            sent.map_err(Trouble::Refused)?;
            metrics::pushed(Channel::Webhook.name(), "sent", 1);
            told += users.len();
        }
        Ok(told)
    }

    /// One subscription that failed before.
    async fn one(&self, job: &Job) -> Result<End, Trouble> {
        let done = Ok(End::Done(0));
        let Some(web_push) = &self.web_push else {
            return done;
        };
        let Some(to) = self.store().await.subscription(job.subscription).await? else {
            return done;
        };
        let Some(face) = self.store().await.push_face(job.conversation).await? else {
            return done;
        };
        let messages = self
            .store()
            .await
            .push_messages(job.conversation, job.since, job.until)
            .await?;
        let Some(newest) = messages.first().map(|message| message.seq) else {
            return done;
        };
        let reader = self
            .store()
            .await
            .push_reader(job.conversation, to.user, newest)
            .await?;
        let readers: Vec<Reader> = reader.into_iter().collect();
        let chosen = choose(&readers, &messages, &self.online(&readers).await?);
        let message = chosen.keys().next().and_then(|place| messages.get(*place));
        let Some(message) = message else {
            return done;
        };
        match self.push(web_push, &face, message, &to).await {
            Outcome::Sent => {
                metrics::pushed(Channel::WebPush.name(), "sent", 1);
                Ok(End::Done(1))
            }
            Outcome::Gone => {
                self.forget(&to).await?;
                done
            }
            Outcome::Failed {
                reason,
                retry_after,
            } => Err(Trouble::Refused(Refused {
                reason,
                retry_after,
            })),
        }
    }
}

/// Some members of a conversation and what they are told of.
struct Page<'a> {
    job: &'a Job,
    face: &'a Face,
    messages: &'a [Message],
    chosen: BTreeMap<usize, Vec<UserId>>,
    cursor: UserId,
}
