//! Files of messages: whether they are there, belong to who sends them, and are what the message says ([M7], D15). Asked off the message path:
//! a text never waits for it.

use im_shared::content::Claim;
use im_shared::ids::UserId;
use im_shared::wire::Code;

use super::Services;
use crate::pending::{Message, Refusal, Verdict};

/// Whether any of these is about a file.
pub(super) fn has_files(messages: &[Message]) -> bool {
    messages.iter().any(|message| claim(message).is_some())
}

/// Refuses those messages, each by itself, whose file is not there or is another.
///
/// # Errors
///
/// PostgreSQL cannot be asked.
pub(super) async fn check(
    messages: &mut [Message],
    sender: UserId,
    services: &Services,
) -> Result<(), Refusal> {
    let claims: Vec<(usize, Claim)> = messages
        .iter()
        .enumerate()
        .filter_map(|(place, message)| Some((place, claim(message)?)))
        .collect();
    if claims.is_empty() {
        return Ok(());
    }
    let ids: Vec<&str> = claims.iter().map(|(_, claim)| &*claim.file_id).collect();
    let known = services.store.files(sender, &ids).await;
    let known = known.map_err(|error| error.refusal("the files of messages"))?;
    for (place, claim) in claims {
        let code = match known.get(&claim.file_id) {
            Some(stored) if claim.agrees(stored) => continue,
            Some(_) => Code::FileMismatch,
            None => Code::FileNotFound,
        };
        messages[place].verdict = Verdict::Refused(code);
    }
    Ok(())
}

/// What a message that would be stored says of its file.
fn claim(message: &Message) -> Option<Claim> {
    match &message.verdict {
        Verdict::Append(content) => Claim::of(message.entry_type, content.as_bytes()),
        Verdict::Repeats(_) | Verdict::Refused(_) => None,
    }
}
