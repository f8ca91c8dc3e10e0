//! The face and the rules of a group: what is legal, and what an update changes.

use im_shared::content::GroupEvent;
use im_shared::wire::{Code, GroupUpdate, JoinPolicy};

/// Characters of a name.
const NAME: usize = 64;
/// Bytes of a description.
const DESCRIPTION: usize = 1_024;
/// Bytes of the address of a picture.
const AVATAR: usize = 512;
/// Bytes of what is said to the admins with a request to join.
const REQUEST: usize = 1_024;

/// What everybody sees of a group, and its rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Face {
    /// The shown name.
    pub name: String,
    /// The address of the picture, or empty.
    pub avatar: String,
    /// What it is about, or empty.
    pub description: String,
    /// How one becomes a member.
    pub join_policy: JoinPolicy,
    /// New members read what was before them.
    pub history_open: bool,
    /// Only admins and the owner write.
    pub silenced: bool,
}

impl Face {
    /// What stands in the first entry of a group with this face.
    #[must_use]
    pub fn created(&self) -> GroupEvent {
        let given = |text: &String| (!text.is_empty()).then(|| text.clone());
        GroupEvent {
            created: true,
            name: given(&self.name),
            avatar: given(&self.avatar),
            description: given(&self.description),
            join_policy: Some(policy_name(self.join_policy).to_owned()),
            history_open: self.history_open.then_some(true),
            silenced: self.silenced.then_some(true),
        }
    }

    /// The face after `update`, and what differs; none when nothing does.
    #[must_use]
    pub fn updated(&self, update: &GroupUpdate) -> Option<(Self, GroupEvent)> {
        let next = Self {
            name: update.name.clone().unwrap_or_else(|| self.name.clone()),
            avatar: update.avatar.clone().unwrap_or_else(|| self.avatar.clone()),
            description: update
                .description
                .clone()
                .unwrap_or_else(|| self.description.clone()),
            join_policy: update.join_policy.unwrap_or(self.join_policy),
            history_open: update.history_open.unwrap_or(self.history_open),
            silenced: update.silenced.unwrap_or(self.silenced),
        };
        let changed = |old: &String, new: &String| (old != new).then(|| new.clone());
        let flipped = |old: bool, new: bool| (old != new).then_some(new);
        let event = GroupEvent {
            created: false,
            name: changed(&self.name, &next.name),
            avatar: changed(&self.avatar, &next.avatar),
            description: changed(&self.description, &next.description),
            join_policy: (self.join_policy != next.join_policy)
                .then(|| policy_name(next.join_policy).to_owned()),
            history_open: flipped(self.history_open, next.history_open),
            silenced: flipped(self.silenced, next.silenced),
        };
        (event != GroupEvent::default()).then_some((next, event))
    }
}

/// Whether `event` can be what `update` came to: it holds nothing else than what was asked for.
pub(super) fn is_of(event: &GroupEvent, update: &GroupUpdate) -> bool {
    fn within<T: PartialEq>(done: Option<&T>, asked: Option<&T>) -> bool {
        done.is_none() || done == asked
    }
    let policy = update
        .join_policy
        .map(|policy| policy_name(policy).to_owned());
    !event.created
        && within(event.name.as_ref(), update.name.as_ref())
        && within(event.avatar.as_ref(), update.avatar.as_ref())
        && within(event.description.as_ref(), update.description.as_ref())
        && within(event.join_policy.as_ref(), policy.as_ref())
        && within(event.history_open.as_ref(), update.history_open.as_ref())
        && within(event.silenced.as_ref(), update.silenced.as_ref())
}

/// 1 to 64 characters that show something, none of them a control character.
///
/// # Errors
///
/// `GroupNameInvalid`.
pub fn check_name(name: &str) -> Result<(), Code> {
    let is_legal = !name.trim().is_empty()
        && name.chars().count() <= NAME
        && !name.chars().any(char::is_control);
    is_legal.then_some(()).ok_or(Code::GroupNameInvalid)
}

/// At most 1,024 bytes, in which lines and tabs are the only control characters.
///
/// # Errors
///
/// `TextTooLong`, `TextInvalid`.
pub fn check_description(description: &str) -> Result<(), Code> {
    check_text(description, DESCRIPTION)
}

/// As a description.
///
/// # Errors
///
/// `TextTooLong`, `TextInvalid`.
pub fn check_request(message: &str) -> Result<(), Code> {
    check_text(message, REQUEST)
}

fn check_text(text: &str, longest: usize) -> Result<(), Code> {
    if text.len() > longest {
        return Err(Code::TextTooLong);
    }
    if text
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\t'))
    {
        return Err(Code::TextInvalid);
    }
    Ok(())
}

