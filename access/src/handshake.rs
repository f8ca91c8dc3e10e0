//! From a connection to an [`Identity`], within the deadline ([S1], [S3]).

use bytes::{Bytes, BytesMut};
use im_shared::ids::{SignInId, UserId};
use im_shared::tokens::{AccountKind, Claims, TokenError, Verifier};
use im_shared::wire::{self, AuthRequest, Body, BodyKind, CloseCode, Code, Platform, RequestId};
use tokio::time::{Instant, timeout_at};

use crate::admission::Permit;
use crate::node::Node;
use crate::session;
use crate::transport::{ReadError, Reader, Received, Writer};

/// Longest `client_version`.
const MAX_VERSION: usize = 64;

/// Who a session belongs to. Only a handshake makes one, and a session needs one.
#[derive(Debug)]
pub(crate) struct Identity {
    user: UserId,
    device: Box<str>,
    platform: Platform,
    kind: AccountKind,
    sign_in: SignInId,
    expires_at_ms: i64,
}

impl Identity {
    /// Of a registered user, without a token.
    #[cfg(test)]
    pub(crate) fn of(user: UserId) -> Self {
        Self {
            user,
            device: "device".into(),
            platform: Platform::Web,
            kind: AccountKind::User,
            sign_in: SignInId(user.0),
            expires_at_ms: i64::MAX,
        }
    }

    /// The account.
    pub(crate) const fn user(&self) -> UserId {
        self.user
    }

    /// The device that the token was issued for.
    pub(crate) fn device(&self) -> &str {
        &self.device
    }

    /// The platform that the token was issued for.
    pub(crate) const fn platform(&self) -> Platform {
        self.platform
    }

    /// Whether the account is not registered.
    pub(crate) fn is_guest(&self) -> bool {
        self.kind == AccountKind::Guest
    }

    /// The login that the token came from.
    pub(crate) const fn sign_in(&self) -> SignInId {
        self.sign_in
    }

    /// When the token ends, in milliseconds since 1970.
    pub(crate) const fn expires_at_ms(&self) -> i64 {
        self.expires_at_ms
    }

    /// Takes the later end of a newer token of the same login. So whether that was revoked need not be asked here: then the session ends
    /// anyway.
    ///
    /// # Errors
    /// What to tell the client.
    pub(crate) fn renew(&mut self, token: &str, verifier: &Verifier) -> Result<(), Code> {
        let claims = verifier.verify(token).map_err(|error| code_of(&error))?;
        // A guest who registered opens a new session: this one is known to logic as a guest's.
        let same = (claims.user, claims.kind) == (self.user, self.kind)
            && claims.sign_in == self.sign_in
            && claims.device == *self.device
            && claims.platform == self.platform;
        if !same {
            return Err(Code::TokenInvalid);
        }
        self.expires_at_ms = expiry(&claims);
        Ok(())
    }
}

/// Why there is no identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Refusal {
    request_id: RequestId,
    /// What the request is answered with.
    code: Code,
    /// How the connection ends.
    close: CloseCode,
    /// The label of the metric.
    reason: &'static str,
}

impl Refusal {
    const fn protocol(code: Code, reason: &'static str) -> Self {
        Self {
            request_id: RequestId::PUSH,
            code,
            close: CloseCode::ProtocolError,
            reason,
        }
    }
}

/// Authenticates the client until `deadline` and runs its session to the end.
pub(crate) async fn serve<R: Reader, W: Writer>(
    node: Node,
    mut reader: R,
    writer: W,
    permit: Permit,
    deadline: Instant,
) {
    let refusal = match timeout_at(deadline, first(&mut reader)).await {
        Ok(Ok(Some(frame))) => match identify(&frame, &node.verifier) {
            Ok((request_id, identity)) => {
                return session::open(node, identity, request_id, reader, writer, permit).await;
            }
            Err(refusal) => refusal,
        },
        Ok(Ok(None) | Err(ReadError::Gone)) => return node.metrics.refused("gone"),
        Ok(Err(ReadError::Frame(error))) => Refusal::protocol(error.code(), "frame"),
        Err(_) => Refusal {
            request_id: RequestId::PUSH,
            code: Code::DeadlineExceeded,
            close: CloseCode::HandshakeTimeout,
            reason: "timeout",
        },
    };
    // The permit is held until the client has read why, so that refusals are bounded too.
    node.metrics.refused(refusal.reason);
    tracing::debug!(
        reason = refusal.reason,
        code = refusal.code.name(),
        "a handshake was refused"
    );
    let mut last = BytesMut::new();
    wire::write_frame(
        &mut last,
        &wire::error(refusal.request_id, refusal.code, None),
    );
    session::end(reader, writer, last, refusal.close).await;
    drop(permit);
}

/// The first frame. A datagram that overtook it has no session to belong to ([T5]).
async fn first<R: Reader>(reader: &mut R) -> Result<Option<Bytes>, ReadError> {
    loop {
        match reader.next().await? {
            Some(Received::Frame(frame)) => return Ok(Some(frame)),
            Some(Received::Datagram(_)) => {}
            None => return Ok(None),
        }
    }
}

/// Reads the `AuthRequest` and checks its token. Costs 37 us for the signature (findings).
fn identify(frame: &Bytes, verifier: &Verifier) -> Result<(RequestId, Identity), Refusal> {
    let malformed = |error: wire::WireError| Refusal::protocol(error.code(), "frame");
    let peek = wire::peek(frame).map_err(malformed)?;
    let refuse = |code, close, reason| Refusal {
        request_id: peek.request_id,
        code,
        close,
        reason,
    };
    if peek.kind != BodyKind::AuthRequest {
        let close = CloseCode::AuthenticationFailed;
        return Err(refuse(Code::Unauthenticated, close, "unauthenticated"));
    }
    let Body::AuthRequest(request) = wire::decode(frame).map_err(malformed)?.body else {
        return Err(refuse(
            Code::MalformedFrame,
            CloseCode::ProtocolError,
            "frame",
        ));
    };
    let claims = verifier
        .verify(&request.token)
        .map_err(|error| match code_of(&error) {
            Code::TokenExpired => {
                refuse(Code::TokenExpired, CloseCode::TokenExpired, "token_expired")
            }
            code => refuse(code, CloseCode::AuthenticationFailed, "token_invalid"),
        })?;
    if !fits(&request, &claims) {
        let close = CloseCode::AuthenticationFailed;
        return Err(refuse(Code::TokenInvalid, close, "token_mismatch"));
    }
    let identity = Identity {
        user: claims.user,
        expires_at_ms: expiry(&claims),
        device: claims.device.into(),
        platform: claims.platform,
        kind: claims.kind,
        sign_in: claims.sign_in,
    };
    Ok((peek.request_id, identity))
}

/// Whether the token was issued for this device and platform.
fn fits(request: &AuthRequest, claims: &Claims) -> bool {
    request.device_id == claims.device
        && request.platform == claims.platform
        && request.client_version.len() <= MAX_VERSION
}

const fn code_of(error: &TokenError) -> Code {
    match error {
        TokenError::Expired => Code::TokenExpired,
        TokenError::Invalid => Code::TokenInvalid,
    }
}

fn expiry(claims: &Claims) -> i64 {
    i64::try_from(claims.expires_at_millis()).unwrap_or(i64::MAX)
}
