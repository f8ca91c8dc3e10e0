//! Which passwords are too easy to guess: what stands in `common_passwords.txt`, what is the user's own name, and what a finger
//! makes by itself. Upper and lower case do not matter, and neither do letters that were replaced by the usual signs.

use std::collections::HashSet;
use std::sync::LazyLock;

use im_shared::wire::Code;

use crate::error::ApiError;
use crate::validate;

/// Our own list, made from common words, names, years and rows of keys; lower case, one in each line, `#` for a remark.
static COMMON: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let lines = include_str!("../common_passwords.txt").lines();
    lines.filter(|line| !line.starts_with('#')).collect()
});

/// So many digits or signs at its end do not make a listed word a password.
const ENDING: usize = 4;

/// Takes a new password of somebody with these names, or says why not.
///
/// # Errors
/// `PasswordInvalid` for one that is too short or too long, `PasswordCommon` for one that is easy to guess.
pub fn judge(password: &str, names: &[&str]) -> Result<(), ApiError> {
    validate::password(password)?;
    if is_easy(password, names) {
        let rule = "is easy to guess: a common password, your name, or a row of characters";
        return Err(ApiError::invalid_as(Code::PasswordCommon, "password", rule));
    }
    Ok(())
}

fn is_easy(password: &str, names: &[&str]) -> bool {
    let lower = password.to_lowercase();
    let plain = unmasked(&lower);
    // A name with nothing but digits and signs around it: `ada.1815!`.
    let bare = |text: &str| {
        let edges = |c: char| !c.is_alphabetic();
        text.trim_matches(edges).to_owned()
    };
    let named = |name: &&str| {
        let name = name.to_lowercase();
        let core = bare(&name);
        name == lower || (!core.is_empty() && (core == bare(&lower) || core == bare(&plain)))
    };
    names.iter().any(named) || is_listed(&lower) || is_row(&lower) || is_repeat(&lower)
}

/// Whether the list has it, or what is left of it without a short ending such as a year.
fn is_listed(lower: &str) -> bool {
    let stem = lower.trim_end_matches(|c: char| !c.is_alphabetic());
    let has = |text: &str| COMMON.contains(text) || COMMON.contains(unmasked(text).as_str());
    has(lower) || (lower.chars().count() - stem.chars().count() <= ENDING && has(stem))
}

/// Signs that stand for letters, turned back.
fn unmasked(lower: &str) -> String {
    let letter = |c: char| match c {
        '@' | '4' => 'a',
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '$' | '5' => 's',
        '7' => 't',
        other => other,
    };
    lower.chars().map(letter).collect()
}

/// Each character is the next one, or each the one before: `12345678`, `hgfedcba`.
fn is_row(text: &str) -> bool {
    let numbers: Vec<u32> = text.chars().map(u32::from).collect();
    let all = |step: i64| {
        let steps = |two: &[u32]| i64::from(two[1]) - i64::from(two[0]) == step;
        numbers.windows(2).all(steps)
    };
    all(1) || all(-1)
}

/// A piece of up to four characters, again and again: `aaaaaaaa`, `abababab`, `12341234`.
fn is_repeat(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    (1..=4).any(|piece| {
        chars.len() > piece
            && chars
                .iter()
                .zip(&chars[piece..])
                .all(|(one, next)| one == next)
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// B6.
    #[test]
    fn what_is_easy_to_guess_is_refused() {
        let names = ["grace.hopper", "Amazing Grace"];
        for easy in [
            "password",
            "PassWord1",
            "P@ssw0rd",
            "qwertyuiop",
            "1q2w3e4r",
            "iloveyou2",
            "welcome2024",
            "12345678",
            "87654321",
            "abcdefgh",
            "zzzzzzzz",
            "abababab",
            "12341234",
            "Grace.Hopper",
            "grace.hopper1906!",
            "gr4ce.h0pper",
            "amazing grace",
        ] {
            let refused = judge(easy, &names).unwrap_err();
            assert_eq!(refused.code(), Code::PasswordCommon, "{easy}");
        }
        for good in [
            "correct horse",
            "correct horse battery",
            "alice-in-wonderland",
            "bob-the-builder",
            "grace hopped along",
            "8#kd0-2hs",
            "好好学习天天向上啊",
        ] {
            judge(good, &["bob", "alice"]).unwrap();
        }
    }

    /// B6: the length is judged first.
    #[test]
    fn a_length_that_is_none_is_told_as_such() {
        for bad in ["pass", &"x".repeat(72)] {
            assert_eq!(judge(bad, &[]).unwrap_err().code(), Code::PasswordInvalid);
        }
    }

    /// A line that could never be found protects nobody.
    #[test]
    fn the_list_holds_only_what_could_be_asked_for() {
        assert!(COMMON.len() > 2_000, "{}", COMMON.len());
        for line in COMMON.iter() {
            let legal = line.len() + ENDING >= *validate::PASSWORD_BYTES.start();
            assert!(legal && line.to_lowercase() == **line, "{line}");
        }
    }
}
