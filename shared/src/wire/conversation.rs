//! What a conversation is made of, as it travels.

use bytes::Bytes;
use flatbuffers::{Vector, WIPOffset};
use uuid::Uuid;

use super::field::{Builder, Field};
use super::table::table;
use super::{ConversationType, EntryType, Role, message};
use crate::ids::{ConversationId, MessageId, Seq, UserId};

/// "I hold every entry of this conversation up to and including seq."
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cursor {
    /// Which conversation.
    pub conversation_id: ConversationId,
    /// 0: none yet.
    pub seq: Seq,
}

/// Cursors lie in their vector without tables of their own.
impl Field for Vec<Cursor> {
    type Stored<'a> = Option<Vector<'a, message::Cursor>>;
    type Ready = Option<WIPOffset<Vector<'static, message::Cursor>>>;
    type Argument<'a> = Self::Ready;

    fn read(stored: Self::Stored<'_>, _: &Bytes) -> Self {
        let cursor = |stored: &message::Cursor| Cursor {
            conversation_id: ConversationId(stored.conversation_id()),
            seq: Seq(stored.seq()),
        };
        stored.map_or_else(Self::new, |vector| vector.iter().map(cursor).collect())
    }

    fn prepare(&self, builder: &mut Builder) -> Self::Ready {
        let cursors = self
            .iter()
            .map(|cursor| message::Cursor::new(cursor.conversation_id.0, cursor.seq.0));
        (!self.is_empty()).then(|| builder.create_vector_from_iter(cursors))
    }

    fn argument(ready: &Self::Ready) -> Self::Ready {
        *ready
    }
}

table! {
    /// One item of a conversation's log.
    Entry(EntryArgs) {
        /// Which conversation.
        conversation_id: ConversationId,
        /// Its position: 1, 2, 3, no hole ([R1]).
        seq: Seq,
        /// Countable entries up to and including this one.
        message_index: u64,
        /// Unique over all conversations.
        message_id: MessageId,
        /// Nil in entries that no client sent.
        client_message_id: Uuid,
        /// 0: the system.
        sender_id: UserId,
        /// What the content is.
        type_: EntryType,
        /// Text is UTF-8.
        content: Bytes,
        /// Milliseconds since 1970, set at the commit.
        created_at: i64,
        /// The entry that an edit, recall or reaction is about, or that a message answers; else 0.
        target_seq: Seq,
        /// Who is called by name; user 0 stands for everybody.
        mentions: Vec<UserId>,
        /// Content and mentions are those of this edit; 0: as sent.
        edited_seq: Seq,
        /// Taken back by this entry, and the content is gone; 0: not.
        recalled_seq: Seq,
    }

    /// How one member sees a conversation.
    ConversationState(ConversationStateArgs) {
        /// Which conversation.
        conversation_id: ConversationId,
        /// Private, group, world or system.
        type_: ConversationType,
        /// Private conversations: the other one.
        peer_id: UserId,
        /// The highest seq.
        tip_seq: Seq,
        /// The message index there.
        tip_index: u64,
        /// Up to where the member has read.
        read_seq: Seq,
        /// Up to where a device of the member has received.
        delivered_seq: Seq,
        /// Private conversations: up to where the other one has read.
        peer_read_seq: Seq,
        /// Private conversations: up to where a device of the other one has received.
        peer_delivered_seq: Seq,
        /// Countable entries of others after `read_seq`.
        unread: u32,
        /// The entry at the tip; none in an empty conversation.
        last: Option<Entry>,
        /// Milliseconds since 1970.
        created_at: i64,
        /// When the entry at the tip was made, or else the conversation. Milliseconds since 1970.
        activity: i64,
        /// `None`: the user has left.
        role: Role,
        /// Entries up to here were before the member's time and are not given.
        from_seq: Seq,
        /// Not 0: the user left with this entry, which is the tip that they see.
        until_seq: Seq,
        /// Unread entries that mention the user.
        mentions: u32,
        /// Milliseconds since 1970; 0: not pinned.
        pinned_at: i64,
        /// Nothing notifies until then. Milliseconds since 1970; 0: not muted.
        muted_until: i64,
        /// Put away by the user.
        archived: bool,
        /// Not shown until the next entry.
        hidden: bool,
        /// What the user is writing.
        draft: String,
        /// When that was last changed. Milliseconds since 1970; 0: no draft.
        draft_at: i64,
        /// The user may not write until then. Milliseconds since 1970; 0: may.
        silenced_until: i64,
        /// Only admins and the owner write.
        silenced: bool,
        /// Groups.
        name: String,
        /// Groups: the address of the picture, or empty.
        avatar: String,
        /// Groups.
        owner_id: UserId,
        /// Groups.
        member_count: u32,
    }
}
