//! What can be typed.

mod admin;
mod files;
mod group;
mod keys;
mod settings;

use clap::{Args, Parser, Subcommand, ValueEnum};
use im_client::Preference;
use im_shared::ids::SignInId;

pub(crate) use admin::{Admin, AdminCommand, Limits, LimitsCommand, Passwd, ResetPassword};
pub(crate) use files::{GetFile, SendFile};
pub(crate) use group::{Group, GroupCommand, HistoryRule, Switch};
pub(crate) use keys::{Keys, KeysCommand};
pub(crate) use settings::{
    Askers, Presence, Privacy, PrivacyCommand, Push, PushCommand, Set, SetCommand, Shown, Viewers,
};

/// Chat from a terminal.
#[derive(Parser)]
#[command(name = "im", version, propagate_version = true, after_help = EXAMPLES)]
pub(crate) struct Cli {
    /// Address of the server; by default that of the last login, or http://127.0.0.1:8080
    #[arg(long, global = true, env = "IM_SERVER")]
    pub(crate) server: Option<String>,

    /// Username; by default whoever logged in last
    #[arg(long, short, global = true, env = "IM_USER")]
    pub(crate) user: Option<String>,

    /// Password; asked for when it is needed and not given
    #[arg(
        long,
        short,
        global = true,
        env = "IM_PASSWORD",
        hide_env_values = true
    )]
    pub(crate) password: Option<String>,

    /// How to connect
    #[arg(long, global = true, value_enum, default_value_t = Transport::Auto)]
    pub(crate) transport: Transport,

    /// Tell on standard error what happens inside
    #[arg(long, global = true)]
    pub(crate) verbose: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "Examples:
  im register alice              make an account and log in
  im friends add bob \"hi!\"       ask bob to become friends
  im friends accept alice        (as bob) accept
  im chat bob                    talk; /help shows what else can be typed
  im group create Tea bob        make a group with a friend
  im chat '#Tea'                 talk there; im chat world talks with everybody
  echo hello | im chat bob       send from a script; ends when it is stored
  im --user bob tail             show everything that arrives for bob";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Transport {
    /// WebTransport, and WebSocket where that does not work
    Auto,
    /// WebTransport only
    Webtransport,
    /// WebSocket only
    Websocket,
}

impl From<Transport> for Preference {
    fn from(transport: Transport) -> Self {
        match transport {
            Transport::Auto => Self::Auto,
            Transport::Webtransport => Self::WebTransport,
            Transport::Websocket => Self::WebSocket,
        }
    }
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Make an account and log in
    Register(Register),
    /// Log in on this machine
    Login(Login),
    /// Log out and forget the tokens
    Logout,
    /// Show who is logged in
    Whoami,
    /// Where you are logged in: list, log-out, log-out-others
    Devices(Devices),
    /// Change your password; every other device is logged out
    Passwd(Passwd),
    /// Set a forgotten password by a token from a mail
    ResetPassword(ResetPassword),
    /// Friends: list, search, add, requests, cancel, accept, reject, remove, remark
    Friends(Friends),
    /// Block somebody: neither of you reaches the other
    Block { username: String },
    /// Unblock somebody
    Unblock { username: String },
    /// Show whom you have blocked
    Blocks,
    /// Show or set what others see of you and may do
    Privacy(Privacy),
    /// Come in as a guest, without an account: im chat world
    Guest(Guest),
    /// Make the guest who is logged in a user with a password
    Upgrade(Upgrade),
    /// Groups: create, list, show, members, invite, join, leave and more
    Group(Group),
    /// Talk with somebody, in a group or with everybody
    Chat(Chat),
    /// Send a file or a picture
    SendFile(SendFile),
    /// Save the file of a message
    GetFile(GetFile),
    /// Show everything that arrives
    Tail,
    /// Show the last messages of a conversation
    History(History),
    /// List the conversations
    Conversations,
    /// Find messages by their words
    Search(Search),
    /// Show who has received and read a message of yours
    Receipts(Receipts),
    /// Pin, mute, archive or hide a conversation, or keep a draft
    Set(Set),
    /// Show or set whether others see that you are there
    Presence(Presence),
    /// Pushes to this device while it is not connected
    Push(Push),
    /// (Operators) accounts, their sessions, and what operators did
    Admin(Admin),
    /// (Operators) how often may be asked: show the rules, change them while everything runs
    Limits(Limits),
    /// (Administrators) send a system notification over the bus
    Notify(Notify),
    /// (Administrators) end the sessions of a user over the bus
    Kick(Kick),
    /// (Administrators) the keys that sign tokens: rotate, list, withdraw, prune
    Keys(Keys),
}

#[derive(Args)]
pub(crate) struct Register {
    /// 3 to 32 of a-z, 0-9, _ . -
    pub(crate) username: String,
    /// Shown name; by default the username
    #[arg(long, default_value = "")]
    pub(crate) nickname: String,
}