/// Empty, an `https` address or a path on our own host: at most 512 bytes without space. Other schemes run code or follow people, and
/// two slashes are another host.
///
/// # Errors
///
/// `InvalidArgument`.
pub fn check_avatar(avatar: &str) -> Result<(), Code> {
    let is_address = avatar.len() > "https://".len() && avatar.starts_with("https://");
    let is_path = avatar.starts_with('/') && !avatar.starts_with("//");
    let is_legal = avatar.len() <= AVATAR
        && (avatar.is_empty() || is_address || is_path)
        && !avatar
            .chars()
            .any(|c| c.is_control() || c.is_whitespace() || c == '\\');
    is_legal.then_some(()).ok_or(Code::InvalidArgument)
}

/// One of the three.
///
/// # Errors
///
/// `InvalidArgument`.
pub fn check_policy(policy: JoinPolicy) -> Result<(), Code> {
    match policy {
        JoinPolicy::Free | JoinPolicy::Approval | JoinPolicy::Invite => Ok(()),
        _ => Err(Code::InvalidArgument),
    }
}

/// As it stands in an entry.
fn policy_name(policy: JoinPolicy) -> &'static str {
    match policy {
        JoinPolicy::Free => "free",
        JoinPolicy::Approval => "approval",
        _ => "invite",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use im_shared::content::Content;

    use super::*;

    fn face() -> Face {
        Face {
            name: "Tea".to_owned(),
            avatar: String::new(),
            description: String::new(),
            join_policy: JoinPolicy::Invite,
            history_open: false,
            silenced: false,
        }
    }

    /// [G2]
    #[test]
    fn a_name_is_counted_in_characters_and_shows_something() {
        for name in ["a", &"茶".repeat(64), "two words", "👩‍🚀"] {
            assert_eq!(check_name(name), Ok(()), "{name:?}");
        }
        for name in [
            "",
            "  ",
            "\u{3000}",
            &"茶".repeat(65),
            "a\nb",
            "a\0",
            "\u{7f}x",
        ] {
            assert_eq!(check_name(name), Err(Code::GroupNameInvalid), "{name:?}");
        }
    }

    /// [G2]
    #[test]
    fn a_picture_is_an_https_address_or_a_path_of_ours() {
        for avatar in ["", "https://example.org/a.png", "/files/7"] {
            assert_eq!(check_avatar(avatar), Ok(()), "{avatar:?}");
        }
        let long = format!("/{}", "a".repeat(512));
        let bad = [
            "http://example.org/a.png",
            "javascript:alert(1)",
            "data:image/png;base64,x",
            "//example.org/a.png",
            "https://",
            "/a b",
            "/\\example.org",
            "a.png",
            &long,
        ];
        for avatar in bad {
            assert_eq!(
                check_avatar(avatar),
                Err(Code::InvalidArgument),
                "{avatar:?}"
            );
        }
    }

    /// [G2]
    #[test]
    fn a_description_has_lines_and_no_other_control_characters() {
        assert_eq!(check_description(&"a".repeat(1_024)), Ok(()));
        assert_eq!(check_description("one\n\ttwo"), Ok(()));
        assert_eq!(
            check_description(&"a".repeat(1_025)),
            Err(Code::TextTooLong)
        );
        assert_eq!(check_description("a\0b"), Err(Code::TextInvalid));
        assert_eq!(check_request(&"a".repeat(1_025)), Err(Code::TextTooLong));
    }

    /// [G6], D14: an entry says what changed and nothing else.
    #[test]
    fn an_update_tells_only_what_differs() {
        let same = GroupUpdate {
            name: Some("Tea".to_owned()),
            silenced: Some(false),
            ..GroupUpdate::default()
        };
        assert_eq!(face().updated(&same), None);
        let update = GroupUpdate {
            name: Some("Coffee".to_owned()),
            description: Some(String::new()),
            join_policy: Some(JoinPolicy::Free),
            silenced: Some(true),
            ..GroupUpdate::default()
        };
        let (next, event) = face().updated(&update).unwrap();
        assert_eq!(
            event.to_json(),
            r#"{"name":"Coffee","joinPolicy":"free","silenced":true}"#
        );
        assert_eq!(
            (&*next.name, next.join_policy, next.silenced),
            ("Coffee", JoinPolicy::Free, true)
        );
        assert!(is_of(&event, &update));
        assert!(!is_of(&event, &same));
    }

    /// [G1]
    #[test]
    fn the_first_entry_tells_the_whole_face() {
        assert_eq!(
            face().created().to_json(),
            r#"{"created":true,"name":"Tea","joinPolicy":"invite"}"#
        );
    }
}
