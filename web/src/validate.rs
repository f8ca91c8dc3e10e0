//! What an input may be. Pure; the limits stand in docs/http-api.md.

use std::borrow::Cow;

use im_shared::ids::Seq;
use im_shared::wire::Code;

use crate::error::ApiError;

/// bcrypt reads 72 bytes and its implementation adds a NUL, so 71 is the most that is never cut.
pub const PASSWORD_BYTES: std::ops::RangeInclusive<usize> = 8..=71;

/// A login name in lower case: 3 to 32 of `[a-z0-9_.-]`.
///
/// # Errors
/// `UsernameInvalid`.
pub fn username(text: &str) -> Result<String, ApiError> {
    let name = text.to_ascii_lowercase();
    let legal =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.-".contains(&byte);
    if (3..=32).contains(&name.len()) && name.bytes().all(legal) {
        Ok(name)
    } else {
        Err(ApiError::invalid_as(
            Code::UsernameInvalid,
            "username",
            "is 3 to 32 of a-z, 0-9, _, . and -",
        ))
    }
}

/// The login names of guests begin so, and nobody else's.
pub const GUEST_PREFIX: &str = "guest-";

/// A login name that an account may be registered with.
///
/// # Errors
/// `UsernameInvalid`.
pub fn new_username(text: &str) -> Result<String, ApiError> {
    username(text).and_then(|name| {
        if name.starts_with(GUEST_PREFIX) {
            Err(ApiError::invalid_as(
                Code::UsernameInvalid,
                "username",
                "must not begin as guests' names do",
            ))
        } else {
            Ok(name)
        }
    })
}

/// A new password: 8 to 71 bytes without NUL.
///
/// # Errors
/// `PasswordInvalid`.
pub fn password(text: &str) -> Result<(), ApiError> {
    if PASSWORD_BYTES.contains(&text.len()) && !text.contains('\0') {
        Ok(())
    } else {
        Err(ApiError::invalid_as(
            Code::PasswordInvalid,
            "password",
            "is 8 to 71 bytes without NUL",
        ))
    }
}

/// A device: 1 to 64 of `[A-Za-z0-9_-]`, as in `AuthRequest.device_id`.
///
/// # Errors
/// `InvalidArgument`.
pub fn device_id(text: &str) -> Result<(), ApiError> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    if (1..=64).contains(&text.len()) && text.bytes().all(legal) {
        Ok(())
    } else {
        invalid("deviceId", "is 1 to 64 of A-Z, a-z, 0-9, _ and -")
    }
}

/// One line of text of at most `most` characters, trimmed. PostgreSQL stores no NUL, and nobody needs other control characters.
///
/// # Errors
/// `InvalidArgument`, naming `field`.
pub fn line(field: &'static str, text: &str, most: usize) -> Result<String, ApiError> {
    let text = text.trim();
    if text.chars().count() > most {
        return invalid(field, format!("has at most {most} characters"));
    }
    if text.chars().any(char::is_control) {
        return invalid(field, "must not hold control characters");
    }
    Ok(text.to_owned())
}

/// A shown name: a line of 1 to 64 characters.
///
/// # Errors
/// `InvalidArgument`.
pub fn nickname(text: &str) -> Result<String, ApiError> {
    let name = line("nickname", text, 64)?;
    if name.is_empty() {
        return invalid("nickname", "must not be empty");
    }
    Ok(name)
}

/// A telephone number as people write it, or nothing.
///
/// # Errors
/// `InvalidArgument`.
pub fn phone(text: &str) -> Result<String, ApiError> {
    let phone = line("phone", text, 32)?;
    if phone
        .chars()
        .all(|c| c.is_ascii_digit() || "+-() ./".contains(c))
    {
        Ok(phone)
    } else {
        invalid("phone", "holds digits and + - ( ) . / only")
    }
}

/// An address with one `@` inside, or nothing. Whether mail arrives there is another question.
///
/// # Errors
/// `InvalidArgument`.
pub fn email(text: &str) -> Result<String, ApiError> {
    let email = line("email", text, 254)?;
    let plausible = matches!(email.split_once('@'), Some((name, host)) if !name.is_empty() && !host.is_empty() && !host.contains('@'));
    if email.is_empty() || (plausible && !email.contains(' ')) {
        Ok(email)
    } else {
        invalid("email", "is no mail address")
    }
}

