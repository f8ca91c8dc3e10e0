//! A request before and after the commit.

use std::time::Duration;

use im_shared::ids::{ConversationId, Seq, UserId};
use im_shared::wire::{AckResult, Code, ConversationType, EntryType};
use uuid::Uuid;

use crate::caller::Caller;
use crate::content::Content;

/// What a row costs in a batch beside its content: ids, uuid, times and lengths. Bytes.
const ROW_OVERHEAD: usize = 128;

/// What a mention costs in a row. Bytes.
const MENTION_BYTES: usize = 20;

/// What is to become of one message of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It goes into the log.
    Append(Content),
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
    /// The message that it answers, or 0.
    pub reply_to: Seq,
    /// Who is called by name; user 0 stands for everybody.
    pub mentions: Vec<UserId>,
    /// What is to become of it.
    pub verdict: Verdict,
}

/// Where messages are stored, as far as it never changes. The rest is asked at the commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// The conversation of two, who must be friends at the commit.
    Private {
        /// The other one.
        peer: UserId,
    },
    /// A group, whose members write.
    Group,
    /// The world chat ([M9]).
    World,
}

impl Room {
    /// As the wire and the database name it.
    #[must_use]
    pub const fn kind(self) -> ConversationType {
        match self {
            Self::Private { .. } => ConversationType::Private,
            Self::Group => ConversationType::Group,
            Self::World => ConversationType::World,
        }
    }

    /// Who must be a friend of the sender, or 0.
    #[must_use]
    pub const fn peer(self) -> UserId {
        match self {
            Self::Private { peer } => peer,
            Self::Group | Self::World => UserId(0),
        }
    }
}

/// A `UserMessage` that was checked and waits for its commit. All its messages go into one transaction, in order ([M1]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Who sends.
    pub caller: Caller,
    /// Where to.
    pub conversation: ConversationId,
    /// What kind of place that is.
    pub room: Room,
    /// In the order of the request, refused ones included.
    pub messages: Vec<Message>,
}

impl Pending {
    /// The messages that go into the log.
    pub fn rows(&self) -> impl Iterator<Item = (&Message, &Content)> {
        self.messages
            .iter()
            .filter_map(|message| match &message.verdict {
                Verdict::Append(content) => Some((message, content)),
                Verdict::Repeats(_) | Verdict::Refused(_) => None,
            })
    }

    /// What the request adds to a batch, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.rows()
            .map(|(message, content)| {
                ROW_OVERHEAD + content.as_bytes().len() + MENTION_BYTES * message.mentions.len()
            })
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
    /// In a group: the membership that the commit saw.
    pub members_seq: Seq,
    /// In a group: how many members that were.
    pub member_count: u32,
}

impl Done {
    /// The whole request failed.
    #[must_use]
    pub const fn refused(request: Pending, refusal: Refusal) -> Self {
        Self {
            request,
            fate: Fate::Refused(refusal),
            members_seq: Seq(0),
            member_count: 0,
        }
    }
}
