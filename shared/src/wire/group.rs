//! Bodies that web and administrators send to logic over the bus, on behalf of a user or of the operator.
//!
//! `client_message_id` makes a repeat harmless: the entry that it names was made before (J7).

use uuid::Uuid;

use super::table::table;
use super::{JoinPolicy, Role};
use crate::ids::{ConversationId, UserId};

table! {
    /// Makes a group; the caller owns it.
    GroupCreate(GroupCreateArgs) {
        /// The same at every repeat: one group.
        client_message_id: Uuid,
        /// 1 to 64 characters.
        name: String,
        /// The address of the picture, or empty.
        avatar: String,
        /// At most 1,024 bytes.
        description: String,
        /// How one becomes a member.
        join_policy: JoinPolicy,
        /// New members read what was before them.
        history_open: bool,
        /// Friends of the owner.
        member_ids: Vec<UserId>,
    }

    /// Changes the face or the rules of a group; only what is given.
    GroupUpdate(GroupUpdateArgs) {
        /// Which group.
        conversation_id: ConversationId,
        /// Of the entry.
        client_message_id: Uuid,
        /// As in `GroupCreate`.
        name: Option<String>,
        /// As in `GroupCreate`.
        avatar: Option<String>,
        /// As in `GroupCreate`.
        description: Option<String>,
        /// As in `GroupCreate`.
        join_policy: Option<JoinPolicy>,
        /// As in `GroupCreate`.
        history_open: Option<bool>,
        /// Only admins and the owner write.
        silenced: Option<bool>,
    }

    /// Makes friends of the caller members.
    GroupInvite(GroupInviteArgs) {
        /// Which group.
        conversation_id: ConversationId,
        /// Of the entry.
        client_message_id: Uuid,
        /// 1 to 500.
        user_ids: Vec<UserId>,
    }

    /// The caller becomes a member, or asks to (`Done`).
    GroupJoin(GroupJoinArgs) {
        /// Which group.
        conversation_id: ConversationId,
        /// Of the entry.
        client_message_id: Uuid,
        /// For the admins.
        message: String,
    }

    /// An admin answers a request to join.
    GroupAnswer(GroupAnswerArgs) {
        /// Which group.
        conversation_id: ConversationId,
        /// Of the entry.
        client_message_id: Uuid,
        /// Who asked.
        user_id: UserId,
        /// Becomes a member, or not.
        accept: bool,
    }

    /// Ends somebody's membership.
    GroupRemove(GroupRemoveArgs) {
        /// Which group.
        conversation_id: ConversationId,
        /// Of the entry.
        client_message_id: Uuid,
        /// Who has to go.
        user_id: UserId,
    }

    /// Ends the caller's membership.
    GroupLeave(GroupLeaveArgs) {
        /// Which group.
        conversation_id: ConversationId,
        /// Of the entry.
        client_message_id: Uuid,
    }

    /// Makes a member the owner.
    GroupTransfer(GroupTransferArgs) {
        /// Which group.
        conversation_id: ConversationId,
        /// Of the entry.
        client_message_id: Uuid,
        /// The next owner.
        user_id: UserId,
    }

    /// Ends the group: nobody is a member any more.
    GroupDissolve(GroupDissolveArgs) {
        /// Which group.
        conversation_id: ConversationId,
        /// Of the entry.
        client_message_id: Uuid,
    }

    /// Makes a member an admin, or an admin a member.
    GroupRole(GroupRoleArgs) {
        /// Which group.
        conversation_id: ConversationId,
        /// Of the entry.
        client_message_id: Uuid,
        /// Whose role.
        user_id: UserId,
        /// `Member` or `Admin`.
        role: Role,
    }

    /// Takes somebody's voice for a time.
    GroupSilence(GroupSilenceArgs) {
        /// Which group.
        conversation_id: ConversationId,
        /// Of the entry.
        client_message_id: Uuid,
        /// Who.
        user_id: UserId,
        /// Milliseconds since 1970; 0: speaks again.
        until: i64,
    }

    /// A word of the operator to many or to everybody. Exactly one of `user_ids` and `everybody`.
    SystemNotify(SystemNotifyArgs) {
        /// Of the entries.
        client_message_id: Uuid,
        /// 1,000 at most.
        user_ids: Vec<UserId>,
        /// To everybody.
        everybody: bool,
        /// One line.
        title: String,
        /// Plain text.
        content: String,
    }
}
