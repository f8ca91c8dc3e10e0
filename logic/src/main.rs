//! `im-logic`: the program.

use std::path::PathBuf;

use clap::Parser;
use im_logic::app::Logic;

/// Logic worker of im-rs: owns conversations and messages.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Configuration file; env/logic.toml if it exists. `IM_LOGIC_...` in the environment overrides it.
    #[arg(long, env = "IM_LOGIC_CONFIG")]
    config: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    Logic::load(Arguments::parse().file().as_deref())
        .await?
        .run()
        .await
}

impl Arguments {
    fn file(self) -> Option<PathBuf> {
        self.config
            .or_else(|| Some(PathBuf::from("env/logic.toml")).filter(|file| file.is_file()))
    }
}
