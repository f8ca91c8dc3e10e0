//! Sending a file, and saving that of a message.

use std::path::{Path, PathBuf};

use im_client::Backlog;
use im_shared::content::Claim;
use im_shared::ids::Seq;
use tokio::io::AsyncWriteExt as _;

use crate::cli;
use crate::context::Context;
use crate::error::Error;
use crate::place::Place;
use crate::show::plain;

/// Uploads the file and sends it; ends when the message is stored.
pub(crate) async fn send(context: &Context, command: cli::SendFile) -> Result<(), Error> {
    let me = context.me().await?;
    let place = Place::find(&me.api, &command.peer).await?;
    let to = place.open(&me.api).await?;
    let path = &command.file;
    let name = path.file_name().map(|name| name.to_string_lossy());
    let name = name.ok_or_else(|| Error::Usage(format!("{} is no file", path.display())))?;
    let content = tokio::fs::File::open(path)
        .await
        .map_err(|error| cannot("read", path, &error))?;
    let size = content.metadata().await?.len();
    let file = me.api.upload(&name, Some(size), content).await?;
    let (client, _events) = context.connect(&me, Backlog::Last(0));
    let sent = client
        .post_and_wait(to, file.message(&command.caption))
        .await;
    client.close().await;
    let stored = sent?;
    println!(
        "{} {} ({}, {} bytes)",
        stored.seq.0,
        plain(&file.name),
        file.mime,
        file.size
    );
    Ok(())
}

/// Saves the file of a message; never over another one.
pub(crate) async fn get(context: &Context, command: cli::GetFile) -> Result<(), Error> {
    let me = context.me().await?;
    let place = Place::find(&me.api, &command.peer).await?;
    let conversation = place.open(&me.api).await?;
    let found = me
        .api
        .messages(conversation, Seq(command.seq.saturating_add(1)), 1)
        .await?;
    let message = found
        .messages
        .into_iter()
        .find(|message| message.seq == command.seq);
    let entry = message.map(|message| message.entry());
    let claim = entry.and_then(|entry| Claim::of(entry.type_, &entry.content));
    let claim =
        claim.ok_or_else(|| Error::Failed(format!("message {} has no file", command.seq)))?;
    let file = me.api.file(&claim.file_id).await?;
    // A name of somebody else says nothing about folders of this machine.
    let own = Path::new(&file.name).file_name().map(PathBuf::from);
    let path = command
        .output
        .or(own)
        .unwrap_or_else(|| PathBuf::from("file"));
    let mut response = me.api.open_file(&file.url).await?;
    let target = tokio::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)
        .await;
    let mut target = target.map_err(|error| cannot("write", &path, &error))?;
    let broken = |error: reqwest::Error| Error::Failed(format!("the file breaks off: {error}"));
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        target.write_all(&chunk).await?;
    }
    target.flush().await?;
    println!("{}", path.display());
    Ok(())
}

fn cannot(what: &str, path: &Path, error: &std::io::Error) -> Error {
    Error::Failed(format!("cannot {what} {}: {error}", path.display()))
}
