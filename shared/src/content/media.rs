//! Messages about an uploaded file. What they say is checked here for its bounds, and against what is known of the file ([`Claim`]); logic
//! asks for the latter before it stores them.

use serde::{Deserialize, Serialize};

use super::{Content, ContentError, check_count, check_text};
use crate::wire::EntryType;

/// An id of an uploaded file, in bytes.
const MAX_FILE_ID: usize = 128;
/// A file's name, in bytes (the limit of most file systems).
const MAX_NAME: usize = 255;
/// Type and subtype, in bytes (RFC 6838, 4.2: 127 each).
const MAX_MIME: usize = 255;
/// Text under a picture, in bytes.
const MAX_CAPTION: usize = 1_024;
/// The largest file, in bytes: 2 GiB.
const MAX_SIZE: u64 = 2 << 30;
/// Pixels along one side.
const MAX_SIDE: u64 = 32_768;
/// A day, in milliseconds.
const MAX_DURATION: u64 = 86_400_000;
/// Points of a voice message's shape, each 0 to 255.
const MAX_WAVEFORM: usize = 128;

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Image {
    /// The uploaded file.
    pub file_id: String,
    /// As `image/png`.
    pub mime: String,
    /// Bytes.
    pub size: u64,
    /// Pixels.
    pub width: u64,
    /// Pixels.
    pub height: u64,
    /// Text under it, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub caption: String,
}

/// Any file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct File {
    /// The uploaded file.
    pub file_id: String,
    /// Without folders.
    pub name: String,
    /// As `application/pdf`.
    pub mime: String,
    /// Bytes.
    pub size: u64,
}

/// Speech.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Voice {
    /// The uploaded file.
    pub file_id: String,
    /// As `audio/ogg`.
    pub mime: String,
    /// Bytes.
    pub size: u64,
    /// Milliseconds.
    pub duration_ms: u64,
    /// Loudness over time, to be drawn; may be empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waveform: Vec<u8>,
}

/// A video note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Video {
    /// The uploaded file.
    pub file_id: String,
    /// As `video/mp4`.
    pub mime: String,
    /// Bytes.
    pub size: u64,
    /// Pixels.
    pub width: u64,
    /// Pixels.
    pub height: u64,
    /// Milliseconds.
    pub duration_ms: u64,
    /// Text under it, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub caption: String,
}

/// The file itself: its id, its type, which begins with `family`, and its size.
fn check_file(file_id: &str, mime: &str, family: &str, size: u64) -> Result<(), ContentError> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if !(1..=MAX_FILE_ID).contains(&file_id.len()) || !file_id.bytes().all(legal) {
        return Err(ContentError::OutOfBounds("fileId"));
    }
    let is_type = mime.is_ascii()
        && mime.len() <= MAX_MIME
        && mime.starts_with(family)
        && mime.split('/').filter(|part| !part.is_empty()).count() == 2;
    if !is_type {
        return Err(ContentError::OutOfBounds("mime"));
    }
    check_count(size, "size", MAX_SIZE)
}

impl Content for Image {
    fn check(&self) -> Result<(), ContentError> {
        check_file(&self.file_id, &self.mime, "image/", self.size)?;
        check_count(self.width, "width", MAX_SIDE)?;
        check_count(self.height, "height", MAX_SIDE)?;
        check_text(&self.caption, "caption", MAX_CAPTION)
    }
}

impl Content for File {
    fn check(&self) -> Result<(), ContentError> {
        check_file(&self.file_id, &self.mime, "", self.size)?;
        if self.name.is_empty() || self.name.contains(['/', '\\']) {
            return Err(ContentError::OutOfBounds("name"));
        }
        check_text(&self.name, "name", MAX_NAME)
    }
}

impl Content for Voice {
    fn check(&self) -> Result<(), ContentError> {
        check_file(&self.file_id, &self.mime, "audio/", self.size)?;
        check_count(self.duration_ms, "durationMs", MAX_DURATION)?;
        if self.waveform.len() > MAX_WAVEFORM {
            return Err(ContentError::OutOfBounds("waveform"));
        }
        Ok(())
    }
}