#[derive(Args)]
pub(crate) struct Login {
    /// By default that of --user
    pub(crate) username: Option<String>,
}

#[derive(Args)]
pub(crate) struct Devices {
    #[command(subcommand)]
    pub(crate) command: Option<DevicesCommand>,
}

#[derive(Subcommand)]
pub(crate) enum DevicesCommand {
    /// Show where you are logged in
    List,
    /// Log one device out, by the number in front of it
    LogOut { id: SignInId },
    /// Log out every device but this one
    LogOutOthers,
}

#[derive(Args)]
pub(crate) struct Friends {
    #[command(subcommand)]
    pub(crate) command: Option<FriendsCommand>,
}

#[derive(Subcommand)]
pub(crate) enum FriendsCommand {
    /// Show all friends
    List,
    /// Find anybody by the username, and people you know by the beginning of their name
    Search { words: String },
    /// Ask somebody to become friends
    Add {
        username: String,
        #[arg(default_value = "")]
        message: String,
    },
    /// Show who asks, and whom you asked
    Requests,
    /// Take an own request back
    Cancel { username: String },
    /// Accept a request
    Accept { username: String },
    /// Decline a request
    Reject { username: String },
    /// End a friendship
    Remove { username: String },
    /// Set what you call a friend; nothing to take it away
    Remark {
        username: String,
        #[arg(default_value = "")]
        text: String,
    },
}

#[derive(Args)]
pub(crate) struct Guest {
    /// Shown name; the server makes one up
    #[arg(default_value = "")]
    pub(crate) nickname: String,
}

#[derive(Args)]
pub(crate) struct Upgrade {
    /// 3 to 32 of a-z, 0-9, _ . -
    pub(crate) username: String,
    /// Shown name; by default it stays
    #[arg(long, default_value = "")]
    pub(crate) nickname: String,
}

const PLACE: &str = "USERNAME, '#GROUP', world, announcements, or an id";

#[derive(Args)]
pub(crate) struct Chat {
    #[arg(help = PLACE)]
    pub(crate) peer: String,
    /// How many earlier messages to show
    #[arg(long, default_value_t = 20)]
    pub(crate) backlog: u64,
    /// In a pipe: take lines that begin with / as commands, and print the number of each message that is stored
    #[arg(long)]
    pub(crate) commands: bool,
}

#[derive(Args)]
pub(crate) struct History {
    #[arg(help = PLACE)]
    pub(crate) peer: String,
    /// How many
    #[arg(long, default_value_t = 50)]
    pub(crate) limit: u32,
}

#[derive(Args)]
pub(crate) struct Search {
    /// All of them are in each message that is found
    #[arg(required = true)]
    pub(crate) words: Vec<String>,
    /// Only in this conversation: USERNAME, '#GROUP' or an id
    #[arg(long = "in", value_name = "PEER")]
    pub(crate) place: Option<String>,
    /// How many
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: u32,
}

#[derive(Args)]
pub(crate) struct Receipts {
    #[arg(help = PLACE)]
    pub(crate) peer: String,
    /// The number of the message
    pub(crate) seq: u64,
}

#[derive(Args)]
pub(crate) struct Kick {
    /// The broker
    #[arg(long, env = "IM_NATS", default_value = "nats://127.0.0.1:14222")]
    pub(crate) nats: String,
    /// The first token of every subject
    #[arg(long, default_value = "im")]
    pub(crate) prefix: String,
    /// Only the sessions of this device
    #[arg(long, default_value = "")]
    pub(crate) device: String,
    /// Whose sessions, by id
    pub(crate) user_id: im_shared::ids::UserId,
    /// What the user is told
    #[arg(default_value = "")]
    pub(crate) message: String,
}

