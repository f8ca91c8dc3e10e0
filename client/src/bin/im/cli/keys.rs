//! `im keys`

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Args)]
pub(crate) struct Keys {
    /// Folder of the keys: private/ID.pem, public/ID.pem, public/keys.json
    #[arg(long, global = true, env = "IM_KEYS", default_value = ".run/keys")]
    pub(crate) dir: PathBuf,

    #[command(subcommand)]
    pub(crate) command: KeysCommand,
}

#[derive(Subcommand)]
pub(crate) enum KeysCommand {
    /// Make a key that signs tokens once every program has seen it
    Rotate {
        /// Its id, 1 to 64 of [A-Za-z0-9_-]; by default the time
        #[arg(long)]
        id: Option<String>,
        /// Seconds until it signs. Copy the folder "public" to hosts that do not share it within this time
        #[arg(long, value_name = "SECONDS", default_value_t = 60)]
        announce: u64,
    },
    /// Show all keys and what they are good for
    List,
    /// Refuse all tokens of a key from now on, for one that was stolen
    Withdraw {
        /// Which
        id: String,
    },
    /// Remove the keys of which no token is good any more
    Prune,
}
