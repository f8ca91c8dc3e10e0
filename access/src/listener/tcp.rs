//! TCP connections that count as unauthenticated from their first byte, and end at the handshake deadline.
//!
//! A client that sends half an HTTP request would otherwise hold a connection for ever.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, Sleep};

use crate::admission::{Admission, Permit};
use crate::metrics::Metrics;

/// Accepts what the caps allow.
pub(crate) struct GuardedListener {
    pub(crate) listener: TcpListener,
    pub(crate) admission: Admission,
    pub(crate) metrics: Metrics,
    pub(crate) deadline: Duration,
}

/// What the handler of a connection knows of it.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    /// Taken by the handshake, which from then on holds the deadline.
    pub(crate) permit: Arc<Mutex<Option<Permit>>>,
    /// Until when the client must be authenticated.
    pub(crate) deadline: Instant,
}

impl Listener for GuardedListener {
    type Io = Guarded;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Guarded, SocketAddr) {
        loop {
            let (stream, address) = Listener::accept(&mut self.listener).await;
            let Some(permit) = self.admission.admit(address.ip()) else {
                self.metrics.refused("crowded");
                continue;
            };
            // Frames are coalesced before they are written. A connection where this fails is gone and shows it.
            let _ = stream.set_nodelay(true);
            let deadline = Instant::now() + self.deadline;
            let arrival = Arrival {
                permit: Arc::new(Mutex::new(Some(permit))),
                deadline,
            };
            let timer = Some(Box::pin(tokio::time::sleep_until(deadline)));
            return (
                Guarded {
                    stream,
                    arrival,
                    timer,
                },
                address,
            );
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Connected<IncomingStream<'_, GuardedListener>> for Arrival {
    fn connect_info(stream: IncomingStream<'_, GuardedListener>) -> Self {
        stream.io().arrival.clone()
    }
}

/// A connection that cannot be read after the deadline unless its permit was taken.
pub(crate) struct Guarded {
    stream: TcpStream,
    arrival: Arrival,
    timer: Option<Pin<Box<Sleep>>>,
}

impl AsyncRead for Guarded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if let Some(timer) = &mut this.timer {
            if this.arrival.permit.lock().is_none() {
                this.timer = None;
            } else if timer.as_mut().poll(context).is_ready() {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
        }
        Pin::new(&mut this.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
