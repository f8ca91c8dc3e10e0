//! The content of a message, checked ([M7]).

use bytes::Bytes;
use im_shared::wire::{Code, limits};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

/// UTF-8 of 1 to 8,192 bytes without NUL: what PostgreSQL stores and every client shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(Bytes);

impl Text {
    /// Checks `content`; nothing is copied.
    ///
    /// # Errors
    ///
    /// `MessageEmpty`, `TextTooLong`, or `TextInvalid`.
    pub fn new(content: Bytes) -> Result<Self, Code> {
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

    /// As it travels.
    #[must_use]
    pub fn as_bytes(&self) -> &Bytes {
        &self.0
    }
}

/// As `text`: the check in [`Text::new`] is the one that the driver would make.
impl ToSql for Text {
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
        let code = |content: &'static [u8]| Text::new(Bytes::from_static(content)).unwrap_err();
        assert_eq!(code(b""), Code::MessageEmpty);
        assert_eq!(code(b"a\0b"), Code::TextInvalid);
        assert_eq!(code(b"\xff\xfe"), Code::TextInvalid);
        let long = Bytes::from(vec![b'a'; limits::MAX_TEXT + 1]);
        assert_eq!(Text::new(long).unwrap_err(), Code::TextTooLong);
    }

    /// [M7]
    #[test]
    fn the_longest_text_is_as_good_as_the_shortest() {
        assert!(Text::new(Bytes::from(vec![b'a'; limits::MAX_TEXT])).is_ok());
        assert!(Text::new(Bytes::from_static("é".as_bytes())).is_ok());
    }

    proptest! {
        /// [M7]: what is taken is what a string without NUL can be.
        #[test]
        fn a_text_is_taken_exactly_when_it_is_utf8_without_nul(content in proptest::collection::vec(any::<u8>(), 1..64)) {
            let legal = String::from_utf8(content.clone()).is_ok_and(|text| !text.contains('\0'));
            prop_assert_eq!(Text::new(Bytes::from(content)).is_ok(), legal);
        }
    }
}
