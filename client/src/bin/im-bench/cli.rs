//! What can be typed. Every count, rate and time has an upper bound.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::process::NamedProcess;

/// Load generator for a cluster on this machine.
#[derive(Parser)]
#[command(name = "im-bench", version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Make users and friendships, straight in PostgreSQL
    Prepare(Prepare),
    /// Logic alone: carriers in, acknowledgements and pushes out, as a synthetic access node
    Logic(Logic),
    /// End to end, closed loop: as much as goes through
    Saturate(Saturate),
    /// End to end, open loop: latency at a given rate
    Rate(Rate),
    /// Memory of idle sessions
    Idle(Idle),
    /// Connect to authenticated, open loop
    Connect(Connect),
    /// REST, open loop, with logins beside it
    Api(Api),
    /// A message to a large group beside private ones
    Group(Group),
    /// The list of many conversations
    List(List),
    /// A device that missed much
    Sync(Sync),
}

#[derive(Args)]
pub(crate) struct Guard {
    /// Allow addresses that are not on this machine
    #[arg(long)]
    pub(crate) allow_remote: bool,
}

/// Whose CPU time counts.
#[derive(Args)]
pub(crate) struct Processes {
    /// NAME=PID of a server process, its children included; repeat
    #[arg(long = "pid", value_name = "NAME=PID")]
    pub(crate) pids: Vec<NamedProcess>,
}

/// How to act for the prepared users.
#[derive(Args)]
pub(crate) struct Web {
    /// Address of the web node
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    pub(crate) server: String,
    /// The key with which web signs tokens (PEM; the file's stem is the key id)
    #[arg(long, value_name = "FILE")]
    pub(crate) signing_key: PathBuf,
    #[command(flatten)]
    pub(crate) guard: Guard,
}

#[derive(Args)]
pub(crate) struct Window {
    /// Seconds before anything counts
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(0..=120))]
    pub(crate) warm_up: u64,
    /// Seconds that count
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(crate) seconds: u64,
}

#[derive(Args)]
pub(crate) struct Prepare {
    /// How many
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u64).range(2..=50_000))]
    pub(crate) users: u64,
    /// Friends of each on either side of a row
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=50))]
    pub(crate) degree: u64,
    /// PostgreSQL, as `postgres://user:password@127.0.0.1:15432/im`
    #[arg(long, env = "IM_BENCH_POSTGRES", hide_env_values = true)]
    pub(crate) postgres: String,
    #[command(flatten)]
    pub(crate) guard: Guard,
}

#[derive(Args)]
pub(crate) struct Logic {
    /// Conversations with a request in flight, one sender each
    #[arg(long, default_value_t = 4_000, value_parser = clap::value_parser!(u64).range(2..=20_000))]
    pub(crate) users: u64,
    /// In one request
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=64))]
    pub(crate) messages_per_request: u64,
    /// Frames in one carrier, at most
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u64).range(1..=512))]
    pub(crate) carrier: u64,
    #[arg(
        long,
        env = "IM_BENCH_NATS",
        default_value = "nats://127.0.0.1:14222",
        hide_env_values = true
    )]
    pub(crate) nats: String,
    #[arg(
        long,
        env = "IM_BENCH_REDIS",
        default_value = "redis://127.0.0.1:16379",
        hide_env_values = true
    )]
    pub(crate) redis: String,
    /// The first part of every subject and key
    #[arg(long, default_value = "im")]
    pub(crate) prefix: String,
    #[command(flatten)]
    pub(crate) window: Window,
    #[command(flatten)]
    pub(crate) processes: Processes,
    #[command(flatten)]
    pub(crate) guard: Guard,
}

#[derive(Args)]
pub(crate) struct Saturate {
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u64).range(2..=20_000))]
    pub(crate) sessions: u64,
    /// Conversations in which each session sends, one request in flight in each; up to the degree of `prepare`
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=100))]
    pub(crate) conversations: u64,
    /// In one request
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=64))]
    pub(crate) messages_per_request: u64,
    #[command(flatten)]
    pub(crate) window: Window,
    #[command(flatten)]
    pub(crate) web: Web,
    #[command(flatten)]
    pub(crate) processes: Processes,
}

#[derive(Args)]
pub(crate) struct Rate {
    /// Messages per second in all
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub(crate) rate: u64,
    /// Users; neighbours are on different nodes
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u64).range(2..=20_000))]
    pub(crate) users: u64,
    #[command(flatten)]
    pub(crate) window: Window,
    #[command(flatten)]
    pub(crate) web: Web,
    #[command(flatten)]
    pub(crate) processes: Processes,
}

