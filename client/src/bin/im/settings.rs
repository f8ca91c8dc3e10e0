//! What one sets for oneself: in a conversation, about one's presence, about pushes. Over REST: no session is replaced.

use im_client::api::{Askers, PrivacyChange, Settings, Viewers, Visibility};

use crate::cli::{self, PrivacyCommand, PushCommand, Set, SetCommand, Shown, Switch};
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

pub(crate) async fn privacy(
    context: &Context,
    command: Option<PrivacyCommand>,
) -> Result<(), Error> {
    let me = context.me().await?;
    let privacy = match command {
        None => me.api.privacy().await?,
        Some(command) => me.api.set_privacy(&privacy_wish(command)).await?,
    };
    let who = |viewers| match viewers {
        Viewers::Friends => "friends",
        Viewers::Nobody => "nobody",
    };
    let findable = if privacy.findable { "on" } else { "off" };
    let requests = match privacy.friend_requests {
        Askers::Everybody => "everybody",
        Askers::Nobody => "nobody",
    };
    println!("findable   {findable}");
    println!("requests   {requests}");
    println!("last-seen  {}", who(privacy.last_seen));
    println!("contact    {}", who(privacy.contact));
    Ok(())
}

fn privacy_wish(command: PrivacyCommand) -> PrivacyChange {
    let viewers = |who| match who {
        cli::Viewers::Friends => Viewers::Friends,
        cli::Viewers::Nobody => Viewers::Nobody,
    };
    let mut change = PrivacyChange::default();
    match command {
        PrivacyCommand::Findable { switch } => change.findable = Some(switch == Switch::On),
        PrivacyCommand::Requests { who } => {
            change.friend_requests = Some(match who {
                cli::Askers::Everybody => Askers::Everybody,
                cli::Askers::Nobody => Askers::Nobody,
            });
        }
        PrivacyCommand::LastSeen { who } => change.last_seen = Some(viewers(who)),
        PrivacyCommand::Contact { who } => change.contact = Some(viewers(who)),
    }
    change
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
