//! Frames between a client and the system (`schema/PROTOCOL.md`).
//!
//! A frame travels as bytes: access reads it with [`peek`] and never opens its body; who answers or shows it gets
//! owned values from [`decode`]. Content stays a slice of the bytes that arrived.
//!
//! | file | what it holds |
//! |---|---|
//! | [`frame`](self) | the root: request id, route, body; encode, decode, peek |
//! | `body` | one variant per kind of frame |
//! | `session`, `up`, `down`, `group`, `conversation`, `presence` | the bodies, as in `schema/message.fbs` |
//! | `code`, `close` | why a request failed, why a session ended |
//! | `codec` | frames on a stream |
//! | `limits` | every number that both sides must hold |
//! | `field`, `table` | how an owned struct is read from and written to its table |

mod body;
mod close;
mod code;
mod codec;
mod conversation;
mod down;
mod error;
mod field;
mod frame;
mod group;
pub mod limits;
mod presence;
mod session;
mod table;
mod up;

// Made by schema/generate.sh. The only unsafe code of the crate.
#[allow(
    clippy::all,
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    unreachable_pub,
    unsafe_code,
    unused
)]
#[rustfmt::skip]
mod message_generated;

use message_generated::im::message;

pub use body::{Body, BodyKind};
pub use codec::{FrameDecoder, write_frame};
pub use conversation::{ConversationState, Cursor, Entry};
pub use down::{
    AckResult, ConversationEvent, DeliveryReceipt, Done, ErrorResponse, FriendEvent, JoinEvent,
    MemberReceipt, MessageAck, PresenceEvent, ProfileEvent, PushMessage, ReadReceipt,
    ReceiptResponse, SearchResponse, SyncHint, SyncResponse, SystemNotification, TypingEvent,
};
pub use error::WireError;
pub use frame::{Frame, Peek, RequestId, decode, decode_shared, encode, error, peek};
pub use group::{
    GroupAnswer, GroupCreate, GroupDissolve, GroupInvite, GroupJoin, GroupLeave, GroupRemove,
    GroupRole, GroupSilence, GroupTransfer, GroupUpdate, SystemNotify,
};
pub use message::{
    CloseCode, Code, ConversationType, Direction, EntryType, FriendChange, JoinChange, JoinPolicy,
    Platform, Role, Setting,
};
pub use presence::{ReplacedSession, UserOffline, UserOnline};
pub use session::{
    AuthRequest, AuthResponse, Drain, Follow, Heartbeat, HeartbeatAck, Kick, Limits, Reauth,
    Secret, TokenExpiring,
};
pub use up::{
    ConversationOpen, ConversationRead, ConversationSet, HistoryRequest, MessageDelivered,
    MessageEdit, MessageReaction, MessageRecall, OutgoingMessage, PresenceSet, PushSubscribe,
    PushUnsubscribe, ReceiptRequest, SearchRequest, SyncRequest, Typing, UserMessage,
};
