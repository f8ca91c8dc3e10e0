//! What users set for themselves in conversations ([R16], G6).

use im_shared::ids::ConversationId;
use im_shared::wire::{
    Body, Code, ConversationSet, ConversationState, Platform, Setting, decode, limits,
};

use crate::access::{TestSession, text, to_conversation};
use crate::positions::listed;
use crate::world::World;

fn set(conversation: ConversationId, setting: Setting, value: i64) -> ConversationSet {
    ConversationSet {
        conversation_id: conversation,
        setting,
        value,
        text: String::new(),
    }
}

fn draft(conversation: ConversationId, text: &str) -> ConversationSet {
    ConversationSet {
        text: text.to_owned(),
        ..set(conversation, Setting::Draft, 0)
    }
}

async fn changed(session: &mut TestSession, request: ConversationSet) -> ConversationState {
    match session.ask(request).await {
        Body::ConversationEvent(event) => event.state,
        other => panic!("{other:?}"),
    }
}

/// Waits until the session has been told this state. What was set before may be told twice.
async fn told(session: &mut TestSession, state: &ConversationState) {
    loop {
        match session.next_push().await {
            Body::ConversationEvent(event) if event.state == *state => return,
            Body::ConversationEvent(_) => (),
            other => panic!("{other:?}"),
        }
    }
}

/// G6, [R16]
#[tokio::test(flavor = "multi_thread")]
async fn what_one_device_sets_the_others_get_and_nobody_else() {
    let world = World::new().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);
    let mut phone = access.session_on(1, Platform::Ios).await;
    let ours = bob.tell(1, "hello").await.conversation_id;
    assert_eq!(ann.next_texts(1).await, ["hello"]);
    assert_eq!(phone.next_texts(1).await, ["hello"]);

    let requests = [
        set(ours, Setting::Pin, 1_700_000_000_123),
        // For ever is the end of the year 9999.
        set(ours, Setting::Mute, i64::MAX),
        set(ours, Setting::Archive, 1),
        draft(ours, "dear bob"),
    ];
    for request in requests {
        let answer = changed(&mut ann, request).await;
        told(&mut phone, &answer).await;
    }
    let state = listed(&mut phone, ours).await;
    assert_eq!(
        (state.pinned_at, state.muted_until, state.archived),
        (1_700_000_000_123, 253_402_300_799_000, true)
    );
    assert_eq!((state.draft.as_str(), state.unread), ("dear bob", 1));
    assert!(state.draft_at > 1_700_000_000_000);

    for request in [
        set(ours, Setting::Pin, 0),
        set(ours, Setting::Mute, 0),
        set(ours, Setting::Archive, 0),
        draft(ours, ""),
    ] {
        let answer = changed(&mut phone, request).await;
        told(&mut ann, &answer).await;
    }
    let state = listed(&mut ann, ours).await;
    assert_eq!(
        (state.pinned_at, state.muted_until, state.archived),
        (0, 0, false)
    );
    assert_eq!((state.draft.as_str(), state.draft_at), ("", 0));
    // What comes later has come, and the other one was told nothing.
    let own = listed(&mut bob, ours).await;
    assert_eq!((own.pinned_at, own.archived), (0, false));
    assert!(bob.is_quiet());
    worker.stop().await;
}

