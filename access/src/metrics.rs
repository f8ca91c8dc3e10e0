//! Every metric of this program: `im_access_*`. Handles are made once, because a look-up by name costs more than what
//! is counted.

use std::sync::Arc;

use metrics::{Counter, Gauge, counter, gauge};

use crate::links::Loss;
use crate::transport::Carrier;

/// Counters and gauges. A cheap clone.
#[derive(Clone)]
pub(crate) struct Metrics {
    inner: Arc<Inner>,
}

struct Inner {
    web_transport: Gauge,
    web_socket: Gauge,
    frames_in: Counter,
    bytes_in: Counter,
    frames_out: Counter,
    bytes_out: Counter,
    pushes_dropped: Counter,
    replies_dropped: Counter,
    datagrams_in: Counter,
    datagrams_ignored: Counter,
    ephemeral_datagrams: Counter,
    ephemeral_in_line: Counter,
    ephemeral_dropped: Counter,
    rate_limited: Counter,
    uplink_full: Counter,
    uplink_carriers: Counter,
    uplink_frames: Counter,
    uplink_lost: Counter,
    unknown_session: Counter,
    wrong_user: Counter,
    bad_carriers: Counter,
    hints: Counter,
    bulk_streams: Counter,
}

impl Metrics {
    /// Made after the recorder was installed.
    pub(crate) fn new() -> Self {
        let sessions =
            |carrier: Carrier| gauge!("im_access_sessions", "transport" => carrier.name());
        Self {
            inner: Arc::new(Inner {
                web_transport: sessions(Carrier::WebTransport),
                web_socket: sessions(Carrier::WebSocket),
                frames_in: counter!("im_access_frames_total", "direction" => "in"),
                bytes_in: counter!("im_access_frame_bytes_total", "direction" => "in"),
                frames_out: counter!("im_access_frames_total", "direction" => "out"),
                bytes_out: counter!("im_access_frame_bytes_total", "direction" => "out"),
                pushes_dropped: counter!("im_access_outbox_dropped_total", "kind" => "push"),
                replies_dropped: counter!("im_access_outbox_dropped_total", "kind" => "reply"),
                datagrams_in: counter!("im_access_datagrams_total", "outcome" => "taken"),
                datagrams_ignored: counter!("im_access_datagrams_total", "outcome" => "ignored"),
                ephemeral_datagrams: counter!("im_access_ephemeral_total", "outcome" => "datagram"),
                ephemeral_in_line: counter!("im_access_ephemeral_total", "outcome" => "in_line"),
                ephemeral_dropped: counter!("im_access_ephemeral_total", "outcome" => "dropped"),
                rate_limited: counter!("im_access_rate_limited_total"),
                uplink_full: counter!("im_access_uplink_full_total"),
                uplink_carriers: counter!("im_access_uplink_carriers_total"),
                uplink_frames: counter!("im_access_uplink_frames_total"),
                uplink_lost: counter!("im_access_uplink_lost_total"),
                unknown_session: counter!("im_access_deliveries_refused_total", "reason" => "unknown_session"),
                wrong_user: counter!("im_access_deliveries_refused_total", "reason" => "wrong_user"),
                bad_carriers: counter!("im_access_bad_carriers_total"),
                hints: counter!("im_access_hints_total"),
                bulk_streams: counter!("im_access_bulk_streams_total"),
            }),
        }
    }

    /// A session opened; the guard counts it until it ends.
    pub(crate) fn opened(&self, carrier: Carrier) -> OpenSession {
        let gauge = match carrier {
            Carrier::WebTransport => self.inner.web_transport.clone(),
            Carrier::WebSocket => self.inner.web_socket.clone(),
        };
        gauge.increment(1.0);
        OpenSession { gauge }
    }

    /// A session ended with this close code.
    pub(crate) fn closed(&self, code: &'static str) {
        counter!("im_access_closes_total", "code" => code).increment(1);
    }

    /// A connection did not become a session.
    pub(crate) fn refused(&self, reason: &'static str) {
        counter!("im_access_handshakes_failed_total", "reason" => reason).increment(1);
    }

