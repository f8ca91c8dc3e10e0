//! `ConversationSet`: pin, mute, archive, hide, draft ([R16]). Answered by `ConversationEvent`; the user's other sessions get it as a push.

use std::sync::Arc;

use im_shared::ids::{ConversationId, NodeId, Seq, SessionId, UserId};
use im_shared::wire::{Code, ConversationEvent, ConversationSet, Frame, Setting, encode, limits};

use super::{Replies, Services};
use crate::caller::Caller;
use crate::pending::Refusal;
use crate::publisher::refusal_frame;
use crate::routing::{Answer, Audience, Push};
use crate::store::{Seen, Set, StoreError};

/// A bound for what ends by itself, when nobody sets anything for a few milliseconds; beyond it the next sync says what holds.
const TELLINGS: usize = 16;

pub(super) fn apply(
    request: ConversationSet,
    caller: Caller,
    services: &Services,
    replies: &mut Replies,
) {
    let conversation = request.conversation_id;
    let set = match what(request) {
        Ok(set) => set,
        Err(code) => return replies.refuse(caller, Refusal::because(code)),
    };
    let (own, asker) = (services.clone(), caller.clone());
    let work = async move {
        if let Err(refusal) = change(conversation, set, &asker, &own).await {
            let answer = answer(&asker, refusal_frame(&asker, refusal));
            own.fanout.deliver(&[], vec![answer]).await;
        }
    };
    if services.changes.start(work).is_err() {
        replies.refuse(caller, Refusal::FULL);
    }
}

/// What is asked for, if it makes sense.
fn what(request: ConversationSet) -> Result<Set, Code> {
    let ConversationSet {
        conversation_id,
        setting,
        value,
        text,
    } = request;
    let is_time = value >= 0;
    match setting {
        _ if !conversation_id.is_some() => Err(Code::InvalidArgument),
        Setting::Pin if is_time => Ok(Set::Pin(value)),
        Setting::Mute if is_time => Ok(Set::Mute(value)),
        Setting::Archive if (0..=1).contains(&value) => Ok(Set::Archive(value == 1)),
        Setting::Hide => match u64::try_from(value) {
            Ok(seq) => Ok(Set::Hide(Seq(seq))),
            Err(_) => Err(Code::InvalidArgument),
        },
        Setting::Draft if text.len() > limits::MAX_DRAFT => Err(Code::TextTooLong),
        // PostgreSQL cannot store it.
        Setting::Draft if text.contains('\0') => Err(Code::TextInvalid),
        Setting::Draft => Ok(Set::Draft(text)),
        _ => Err(Code::InvalidArgument),
    }
}

/// Sets, tells the user's sessions, and answers.
async fn change(
    conversation: ConversationId,
    set: Set,
    asker: &Caller,
    services: &Services,
) -> Result<(), Refusal> {
    let user = asker.user;
    services.directory.view(user, conversation).await?;
    let id = services.id()?;
    let failed = |error: StoreError| error.refusal("setting a conversation");
    let store = &services.store;
    store
        .set(user, conversation, id, set)
        .await
        .map_err(failed)?;
    let seen = store.seen(user, conversation).await.map_err(failed)?;
    let mut seen = seen.ok_or(Refusal::because(Code::ConversationNotFound))?;
    let reply = ConversationEvent {
        state: seen.state.clone(),
    };
    let mut answers = vec![answer(
        asker,
        encode(&Frame::reply(asker.request_id, reply)),
    )];
    let mut except = asker.session();
    // Another device may set something at the same time, on another worker, and its push may overtake this one. Whoever finds, with their
    // own push at the server, that something was set after what they told tells what holds now: the last push that any device gets is right.
    for _ in 0..TELLINGS {
        let push = event(user, &seen, except.take());
        let answers = std::mem::take(&mut answers);
        services.fanout.deliver(&[push], answers).await;
        if let Err(error) = services.publisher.published().await {
            tracing::debug!(%error, "whether settings were overtaken is not known; the next sync tells");
            break;
        }
        let now = match store.set_at(user, conversation).await {
            Ok(set_at) if set_at == seen.set_at => break,
            Ok(_) => store.seen(user, conversation).await,
            Err(error) => Err(error),
        };
        match now {
            Ok(Some(later)) => seen = later,
            Ok(None) => break,
            Err(error) => {
                // It was answered; the other devices find the rest at their next sync.
                let refusal = error.refusal("a setting that was overtaken");
                tracing::debug!(code = refusal.code.name(), "settings are not told again");
                break;
            }
        }
    }
    Ok(())
}

fn event(user: UserId, seen: &Seen, except: Option<(Arc<NodeId>, SessionId)>) -> Push {
    let state = seen.state.clone();
    Push {
        frame: encode(&Frame::push(ConversationEvent { state })),
        audience: Audience::Users(vec![user]),
        except,
        ephemeral: false,
    }
}

fn answer(caller: &Caller, frame: bytes::Bytes) -> Answer {
    Answer {
        caller: caller.clone(),
        frame,
        bulk: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(setting: Setting, value: i64, text: &str) -> Result<Set, Code> {
        what(ConversationSet {
            conversation_id: ConversationId(7),
            setting,
            value,
            text: text.to_owned(),
        })
    }

    /// [R16]
    #[test]
    fn a_setting_has_a_value_that_makes_sense() {
        assert_eq!(ask(Setting::Pin, 5, ""), Ok(Set::Pin(5)));
        assert_eq!(ask(Setting::Mute, 0, ""), Ok(Set::Mute(0)));
        assert_eq!(ask(Setting::Archive, 1, ""), Ok(Set::Archive(true)));
        assert_eq!(ask(Setting::Hide, 3, ""), Ok(Set::Hide(Seq(3))));
        assert_eq!(ask(Setting::Draft, 0, ""), Ok(Set::Draft(String::new())));
        for (setting, value) in [
            (Setting::Pin, -1),
            (Setting::Mute, -1),
            (Setting::Archive, 2),
            (Setting::Hide, -1),
            (Setting::Unknown, 0),
            (Setting(9), 0),
        ] {
            assert_eq!(ask(setting, value, ""), Err(Code::InvalidArgument));
        }
        let long = "x".repeat(limits::MAX_DRAFT + 1);
        assert_eq!(ask(Setting::Draft, 0, &long), Err(Code::TextTooLong));
        assert_eq!(ask(Setting::Draft, 0, "a\0"), Err(Code::TextInvalid));
    }
}
