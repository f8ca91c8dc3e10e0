//! The commands for what one sets for oneself.

use clap::{Args, Subcommand, ValueEnum};

use super::Switch;

#[derive(Args)]
pub(crate) struct Set {
    #[arg(help = super::PLACE)]
    pub(crate) peer: String,
    #[command(subcommand)]
    pub(crate) command: SetCommand,
}

#[derive(Debug, PartialEq, Eq, Subcommand)]
pub(crate) enum SetCommand {
    /// Keep it at the top of the list
    Pin,
    /// Not at the top any more
    Unpin,
    /// Nothing notifies, for some hours or for good
    Mute {
        #[arg(value_parser = clap::value_parser!(i64).range(1..=87_600))]
        hours: Option<i64>,
    },
    /// Notify again
    Unmute,
    /// Put it away
    Archive,
    /// Bring it back
    Unarchive,
    /// Do not show it until something comes
    Hide,
    /// Keep what you are writing; nothing to take it away
    Draft {
        #[arg(default_value = "")]
        text: String,
    },
}

#[derive(Args)]
pub(crate) struct Presence {
    /// Nothing: show how it is
    #[arg(value_enum)]
    pub(crate) shown: Option<Shown>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shown {
    /// Friends see whether you are there
    Visible,
    /// You are offline to everybody
    Invisible,
}

#[derive(Args)]
pub(crate) struct Privacy {
    /// Nothing: show how it is
    #[command(subcommand)]
    pub(crate) command: Option<PrivacyCommand>,
}

#[derive(Subcommand)]
pub(crate) enum PrivacyCommand {
    /// Whether strangers find you by your exact username
    Findable {
        #[arg(value_enum)]
        switch: Switch,
    },
    /// Who may ask you to become friends
    Requests {
        #[arg(value_enum)]
        who: Askers,
    },
    /// Who sees when you were last here
    LastSeen {
        #[arg(value_enum)]
        who: Viewers,
    },
    /// Who sees your telephone number and mail address
    Contact {
        #[arg(value_enum)]
        who: Viewers,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Askers {
    /// Everybody whom you have not blocked
    Everybody,
    /// Nobody
    Nobody,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Viewers {
    /// Your friends
    Friends,
    /// Nobody else
    Nobody,
}

#[derive(Args)]
pub(crate) struct Push {
    #[command(subcommand)]
    pub(crate) command: PushCommand,
}

#[derive(Subcommand)]
pub(crate) enum PushCommand {
    /// Take pushes at a push service (Web Push), for this device
    Subscribe {
        /// Its https address
        endpoint: String,
        /// The receiver's public key, base64url
        p256dh: String,
        /// The receiver's secret, base64url
        auth: String,
    },
    /// No more pushes to this device
    Unsubscribe,
}
