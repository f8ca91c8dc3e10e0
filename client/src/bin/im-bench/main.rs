//! `im-bench`: load for a cluster on this machine. Each subcommand prints one JSON object on standard output and tells its
//! progress on standard error; `scripts/bench.sh` puts the objects together.
//!
//! Latencies are counted from the intended time of each operation and not from the time it really began, so a stall counts
//! for all that it delayed (no coordinated omission).

mod api;
mod burst;
mod cli;
mod connect;
mod crowd;
mod database;
mod group;
mod guard;
mod histogram;
mod idle;
mod list;
mod listener;
mod logic;
mod missed;
mod node;
mod people;
mod population;
mod process;
mod rate;
mod saturate;
mod seeded;
mod session;
mod talker;
mod wire;

use std::process::ExitCode;

use clap::Parser as _;

use cli::{Cli, Command};

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli).await {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("im-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<serde_json::Value> {
    match cli.command {
        Command::Prepare(command) => population::run(command).await,
        Command::Logic(command) => logic::run(command).await,
        Command::Saturate(command) => saturate::run(command).await,
        Command::Rate(command) => rate::run(command).await,
        Command::Idle(command) => idle::run(command).await,
        Command::Connect(command) => connect::run(command).await,
        Command::Api(command) => api::run(command).await,
        Command::Group(command) => group::run(command).await,
        Command::List(command) => list::run(command).await,
        Command::Sync(command) => missed::run(command).await,
    }
}
