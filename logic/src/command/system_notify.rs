//! `SystemNotify`: a word of the operator to some users or to everybody (D12). Answered by `Done` once it is durable for all.
//!
//! To everybody it is one entry in the announcements; to some, one entry in the notifications of each, so that it is kept for those who
//! are away. A repeat with the same client message id finds the entries and only pushes them again.

use std::collections::BTreeSet;

use im_shared::content::{Content, Notice};
use im_shared::ids::{ConversationId, MessageId, Seq, UserId};
use im_shared::wire::{Code, Done, EntryType, Frame, SystemNotify};
use uuid::Uuid;

use super::{Replies, Services, answer_aside};
use crate::caller::{Address, Caller};
use crate::pending::Refusal;
use crate::publisher::Reply;
use crate::reach::{Reach, Told};
use crate::store::NewEntry;

/// Users of one request.
const MAX_USERS: usize = 1_000;

/// Who speaks where the operator does.
const OPERATOR: UserId = UserId(0);

pub(super) fn apply(
    request: SystemNotify,
    caller: Caller,
    services: &Services,
    replies: &mut Replies,
) {
    // Access and web stamp the user of every frame; only who reaches the bus itself speaks as nobody.
    if caller.user != OPERATOR || !matches!(caller.address, Address::Inbox(_)) {
        return replies.refuse(caller, Refusal::because(Code::Forbidden));
    }
    let (own, asker) = (services.clone(), caller.clone());
    let work = async move {
        notify(request, &own).await?;
        Ok(Reply::Live(Frame::reply(asker.request_id, Done {})))
    };
    answer_aside(&services.changes, caller, services, replies, work);
}

async fn notify(request: SystemNotify, services: &Services) -> Result<(), Refusal> {
    let invalid = Refusal::because(Code::InvalidArgument);
    let id = request.client_message_id;
    if id.get_version_num() != 7 {
        return Err(Refusal::because(Code::MessageIdInvalid));
    }
    let notice = Notice {
        title: request.title,
        content: request.content,
    };
    notice
        .check()
        .map_err(|_| Refusal::because(Code::ContentInvalid))?;
    if request.everybody {
        if !request.user_ids.is_empty() {
            return Err(invalid);
        }
        return say(
            ConversationId::ANNOUNCEMENTS,
            Reach::Everybody,
            id,
            &notice,
            services,
        )
        .await;
    }
    let users: BTreeSet<UserId> = request.user_ids.into_iter().collect();
    if users.is_empty() || users.len() > MAX_USERS {
        return Err(invalid);
    }
    let users: Vec<UserId> = users.into_iter().collect();
    let failed = |error: crate::store::StoreError| error.refusal("a notification");
    if !services
        .store
        .are_registered(&users)
        .await
        .map_err(failed)?
    {
        return Err(Refusal::because(Code::UserNotFound));
    }
    let ids: Vec<(u64, u64)> = users
        .iter()
        .map(|_| Ok((services.id()?, services.id()?)))
        .collect::<Result<_, Refusal>>()?;
    let conversations = services.store.notice_conversations(&users, &ids).await;
    for (user, conversation) in conversations.map_err(failed)? {
        let reach = Reach::Users(vec![user]);
        say(conversation, reach, id, &notice, services).await?;
    }
    Ok(())
}

async fn say(
    conversation: ConversationId,
    reach: Reach,
    client_message_id: Uuid,
    notice: &Notice,
    services: &Services,
) -> Result<(), Refusal> {
    let failed = |error: crate::store::StoreError| error.refusal("a notification");
    let id = MessageId(services.id()?);
    let mut locked = services.store.lock(conversation).await.map_err(failed)?;
    let content = notice.to_json();
    let stored = locked.stored(OPERATOR, client_message_id).await;
    let entry = match stored.map_err(failed)? {
        Some(stored) => {
            locked.release().await.map_err(failed)?;
            if stored.content != content.as_bytes() {
                return Err(Refusal::because(Code::MessageConflict));
            }
            stored
        }
        None => {
            let entry = NewEntry {
                id,
                sender: OPERATOR,
                client_message_id,
                type_: EntryType::System,
                content,
                target: Seq(0),
                mentions: Vec::new(),
            };
            let entry = locked.append(entry).await.map_err(failed)?;
            locked.commit().await.map_err(failed)?;
            entry
        }
    };
    let told = Told {
        conversation,
        reach,
        entries: vec![entry],
        except: None,
    };
    services.fanout.tell(told, Vec::new()).await;
    Ok(())
}
