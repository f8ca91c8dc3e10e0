//! What arrives on a subject, and how a member leaves its queue group without losing anything (ADR 22).

use std::future::pending;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use async_nats::{Message, Subject, Subscriber};
use bytes::Bytes;
use futures_util::{FutureExt, Stream, StreamExt};
use tokio::task::coop::unconstrained;

use super::connect::{SUBSCRIPTION_CAPACITY, failed};
use super::{Bus, BusError};

/// Payloads that a member takes after it said that it leaves: more than can be on their way to it. 20,000 carriers a second, more than one
/// worker has been seen to take, are on their way for 50 ms then.
const ON_THEIR_WAY: u64 = 1_024;

/// The empty payloads are sent so many times: chance shares them out, and each member gets its part.
const ROUNDS: usize = 256;

/// The payloads of a subject, as a [`Stream`] that ends when the subscription does. Empty payloads are left out: they carry nothing, and
/// whoever [leaves](Subscription::leave) a group sends some.
#[derive(Debug)]
pub struct Subscription {
    inner: Subscriber,
    bus: Bus,
    /// A subject whose payloads it gets.
    own: Subject,
    /// Payloads so far, the empty ones too.
    received: u64,
    /// How often the connection had failed when it was made.
    faults: u64,
}

impl Subscription {
    pub(super) fn new(bus: Bus, subject: &Subject, inner: Subscriber) -> Self {
        Self {
            own: Subject::from(subject.replace('*', "0")),
            faults: bus.faults(),
            received: 0,
            inner,
            bus,
        }
    }

    /// Leaves the group: `take` gets what the server sends until it has forgotten this member. Everything later goes to the others.
    ///
    /// The library's own `drain` forgets the subscription when its connection is woken the next time, whether or not the server has; under
    /// load some 60 payloads went to nobody. So the server is told after how many payloads it ends, and empty ones are sent until so many
    /// have come. The library and the server count alike only while nothing is lost: after a reconnect or a dropped payload it is `drain`.
    ///
    /// # Errors
    /// As [`Bus::publish`] and [`Bus::flush`]; [`BusError::Deadline`] when the group has more members than empty payloads are sent for. What the
    /// server sends from then on is lost.
    pub async fn leave(mut self, mut take: impl FnMut(Message)) -> Result<(), BusError> {
        for _ in 0..SUBSCRIPTION_CAPACITY {
            match unconstrained(self.next()).now_or_never() {
                Some(Some(message)) => take(message),
                Some(None) => return Ok(()),
                None => break,
            }
        }
        let fill = if self.bus.faults() == self.faults {
            let last = self.received + ON_THEIR_WAY;
            self.inner.unsubscribe_after(last).await.map_err(failed)?;
            fill(self.bus.clone(), self.own.clone()).left_future()
        } else {
            self.inner.drain().await.map_err(failed)?;
            pending().right_future()
        };
        let mut fill = pin!(fill);
        loop {
            tokio::select! {
                message = self.next() => match message {
                    Some(message) => take(message),
                    None => return Ok(()),
                },
                filled = &mut fill => return filled,
            }
        }
    }
}

/// Sends empty payloads until this is dropped, or there were more than any group takes.
async fn fill(bus: Bus, own: Subject) -> Result<(), BusError> {
    for _ in 0..ROUNDS {
        for _ in 0..ON_THEIR_WAY {
            bus.publish(own.clone(), Bytes::new()).await?;
        }
        bus.flush(bus.deadline()).await?;
    }
    Err(BusError::Deadline)
}

impl Stream for Subscription {
    type Item = Message;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Message>> {
        loop {
            let message = ready!(self.inner.poll_next_unpin(context));
            self.received += u64::from(message.is_some());
            match message {
                Some(message) if message.payload.is_empty() => {}
                message => return Poll::Ready(message),
            }
        }
    }
}
