//! The mails that accounts get, in plain text.

use im_shared::tokens::{RESET_TOKEN_LIFE, Reset};

use crate::mail::Mail;
use crate::store::User;

/// Which mail it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Letter {
    /// [`reset`].
    Reset,
    /// [`password_changed`] and [`address_changed`].
    Notice,
}

impl Letter {
    /// As metrics and logs call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Notice => "notice",
        }
    }
}

/// The token that sets a new password once, for whoever forgot it. `page` takes it, or, where that is empty, a terminal.
#[must_use]
pub fn reset(user: &User, reset: &Reset, page: &str) -> Mail {
    let minutes = RESET_TOKEN_LIFE.as_secs() / 60;
    let way = if page.is_empty() {
        format!("    im reset-password --token {}", reset.token)
    } else {
        let joint = if page.contains('?') { '&' } else { '?' };
        format!("    {page}{joint}token={}", reset.token)
    };
    to(
        user,
        "Your password",
        format!(
            "Somebody, probably you, wants to set a new password for {}.\n\nWithin {minutes} minutes it can be set once, with\n\n{way}\n\n\
             All devices are signed out then. If it was not you, there is nothing to do: nobody else has this mail.",
            user.username
        ),
    )
}

/// For the owner of a password that somebody changed.
#[must_use]
pub fn password_changed(user: &User) -> Mail {
    to(
        user,
        "Your password was changed",
        format!(
            "The password of {} is another one now, and all devices were signed out.\n\n\
             If it was not you, somebody else knew your password or reads this mailbox: say at once that you forgot your password, and set a \
             new one.",
            user.username
        ),
    )
}

/// For the mailbox that `user`, as it was before, names; the new one gets nothing.
#[must_use]
pub fn address_changed(user: &User) -> Mail {
    to(
        user,
        "Your mail address was changed",
        format!(
            "The mail address of {} is another one now, or none. This one gets no more mails of it, and resets its password no more.\n\n\
             If it was not you, somebody else knows your password: change it at once, and then the address. If you cannot, turn to whoever \
             runs this server.",
            user.username
        ),
    )
}

fn to(user: &User, subject: &str, text: String) -> Mail {
    Mail {
        to: user.email.clone(),
        subject: subject.to_owned(),
        text,
    }
}
