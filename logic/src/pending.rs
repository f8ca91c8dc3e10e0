//! A request before and after the commit.

use std::time::Duration;

use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::{AckResult, Code, EntryType};
use uuid::Uuid;

use crate::caller::Caller;
use crate::text::Text;

/// What a row costs in a batch beside its content: ids, uuid, times and lengths. Bytes.
const ROW_OVERHEAD: usize = 96;

/// What is to become of one message of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It goes into the log.
    Append(Text),
    /// It is the same as an earlier message of the request, at this place, and shares its result ([M4]).
    Repeats(usize),
    /// It is refused alone ([M7]).
    Refused(Code),
}

/// One message of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// As sent.
    pub client_message_id: Uuid,
    /// As sent.
    pub entry_type: EntryType,
    /// What is to become of it.
    pub verdict: Verdict,
}

/// A `UserMessage` that was checked and waits for its commit. All its messages go into one transaction, in order ([M1]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Who sends.
    pub caller: Caller,
    /// Where to.
    pub conversation: ConversationId,
    /// The other member, who must be a friend at the commit; 0 in the world chat, which asks for no friendship.
    pub peer: UserId,
    /// In the order of the request, refused ones included.
    pub messages: Vec<Message>,
}

impl Pending {
    /// The messages that go into the log.
    pub fn rows(&self) -> impl Iterator<Item = (&Message, &Text)> {
        self.messages
            .iter()
            .filter_map(|message| match &message.verdict {
                Verdict::Append(text) => Some((message, text)),
                Verdict::Repeats(_) | Verdict::Refused(_) => None,
            })
    }

    /// What the request adds to a batch, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.rows()
            .map(|(_, text)| ROW_OVERHEAD + text.as_bytes().len())
            .sum()
    }
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// One result per message ([M2]).
    Answered(Vec<AckResult>),
    /// The whole request failed and nothing of it is stored ([M8]).
    Refused(Refusal),
}

/// Why a whole request failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// For the client.
    pub code: Code,
    /// With `RetryLater` and `Unavailable`: when the client may try again.
    pub retry_after: Option<Duration>,
}

impl Refusal {
    /// A worker that is full.
    pub const FULL: Self = Self {
        code: Code::RetryLater,
        retry_after: Some(Duration::from_millis(500)),
    };
    /// A dependency that is not there.
    pub const UNAVAILABLE: Self = Self {
        code: Code::Unavailable,
        retry_after: Some(Duration::from_secs(1)),
    };

    /// Final for this request.
    #[must_use]
    pub const fn because(code: Code) -> Self {
        Self {
            code,
            retry_after: None,
        }
    }
}

/// A request after its commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// As it was.
    pub request: Pending,
    /// What became of it.
    pub fate: Fate,
}