/// The address of a picture on http(s) or on this server, or nothing: never a script.
///
/// # Errors
/// `InvalidArgument`.
pub fn avatar(text: &str) -> Result<String, ApiError> {
    let avatar = line("avatar", text, 512)?;
    let local = avatar.starts_with('/') && !avatar.starts_with("//");
    if avatar.is_empty() || local || avatar.starts_with("https://") || avatar.starts_with("http://")
    {
        Ok(avatar)
    } else {
        invalid("avatar", "is an http(s) address or a path of this server")
    }
}

/// How many rows to give: `given` or `default`, from 1 to `most`.
///
/// # Errors
/// `InvalidArgument`.
pub fn limit(given: Option<u32>, default: u32, most: u32) -> Result<u32, ApiError> {
    let limit = given.unwrap_or(default);
    if (1..=most).contains(&limit) {
        Ok(limit)
    } else {
        invalid("limit", format!("is 1 to {most}"))
    }
}

/// Cuts `rows`, of which one more than `limit` was asked for, to `limit`; and whether there are more.
pub fn page<T>(mut rows: Vec<T>, limit: u32) -> (Vec<T>, bool) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    (rows, more)
}

/// The position in a log that is asked for. PostgreSQL counts to 2^63 - 1; nothing lies beyond.
pub fn seq(seq: u64) -> Seq {
    Seq(seq.min(i64::MAX.unsigned_abs()))
}

/// A time in milliseconds since 1970, until the year 9999.
///
/// # Errors
/// `InvalidArgument`, naming `field`.
pub fn time(field: &'static str, millis: i64) -> Result<i64, ApiError> {
    if (0..=253_402_300_799_999).contains(&millis) {
        Ok(millis)
    } else {
        invalid(field, "is in milliseconds since 1970, or 0")
    }
}

fn invalid<T>(field: &'static str, rule: impl Into<Cow<'static, str>>) -> Result<T, ApiError> {
    Err(ApiError::invalid(field, rule))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_username_is_lowered_and_narrow() {
        assert_eq!(username("Ada.L-1_").unwrap(), "ada.l-1_");
        for bad in ["", "ab", "a b", "ädä", "a\0b", "a/b", &"x".repeat(33)] {
            assert!(username(bad).is_err(), "{bad:?}");
        }
    }

    /// B11.
    #[test]
    fn nobody_registers_as_a_guest() {
        assert!(new_username("Guest-7").is_err());
        assert_eq!(new_username("guest").unwrap(), "guest");
        assert!(username("guest-1234567890123456789").is_ok());
    }

    /// B6: more than bcrypt can read is refused, not cut.
    #[test]
    fn a_password_of_72_bytes_is_refused() {
        assert!(password(&"x".repeat(71)).is_ok());
        assert!(password(&"x".repeat(72)).is_err());
        // 24 characters of three bytes each are 72 bytes.
        assert!(password(&"好".repeat(24)).is_err());
        assert!(password(&"好".repeat(23)).is_ok());
        assert!(password("1234567").is_err());
        assert!(password("1234\u{0}5678").is_err());
    }

    #[test]
    fn text_that_postgresql_cannot_store_is_refused() {
        assert!(nickname("a\0b").is_err());
        assert!(line("message", "a\nb", 10).is_err());
        assert_eq!(line("message", "  hé ", 2).unwrap(), "hé");
        assert!(line("message", "abc", 2).is_err());
        assert!(nickname("   ").is_err());
    }

    #[test]
    fn an_avatar_is_no_script() {
        assert!(avatar("javascript:alert(1)").is_err());
        assert!(avatar("//evil.example").is_err());
        assert!(avatar("https://example.org/a.png").is_ok());
        assert!(avatar("/avatars/1.png").is_ok());
        assert!(avatar("").is_ok());
    }

    #[test]
    fn contact_data_is_plausible_or_empty() {
        assert!(email("").is_ok() && email("a@b").is_ok());
        assert!(email("a").is_err() && email("@b").is_err() && email("a@b@c").is_err());
        assert!(phone("+49 (30) 123-4").is_ok() && phone("call me").is_err());
    }
}