#[derive(Args)]
pub(crate) struct Notify {
    /// The broker
    #[arg(long, env = "IM_NATS", default_value = "nats://127.0.0.1:14222")]
    pub(crate) nats: String,
    /// The first token of every subject
    #[arg(long, default_value = "im")]
    pub(crate) prefix: String,
    /// To these users, by id; 1,000 at most
    #[arg(
        long = "user-id",
        value_name = "ID",
        value_delimiter = ',',
        required_unless_present = "all",
        conflicts_with = "all"
    )]
    pub(crate) user_ids: Vec<im_shared::ids::UserId>,
    /// To everybody
    #[arg(long)]
    pub(crate) all: bool,
    /// Of an earlier try, to repeat it without doubling anything
    #[arg(long)]
    pub(crate) id: Option<uuid::Uuid>,
    /// One line
    pub(crate) title: String,
    /// The rest
    pub(crate) text: String,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    /// An argument of a command that is called like one of all commands would be taken for that, too.
    #[test]
    fn no_argument_of_a_command_is_taken_for_one_of_all_commands() {
        fn check(command: &clap::Command, of_all: &[clap::Id]) {
            for sub in command.get_subcommands() {
                for own in sub.get_arguments() {
                    assert!(!of_all.contains(own.get_id()), "{}: {own}", sub.get_name());
                }
                check(sub, of_all);
            }
        }
        let all = Cli::command();
        let of_all: Vec<_> = all
            .get_arguments()
            .filter(|argument| argument.is_global_set())
            .map(|argument| argument.get_id().clone())
            .collect();
        assert!(of_all.len() >= 5);
        check(&all, &of_all);
    }

    #[test]
    fn options_may_stand_after_the_command() {
        let cli = Cli::try_parse_from([
            "im",
            "chat",
            "bob",
            "--user",
            "alice",
            "--transport",
            "websocket",
        ])
        .unwrap();
        assert_eq!(cli.user.as_deref(), Some("alice"));
        assert_eq!(cli.transport, Transport::Websocket);
        assert!(matches!(cli.command, Command::Chat(chat) if chat.peer == "bob"));
    }

    /// E1: every group command of the issue.
    #[test]
    fn groups_are_led_from_the_command_line() {
        for line in [
            "create Tea ann bob --policy free --history open",
            "list",
            "show Tea",
            "members Tea",
            "rename Tea Coffee",
            "describe Tea at-five",
            "avatar Tea https://example.org/tea.png",
            "policy Tea approval",
            "history Tea closed",
            "invite Tea ann bob",
            "join 123456789012345678 please",
            "requests Tea",
            "accept Tea ann",
            "reject Tea ann",
            "remove Tea ann",
            "leave Tea",
            "transfer Tea ann",
            "dissolve Tea",
            "role Tea ann admin",
            "silence Tea ann 5",
            "silence Tea --all on",
        ] {
            let words = ["im", "group"].into_iter().chain(line.split(' '));
            let cli = Cli::try_parse_from(words);
            assert!(cli.is_ok_and(|cli| cli.user.is_none()), "{line}");
        }
        for line in [
            "silence Tea",
            "silence Tea ann",
            "silence Tea ann 5 --all on",
        ] {
            let words = ["im", "group"].into_iter().chain(line.split(' '));
            assert!(Cli::try_parse_from(words).is_err(), "{line}");
        }
    }

    /// G6: what one sets for oneself.
    #[test]
    fn conversations_are_set_from_the_command_line() {
        for line in [
            "set bob pin",
            "set bob unpin",
            "set #Tea mute 8",
            "set #Tea mute",
            "set #Tea unmute",
            "set bob archive",
            "set bob unarchive",
            "set bob hide",
            "set bob draft hello",
            "search tea five --in #Tea",
            "receipts #Tea 12",
            "devices",
            "devices log-out 7",
            "devices log-out-others",
            "presence invisible",
            "privacy",
            "privacy findable off",
            "privacy requests nobody",
            "privacy last-seen friends",
            "privacy contact friends",
            "block bob",
            "unblock bob",
            "blocks",
            "friends cancel bob",
            "guest Visitor",
            "passwd",
            "passwd --new-password x",
            "reset-password ann",
            "reset-password --token x",
            "admin users",
            "admin users an",
            "admin show ann",
            "admin disable ann spam",
            "admin enable ann sorry",
            "admin sessions ann",
            "admin log-out ann",
            "admin log-out ann 7",
            "admin audit",
            "admin audit ann",
            "limits show",
            "limits set login 10 60",
            "limits reset login",
            "upgrade ann",
            "push subscribe https://push.example/x BKey auth",
            "push unsubscribe",
        ] {
            let words = ["im"].into_iter().chain(line.split(' '));
            assert!(Cli::try_parse_from(words).is_ok(), "{line}");
        }
    }

    /// B14.
    #[test]
    fn keys_are_kept_from_the_command_line() {
        for line in [
            "keys rotate",
            "keys rotate --id 2026-11 --announce 3600 --dir keys",
            "keys --dir keys list",
            "keys withdraw 2026-11",
            "keys prune",
        ] {
            let words = ["im"].into_iter().chain(line.split(' '));
            assert!(Cli::try_parse_from(words).is_ok(), "{line}");
        }
        assert!(Cli::try_parse_from(["im", "keys"]).is_err());
    }

    #[test]
    fn a_notification_needs_a_user_or_all() {
        assert!(Cli::try_parse_from(["im", "notify", "title", "text"]).is_err());
        assert!(
            Cli::try_parse_from(["im", "notify", "--all", "--user-id", "1", "title", "text"])
                .is_err()
        );
        assert!(Cli::try_parse_from(["im", "notify", "--user-id", "7,8", "title", "text"]).is_ok());
    }
}