    /// A frame came from a client.
    pub(crate) fn frame_in(&self, bytes: usize) {
        self.inner.frames_in.increment(1);
        self.inner.bytes_in.increment(bytes as u64);
    }

    /// A frame was queued for clients.
    pub(crate) fn frames_out(&self, frames: u64, bytes: u64) {
        self.inner.frames_out.increment(frames);
        self.inner.bytes_out.increment(bytes);
    }

    /// Pushes found no room in an outbox.
    pub(crate) fn pushes_dropped(&self, frames: u64) {
        self.inner.pushes_dropped.increment(frames);
    }

    /// Replies found no room in an outbox.
    pub(crate) fn replies_dropped(&self, frames: u64) {
        self.inner.replies_dropped.increment(frames);
    }

    /// A datagram came from a client and went to logic.
    pub(crate) fn datagram_in(&self, bytes: usize) {
        self.inner.datagrams_in.increment(1);
        self.inner.bytes_in.increment(bytes as u64);
    }

    /// A datagram came from a client and was not what may come so, or too much.
    pub(crate) fn datagram_ignored(&self) {
        self.inner.datagrams_ignored.increment(1);
    }

    /// An ephemeral frame left as a datagram.
    pub(crate) fn ephemeral_datagram(&self) {
        self.inner.ephemeral_datagrams.increment(1);
    }

    /// Ephemeral frames left in line.
    pub(crate) fn ephemeral_in_line(&self, frames: u64) {
        self.inner.ephemeral_in_line.increment(frames);
    }

    /// Ephemeral frames were given up.
    pub(crate) fn ephemeral_dropped(&self, frames: u64) {
        self.inner.ephemeral_dropped.increment(frames);
    }

    /// A frame was more than a client may send.
    pub(crate) fn rate_limited(&self) {
        self.inner.rate_limited.increment(1);
    }

    /// A frame found no room in the uplink.
    pub(crate) fn uplink_full(&self) {
        self.inner.uplink_full.increment(1);
    }

    /// A carrier with frames went to logic.
    pub(crate) fn uplink_sent(&self, frames: usize) {
        self.inner.uplink_carriers.increment(1);
        self.inner.uplink_frames.increment(frames as u64);
    }

    /// The bus did not take a carrier.
    pub(crate) fn uplink_lost(&self, frames: usize) {
        self.inner.uplink_lost.increment(frames as u64);
    }

    /// Deliveries for sessions that are not here.
    pub(crate) fn unknown_sessions(&self, targets: u64) {
        self.inner.unknown_session.increment(targets);
    }

    /// Deliveries that named another user's session (F6).
    pub(crate) fn wrong_users(&self, targets: u64) {
        self.inner.wrong_user.increment(targets);
    }

    /// A payload on the bus was no carrier for access.
    pub(crate) fn bad_carrier(&self) {
        self.inner.bad_carriers.increment(1);
    }

    /// A session was told to sync.
    pub(crate) fn hint(&self) {
        self.inner.hints.increment(1);
    }

    /// Deliveries may have been lost on a link.
    pub(crate) fn loss(&self, loss: Loss) {
        counter!("im_access_link_losses_total", "kind" => loss.name()).increment(1);
    }

    /// A frame went out on a stream of its own.
    pub(crate) fn bulk_stream(&self) {
        self.inner.bulk_streams.increment(1);
    }

    /// Sessions of revoked sign-ins were ended, by the signal or by the poll.
    pub(crate) fn revoked(&self, by: &'static str, sessions: u64) {
        counter!("im_access_sessions_revoked_total", "by" => by).increment(sessions);
    }

    /// Whether the mirror of revocations is whole: without it no session opens.
    pub(crate) fn mirror_whole(&self, is_whole: bool) {
        gauge!("im_access_revocation_mirror_whole").set(f64::from(u8::from(is_whole)));
    }

    /// Locations that were missing in Redis and were put back.
    pub(crate) fn restored(&self, locations: u64) {
        counter!("im_access_locations_restored_total").increment(locations);
    }
}

/// Counts one session in the gauge.
pub(crate) struct OpenSession {
    gauge: Gauge,
}

impl Drop for OpenSession {
    fn drop(&mut self) {
        self.gauge.decrement(1.0);
    }
}