impl Content for Video {
    fn check(&self) -> Result<(), ContentError> {
        check_file(&self.file_id, &self.mime, "video/", self.size)?;
        check_count(self.width, "width", MAX_SIDE)?;
        check_count(self.height, "height", MAX_SIDE)?;
        check_count(self.duration_ms, "durationMs", MAX_DURATION)?;
        check_text(&self.caption, "caption", MAX_CAPTION)
    }
}

/// What a server knows of an uploaded file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// As `image/png`, seen in the content.
    pub mime: String,
    /// Bytes.
    pub size: u64,
    /// Pixels; 0 for what is no picture or was not looked into.
    pub width: u32,
    /// Pixels; 0 for what is no picture or was not looked into.
    pub height: u32,
}

/// What a message says of its file, as far as it can be checked. How long a sound or a video is, and how large a video, is its sender's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The file.
    pub file_id: String,
    mime: String,
    size: u64,
    sides: Option<(u64, u64)>,
}

impl Claim {
    /// From a content that was checked; none where the message is about no file.
    #[must_use]
    pub fn of(entry_type: EntryType, content: &[u8]) -> Option<Self> {
        let of = |file_id, mime, size, sides| Self {
            file_id,
            mime,
            size,
            sides,
        };
        let said = match entry_type {
            EntryType::Image => Image::parse(content)
                .map(|it| of(it.file_id, it.mime, it.size, Some((it.width, it.height)))),
            EntryType::File => {
                File::parse(content).map(|it| of(it.file_id, it.mime, it.size, None))
            }
            EntryType::Voice => {
                Voice::parse(content).map(|it| of(it.file_id, it.mime, it.size, None))
            }
            EntryType::Video => {
                Video::parse(content).map(|it| of(it.file_id, it.mime, it.size, None))
            }
            _ => return None,
        };
        said.ok()
    }

    /// Whether the file is what the message says. A picture that was not looked into can only be sent as a file.
    #[must_use]
    pub fn agrees(&self, stored: &Stored) -> bool {
        let sides = (u64::from(stored.width), u64::from(stored.height));
        self.mime == stored.mime
            && self.size == stored.size
            && self.sides.is_none_or(|said| said == sides)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const IMAGE: &str = r#"{"fileId":"f1","mime":"image/png","size":10,"width":4,"height":3}"#;

    /// [M7]
    #[test]
    fn a_picture_is_read_and_written_alike() {
        let image = Image::parse(IMAGE.as_bytes()).unwrap();
        assert_eq!(image.to_json(), IMAGE);
    }

    /// D15
    #[test]
    fn a_message_says_what_its_file_is() {
        let stored = Stored {
            mime: "image/png".to_owned(),
            size: 10,
            width: 4,
            height: 3,
        };
        let claim = |content: &str| Claim::of(EntryType::Image, content.as_bytes()).unwrap();
        assert!(claim(IMAGE).agrees(&stored));
        for (from, to) in [
            ("image/png", "image/gif"),
            (":10", ":11"),
            (":4", ":3"),
            ("\"height\":3", "\"height\":4"),
        ] {
            assert!(!claim(&IMAGE.replace(from, to)).agrees(&stored), "{to}");
        }
        let file = r#"{"fileId":"f1","name":"a.png","mime":"image/png","size":10}"#;
        let file = Claim::of(EntryType::File, file.as_bytes()).unwrap();
        assert!(file.agrees(&stored) && file.file_id == "f1");
        assert_eq!(Claim::of(EntryType::Text, IMAGE.as_bytes()), None);
        assert_eq!(Claim::of(EntryType::Custom, b"{}"), None);
    }

    /// [M7]
    #[test]
    fn what_is_out_of_bounds_is_named() {
        let broken =
            |from: &str, to: &str| Image::parse(IMAGE.replace(from, to).as_bytes()).unwrap_err();
        assert_eq!(
            broken("\"f1\"", "\"../f1\""),
            ContentError::OutOfBounds("fileId")
        );
        assert_eq!(
            broken("image/png", "text/html"),
            ContentError::OutOfBounds("mime")
        );
        assert_eq!(
            broken("\"size\":10", "\"size\":0"),
            ContentError::OutOfBounds("size")
        );
        assert_eq!(
            broken("\"width\":4", "\"width\":99999"),
            ContentError::OutOfBounds("width")
        );
        assert!(matches!(
            broken("\"height\":3", "\"height\":3,\"x\":1"),
            ContentError::Malformed(_)
        ));
    }
}
