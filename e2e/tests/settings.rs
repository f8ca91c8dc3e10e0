//! What people set for themselves, what they look for, and the list of their conversations: the same on every device and by REST.

use anyhow::{Context, Result};
use im_client::api::Settings;
use im_client::{Event, Message, Wish};
use im_e2e::{Cluster, Connect, circle};
use im_shared::ids::{ConversationId, MessageId};
use im_shared::wire::{Code, ConversationState, Platform};

/// The names in the list, as REST orders it.
async fn list(api: &im_client::Api) -> Result<Vec<String>> {
    let list = api.conversations().await?.conversations;
    let name = |one: im_client::api::Conversation| one.peer.map_or(one.name, |peer| peer.username);
    Ok(list.into_iter().map(name).collect())
}

/// A state of this conversation in which this holds.
fn state_of(
    id: ConversationId,
    holds: impl Fn(&ConversationState) -> bool,
) -> impl FnMut(&Event) -> Option<()> {
    move |event| match event {
        Event::Conversation(state) if state.conversation_id == id && holds(state) => Some(()),
        _ => None,
    }
}

/// G1, G6: what one device pins, mutes, archives and drafts, by session or by REST, the other one follows; the list is in the order of the last
/// messages; what is hidden comes back with the next message.
#[tokio::test]
async fn settings_follow_to_the_other_device_and_the_list_is_in_order() -> Result<()> {
    let cluster = Cluster::builder().access(2).logic(2).start().await?;
    let users = circle(&cluster, &["alice", "bob", "carol"]).await?;
    let (alice, bob, carol) = (&users[0], &users[1], &users[2]);
    let desktop = Connect::on("access-2").platform(Platform::Desktop);
    let desktop = alice.account().connect(desktop).await?;
    let api = &alice.account().api;
    let tea = alice.create_group("Tea", &[bob, carol]).await?;
    let with_bob = bob.send(alice, "hello").await?.conversation_id;
    let with_carol = carol.send(alice, "hello").await?.conversation_id;
    assert_eq!(list(api).await?, ["carol", "bob", "Tea"]);
    tea.say(bob, "tea?").await?;
    assert_eq!(list(api).await?, ["Tea", "carol", "bob"]);

    let until = 4_000_000_000_000;
    let client = alice.client();
    client.set(with_bob, Wish::Pin(1_700_000_000_000)).await?;
    client.set(with_bob, Wish::Draft("dear bob".into())).await?;
    client.set(tea.id, Wish::Mute(until)).await?;
    let archived = Settings {
        archived: Some(true),
        ..Settings::default()
    };
    api.set_conversation(with_carol, &archived).await?;
    let pinned = state_of(with_bob, |state| {
        state.pinned_at == 1_700_000_000_000 && state.draft == "dear bob"
    });
    desktop.event("pin and draft", pinned).await?;
    let muted = state_of(tea.id, move |state| state.muted_until == until);
    desktop.event("mute", muted).await?;
    for device in [alice.device(), &desktop] {
        let archived = state_of(with_carol, |state| state.archived);
        device.event("archive", archived).await?;
    }
    let shown = api.conversation(with_bob).await?;
    assert_eq!(
        (shown.pinned_at, shown.draft.as_str()),
        (Some(1_700_000_000_000), "dear bob")
    );
    assert_eq!(api.conversation(tea.id).await?.muted_until, Some(until));

    let hidden = Settings {
        hidden: Some(true),
        ..Settings::default()
    };
    api.set_conversation(tea.id, &hidden).await?;
    let hides = state_of(tea.id, |state| state.hidden);
    desktop.event("hide", hides).await?;
    assert_eq!(list(api).await?, ["carol", "bob"]);
    tea.say(carol, "it is getting cold").await?;
    assert_eq!(list(api).await?, ["Tea", "carol", "bob"]);
    assert_eq!(list(&bob.account().api).await?, ["Tea", "alice"]);
    // A device that comes later knows it all.
    let late = Connect::on("access-1").platform(Platform::Web);
    let late = alice.account().connect(late).await?;
    let drafted = state_of(with_bob, |state| state.draft == "dear bob");
    late.event("draft", drafted).await?;
    let shown = state_of(tea.id, move |state| {
        !state.hidden && state.muted_until == until
    });
    late.event("shown and muted", shown).await?;
    Ok(())
}

/// D16: people find what they may read, in Chinese too, as it is now, by session and by REST.
#[tokio::test]
async fn people_find_what_they_may_read_as_it_is_now() -> Result<()> {
    let cluster = Cluster::builder().access(2).logic(2).start().await?;
    let users = circle(&cluster, &["alice", "bob", "carol"]).await?;
    let (alice, bob, carol) = (&users[0], &users[1], &users[2]);
    let tea = alice.create_group("Tea", &[bob]).await?;
    let chinese = tea.say(alice, "明天下午一起喝茶吗").await?;
    let edited = tea.say(bob, "I bring biscuits").await?;
    let recalled = tea.say(bob, "biscuits are gone").await?;
    let private = alice.send(carol, "茶 without bob").await?;
    bob.client()
        .edit(tea.id, edited.seq, "I bring cakes")
        .await?;
    bob.client().recall(tea.id, recalled.seq).await?;
    let reply = Message::text("喝茶 is fine").reply_to(chinese.seq);
    let reply = bob.client().post_and_wait(tea.id, reply).await?;

    let everywhere = ConversationId(0);
    let found = async |words: &str, at: ConversationId| -> Result<Vec<MessageId>> {
        let found = alice.client().search(words, at, MessageId(0), 20).await?;
        Ok(found.entries.iter().map(|one| one.message_id).collect())
    };
    assert_eq!(
        found("喝茶", everywhere).await?,
        [reply.message_id, chinese.message_id]
    );
    assert_eq!(found("cake", tea.id).await?, [edited.message_id]);
    assert!(found("biscuits", everywhere).await?.is_empty());
    let by_rest = async |user: &im_e2e::TestUser, words: &str| -> Result<Vec<MessageId>> {
        let api = &user.account().api;
        let found = api.search_messages(words, None, None, 20).await?;
        Ok(found.messages.iter().map(|one| one.id).collect())
    };
    let all = [private.message_id, reply.message_id, chinese.message_id];
    let mut of_alice = by_rest(alice, "茶").await?;
    of_alice.sort();
    let mut expected = all;
    expected.sort();
    assert_eq!(of_alice, expected);
    assert_eq!(
        by_rest(bob, "茶").await?,
        [reply.message_id, chinese.message_id]
    );
    assert_eq!(by_rest(carol, "茶").await?, [private.message_id]);
    let pages = bob
        .account()
        .api
        .search_messages("茶", Some(tea.id), None, 1)
        .await?;
    let next = pages.next_before.context("there is more")?;
    let rest = bob
        .account()
        .api
        .search_messages("茶", Some(tea.id), Some(next), 1)
        .await?;
    assert_eq!(rest.messages[0].id, chinese.message_id);
    let stranger = carol
        .account()
        .api
        .search_messages("茶", Some(tea.id), None, 1)
        .await;
    assert_eq!(
        stranger.expect_err("it is not hers").code(),
        Some(Code::NotMember)
    );
    Ok(())
}
