//! Finding messages by their words, over REST.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use im_shared::ids::ConversationId;

use crate::cli;
use crate::context::Context;
use crate::error::Error;
use crate::names::Names;
use crate::place::{self, Place};
use crate::words;

/// Messages asked for at a time.
const PAGE: u32 = 100;
/// Letters of a message that are shown.
const LETTERS: usize = 100;

pub(crate) async fn run(context: &Context, command: cli::Search) -> Result<(), Error> {
    let me = context.me().await?;
    let place = match &command.place {
        Some(place) => Some(Place::find(&me.api, place).await?),
        None => None,
    };
    let mut titles: HashMap<ConversationId, String> = HashMap::new();
    let within = match &place {
        Some(place) => {
            let id = place.open(&me.api).await?;
            titles.insert(id, place.title.clone());
            Some(id)
        }
        None => None,
    };
    let mut names = Names::load(me.api.clone(), me.login.user_id).await?;
    let (query, show) = (command.words.join(" "), &context.show);
    let (mut before, mut left) = (None, command.limit);
    while left > 0 {
        let page = me
            .api
            .search_messages(&query, within, before, left.min(PAGE))
            .await?;
        if page.messages.is_empty() && before.is_none() {
            println!("Nothing found.");
        }
        for message in &page.messages {
            left = left.saturating_sub(1);
            let entry = message.entry();
            let conversation = entry.conversation_id;
            let title = match titles.entry(conversation) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unknown) => {
                    let found = me.api.conversation(conversation).await?;
                    unknown.insert(place::title(&found))
                }
            };
            println!(
                "{} {} {} {}: {}",
                show.dim(&format!("{:>4}", entry.seq.0)),
                show.dim(&show.time(entry.created_at)),
                show.dim(title),
                show.strong(&names.of(entry.sender_id).await),
                words::short(&entry, LETTERS),
            );
        }
        match page.next_before {
            Some(next) => before = Some(next),
            None => break,
        }
    }
    Ok(())
}
