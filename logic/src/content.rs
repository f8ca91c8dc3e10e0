//! The content of a message, checked ([M7]).

use bytes::Bytes;
use im_shared::content::{Content as _, ContentError, Custom, File, Image, Video, Voice};
use im_shared::wire::{Code, EntryType, limits};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

/// UTF-8 of 1 to 8,192 bytes without NUL: what PostgreSQL stores and every client shows. It is stored as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content(Bytes);

impl Content {
    /// Checks `content` as what a user may send as `entry_type`; nothing is copied.
    ///
    /// # Errors
    ///
    /// `MessageTypeInvalid` for what users do not send, the codes of [`Content::text`], or `ContentInvalid`.
    pub fn new(entry_type: EntryType, content: Bytes) -> Result<Self, Code> {
        match entry_type {
            EntryType::Text => Self::text(content),
            EntryType::Image => Self::typed(content, |json| Image::parse(json).map(drop)),
            EntryType::File => Self::typed(content, |json| File::parse(json).map(drop)),
            EntryType::Voice => Self::typed(content, |json| Voice::parse(json).map(drop)),
            EntryType::Video => Self::typed(content, |json| Video::parse(json).map(drop)),
            EntryType::Custom => Self::typed(content, |json| Custom::parse(json).map(drop)),
            _ => Err(Code::MessageTypeInvalid),
        }
    }

    /// Checks a text.
    ///
    /// # Errors
    ///
    /// `MessageEmpty`, `TextTooLong`, or `TextInvalid`.
    pub fn text(content: Bytes) -> Result<Self, Code> {
        if content.is_empty() {
            return Err(Code::MessageEmpty);
        }
        if content.len() > limits::MAX_TEXT {
            return Err(Code::TextTooLong);
        }
        if content.contains(&0) || std::str::from_utf8(&content).is_err() {
            return Err(Code::TextInvalid);
        }
        Ok(Self(content))
    }

    /// JSON of a type: a text besides.
    fn typed(
        content: Bytes,
        parse: impl FnOnce(&[u8]) -> Result<(), ContentError>,
    ) -> Result<Self, Code> {
        let text = Self::text(content).map_err(|code| match code {
            Code::MessageEmpty => code,
            _ => Code::ContentInvalid,
        })?;
        match parse(&text.0) {
            Ok(()) => Ok(text),
            Err(error) => {
                tracing::debug!(%error, "a content is refused");
                Err(Code::ContentInvalid)
            }
        }
    }

    /// As it travels.
    #[must_use]
    pub fn as_bytes(&self) -> &Bytes {
        &self.0
    }
}

/// As `text`: the check in [`Content::text`] is the one that the driver would make.
impl ToSql for Content {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut bytes::BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        out.extend_from_slice(&self.0);
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::TEXT
    }

    to_sql_checked!();
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// [M7]
    #[test]
    fn a_bad_text_has_its_own_code() {
        let code = |content: &'static [u8]| Content::text(Bytes::from_static(content)).unwrap_err();
        assert_eq!(code(b""), Code::MessageEmpty);
        assert_eq!(code(b"a\0b"), Code::TextInvalid);
        assert_eq!(code(b"\xff\xfe"), Code::TextInvalid);
        let long = Bytes::from(vec![b'a'; limits::MAX_TEXT + 1]);
        assert_eq!(Content::text(long).unwrap_err(), Code::TextTooLong);
    }

    /// [M7]
    #[test]
    fn the_longest_text_is_as_good_as_the_shortest() {
        assert!(Content::text(Bytes::from(vec![b'a'; limits::MAX_TEXT])).is_ok());
        assert!(Content::text(Bytes::from_static("é".as_bytes())).is_ok());
    }

    /// [M7], D14
    #[test]
    fn each_type_has_its_own_content_and_the_rest_is_not_for_users() {
        let image = r#"{"fileId":"f1","mime":"image/png","size":10,"width":4,"height":3}"#;
        let custom = r#"{"type":"acme.poll","data":{}}"#;
        let of = |entry_type, content: &'static str| {
            Content::new(entry_type, Bytes::from_static(content.as_bytes())).map(drop)
        };
        assert_eq!(of(EntryType::Image, image), Ok(()));
        assert_eq!(of(EntryType::Custom, custom), Ok(()));
        assert_eq!(of(EntryType::Text, image), Ok(()), "a text is any text");
        assert_eq!(of(EntryType::Video, image), Err(Code::ContentInvalid));
        assert_eq!(of(EntryType::Image, "a cat"), Err(Code::ContentInvalid));
        assert_eq!(of(EntryType::Image, ""), Err(Code::MessageEmpty));
        for entry_type in [
            EntryType::System,
            EntryType::Edit,
            EntryType::Recall,
            EntryType::Reaction,
            EntryType::Member,
            EntryType::Group,
            EntryType::Unknown,
            EntryType(31),
        ] {
            assert_eq!(of(entry_type, "x"), Err(Code::MessageTypeInvalid));
        }
    }

    proptest! {
        /// [M7]: what is taken is what a string without NUL can be.
        #[test]
        fn a_text_is_taken_exactly_when_it_is_utf8_without_nul(content in proptest::collection::vec(any::<u8>(), 1..64)) {
            let legal = String::from_utf8(content.clone()).is_ok_and(|text| !text.contains('\0'));
            prop_assert_eq!(Content::text(Bytes::from(content)).is_ok(), legal);
        }
    }
}
