//! The life of a session, and what access tells logic of it.

use im_shared::ids::{Incarnation, SessionId};
use im_shared::wire::*;

use super::{ALICE, CONVERSATION, NOW, Sample, push, reply, request};

pub(super) fn samples() -> Vec<Sample> {
    let ack = HeartbeatAck {
        client_time: NOW,
        server_time: NOW + 3,
        pushed: 12,
    };
    let kick = Kick {
        code: CloseCode::SignedInElsewhere,
        message: "the user signed in elsewhere".to_owned(),
    };
    let expires_at = NOW + 300_000;
    let token = "header.claims.signature".into();
    let device_id = "laptop".to_owned();
    let last = true;
    vec![
        request("auth-request", auth_request()),
        reply("auth-response", auth_response()),
        request("heartbeat", Heartbeat { client_time: NOW }),
        reply("heartbeat-ack", ack),
        push("drain", Drain { within_ms: 10_000 }),
        push("kick", kick),
        push("token-expiring", TokenExpiring { expires_at }),
        request("reauth", Reauth { token }),
        request(
            "follow",
            Follow {
                conversation_id: CONVERSATION,
                ended: true,
            },
        ),
        push("user-online", user_online()),
        push("user-offline", UserOffline { device_id, last }),
    ]
}

fn auth_request() -> AuthRequest {
    AuthRequest {
        token: "header.claims.signature".into(),
        device_id: "laptop".to_owned(),
        platform: Platform::Web,
        client_version: "0.1.0".to_owned(),
    }
}

fn auth_response() -> AuthResponse {
    AuthResponse {
        session_id: SessionId(501),
        user_id: ALICE,
        node_id: "access-1".to_owned(),
        server_time: NOW,
        heartbeat_interval_ms: 30_000,
        token_expires_at: NOW + 604_800_000,
        limits: Limits {
            max_frame_bytes: 65_536,
            max_text_bytes: 8_192,
            max_messages_per_request: 64,
            frames_per_second: 20,
            frame_burst: 40,
        },
    }
}

fn user_online() -> UserOnline {
    UserOnline {
        device_id: "laptop".to_owned(),
        replaced: vec![ReplacedSession {
            node_id: "access-2".to_owned(),
            incarnation: Incarnation(NOW as u64),
            session_id: SessionId(400),
        }],
        first: true,
    }
}
