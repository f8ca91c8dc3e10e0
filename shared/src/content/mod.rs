//! What stands in the content of an entry that is no text: JSON objects, camelCase, ids as decimal strings. Unknown fields of a message
//! are refused, so that what is stored means what this version knows.
//!
//! | file | what it holds |
//! |---|---|
//! | `media` | image, file, voice and video note, and what they say of their file |
//! | `custom` | what an application defines for itself |
//! | `event` | changes of members and of a group's face, notifications |
//!
//! A reaction's content is the reaction with `+` or `-` before it; an edit's is the new content; a recall's is empty.

mod custom;
mod event;
mod media;

pub use custom::Custom;
pub use event::{GroupEvent, MemberEvent, Notice};
pub use media::{Claim, File, Image, Stored, Video, Voice};

/// Why a content is refused: for a developer, never shown to people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContentError {
    /// No JSON object of this type.
    #[error("not a content of this type: {0}")]
    Malformed(String),
    /// A field is out of its bounds.
    #[error("{0} is out of bounds")]
    OutOfBounds(&'static str),
}

/// A content that travels as JSON.
pub trait Content: serde::Serialize + serde::de::DeserializeOwned {
    /// Whether every field is within its bounds.
    ///
    /// # Errors
    ///
    /// The first field that is not.
    fn check(&self) -> Result<(), ContentError>;

    /// From the bytes of an entry or of a message to be sent.
    ///
    /// # Errors
    ///
    /// The bytes are no such object, or a field is out of bounds.
    fn parse(content: &[u8]) -> Result<Self, ContentError> {
        let parsed: Self = serde_json::from_slice(content)
            .map_err(|error| ContentError::Malformed(error.to_string()))?;
        parsed.check()?;
        Ok(parsed)
    }

    /// As it is stored.
    fn to_json(&self) -> String {
        // Structs of strings and numbers: there is nothing that could fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Of a name, a type or a caption.
pub(crate) fn check_text(
    text: &str,
    name: &'static str,
    longest: usize,
) -> Result<(), ContentError> {
    if text.len() > longest || text.contains('\0') {
        return Err(ContentError::OutOfBounds(name));
    }
    Ok(())
}

/// Of a size, a width or a duration: 1 to `largest`.
pub(crate) fn check_count(
    count: u64,
    name: &'static str,
    largest: u64,
) -> Result<(), ContentError> {
    if (1..=largest).contains(&count) {
        Ok(())
    } else {
        Err(ContentError::OutOfBounds(name))
    }
}
