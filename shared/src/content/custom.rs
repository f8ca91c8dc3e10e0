//! A message that an application defines for itself.

use serde::{Deserialize, Serialize};

use super::{Content, ContentError};
use crate::wire::limits::MAX_CUSTOM;

/// The name of a custom type, in bytes.
const MAX_TYPE: usize = 64;

/// Carried and kept, and not understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Custom {
    /// Which kind: 1 to 64 of `[a-z0-9._-]`, best with the name of its maker before it.
    #[serde(rename = "type")]
    pub kind: String,
    /// Any JSON, [`MAX_CUSTOM`] bytes at most.
    pub data: serde_json::Value,
}

impl Content for Custom {
    fn check(&self) -> Result<(), ContentError> {
        let legal = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-')
        };
        if !(1..=MAX_TYPE).contains(&self.kind.len()) || !self.kind.bytes().all(legal) {
            return Err(ContentError::OutOfBounds("type"));
        }
        if self.data.to_string().len() > MAX_CUSTOM {
            return Err(ContentError::OutOfBounds("data"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [M7]
    #[test]
    fn a_custom_message_has_a_type_and_bounded_data() {
        assert!(Custom::parse(br#"{"type":"acme.poll","data":{"a":[1,2]}}"#).is_ok());
        assert!(Custom::parse(br#"{"type":"Acme Poll","data":1}"#).is_err());
        let long = format!(r#"{{"type":"x","data":"{}"}}"#, "a".repeat(MAX_CUSTOM));
        assert_eq!(
            Custom::parse(long.as_bytes()),
            Err(ContentError::OutOfBounds("data"))
        );
    }
}
