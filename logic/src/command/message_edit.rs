//! `MessageEdit`: new content for an own message ([C2]).

use im_shared::wire::{Code, MessageEdit};

use super::changing::{self, Change, Kind};
use super::send_message::check_mentions;
use super::{Replies, Services};
use crate::caller::Caller;
use crate::content::Content;

pub(super) fn apply(
    request: MessageEdit,
    caller: Caller,
    services: &Services,
    replies: &mut Replies,
) {
    changing::start(check(request), caller, services, replies);
}

fn check(request: MessageEdit) -> Result<Change, Code> {
    changing::check(request.conversation_id, request.client_message_id)?;
    check_mentions(&request.mentions)?;
    let text = Content::text(request.content)?;
    let content = String::from_utf8(text.as_bytes().to_vec()).map_err(|_| Code::TextInvalid)?;
    Ok(Change {
        conversation: request.conversation_id,
        target: request.target_seq,
        client_message_id: request.client_message_id,
        kind: Kind::Edit {
            content,
            mentions: request.mentions,
        },
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use bytes::Bytes;
    use im_shared::ids::{ConversationId, Seq, UserId};
    use im_shared::wire::limits;
    use uuid::Uuid;

    use super::*;

    fn edit(change: impl FnOnce(&mut MessageEdit)) -> Option<Code> {
        let mut request = MessageEdit {
            conversation_id: ConversationId(7),
            target_seq: Seq(1),
            client_message_id: Uuid::now_v7(),
            content: Bytes::from_static(b"better"),
            mentions: vec![UserId(2), UserId(0)],
        };
        change(&mut request);
        check(request).err()
    }

    /// [C1], [C2]
    #[test]
    fn a_malformed_edit_has_its_own_code() {
        assert_eq!(edit(|_| ()), None);
        let code = |change: fn(&mut MessageEdit)| edit(change).unwrap();
        assert_eq!(
            code(|r| r.conversation_id = ConversationId(0)),
            Code::InvalidArgument
        );
        assert_eq!(
            code(|r| r.client_message_id = Uuid::new_v4()),
            Code::MessageIdInvalid
        );
        assert_eq!(code(|r| r.content = Bytes::new()), Code::MessageEmpty);
        assert_eq!(
            code(|r| r.content = vec![b'x'; limits::MAX_TEXT + 1].into()),
            Code::TextTooLong
        );
        assert_eq!(
            code(|r| r.content = Bytes::from_static(b"a\0")),
            Code::TextInvalid
        );
        assert_eq!(
            code(|r| r.mentions = vec![UserId(2), UserId(2)]),
            Code::MentionInvalid
        );
        assert_eq!(
            code(|r| r.mentions = (0..33).map(UserId).collect()),
            Code::MentionInvalid
        );
    }
}
