//! The one way that every group command takes (E1, [G6], [G7]).
//!
//! ```text
//! lock -> made before? -> load -> decide -> write -> append -> commit -> push -> answer
//! ```
//!
//! Everything from the lock to the commit is one transaction under the lock of the conversation, on whatever worker: of two commands that
//! exclude each other one comes first, and the other one decides by what it left. What a command decides and writes with is in
//! `group_scene`, what comes after the commit in `group_told`.

use im_shared::content::MemberEvent;
use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::{Code, ConversationType, Entry};
use uuid::{Uuid, Variant};

use super::group_scene::{Outcome, Scene, Stop};
use super::group_told::tell;
use super::{Replies, Services};
use crate::caller::Caller;
use crate::group::Event;
use crate::metrics;
use crate::pending::Refusal;
use crate::publisher::Reply;
use crate::reach::Reach;
use crate::store::{Locked, StoreError};

/// One group command.
pub(super) trait GroupChange: Send + Sync + 'static {
    /// For logs and metrics.
    const NAME: &'static str;

    /// Which group.
    fn conversation(&self) -> ConversationId;

    /// The client's id, which makes a repeat harmless (J7).
    fn key(&self) -> Uuid;

    /// What is wrong with it by itself.
    fn check(&self, caller: UserId) -> Result<(), Code>;

    /// Whether `event` is what an earlier try of the same command made.
    fn made(&self, event: &Event) -> bool;

    /// Decides and writes.
    fn make(&self, scene: &mut Scene) -> impl Future<Output = Result<Outcome, Stop>> + Send;
}

/// Whether `user` can be somebody else's target.
pub(super) fn check_target(user: UserId, caller: UserId) -> Result<(), Code> {
    let is_legal = user.is_some() && user != caller;
    is_legal.then_some(()).ok_or(Code::InvalidArgument)
}

/// Starts a command, or refuses it at once.
pub(super) fn apply<C: GroupChange>(
    change: C,
    caller: Caller,
    services: &Services,
    replies: &mut Replies,
) {
    let checked = check_key(change.key()).and_then(|()| change.check(caller.user));
    if let Err(code) = checked {
        return replies.refuse(caller, Refusal::because(code));
    }
    let (own, asker) = (services.clone(), caller.clone());
    start(services, caller, replies, async move {
        run(change, &asker, &own).await
    });
}

/// Runs `work` in its turn; what it is refused with is its answer.
pub(super) fn start(
    services: &Services,
    caller: Caller,
    replies: &mut Replies,
    work: impl Future<Output = Result<(), Refusal>> + Send + 'static,
) {
    let (publisher, asker) = (services.publisher.clone(), caller.clone());
    let started = services.changes.start(async move {
        if let Err(refusal) = work.await {
            publisher.reply(asker, Reply::Refused(refusal)).await;
        }
    });
    if started.is_err() {
        replies.refuse(caller, Refusal::FULL);
    }
}

/// A `UUIDv7`, as the ids of messages are.
pub(super) fn check_key(key: Uuid) -> Result<(), Code> {
    let is_legal = key.get_version_num() == 7 && key.get_variant() == Variant::RFC4122;
    is_legal.then_some(()).ok_or(Code::MessageIdInvalid)
}

async fn run<C: GroupChange>(
    change: C,
    caller: &Caller,
    services: &Services,
) -> Result<(), Refusal> {
    let (conversation, key) = (change.conversation(), change.key());
    if !conversation.is_some() {
        return Err(Refusal::because(Code::InvalidArgument));
    }
    if conversation.is_of_everybody() {
        // Their lock is worth more than the same answer.
        return Err(Refusal::because(Code::NotAGroup));
    }
    let failed = |error: StoreError| error.refusal(C::NAME);
    let locked = services.store.lock(conversation).await.map_err(failed)?;
    let stored = locked.stored(caller.user, key).await.map_err(failed)?;
    let (locked, outcome) = match stored {
        Some(entry) => {
            let outcome = repeat(&change, entry, &locked).await;
            (locked, outcome)
        }
        None => decide(&change, locked, caller, services)
            .await
            .map_err(failed)?,
    };
    match outcome {
        Ok(outcome) if outcome.is_written() => {
            locked.commit_group().await.map_err(failed)?;
            metrics::group_changed(C::NAME);
            tell(outcome, conversation, caller, services).await
        }
        Ok(outcome) => {
            release(locked).await;
            tell(outcome, conversation, caller, services).await
        }
        Err(Stop::Refused(refusal)) => {
            release(locked).await;
            Err(refusal)
        }
        // A transaction in which a statement failed ends with its connection.
        Err(Stop::Failed(error)) => Err(failed(error)),
    }
}

async fn decide<C: GroupChange>(
    change: &C,
    locked: Locked,
    caller: &Caller,
    services: &Services,
) -> Result<(Locked, Result<Outcome, Stop>), StoreError> {
    let Some(group) = locked.group().await? else {
        return Ok((locked, Err(Code::ConversationNotFound.into())));
    };
    if group.kind != ConversationType::Group {
        return Ok((locked, Err(Code::NotAGroup.into())));
    }
    if !group.owner.is_some() {
        return Ok((locked, Err(Code::GroupDissolved.into())));
    }
    let role = locked.rank(caller.user).await?.role;
    let mut scene = Scene {
        locked,
        group,
        actor: caller.user,
        role,
        key: change.key(),
        services: services.clone(),
    };
    let outcome = change.make(&mut scene).await;
    Ok((scene.locked, outcome))
}

/// An earlier try made `entry`: it is pushed again, since the first push may be what was lost, and answered as then ([M4]).
async fn repeat<C: GroupChange>(
    change: &C,
    entry: Entry,
    locked: &Locked,
) -> Result<Outcome, Stop> {
    let event = Event::of(&entry).filter(|event| change.made(event));
    let Some(event) = event else {
        return Err(Code::MessageConflict.into());
    };
    let (seq, sender) = (entry.seq, entry.sender_id);
    let mut also: Vec<UserId> = event.gone(sender).into_iter().collect();
    if event == Event::Member(MemberEvent::Dissolved) {
        also = locked.parted(seq).await?;
    }
    let members_seq = locked.group().await?.map_or(seq, |group| group.members_seq);
    Ok(Outcome {
        entries: vec![entry],
        reach: Some(Reach::Group { members_seq, also }),
        ..Outcome::default()
    })
}

/// Gives a lock back. A connection that fails at it is closed, and the transaction with it.
pub(super) async fn release(locked: Locked) {
    if let Err(error) = locked.release().await {
        tracing::debug!(%error, "a transaction ended with its connection");
    }
}
