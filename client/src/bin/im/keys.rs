//! The keys that sign access tokens, in the operator's folder. Running programs follow it by themselves.

use std::time::{Duration, SystemTime};

use im_shared::tokens::{KeyFolder, KeyRecord, KeyState};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::cli::{Keys, KeysCommand};
use crate::error::Error;

const TIME: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");
const ID: &[BorrowedFormatItem<'_>] =
    format_description!("[year][month][day]T[hour][minute][second]Z");

pub(crate) fn run(keys: Keys) -> Result<(), Error> {
    let (folder, now) = (KeyFolder::new(&keys.dir), SystemTime::now());
    match keys.command {
        KeysCommand::Rotate { id, announce } => {
            let id = id.map_or_else(|| formatted(now, ID), Ok)?;
            let key = folder.rotate(&id, Duration::from_secs(announce), now)?;
            println!("{} signs from {} on.", key.id, time(key.active_from)?);
        }
        KeysCommand::List => {
            for key in folder.list(now)? {
                println!("{}", line(&key.record, key.state)?);
            }
        }
        KeysCommand::Withdraw { id } => {
            folder.withdraw(&id, now)?;
            println!("The tokens of {id} are refused.");
        }
        KeysCommand::Prune => {
            let removed = folder.prune(now)?;
            println!(
                "Removed: {}.",
                if removed.is_empty() {
                    "none".to_owned()
                } else {
                    removed.join(", ")
                }
            );
        }
    }
    Ok(())
}

fn line(key: &KeyRecord, state: KeyState) -> Result<String, Error> {
    let until = match (state, key.retires_at) {
        (KeyState::Announced, _) => format!("signs from {} on", time(key.active_from)?),
        (KeyState::Retired, _) => "im keys prune removes it".to_owned(),
        (_, Some(end)) => format!("counts until {}", time(end)?),
        (_, None) => "counts until another one follows".to_owned(),
    };
    Ok(format!("{:<24} {:<10} {until}", key.id, state.name()))
}

/// Milliseconds since 1970, for people.
fn time(millis: u64) -> Result<String, Error> {
    formatted(SystemTime::UNIX_EPOCH + Duration::from_millis(millis), TIME)
}

fn formatted(time: SystemTime, format: &[BorrowedFormatItem<'_>]) -> Result<String, Error> {
    let text = OffsetDateTime::from(time).format(format);
    text.map_err(|error| Error::Io(std::io::Error::other(error)))
}
