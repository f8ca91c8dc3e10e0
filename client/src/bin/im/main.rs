//! `im`: chat from a terminal.
//!
//! Exit codes: 0 done; 1 refused or failed; 2 wrong usage; 3 the server cannot be reached; 4 log in first.

mod account;
mod admin;
mod changes;
mod chat;
mod cli;
mod context;
mod devices;
mod editor;
mod error;
mod files;
mod friends;
mod group;
mod history;
mod keys;
mod kick;
mod limits;
mod names;
mod notify;
mod passwords;
mod place;
mod receipts;
mod search;
mod settings;
mod show;
mod tail;
mod vault;
mod words;

use std::process::ExitCode;

use clap::Parser as _;

use cli::{Cli, Command};
use context::Context;
use error::Error;

fn main() -> ExitCode {
    let cli = Cli::parse();
    // Before there are threads: only then may the time zone be read.
    let show = show::Show::new();
    let done = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Error::Io)
        .and_then(|runtime| {
            let done = runtime.block_on(run(cli, show));
            runtime.shutdown_background(); // A thread may still wait for standard input.
            done
        });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("im: {}", error.explain());
            error.exit_code()
        }
    }
}

async fn run(cli: Cli, show: show::Show) -> Result<(), Error> {
    if cli.verbose {
        tracing_subscriber::fmt()
            .with_writer(std::io::stderr)
            .with_max_level(tracing::Level::DEBUG)
            .init();
    }
    match cli.command {
        Command::Notify(command) => return notify::run(command).await,
        Command::Kick(command) => return kick::run(command).await,
        Command::Keys(command) => return keys::run(command),
        _ => {}
    }
    let context = Context::new(cli.server, cli.user, cli.password, cli.transport, show)?;
    match cli.command {
        Command::Register(command) => account::register(&context, command).await,
        Command::Login(command) => account::login(&context, command).await,
        Command::Logout => account::logout(&context).await,
        Command::Whoami => account::whoami(&context).await,
        Command::Devices(command) => devices::run(&context, command.command).await,
        Command::Passwd(command) => passwords::change(&context, command).await,
        Command::ResetPassword(command) => passwords::reset(&context, command).await,
        Command::Admin(command) => admin::run(&context, command.command).await,
        Command::Limits(command) => limits::run(&context, command.command).await,
        Command::Friends(command) => friends::run(&context, command.command).await,
        Command::Block { username } => friends::block(&context, &username).await,
        Command::Unblock { username } => friends::unblock(&context, &username).await,
        Command::Blocks => friends::blocks(&context).await,
        Command::Privacy(command) => settings::privacy(&context, command.command).await,
        Command::Guest(command) => account::guest(&context, &command.nickname).await,
        Command::Upgrade(command) => account::upgrade(&context, command).await,
        Command::Group(group) => group::run(&context, group.command).await,
        Command::Search(command) => search::run(&context, command).await,
        Command::Receipts(command) => receipts::run(&context, command).await,
        Command::Set(command) => settings::set(&context, command).await,
        Command::Presence(command) => settings::presence(&context, command.shown).await,
        Command::Push(command) => settings::push(&context, command.command).await,
        Command::Chat(command) => chat::run(&context, command).await,
        Command::SendFile(command) => files::send(&context, command).await,
        Command::GetFile(command) => files::get(&context, command).await,
        Command::Tail => tail::run(&context).await,
        Command::History(command) => history::history(&context, command).await,
        Command::Conversations => history::conversations(&context).await,
        Command::Notify(_) | Command::Keys(_) | Command::Kick(_) => Ok(()), // Taken above: they need no account.
    }
}
