//! `im-access`: one access node.

use std::path::{Path, PathBuf};

use clap::Parser;
use im_access::{Access, Config};
use im_shared::config;

/// The file that is read when none is named.
const DEFAULT_FILE: &str = "env/access.toml";

/// An access node of im-rs: ends client sessions and carries their frames over the bus.
#[derive(Parser)]
#[command(version)]
struct Options {
    /// Configuration file; env/access.toml where it exists. IM_ACCESS_SECTION__KEY overrides a value.
    #[arg(long, env = "IM_ACCESS_CONFIG")]
    config: Option<PathBuf>,
}

impl Options {
    fn load(self) -> anyhow::Result<Config> {
        let default = Path::new(DEFAULT_FILE);
        let file = self
            .config
            .or_else(|| default.is_file().then(|| default.to_owned()));
        Ok(config::load("access", file.as_deref())?)
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    Access::load(Options::parse().load()?).await?.run().await
}