/// G6, [R16]: whatever two devices set at the same time on two workers, the last that each of them hears is what holds.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_devices_that_set_at_once_the_last_wins_on_both() {
    let world = World::new().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    let (first, second) = (world.worker().await, world.worker().await);
    let access = world.access("access-1").await;
    let (mut web, mut bob) = (access.session(1).await, access.session(2).await);
    let mut phone = access.session_on(1, Platform::Ios).await;
    let ours = bob.tell(1, "hello").await.conversation_id;
    // Gives what the last answer said, and when it came.
    let sets = async |session: &mut TestSession, from: i64| {
        for n in 0..25 {
            changed(session, set(ours, Setting::Mute, from + n)).await;
        }
        let id = session.request(draft(ours, &from.to_string())).await;
        match session.reply(id).await {
            (Body::ConversationEvent(event), arrived) => (arrived.order, event.state),
            (other, _) => panic!("{other:?}"),
        }
    };
    let (web_heard, phone_heard) = tokio::join!(sets(&mut web, 1_000), sets(&mut phone, 2_000));
    // A worker that has stopped has published all that it had to say.
    first.stop().await;
    second.stop().await;
    let third = world.worker().await;
    let own = listed(&mut web, ours).await;
    bob.tell(1, "last").await;
    for (session, mut heard) in [(&mut web, web_heard), (&mut phone, phone_heard)] {
        loop {
            let arrived = session.next().await;
            match decode(&arrived.delivery.frame).unwrap().body {
                Body::ConversationEvent(event) if arrived.order > heard.0 => {
                    heard = (arrived.order, event.state);
                }
                Body::PushMessage(push) if push.entries[0].content == "last" => break,
                Body::ConversationEvent(_) | Body::PushMessage(_) => (),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(
            (heard.1.muted_until, &heard.1.draft),
            (own.muted_until, &own.draft)
        );
    }
    third.stop().await;
}

/// [R16]
#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_conversation_is_back_with_the_next_message() {
    let world = World::new().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);
    let ours = bob.tell(1, "hello").await.conversation_id;
    bob.tell(1, "still there?").await;
    // Of a seq that is behind: what came since is news.
    let behind = changed(&mut ann, set(ours, Setting::Hide, 1)).await;
    assert!(!behind.hidden);
    assert!(changed(&mut ann, set(ours, Setting::Hide, 2)).await.hidden);
    assert!(listed(&mut ann, ours).await.hidden);
    assert!(!listed(&mut bob, ours).await.hidden);
    bob.tell(1, "hello?").await;
    assert!(!listed(&mut ann, ours).await.hidden);
    // More than the tip is the tip: what comes later is not hidden before it is there.
    assert!(changed(&mut ann, set(ours, Setting::Hide, 99)).await.hidden);
    bob.tell(1, "hm").await;
    assert!(!listed(&mut ann, ours).await.hidden);
    assert!(changed(&mut ann, set(ours, Setting::Hide, 4)).await.hidden);
    assert!(!changed(&mut ann, set(ours, Setting::Hide, 0)).await.hidden);
    worker.stop().await;
}

/// [R16], B12
#[tokio::test(flavor = "multi_thread")]
async fn a_setting_that_makes_no_sense_is_refused() {
    let world = World::new().await;
    world.users(3).await;
    world.befriend(1, 2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut cat) = (access.session(1).await, access.session(3).await);
    let ours = ann.tell(2, "hello").await.conversation_id;
    let nowhere = set(ConversationId(77), Setting::Pin, 1);
    let long = "x".repeat(limits::MAX_DRAFT + 1);
    for (request, code) in [
        (set(ours, Setting::Pin, -1), Code::InvalidArgument),
        (set(ours, Setting::Unknown, 1), Code::InvalidArgument),
        (draft(ours, &long), Code::TextTooLong),
        (draft(ours, "a\0b"), Code::TextInvalid),
        (nowhere, Code::ConversationNotFound),
    ] {
        assert_eq!(ann.refused(request).await, code);
    }
    assert_eq!(
        cat.refused(set(ours, Setting::Pin, 1)).await,
        Code::NotMember
    );
    cat.origin.guest = true;
    let world_chat = set(ConversationId::WORLD, Setting::Pin, 1);
    assert_eq!(cat.refused(world_chat.clone()).await, Code::Forbidden);
    assert_eq!(changed(&mut ann, world_chat).await.pinned_at, 1);
    // The largest draft travels.
    let largest = "y".repeat(limits::MAX_DRAFT);
    assert_eq!(
        changed(&mut ann, draft(ours, &largest)).await.draft,
        largest
    );
    worker.stop().await;
}

/// [R14], [R16]: what is set in the world chat does not count as reading there.
#[tokio::test(flavor = "multi_thread")]
async fn who_mutes_the_world_chat_has_still_read_all_of_it() {
    let world = World::new().await;
    world.users(2).await;
    let worker = world.worker().await;
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);
    let everywhere = ConversationId::WORLD;
    let request = to_conversation(everywhere, &[text("a"), text("b")]);
    bob.acknowledged(request).await;
    let state = changed(&mut ann, set(everywhere, Setting::Mute, 5)).await;
    assert_eq!((state.muted_until, state.unread), (5, 0));
    bob.acknowledged(to_conversation(everywhere, &[text("c")]))
        .await;
    assert_eq!(listed(&mut ann, everywhere).await.unread, 0);
    worker.stop().await;
}
