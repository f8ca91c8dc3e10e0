//! One authenticated connection: one task that reads, writes and keeps the time.
//!
//! What comes from outside comes through the [`Handle`]'s outbox. The order of priority, written in `run`: the end that
//! somebody asked for; bytes to the client; frames from the client; bulk streams that ended; the clock.
//!
//! | file | what it holds |
//! |---|---|
//! | `task` | the loop: reading, writing, the order of priority |
//! | `frames` | what is done with a client's frame |
//! | `clock` | what ends or warns a session when time passes |

mod clock;
mod frames;
mod task;

use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use im_shared::bus::Origin;
use im_shared::wire::{self, CloseCode, Frame, Kick, RequestId};
use tokio::time::timeout;

use crate::admission::Permit;
use crate::handshake::Identity;
use crate::node::{Node, now_ms};
use crate::presence::Place;
use crate::revocation;
use crate::sessions::{Handle, Sessions};
use crate::transport::{Reader, Writer};
use task::{End, Session};

/// How long the last frames may take before the connection ends without them.
const LAST_WAIT: Duration = Duration::from_secs(1);

/// How long the client has to read them and leave: a page that is busy for longer comes back without knowing why its session ended.
const LEAVE_WAIT: Duration = Duration::from_secs(2);

/// Registers the session, runs it, and takes it back everywhere.
pub(crate) async fn open<R: Reader, W: Writer>(
    node: Node,
    identity: Identity,
    request_id: RequestId,
    reader: R,
    writer: W,
    permit: Permit,
) {
    if node.is_draining() {
        return end(reader, writer, BytesMut::new(), CloseCode::GoingAway).await;
    }
    let id = node.session_ids.next(now_ms(), rand::random());
    let outbox_bytes = node.config.session.outbox_bytes;
    let handle = Handle::new(id, &identity, outbox_bytes);
    let handle = Arc::new(handle);
    let registered = Registered::new(&node.sessions, &handle);
    if let Err(refused) = revocation::admit(&node, identity.sign_in()).await {
        drop(registered);
        node.metrics.refused(refused.reason);
        let mut last = BytesMut::new();
        let answer = wire::error(request_id, refused.code, refused.retry_after);
        wire::write_frame(&mut last, &answer);
        // The permit is held until the client has read why.
        return end(reader, writer, last, refused.close).await;
    }
    let counted = node.metrics.opened(W::CARRIER);
    // [S2]: before the AuthResponse, so that what is committed later is pushed.
    let place = node.presence.online(&handle).await;
    drop(permit);

    let mut session = Session::new(node.clone(), Arc::clone(&handle), identity, reader, writer);
    let ended = match place {
        Place::Superseded(code) => End::Closed(code),
        Place::Registered | Place::Later => {
            session.welcome(request_id);
            session.run().await
        }
    };
    drop(registered);
    drop(counted);
    let reason = match ended {
        End::Left => "left",
        End::Closed(code) => code.name(),
    };
    node.metrics.closed(reason);
    tracing::info!(
        user_id = handle.user.0,
        session_id = id.0,
        transport = W::CARRIER.name(),
        reason,
        "session ended"
    );
    tokio::join!(session.finish(ended), node.presence.offline(&handle));
}

/// Writes what is left and a `Kick` as the last frame, and closes once the client has left ([S6]). Takes three seconds at most.
///
/// That the last frame was acknowledged does not tell that it was read: a browser has it then, and the end of the connection takes it
/// from the page.
pub(crate) async fn end<R: Reader, W: Writer>(
    reader: R,
    mut writer: W,
    mut last: BytesMut,
    code: CloseCode,
) {
    let kick = Kick {
        code,
        message: code.text().to_owned(),
    };
    wire::write_frame(&mut last, &wire::encode(&Frame::push(kick)));
    let mut pending = last.freeze();
    let write = async {
        while !pending.is_empty() {
            writer.write(&mut pending).await?;
        }
        writer.flush().await
    };
    if let Ok(Ok(())) = timeout(LAST_WAIT, write).await {
        let leave = async {
            writer.finish(code).await;
            reader.left().await;
        };
        let _ = timeout(LEAVE_WAIT, leave).await;
    }
    writer.abort(code);
}

/// Keeps a session in the registry, whatever happens to its task.
struct Registered<'a> {
    sessions: &'a Sessions,
    handle: &'a Handle,
}

impl<'a> Registered<'a> {
    fn new(sessions: &'a Sessions, handle: &'a Arc<Handle>) -> Self {
        sessions.insert(handle);
        Self { sessions, handle }
    }
}

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        self.sessions.remove(self.handle);
    }
}

/// Who a session is to logic.
pub(crate) fn origin(handle: &Handle) -> Origin {
    Origin {
        session: handle.id,
        user: handle.user,
        platform: handle.platform,
        guest: handle.guest,
    }
}
