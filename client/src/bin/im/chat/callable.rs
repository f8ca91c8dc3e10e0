//! Who can be called by name in a talk, and what Tab completes.

use std::collections::BTreeMap;
use std::sync::Arc;

use im_shared::ids::UserId;
use im_shared::wire::limits::MAX_MENTIONS;
use parking_lot::RwLock;

use super::input::COMMANDS;

/// The word that calls everybody.
const ALL: &str = "all";
/// Names that are kept; in larger conversations those of who writes first.
const NAMES: usize = 1_000;

/// The names, shared by the talk, which learns them, and the editor, which completes them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Callable(Arc<RwLock<BTreeMap<String, UserId>>>);

impl Callable {
    /// Somebody can be called so.
    pub(super) fn add(&self, name: &str, user: UserId) {
        let mut names = self.0.write();
        if !name.is_empty() && names.len() < NAMES {
            names.entry(name.to_lowercase()).or_insert(user);
        }
    }

    /// Somebody cannot be called any more.
    pub(super) fn remove(&self, user: UserId) {
        self.0.write().retain(|_, one| *one != user);
    }

    /// Whether `@all` calls everybody, which admins of groups may.
    pub(super) fn allow_all(&self, allowed: bool) {
        if allowed {
            self.0.write().insert(ALL.to_owned(), UserId(0));
        } else {
            self.remove(UserId(0));
        }
    }

    /// Whom a text calls: each `@name` at the beginning of a word; of several names that fit, the longest. Each once, 32 at most.
    pub(super) fn called(&self, text: &str) -> Vec<UserId> {
        let names = self.0.read();
        let text = text.to_lowercase();
        let mut called = Vec::new();
        for (at, _) in text.match_indices('@') {
            if text[..at].ends_with(char::is_alphanumeric) {
                continue;
            }
            let rest = &text[at + 1..];
            let fits = |name: &&String| {
                rest.strip_prefix(name.as_str())
                    .is_some_and(|after| !after.starts_with(char::is_alphanumeric))
            };
            let longest = names.keys().filter(fits).max_by_key(|name| name.len());
            if let Some(user) = longest.and_then(|name| names.get(name))
                && !called.contains(user)
                && called.len() < MAX_MENTIONS
            {
                called.push(*user);
            }
        }
        called
    }

    /// What the word before the cursor, a byte position, may become, and where that word begins.
    pub(crate) fn complete(&self, line: &str, cursor: usize) -> (usize, Vec<String>) {
        let before = &line[..cursor];
        if before.starts_with('/') && !before.contains(' ') {
            let fits = COMMANDS
                .iter()
                .filter(|command| command.starts_with(before));
            return (0, fits.map(|command| (*command).to_owned()).collect());
        }
        let Some(at) = before.rfind('@') else {
            return (cursor, Vec::new());
        };
        if before[..at].ends_with(char::is_alphanumeric) {
            return (cursor, Vec::new());
        }
        let begun = before[at + 1..].to_lowercase();
        let names = self.0.read();
        let fits = names.keys().filter(|name| name.starts_with(&begun));
        (at, fits.map(|name| format!("@{name} ")).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn callable() -> Callable {
        let callable = Callable::default();
        for (name, user) in [("ann", 2), ("anna", 3), ("Big Bob", 4)] {
            callable.add(name, UserId(user));
        }
        callable
    }

    /// D14
    #[test]
    fn names_after_an_at_sign_are_called() {
        let callable = callable();
        let called = |text: &str| {
            let users = callable.called(text);
            users.iter().map(|user| user.0).collect::<Vec<_>>()
        };
        assert_eq!(called("@ann and @Anna, not @ann again"), [2, 3]);
        assert_eq!(called("(@big bob)"), [4]);
        assert_eq!(called("mail ann@anna.example or @annalena"), [0_u64; 0]);
    }

    /// D14: only admins call everybody.
    #[test]
    fn everybody_is_called_by_those_who_may() {
        let callable = callable();
        assert!(callable.called("@all").is_empty());
        callable.allow_all(true);
        assert_eq!(callable.called("@all!"), [UserId(0)]);
        callable.allow_all(false);
        assert!(callable.called("@all").is_empty());
    }

    /// D14
    #[test]
    fn at_most_32_are_called() {
        let callable = Callable::default();
        let mut text = String::new();
        for number in 1..=40 {
            callable.add(&format!("u{number}"), UserId(number));
            text = format!("{text} @u{number}");
        }
        assert_eq!(callable.called(&text).len(), MAX_MENTIONS);
    }

    #[test]
    fn names_and_commands_are_completed() {
        let callable = callable();
        assert_eq!(
            callable.complete("hi @an", 6),
            (3, vec!["@ann ".to_owned(), "@anna ".to_owned()])
        );
        assert_eq!(
            callable.complete("/re", 3),
            (
                0,
                ["/reply ", "/recall ", "/react "]
                    .map(str::to_owned)
                    .to_vec()
            )
        );
        assert_eq!(callable.complete("hi an", 5).1, [""; 0]);
        assert_eq!(callable.complete("a@an", 4).1, [""; 0]);
    }
}