#[derive(Args)]
pub(crate) struct Idle {
    /// Sessions at which memory is read; the slope is between the first and the last
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 5_000],
          value_parser = clap::value_parser!(u64).range(1..=50_000))]
    pub(crate) steps: Vec<u64>,
    /// Sessions opened per second
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=2_000))]
    pub(crate) pace: u64,
    /// Seconds of rest before memory is read
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(0..=600))]
    pub(crate) settle: u64,
    #[command(flatten)]
    pub(crate) web: Web,
    #[command(flatten)]
    pub(crate) processes: Processes,
}

#[derive(Args)]
pub(crate) struct Connect {
    /// Connects per second
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..=2_000))]
    pub(crate) rate: u64,
    /// Users that take turns
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(2..=50_000))]
    pub(crate) users: u64,
    #[command(flatten)]
    pub(crate) window: Window,
    #[command(flatten)]
    pub(crate) web: Web,
    #[command(flatten)]
    pub(crate) processes: Processes,
}

/// What is asked over REST.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Mix {
    /// The own profile and the friends
    Profile,
    /// What a client asks when it starts and while it is used
    All,
}

#[derive(Args)]
pub(crate) struct Api {
    #[arg(long, value_enum, default_value = "all")]
    pub(crate) mix: Mix,
    /// Requests per second
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..=5_000))]
    pub(crate) rate: u64,
    /// Users that take turns
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u64).range(2..=50_000))]
    pub(crate) users: u64,
    /// Logins per second beside it, of an account that is made for it
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=1_000))]
    pub(crate) logins_per_second: u64,
    /// Logins at the same moment, in the middle of the window; who is told to come later does. Instead of logins per second
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=5_000), conflicts_with = "logins_per_second")]
    pub(crate) login_burst: u64,
    /// Instead of a rate: so many requests as fast as they go, and the memory afterwards
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=10_000_000))]
    pub(crate) requests: u64,
    #[command(flatten)]
    pub(crate) window: Window,
    #[command(flatten)]
    pub(crate) web: Web,
    #[command(flatten)]
    pub(crate) processes: Processes,
}

#[derive(Args)]
pub(crate) struct Group {
    /// Members of the group
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(3..=10_000))]
    pub(crate) members: u64,
    /// Of these with a session, the sender included; neighbours are on different nodes
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(2..=10_000))]
    pub(crate) online: u64,
    /// Messages per second to the group; two others write each other about as many
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=200))]
    pub(crate) rate: u64,
    /// PostgreSQL, where most members are put straight, and which counts what is written
    #[arg(long, env = "IM_BENCH_POSTGRES", hide_env_values = true)]
    pub(crate) postgres: String,
    #[command(flatten)]
    pub(crate) window: Window,
    #[command(flatten)]
    pub(crate) web: Web,
    #[command(flatten)]
    pub(crate) processes: Processes,
}

/// What of the list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Asked {
    /// The first page of a sync, over a session
    Sync,
    /// The first page over REST
    Api,
    /// Both, and all pages of a sync
    All,
}

#[derive(Args)]
pub(crate) struct List {
    /// Conversations of the user, a fifth of them groups
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(10..=5_000))]
    pub(crate) conversations: u64,
    /// Calls of each kind, one after the other
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub(crate) calls: u64,
    /// Calls per second at most; a session may send 20 frames per second
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    pub(crate) pace: u64,
    #[arg(long, value_enum, default_value = "all")]
    pub(crate) asked: Asked,
    /// PostgreSQL, where the conversations are put straight; without it they have to be there
    #[arg(long, env = "IM_BENCH_POSTGRES", hide_env_values = true)]
    pub(crate) postgres: Option<String>,
    #[command(flatten)]
    pub(crate) web: Web,
}

#[derive(Args)]
pub(crate) struct Sync {
    /// Conversations of the user
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=5_000))]
    pub(crate) conversations: u64,
    /// Messages that were missed in each
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    pub(crate) missed: u64,
    /// How often the device comes back
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=100))]
    pub(crate) times: u64,
    /// Ops address of a logic node, as `http://127.0.0.1:9091`, where requests are counted; repeat
    #[arg(long = "ops", value_name = "URL")]
    pub(crate) ops: Vec<String>,
    /// PostgreSQL, where the conversations are put straight
    #[arg(long, env = "IM_BENCH_POSTGRES", hide_env_values = true)]
    pub(crate) postgres: String,
    #[command(flatten)]
    pub(crate) web: Web,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn counts_are_bounded() {
        let parse = |sessions| {
            Cli::try_parse_from([
                "im-bench",
                "saturate",
                "--signing-key",
                "k.pem",
                "--sessions",
                sessions,
            ])
        };
        assert!(parse("500").is_ok());
        assert!(parse("1000000").is_err());
    }
}
