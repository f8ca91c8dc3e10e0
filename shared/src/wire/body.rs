//! One variant per kind of frame.

use bytes::Bytes;
use flatbuffers::{UnionWIPOffset, WIPOffset};

use super::field::{Builder, Table};
use super::message;
use super::{
    AuthRequest, AuthResponse, ConversationEvent, ConversationOpen, ConversationRead,
    ConversationSet, DeliveryReceipt, Done, Drain, ErrorResponse, Follow, FriendEvent, GroupAnswer,
    GroupCreate, GroupDissolve, GroupInvite, GroupJoin, GroupLeave, GroupRemove, GroupRole,
    GroupSilence, GroupTransfer, GroupUpdate, Heartbeat, HeartbeatAck, HistoryRequest, JoinEvent,
    Kick, MessageAck, MessageDelivered, MessageEdit, MessageReaction, MessageRecall, PresenceEvent,
    PresenceSet, ProfileEvent, PushMessage, PushSubscribe, PushUnsubscribe, ReadReceipt, Reauth,
    ReceiptRequest, ReceiptResponse, SearchRequest, SearchResponse, SyncHint, SyncRequest,
    SyncResponse, SystemNotification, SystemNotify, TokenExpiring, Typing, TypingEvent,
    UserMessage, UserOffline, UserOnline,
};

/// Which kind of frame: the number of the union member, known or not.
pub use message::Body as BodyKind;

impl BodyKind {
    /// A client's request to logic, known to this program or not: access forwards it and opens nothing.
    #[must_use]
    pub const fn is_upstream(self) -> bool {
        matches!(self.0, 16..=47)
    }

    /// Pushes that may be lost and are not counted ([S5]): they say what is now, and the next one makes up for them.
    #[must_use]
    pub const fn is_ephemeral(self) -> bool {
        matches!(self, Self::TypingEvent | Self::PresenceEvent)
    }

    /// For logs and metric labels: the name in the schema, or `Unknown`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.variant_name().unwrap_or("Unknown")
    }
}

macro_rules! bodies {
    ($($name:ident: $accessor:ident,)+) => {
        /// What a frame says.
        // A ConversationEvent is five times as large as the others. Bodies are moved once or twice and never stored
        // in bulk, so a box would cost more than it saves.
        #[allow(clippy::large_enum_variant)]
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Body {
            $(
                #[doc = concat!("See [`", stringify!($name), "`].")]
                $name($name),
            )+
            /// A kind that this program does not know ([F4]); 0 when there is no body at all.
            Unknown(u8),
        }

        impl Body {
            /// The number of the union member.
            #[must_use]
            pub const fn kind(&self) -> BodyKind {
                match self {
                    $(Self::$name(_) => BodyKind::$name,)+
                    Self::Unknown(number) => BodyKind(*number),
                }
            }

            pub(super) fn read(frame: message::Frame<'_>, source: &Bytes) -> Self {
                let body = match frame.body_type() {
                    $(BodyKind::$name => frame.$accessor().map(|view| Self::$name(Table::read(view, source))),)+
                    _ => None,
                };
                body.unwrap_or(Self::Unknown(frame.body_type().0))
            }

            pub(super) fn write(&self, builder: &mut Builder) -> Option<WIPOffset<UnionWIPOffset>> {
                match self {
                    $(Self::$name(body) => Some(body.write(builder).as_union_value()),)+
                    Self::Unknown(0) => None,
                    Self::Unknown(_) => {
                        let table = builder.start_table();
                        Some(builder.end_table(table).as_union_value())
                    }
                }
            }
        }

        $(impl From<$name> for Body {
            fn from(body: $name) -> Self {
                Self::$name(body)
            }
        })+
    };
}

bodies! {
    AuthRequest: body_as_auth_request,
    AuthResponse: body_as_auth_response,
    Heartbeat: body_as_heartbeat,
    HeartbeatAck: body_as_heartbeat_ack,
    Drain: body_as_drain,
    Kick: body_as_kick,
    TokenExpiring: body_as_token_expiring,
    Reauth: body_as_reauth,
    Follow: body_as_follow,
    UserMessage: body_as_user_message,
    MessageEdit: body_as_message_edit,
    MessageRecall: body_as_message_recall,
    MessageReaction: body_as_message_reaction,
    ConversationRead: body_as_conversation_read,
    MessageDelivered: body_as_message_delivered,
    SyncRequest: body_as_sync_request,
    HistoryRequest: body_as_history_request,
    Typing: body_as_typing,
    ConversationOpen: body_as_conversation_open,
    ConversationSet: body_as_conversation_set,
    ReceiptRequest: body_as_receipt_request,
    SearchRequest: body_as_search_request,
    PushSubscribe: body_as_push_subscribe,
    PushUnsubscribe: body_as_push_unsubscribe,
    PresenceSet: body_as_presence_set,
    UserOnline: body_as_user_online,
    UserOffline: body_as_user_offline,
    GroupCreate: body_as_group_create,
    GroupUpdate: body_as_group_update,
    GroupInvite: body_as_group_invite,
    GroupJoin: body_as_group_join,
    GroupAnswer: body_as_group_answer,
    GroupRemove: body_as_group_remove,
    GroupLeave: body_as_group_leave,
    GroupTransfer: body_as_group_transfer,
    GroupDissolve: body_as_group_dissolve,
    GroupRole: body_as_group_role,
    GroupSilence: body_as_group_silence,
    SystemNotify: body_as_system_notify,
    MessageAck: body_as_message_ack,
    PushMessage: body_as_push_message,
    ReadReceipt: body_as_read_receipt,
    DeliveryReceipt: body_as_delivery_receipt,
    SyncResponse: body_as_sync_response,
    SyncHint: body_as_sync_hint,
    SystemNotification: body_as_system_notification,
    TypingEvent: body_as_typing_event,
    PresenceEvent: body_as_presence_event,
    FriendEvent: body_as_friend_event,
    ConversationEvent: body_as_conversation_event,
    ErrorResponse: body_as_error_response,
    JoinEvent: body_as_join_event,
    ReceiptResponse: body_as_receipt_response,
    SearchResponse: body_as_search_response,
    Done: body_as_done,
    ProfileEvent: body_as_profile_event,
}

impl Body {
    /// The conversation that a request is about, as a hint for affinity; 0 where it names none.
    #[must_use]
    pub const fn route(&self) -> u64 {
        match self {
            Self::UserMessage(body) => body.conversation_id.0,
            Self::MessageEdit(body) => body.conversation_id.0,
            Self::MessageRecall(body) => body.conversation_id.0,
            Self::MessageReaction(body) => body.conversation_id.0,
            Self::ConversationRead(body) => body.conversation_id.0,
            Self::MessageDelivered(body) => body.conversation_id.0,
            Self::HistoryRequest(body) => body.conversation_id.0,
            Self::Typing(body) => body.conversation_id.0,
            Self::ConversationSet(body) => body.conversation_id.0,
            Self::ReceiptRequest(body) => body.conversation_id.0,
            _ => 0,
        }
    }
}
