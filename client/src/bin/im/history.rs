//! Looking back, over REST: no session is needed and none is replaced.

use im_client::api::{Conversation, ConversationKind, Message, Role};
use im_shared::ids::{ConversationId, Seq};
use im_shared::wire::EntryType;

use crate::cli;
use crate::context::Context;
use crate::error::Error;
use crate::names::Names;
use crate::place::{self, Place};
use crate::show::{Show, column, now, plain};
use crate::words;

/// Entries asked for at a time.
const PAGE: u32 = 200;
/// Letters of the last message that the list shows.
const LETTERS: usize = 60;

pub(crate) async fn history(context: &Context, command: cli::History) -> Result<(), Error> {
    let me = context.me().await?;
    let place = Place::find(&me.api, &command.peer).await?;
    let id = place.open(&me.api).await?;
    let mut names = Names::load(me.api.clone(), me.login.user_id).await?;
    let wanted = command.limit as usize;
    let mut shown: Vec<Message> = Vec::new();
    let mut before = Seq(0);
    while shown.len() < wanted {
        let page = me.api.messages(id, before, PAGE).await?;
        before = page
            .messages
            .first()
            .map_or(Seq(0), |message| Seq(message.seq));
        // The newest first: what is one too many is the oldest. Changes are in the messages that they changed.
        let messages = page.messages.into_iter().rev();
        shown.extend(messages.filter(|message| !is_change(message)));
        if !page.more || before <= Seq(1) {
            break;
        }
    }
    shown.truncate(wanted);
    for message in shown.iter().rev() {
        let entry = message.entry();
        names.learn(&words::people(&entry)).await;
        let reactions: Vec<_> = message
            .reactions
            .iter()
            .map(|one| (one.reaction.clone(), one.count))
            .collect();
        let calls = |user| names.known(user);
        println!(
            "{}",
            words::line(&context.show, &entry, me.login.user_id, &calls, &reactions)
        );
    }
    Ok(())
}

/// Whether it only changed another message.
fn is_change(message: &Message) -> bool {
    matches!(
        message.entry().type_,
        EntryType::Edit | EntryType::Recall | EntryType::Reaction
    )
}

pub(crate) async fn conversations(context: &Context) -> Result<(), Error> {
    let me = context.me().await?;
    let mut list = place::all(&me.api).await?;
    for everybody in [ConversationId::WORLD, ConversationId::ANNOUNCEMENTS] {
        let conversation = me.api.conversation(everybody).await?;
        if conversation.tip_seq > 0 {
            list.push(conversation);
        }
    }
    if list.is_empty() {
        println!("No conversations yet. Begin one: im chat USERNAME");
    }
    list.sort_by_key(rank);
    let mut names = Names::load(me.api.clone(), me.login.user_id).await?;
    for conversation in list {
        if let Some(peer) = &conversation.peer {
            names.know(peer);
        }
        if let Some(message) = &conversation.last_message {
            names.learn(&words::people(&message.entry())).await;
        }
        let calls = |user| names.known(user);
        println!("{}", row(&context.show, &conversation, now(), &calls));
    }
    Ok(())
}

/// The order of the list: what is pinned, the rest, what is put away; in each the latest first.
fn rank(conversation: &Conversation) -> (bool, bool, i64) {
    let is_pinned = conversation.pinned_at.is_some();
    let at = conversation.pinned_at.unwrap_or(conversation.updated_at);
    (conversation.archived, !is_pinned, -at)
}

fn row(show: &Show, conversation: &Conversation, now: i64, calls: words::Calls<'_>) -> String {
    let mut marks = Vec::new();
    if conversation.unread_count > 0 {
        marks.push(show.warn(&format!("{} new", conversation.unread_count)));
    }
    if conversation.mention_count > 0 {
        marks.push(show.warn(&format!("@{}", conversation.mention_count)));
    }
    let quiet = [
        (conversation.pinned_at.is_some(), "pinned"),
        (
            conversation.muted_until.is_some_and(|until| until > now),
            "muted",
        ),
        (conversation.archived, "archived"),
        (
            conversation.kind == ConversationKind::Group && conversation.role == Role::None,
            "left",
        ),
    ];
    let quiet = quiet.into_iter().filter(|(is, _)| *is);
    marks.extend(quiet.map(|(_, word)| show.dim(word)));
    let marks = match marks.is_empty() {
        true => String::new(),
        false => format!("({}) ", marks.join(", ")),
    };
    let last = match (&conversation.draft, &conversation.last_message) {
        (draft, _) if !draft.is_empty() => {
            let words: Vec<_> = draft.split_whitespace().collect();
            let draft: String = plain(&words.join(" ")).chars().take(LETTERS).collect();
            format!("{} {draft}", show.warn("draft:"))
        }
        (_, Some(message)) => {
            let entry = message.entry();
            let text = words::happened(show, &entry, calls)
                .unwrap_or_else(|| words::short(&entry, LETTERS));
            format!("{} {text}", show.dim(&show.time(message.created_at)))
        }
        (_, None) => String::new(),
    };
    let title = column(&place::title(conversation), 20);
    format!("{} {marks}{last}", show.strong(&title))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn conversation(more: serde_json::Value) -> Conversation {
        let mut value = json!({ "id": "7", "type": "group", "name": "Tea", "role": "member" });
        let (into, from) = (value.as_object_mut().unwrap(), more.as_object().unwrap());
        into.extend(from.clone());
        serde_json::from_value(value).unwrap()
    }

    fn shown(conversation: &Conversation) -> String {
        let row = row(&Show::plain(), conversation, 100, &|user| {
            format!("u{user}")
        });
        row.trim_end().to_owned()
    }

    /// G1, G6: the list shows what is new and what was set.
    #[test]
    fn a_row_shows_what_is_new_and_what_was_set() {
        let all = json!({ "unreadCount": 3, "mentionCount": 1, "pinnedAt": 5, "mutedUntil": 101, "archived": true });
        assert_eq!(
            shown(&conversation(all)),
            "#Tea                 (3 new, @1, pinned, muted, archived)"
        );
        let left = json!({ "role": "none", "unreadCount": 1 });
        assert_eq!(
            shown(&conversation(left)),
            "#Tea                 (1 new, left)"
        );
        let over = json!({ "mutedUntil": 100, "draft": "I\nsay" });
        assert_eq!(
            shown(&conversation(over)),
            "#Tea                 draft: I say"
        );
    }

    #[test]
    fn the_last_entry_is_shown_in_words() {
        let last = json!({ "lastMessage": {
            "id": "1", "conversationId": "7", "senderId": "2", "type": "reaction", "content": "+👍", "seq": 5, "createdAt": 0, "targetSeq": 4
        } });
        assert_eq!(
            shown(&conversation(last)),
            "#Tea                 1970-01-01 00:00 u2 reacted 👍 to 4"
        );
    }

    #[test]
    fn what_is_pinned_comes_first_and_what_is_put_away_last() {
        let of = |more| rank(&conversation(more));
        let (pinned, plain) = (of(json!({ "pinnedAt": 1 })), of(json!({ "updatedAt": 9 })));
        let archived = of(json!({ "archived": true, "updatedAt": 99 }));
        assert!(pinned < plain && plain < archived);
        assert!(of(json!({ "updatedAt": 10 })) < plain);
    }
}
