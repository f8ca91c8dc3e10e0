//! Looking back, over REST: no session is needed and none is replaced.

use im_shared::ids::Seq;

use crate::cli;
use crate::context::Context;
use crate::error::Error;
use crate::names::{self, Names};
use crate::show::plain;

/// Messages asked for at a time.
const PAGE: u32 = 100;

pub(crate) async fn history(context: &Context, command: cli::History) -> Result<(), Error> {
    let me = context.me().await?;
    let peer = names::find(&me.api, &command.peer).await?;
    let conversation = me.api.open_conversation(peer.user_id).await?;
    let mut names = Names::load(me.api.clone(), me.login.user_id).await?;
    let mut messages = Vec::new();
    let mut before = Seq(0);
    loop {
        let wanted = command
            .limit
            .saturating_sub(u32::try_from(messages.len()).unwrap_or(u32::MAX));
        let mut page = me
            .api
            .messages(conversation.id, before, wanted.min(PAGE))
            .await?;
        before = page
            .messages
            .first()
            .map_or(Seq(0), |message| Seq(message.seq));
        let more = page.more && before > Seq(1);
        page.messages.append(&mut messages);
        messages = page.messages;
        if !more || messages.len() >= command.limit as usize {
            break;
        }
    }
    for message in messages {
        let mine = message.sender_id == me.login.user_id;
        let name = names.of(message.sender_id).await;
        println!(
            "{}",
            context
                .show
                .message(message.created_at, &name, &message.content, mine)
        );
    }
    Ok(())
}

pub(crate) async fn conversations(context: &Context) -> Result<(), Error> {
    let me = context.me().await?;
    let list = me.api.conversations().await?;
    if list.conversations.is_empty() {
        println!("No conversations yet. Begin one: im chat USERNAME");
    }
    for conversation in list.conversations {
        let show = &context.show;
        let name = conversation
            .peer
            .map_or_else(|| conversation.id.to_string(), |peer| peer.username);
        let unread = match conversation.unread_count {
            0 => String::new(),
            count => show.warn(&format!("({count} new) ")),
        };
        let last = conversation
            .last_message
            .map_or_else(String::new, |message| {
                let text: String = plain(&message.content)
                    .replace('\n', " ")
                    .chars()
                    .take(60)
                    .collect();
                format!("{} {text}", show.dim(&show.time(message.created_at)))
            });
        println!("{:<20} {unread}{last}", show.strong(&name));
    }
    Ok(())
}
