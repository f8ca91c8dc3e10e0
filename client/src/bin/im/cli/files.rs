//! Files.

use std::path::PathBuf;

use clap::Args;

#[derive(Args)]
pub(crate) struct SendFile {
    /// A person, a #group, a conversation's number, or world
    pub(crate) peer: String,
    /// What to send; a picture is shown in its place
    pub(crate) file: PathBuf,
    /// Text under a picture
    #[arg(long, default_value = "")]
    pub(crate) caption: String,
}

#[derive(Args)]
pub(crate) struct GetFile {
    /// A person, a #group, a conversation's number, or world
    pub(crate) peer: String,
    /// The number of the message that has the file
    pub(crate) seq: u64,
    /// Where to; by default the file's own name in this folder
    #[arg(long, short)]
    pub(crate) output: Option<PathBuf>,
}
