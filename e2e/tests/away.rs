//! Who is there and who is not: presence, typing, and what becomes of messages to those who are away.

use anyhow::Result;
use im_client::api::Visibility;
use im_client::{Event, Kind, Preference};
use im_e2e::{Account, Cluster, Connect, TestUser, Webhook, webhook};
use im_shared::ids::{ConversationId, UserId};
use serde_json::json;

/// E6: the operator's program is told of a message for those who are away, and only of them, signed.
#[tokio::test]
async fn the_webhook_is_told_who_is_away() -> Result<()> {
    let webhook = Webhook::start().await?;
    let cluster = Cluster::builder()
        .access(2)
        .logic(2)
        .setting("IM_LOGIC_PUSH__WEBHOOK_URL", webhook.url())
        .setting("IM_LOGIC_PUSH__WEBHOOK_SECRET", webhook::SECRET)
        .setting("IM_LOGIC_PUSH__DELAY_MS", 200)
        .setting("IM_LOGIC_PUSH__COLLAPSE_MS", 0)
        .setting("IM_LOGIC_PUSH__POLL_MS", 50)
        // What was told once is not told again because the answer took its time.
        .setting("IM_LOGIC_PUSH__DEADLINE_MS", 60_000)
        .setting("IM_LOGIC_PUSH__LEASE_MS", 300_000)
        .start()
        .await?;
    let alice = cluster.user_on("access-1", "alice").await?;
    let carol = cluster.user_on("access-2", "carol").await?;
    let bob = cluster.account("bob").await?;
    alice.befriend(&carol).await?;
    alice.account().befriend(&bob).await?;
    let to_carol = alice.send(&carol, "you are here").await?;
    carol
        .reaches(to_carol.conversation_id, to_carol.seq)
        .await?;
    let tea = im_client::api::NewGroup {
        name: "Tea".to_owned(),
        member_ids: vec![carol.id(), bob.id],
        ..im_client::api::NewGroup::default()
    };
    let tea = alice.account().api.create_group(&tea).await?.id;
    let said = alice.device().send(tea, "tea is ready").await?;

    let told = webhook.told(0).await?;
    assert_eq!(told["users"], json!([bob.id]), "{told}");
    assert_eq!(
        (&told["conversationId"], &told["seq"], &told["preview"]),
        (&json!(tea), &json!(said.seq.0), &json!("tea is ready"))
    );
    assert_eq!(told["conversationName"], "Tea");

    // Bob comes and reads; then it is carol who is away.
    let phone = bob.connect(Connect::on("access-2")).await?;
    phone.reaches(tea, said.seq).await?;
    let carols = carol.id();
    drop(carol);
    gone(&alice, carols).await?;
    let said = alice.device().send(tea, "and getting cold").await?;
    let told = webhook.told(1).await?;
    assert_eq!(
        (&told["users"], &told["seq"]),
        (&json!([carols]), &json!(said.seq.0))
    );
    assert_eq!(webhook.count(), 2);
    Ok(())
}

/// Waits until a friend is known to be away.
async fn gone(user: &TestUser, friend: UserId) -> Result<()> {
    let away = |event: &Event| match event {
        Event::Presence(at) if at.user_id == friend && !at.online => Some(()),
        _ => None,
    };
    user.event("a friend's going", away).await
}

/// What REST says of a friend.
async fn is_online(account: &Account, friend: UserId) -> Result<bool> {
    let friends = account.api.friends().await?;
    Ok(friends
        .iter()
        .any(|one| one.friend_id == friend && one.online))
}

/// F5: who is invisible is offline to friends on every node and by REST, and gets everything all the same.
#[tokio::test]
async fn who_is_invisible_is_offline_to_friends() -> Result<()> {
    let cluster = Cluster::builder()
        .access(2)
        .logic(2)
        .setting("IM_LOGIC_PRESENCE__GRACE_MS", 100)
        .start()
        .await?;
    let alice = cluster.user_on("access-1", "alice").await?;
    let bob = cluster.user_on("access-2", "bob").await?;
    alice.befriend(&bob).await?;
    assert!(is_online(alice.account(), bob.id()).await?);

    bob.client().set_invisible(true).await?;
    gone(&alice, bob.id()).await?;
    assert!(!is_online(alice.account(), bob.id()).await?);
    assert_eq!(bob.account().api.visibility().await?, Visibility::Invisible);
    alice.send(&bob, "are you there?").await?;
    bob.shows("are you there?").await?;
    bob.account()
        .api
        .set_visibility(Visibility::Visible)
        .await?;
    let here = |event: &Event| match event {
        Event::Presence(at) if at.user_id == bob.id() && at.online => Some(()),
        _ => None,
    };
    alice.event("bob's return", here).await?;
    assert!(is_online(alice.account(), bob.id()).await?);
    Ok(())
}

/// A20, [R15]: that somebody types reaches the others in a private conversation and in a group, from and to each transport.
#[tokio::test]
async fn typing_reaches_the_others_over_both_transports() -> Result<()> {
    let cluster = Cluster::builder().access(2).logic(2).start().await?;
    let mut users = Vec::new();
    for (name, node, transport) in [
        ("alice", "access-1", Preference::WebTransport),
        ("bob", "access-2", Preference::WebSocket),
        ("carol", "access-1", Preference::WebSocket),
    ] {
        let how = Connect::on(node).transport(transport);
        users.push(TestUser::join(&cluster, name, how).await?);
    }
    let (alice, bob, carol) = (&users[0], &users[1], &users[2]);
    let kind = |user: &TestUser| user.observe(|seen| seen.session.as_ref().map(|one| one.1));
    assert_eq!(
        [kind(alice), kind(bob)],
        [Some(Kind::WebTransport), Some(Kind::WebSocket)]
    );
    alice.befriend(bob).await?;
    alice.befriend(carol).await?;
    let private = alice.send(bob, "hello").await?;
    bob.reaches(private.conversation_id, private.seq).await?;
    let tea = alice.create_group("Tea", &[bob, carol]).await?;
    let said = tea.say(bob, "hello").await?;
    for user in [alice, carol] {
        user.reaches(tea.id, said.seq).await?;
    }
    let types = |user: &TestUser, at: ConversationId| {
        let id = user.id();
        move |event: &Event| match event {
            Event::Typing(typing) => {
                ((typing.user_id, typing.conversation_id) == (id, at)).then_some(())
            }
            _ => None,
        }
    };
    let private = private.conversation_id;
    alice.client().typing(private).await?;
    bob.event("alice's typing", types(alice, private)).await?;
    bob.client().typing(private).await?;
    alice.event("bob's typing", types(bob, private)).await?;
    alice.client().typing(tea.id).await?;
    for user in [bob, carol] {
        user.event("alice's typing in the group", types(alice, tea.id))
            .await?;
    }
    bob.client().typing(tea.id).await?;
    for user in [alice, carol] {
        user.event("bob's typing in the group", types(bob, tea.id))
            .await?;
    }
    let told = |user: &TestUser| {
        user.observe(|seen| {
            let typing = |event: &&Event| matches!(event, Event::Typing(_));
            seen.events.iter().filter(typing).count()
        })
    };
    assert_eq!([told(alice), told(bob), told(carol)], [2, 2, 2]);
    Ok(())
}
