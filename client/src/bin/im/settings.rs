//! What one sets for oneself: in a conversation, about one's presence, about pushes. Over REST: no session is replaced.

use im_client::api::{Settings, Visibility};

use crate::cli::{PushCommand, Set, SetCommand, Shown};
use crate::context::Context;
use crate::error::Error;
use crate::place::Place;
use crate::show::{Show, now};

/// The last millisecond of the year 9999: for good.
const FOR_GOOD: i64 = 253_402_300_799_999;

pub(crate) async fn set(context: &Context, command: Set) -> Result<(), Error> {
    let me = context.me().await?;
    let place = Place::find(&me.api, &command.peer).await?;
    let id = place.open(&me.api).await?;
    let (settings, done) = wish(&context.show, command.command, now());
    me.api.set_conversation(id, &settings).await?;
    println!("{}: {done}.", place.title);
    Ok(())
}

/// What to set, and how to say that it is set. Pure.
fn wish(show: &Show, command: SetCommand, now: i64) -> (Settings, String) {
    let unchanged = Settings::default();
    let (settings, done) = match command {
        SetCommand::Pin => (
            Settings {
                pinned: Some(true),
                ..unchanged
            },
            "pinned",
        ),
        SetCommand::Unpin => (
            Settings {
                pinned: Some(false),
                ..unchanged
            },
            "not pinned",
        ),
        SetCommand::Mute { hours: Some(hours) } => {
            let until = now
                .saturating_add(hours.saturating_mul(3_600_000))
                .min(FOR_GOOD);
            let settings = Settings {
                muted_until: Some(until),
                ..unchanged
            };
            return (settings, format!("muted until {}", show.time(until)));
        }
        SetCommand::Mute { hours: None } => (
            Settings {
                muted_until: Some(FOR_GOOD),
                ..unchanged
            },
            "muted",
        ),
        SetCommand::Unmute => (
            Settings {
                muted_until: Some(0),
                ..unchanged
            },
            "not muted",
        ),
        SetCommand::Archive => (
            Settings {
                archived: Some(true),
                ..unchanged
            },
            "archived",
        ),
        SetCommand::Unarchive => (
            Settings {
                archived: Some(false),
                ..unchanged
            },
            "not archived",
        ),
        SetCommand::Hide => (
            Settings {
                hidden: Some(true),
                ..unchanged
            },
            "hidden until something comes",
        ),
        SetCommand::Draft { text } => {
            let done = if text.is_empty() {
                "no draft"
            } else {
                "the draft is kept"
            };
            (
                Settings {
                    draft: Some(text),
                    ..unchanged
                },
                done,
            )
        }
    };
    (settings, done.to_owned())
}

pub(crate) async fn presence(context: &Context, shown: Option<Shown>) -> Result<(), Error> {
    let me = context.me().await?;
    let visibility = match shown {
        None => me.api.visibility().await?,
        Some(shown) => {
            let visibility = match shown {
                Shown::Visible => Visibility::Visible,
                Shown::Invisible => Visibility::Invisible,
            };
            me.api.set_visibility(visibility).await?;
            visibility
        }
    };
    println!(
        "{}",
        match visibility {
            Visibility::Visible => "Friends see whether you are there.",
            Visibility::Invisible => "You are offline to everybody.",
        }
    );
    Ok(())
}

pub(crate) async fn push(context: &Context, command: PushCommand) -> Result<(), Error> {
    let me = context.me().await?;
    match command {
        PushCommand::Subscribe {
            endpoint,
            p256dh,
            auth,
        } => {
            me.api
                .subscribe_to_pushes(&endpoint, &p256dh, &auth)
                .await?;
            println!("This device takes pushes while it is not connected.");
        }
        PushCommand::Unsubscribe => {
            me.api.unsubscribe_from_pushes().await?;
            println!("No more pushes to this device.");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mute_lasts_hours_or_for_good() {
        let muted = |hours| wish(&Show::plain(), SetCommand::Mute { hours }, 0);
        let (settings, done) = muted(Some(2));
        assert_eq!(settings.muted_until, Some(7_200_000));
        assert_eq!(done, "muted until 1970-01-01 02:00");
        assert_eq!(muted(None).0.muted_until, Some(FOR_GOOD));
    }

    /// G6: one thing is set, and the others stay.
    #[test]
    fn only_what_is_meant_is_set() {
        let (settings, done) = wish(&Show::plain(), SetCommand::Unpin, 0);
        let only_pinned = Settings {
            pinned: Some(false),
            ..Settings::default()
        };
        assert_eq!((settings, done.as_str()), (only_pinned, "not pinned"));
    }
}
