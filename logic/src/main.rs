//! `im-logic`: the program; also makes the key for Web Push.

use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};
use im_logic::app::Logic;
use im_logic::push;

/// Logic worker of im-rs: owns conversations and messages.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Configuration file; env/logic.toml if it exists. `IM_LOGIC_...` in the environment overrides it.
    #[arg(long, global = true, env = "IM_LOGIC_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes the key by which push services know this server, unless it is there, and prints its public half
    GeneratePushKey {
        /// Where the private key goes, in PEM; the public one goes beside it, with the extension `pub`
        #[arg(long)]
        file: PathBuf,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    match &arguments.command {
        Some(Command::GeneratePushKey { file }) => make_key(file),
        None => Logic::load(arguments.file().as_deref()).await?.run().await,
    }
}

fn make_key(file: &Path) -> anyhow::Result<()> {
    let public = push::generate(file)?;
    print!("{}", std::fs::read_to_string(public)?);
    Ok(())
}

impl Arguments {
    fn file(self) -> Option<PathBuf> {
        self.config
            .or_else(|| Some(PathBuf::from("env/logic.toml")).filter(|file| file.is_file()))
    }
}
