//! Reads under way in this process, and who waits for them.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::watch;
use tracing::Instrument;

/// What a read came to: of each id that was asked for its row, or none.
pub(super) type Landing<V, E> = Result<Arc<HashMap<u64, Option<Arc<V>>>>, Arc<E>>;

type Arrival<V, E> = watch::Receiver<Option<Landing<V, E>>>;

/// Reads by name. A cheap clone.
pub(super) struct Flights<K, V, E>(Arc<Mutex<Board<K, V, E>>>);

struct Board<K, V, E> {
    next: u64,
    flights: HashMap<K, (u64, Arrival<V, E>)>,
}

impl<K, V, E> Clone for Flights<K, V, E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K, V, E> Default for Flights<K, V, E> {
    fn default() -> Self {
        let board = Board {
            next: 0,
            flights: HashMap::new(),
        };
        Self(Arc::new(Mutex::new(board)))
    }
}

impl<K: Hash + Eq + Clone, V, E> Flights<K, V, E> {
    /// From now on others can join the read of this name; it takes the place of an earlier one.
    pub(super) fn begin(&self, name: K) -> Flight<K, V, E> {
        let (lands, arrival) = watch::channel(None);
        let mut board = self.0.lock();
        board.next += 1;
        let number = board.next;
        board.flights.insert(name.clone(), (number, arrival));
        drop(board);
        Flight {
            flights: self.clone(),
            name,
            number,
            lands,
        }
    }

    /// What the read of this name comes to; None when there is none, or it is lost.
    pub(super) async fn join<Q>(&self, name: &Q) -> Option<Landing<V, E>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let arrival = self.0.lock().flights.get(name)?.1.clone();
        land(arrival).await
    }
}

/// A read that others can join until it is dropped.
pub(super) struct Flight<K: Hash + Eq, V, E> {
    flights: Flights<K, V, E>,
    name: K,
    number: u64,
    lands: watch::Sender<Option<Landing<V, E>>>,
}

impl<K, V, E> Flight<K, V, E>
where
    K: Hash + Eq + Send + 'static,
    V: Send + Sync + 'static,
    E: Send + Sync + 'static,
{
    /// Reads, tells everybody, and then does the rest, in a task of its own: who asked first may go away. None: it was lost with the
    /// runtime.
    pub(super) async fn fly<R>(
        self,
        read: impl Future<Output = Landing<V, E>> + Send + 'static,
        then: impl FnOnce(Landing<V, E>) -> R + Send + 'static,
    ) -> Option<Landing<V, E>>
    where
        R: Future<Output = ()> + Send + 'static,
    {
        let arrival = self.lands.subscribe();
        // Ends when the read has ended and what came of it is stored.
        let task = tokio::spawn(
            async move {
                let landing = read.await;
                self.lands.send_replace(Some(landing.clone()));
                then(landing).await;
            }
            .in_current_span(),
        );
        let landing = land(arrival).await;
        if landing.is_none()
            && let Err(error) = task.await
            && let Ok(panic) = error.try_into_panic()
        {
            std::panic::resume_unwind(panic);
        }
        landing
    }
}

impl<K: Hash + Eq, V, E> Drop for Flight<K, V, E> {
    fn drop(&mut self) {
        let mut board = self.flights.0.lock();
        // A later one may have taken its place.
        if board
            .flights
            .get(&self.name)
            .is_some_and(|(number, _)| *number == self.number)
        {
            board.flights.remove(&self.name);
        }
    }
}

async fn land<V, E>(mut arrival: Arrival<V, E>) -> Option<Landing<V, E>> {
    let landed = arrival.wait_for(Option::is_some).await.ok()?;
    landed.as_ref().map(|landing| match landing {
        Ok(found) => Ok(Arc::clone(found)),
        Err(error) => Err(Arc::clone(error)),
    })
}
