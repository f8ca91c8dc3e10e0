//! One connection, with an end to everything that a peer can be slow at: to begin a request, to finish its headers, to take an
//! answer. (The body of a request has its own deadline, in `extract`.)

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use http_body_util::BodyExt;
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// How long a peer may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// Without a request, or without a byte in either direction during one.
    pub(crate) idle: Duration,
    /// From the first byte of a request to the end of its headers. HTTP/1 only: frames of HTTP/2 belong to many requests, and a
    /// connection on which none runs ends after `idle`, whatever else is sent.
    pub(crate) headers: Option<Duration>,
}

/// The requests that run on one connection. A cheap clone.
#[derive(Debug, Clone)]
pub(crate) struct Activity(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    running: usize,
    /// How many have begun.
    begun: u64,
    /// When the last one ended, or the connection began.
    idle_since: Instant,
}

impl Activity {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(State {
            running: 0,
            begun: 0,
            idle_since: Instant::now(),
        })))
    }

    /// A request begins; it ends when what is returned is dropped.
    pub(crate) fn begin(&self) -> Running {
        let mut state = self.0.lock();
        state.running += 1;
        state.begun += 1;
        Running(self.clone())
    }
}

/// A request that runs.
#[derive(Debug)]
pub(crate) struct Running(Activity);

impl Running {
    /// The request runs until the body of its answer is sent.
    pub(crate) fn until_sent(self, response: Response) -> Response {
        response.map(|body| {
            // Changes nothing; what it holds is dropped with the body.
            Body::new(body.map_err(move |error| {
                let _ = &self;
                error
            }))
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut state = self.0.0.lock();
        state.running -= 1;
        state.idle_since = Instant::now();
    }
}

/// A stream that fails with `TimedOut` when its peer is too slow.
pub(crate) struct Timed<S> {
    stream: S,
    patience: Patience,
    activity: Activity,
    /// When a byte last went either way.
    moved_at: Instant,
    /// When the first byte of a request came, and how many requests had begun before.
    headers_since: Option<(Instant, u64)>,
    timer: Pin<Box<Sleep>>,
}

impl<S> Timed<S> {
    pub(crate) fn new(stream: S, patience: Patience, activity: Activity) -> Self {
        Self {
            stream,
            patience,
            activity,
            moved_at: Instant::now(),
            headers_since: None,
            timer: Box::pin(sleep(patience.headers.unwrap_or(patience.idle))),
        }
    }

    fn has_read(&mut self) {
        self.moved_at = Instant::now();
        let state = self.activity.0.lock();
        if state.running > 0 {
            self.headers_since = None;
        } else if self
            .headers_since
            .is_none_or(|(_, begun)| begun != state.begun)
        {
            self.headers_since = Some((self.moved_at, state.begun));
        }
    }

    /// When the peer has been too slow, unless something happens.
    fn deadline(&self) -> Instant {
        let state = self.activity.0.lock();
        if state.running > 0 {
            return self.moved_at + self.patience.idle;
        }
        let idle = state.idle_since + self.patience.idle;
        match (self.headers_since, self.patience.headers) {
            (Some((since, begun)), Some(headers)) if begun == state.begun => {
                (since + headers).min(self.moved_at + self.patience.idle)
            }
            _ => idle,
        }
    }

    /// Ready when the peer has been too slow. The timer is set late: it rings, and what has happened since moves it on.
    fn poll_timer(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        loop {
            let deadline = self.deadline();
            if self.timer.deadline() > deadline {
                self.timer.as_mut().reset(deadline);
            }
            ready!(self.timer.as_mut().poll(context));
            if Instant::now() >= deadline {
                return Poll::Ready(io::ErrorKind::TimedOut.into());
            }
            self.timer.as_mut().reset(deadline);
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Timed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        if let Poll::Ready(read) = Pin::new(&mut self.stream).poll_read(context, buffer) {
            if buffer.filled().len() > before {
                self.has_read();
            }
            return Poll::Ready(read);
        }
        self.poll_timer(context).map(Err)
    }
}

impl<S: AsyncWrite + Unpin> Timed<S> {
    /// What a write came to; while it waits, the timer runs.
    fn poll_written(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.moved_at = Instant::now();
            return written;
        }
        self.poll_timer(context).map(Err)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Timed<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.poll_written(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.poll_written(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    const PATIENCE: Patience = Patience {
        idle: Duration::from_secs(75),
        headers: Some(Duration::from_secs(10)),
    };

    /// How long until the connection fails, when its peer sends a byte every `every`.
    async fn lasts(patience: Patience, activity: Activity, every: Duration) -> Duration {
        let (near, mut far) = duplex(1_024);
        let mut timed = Timed::new(near, patience, activity);
        let began = Instant::now();
        let drip = async {
            loop {
                sleep(every).await;
                far.write_all(b"x").await.unwrap();
            }
        };
        let read = async {
            loop {
                if let Err(error) = timed.read_u8().await {
                    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
                    return began.elapsed();
                }
            }
        };
        tokio::select! {
            lasted = read => lasted,
            () = drip => unreachable!(),
        }
    }

    /// A15: whoever says nothing is closed after `idle`; whoever drips headers, some time after the first byte.
    #[tokio::test(start_paused = true)]
    async fn headers_that_drip_have_an_end() {
        let never = Duration::from_secs(1_000_000);
        let lasted = lasts(PATIENCE, Activity::new(), never).await;
        assert_eq!(lasted.as_secs(), 75);
        let lasted = lasts(PATIENCE, Activity::new(), Duration::from_secs(1)).await;
        assert_eq!(lasted.as_secs(), 11);
        let frames = Patience {
            headers: None,
            ..PATIENCE
        };
        let lasted = lasts(frames, Activity::new(), Duration::from_secs(1)).await;
        assert_eq!(lasted.as_secs(), 75);
    }

    /// A15: while a request runs, what moves keeps it; the time for the next one begins when it has ended.
    #[tokio::test(start_paused = true)]
    async fn a_request_that_moves_is_not_cut() {
        let activity = Activity::new();
        let running = activity.begin();
        let ends = async {
            sleep(Duration::from_secs(500)).await;
            drop(running);
        };
        let lasts = lasts(PATIENCE, activity, Duration::from_secs(60));
        let ((), lasted) = tokio::join!(ends, lasts);
        // The byte at 540 s begins headers that never end.
        assert_eq!(lasted.as_secs(), 550);
    }

    /// A15: after a request, a connection that is kept alive has the whole idle time again.
    #[tokio::test(start_paused = true)]
    async fn a_connection_is_kept_between_requests() {
        let (near, mut far) = duplex(1_024);
        let activity = Activity::new();
        let mut timed = Timed::new(near, PATIENCE, activity.clone());
        far.write_all(b"x").await.unwrap();
        timed.read_u8().await.unwrap();
        drop(activity.begin());
        let began = Instant::now();
        assert!(timed.read_u8().await.is_err());
        assert_eq!(began.elapsed().as_secs(), 75);
    }
}
