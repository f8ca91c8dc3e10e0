//! What operators and those who forgot a password can type.

use clap::{Args, Subcommand};
use im_shared::ids::SignInId;

#[derive(Args)]
pub(crate) struct Passwd {
    /// Asked for when it is not given; the old one is that of --password
    #[arg(long, env = "IM_NEW_PASSWORD", hide_env_values = true)]
    pub(crate) new_password: Option<String>,
}

#[derive(Args)]
pub(crate) struct ResetPassword {
    /// Whose; by default that of --user
    pub(crate) username: Option<String>,
    /// The token of the mail; without it, one is mailed
    #[arg(long)]
    pub(crate) token: Option<String>,
    /// Asked for when it is not given
    #[arg(long, env = "IM_NEW_PASSWORD", hide_env_values = true)]
    pub(crate) new_password: Option<String>,
}

#[derive(Args)]
pub(crate) struct Admin {
    #[command(subcommand)]
    pub(crate) command: AdminCommand,
}

/// None is called `user`: that is who one is oneself, of every command.
#[derive(Subcommand)]
pub(crate) enum AdminCommand {
    /// List accounts
    Users {
        /// How the username begins, or a whole id or mail address
        #[arg(default_value = "")]
        text: String,
    },
    /// Show an account with its contact data
    Show {
        /// Username or id
        #[arg(value_name = "USER")]
        account: String,
    },
    /// Disable an account and log it out everywhere
    Disable {
        /// Username or id
        #[arg(value_name = "USER")]
        account: String,
        /// Why; it is noted
        reason: String,
    },
    /// Let an account log in again
    Enable {
        /// Username or id
        #[arg(value_name = "USER")]
        account: String,
        /// Why; it is noted
        reason: String,
    },
    /// Show where an account is logged in
    Sessions {
        /// Username or id
        #[arg(value_name = "USER")]
        account: String,
    },
    /// Log an account out
    LogOut {
        /// Username or id
        #[arg(value_name = "USER")]
        account: String,
        /// One session only, as `sessions` shows it
        session: Option<SignInId>,
    },
    /// Show what operators did
    Audit {
        /// Only about this account: username or id
        #[arg(value_name = "USER")]
        account: Option<String>,
    },
}

#[derive(Args)]
pub(crate) struct Limits {
    #[command(subcommand)]
    pub(crate) command: LimitsCommand,
}

#[derive(Subcommand)]
pub(crate) enum LimitsCommand {
    /// Show the rules
    Show,
    /// Change how fast a rule is, on every node within a second
    Set {
        /// Which rule, as `show` names it
        name: String,
        /// Requests at once, 1 to 10000
        burst: u32,
        /// So many come again in each period of so many seconds, evenly; 1 to 86400
        period: u32,
    },
    /// Let a rule be as the configuration has it
    Reset {
        /// Which rule, as `show` names it
        name: String,
    },
}
