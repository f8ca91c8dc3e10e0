//! The commands of groups.

use clap::{Args, Subcommand, ValueEnum};
use im_client::api::{Policy, Role};

/// Half a million minutes: a year.
const YEAR: i64 = 366 * 24 * 60;

#[derive(Args)]
pub(crate) struct Group {
    #[command(subcommand)]
    pub(crate) command: Option<GroupCommand>,
}

/// A group is named by its name, if one has only one such group, or by its id. Nothing here is called `user`: that is the global `--user`.
#[derive(Subcommand)]
pub(crate) enum GroupCommand {
    /// Make a group with friends
    Create {
        name: String,
        /// Friends, who become members at once
        users: Vec<String>,
        /// How others become members
        #[arg(long, value_enum, default_value_t = JoinRule::Invite)]
        policy: JoinRule,
        /// Whether new members read what was before them
        #[arg(long, value_enum, default_value_t = HistoryRule::Closed)]
        history: HistoryRule,
        /// What it is about
        #[arg(long, default_value = "")]
        description: String,
    },
    /// Show all groups
    List,
    /// Show what a group is
    Show { group: String },
    /// Show who is in a group
    Members { group: String },
    /// Give a group another name
    Rename { group: String, name: String },
    /// Say what a group is about; nothing to take it away
    Describe {
        group: String,
        #[arg(default_value = "")]
        text: String,
    },
    /// Give a group a picture by its address; nothing to take it away
    Avatar {
        group: String,
        #[arg(default_value = "")]
        address: String,
    },
    /// Say how one becomes a member
    Policy {
        group: String,
        #[arg(value_enum)]
        policy: JoinRule,
    },
    /// Say whether new members read what was before them
    History {
        group: String,
        #[arg(value_enum)]
        rule: HistoryRule,
    },
    /// Make friends members, or ask an admin to
    Invite {
        group: String,
        #[arg(required = true)]
        users: Vec<String>,
    },
    /// Become a member, or ask an admin for it
    Join {
        /// The id: the name of a group that is not yours says nothing
        group: String,
        /// For the admins
        #[arg(default_value = "")]
        message: String,
    },
    /// Show who wants to join
    Requests { group: String },
    /// Let somebody in who wants to join
    Accept { group: String, member: String },
    /// Do not let somebody in
    Reject { group: String, member: String },
    /// Make a member go
    Remove { group: String, member: String },
    /// Go
    Leave { group: String },
    /// Give the group to a member
    Transfer { group: String, member: String },
    /// End the group
    Dissolve { group: String },
    /// Make a member an admin, or an admin a member
    Role {
        group: String,
        member: String,
        #[arg(value_enum)]
        role: GivenRole,
    },
    /// Take the voice of a member for some minutes (0 gives it back), or of all but the admins
    Silence {
        group: String,
        #[arg(required_unless_present = "all", requires = "minutes")]
        member: Option<String>,
        #[arg(value_parser = clap::value_parser!(i64).range(0..=YEAR))]
        minutes: Option<i64>,
        #[arg(long, value_enum, conflicts_with_all = ["member", "minutes"])]
        all: Option<Switch>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum JoinRule {
    /// By oneself
    Free,
    /// By oneself, once an admin agrees
    Approval,
    /// By invitation only
    Invite,
}

impl From<JoinRule> for Policy {
    fn from(rule: JoinRule) -> Self {
        match rule {
            JoinRule::Free => Self::Free,
            JoinRule::Approval => Self::Approval,
            JoinRule::Invite => Self::Invite,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum HistoryRule {
    /// New members read what was before them
    Open,
    /// New members read only what comes after them
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    On,
    Off,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GivenRole {
    Admin,
    Member,
}

impl From<GivenRole> for Role {
    fn from(role: GivenRole) -> Self {
        match role {
            GivenRole::Admin => Self::Admin,
            GivenRole::Member => Self::Member,
        }
    }
}
