//! What is sent: a message of any type, or a change of one.

use bytes::Bytes;
use im_shared::content::{Content, Custom, File, Image, Video, Voice};
use im_shared::ids::{Seq, UserId};
use im_shared::wire::EntryType;

/// A message before it has an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub(crate) kind: EntryType,
    pub(crate) content: Bytes,
    pub(crate) target: Seq,
    pub(crate) mentions: Vec<UserId>,
}

impl Message {
    fn new(kind: EntryType, content: impl Into<Bytes>) -> Self {
        Self {
            kind,
            content: content.into(),
            target: Seq(0),
            mentions: Vec::new(),
        }
    }

    /// Plain text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(EntryType::Text, text.into())
    }

    /// An uploaded picture.
    #[must_use]
    pub fn image(image: &Image) -> Self {
        Self::new(EntryType::Image, image.to_json())
    }

    /// An uploaded file.
    #[must_use]
    pub fn file(file: &File) -> Self {
        Self::new(EntryType::File, file.to_json())
    }

    /// Uploaded speech.
    #[must_use]
    pub fn voice(voice: &Voice) -> Self {
        Self::new(EntryType::Voice, voice.to_json())
    }

    /// An uploaded video note.
    #[must_use]
    pub fn video(video: &Video) -> Self {
        Self::new(EntryType::Video, video.to_json())
    }

    /// What an application defines for itself.
    #[must_use]
    pub fn custom(custom: &Custom) -> Self {
        Self::new(EntryType::Custom, custom.to_json())
    }

    /// Answers the message at `seq`.
    #[must_use]
    pub fn reply_to(mut self, seq: Seq) -> Self {
        self.target = seq;
        self
    }

    /// Calls users by name; user 0 stands for everybody.
    #[must_use]
    pub fn mention(mut self, users: impl IntoIterator<Item = UserId>) -> Self {
        self.mentions.extend(users);
        self
    }

    /// Gives an own text message another text.
    #[must_use]
    pub fn edit(target: Seq, text: impl Into<String>) -> Self {
        Self::new(EntryType::Edit, text.into()).reply_to(target)
    }

    /// Takes a message back.
    #[must_use]
    pub fn recall(target: Seq) -> Self {
        Self::new(EntryType::Recall, Bytes::new()).reply_to(target)
    }

    /// Reacts to a message, or no longer.
    #[must_use]
    pub fn reaction(target: Seq, reaction: &str, change: Reaction) -> Self {
        let sign = match change {
            Reaction::Add => '+',
            Reaction::Remove => '-',
        };
        Self::new(EntryType::Reaction, format!("{sign}{reaction}")).reply_to(target)
    }
}

/// What becomes of a reaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaction {
    /// It is there from now on.
    Add,
    /// It is not there any more.
    Remove,
}
