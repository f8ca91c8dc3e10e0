//! People chat: through different nodes, offline, on several devices, over both transports.

use std::sync::Arc;

use anyhow::Result;
use im_client::{Event, Kind, MemoryStorage, Preference};
use im_e2e::{Cluster, Connect};
use im_shared::ids::Seq;
use im_shared::wire::{CloseCode, Code, FriendChange, Platform};

/// A3: every one of these runs over both transports.
macro_rules! over_both_transports {
    ($($name:ident,)*) => {
        mod over_web_transport {
            $(#[tokio::test]
            async fn $name() -> super::Result<()> {
                super::$name(super::Preference::WebTransport).await
            })*
        }
        mod over_web_socket {
            $(#[tokio::test]
            async fn $name() -> super::Result<()> {
                super::$name(super::Preference::WebSocket).await
            })*
        }
    };
}

over_both_transports! {
    two_users_chat_through_different_nodes,
    messages_to_someone_offline_are_complete_in_order_and_shown_once,
    own_messages_are_mirrored_to_other_platforms,
    a_newer_login_on_the_same_platform_closes_the_older_on_another_node,
    delivered_and_read_are_known_to_the_sender_and_to_the_readers_devices,
    friends_hear_of_each_other_while_online,
    rest_shows_the_conversations_that_the_devices_show,
}

/// A2, A10, D1, D9: from one access node to the other and back.
async fn two_users_chat_through_different_nodes(transport: Preference) -> Result<()> {
    let cluster = Cluster::builder()
        .transport(transport)
        .access(2)
        .logic(2)
        .start()
        .await?;
    let alice = cluster.user_on("access-1", "alice").await?;
    let bob = cluster.user_on("access-2", "bob").await?;
    alice.befriend(&bob).await?;
    assert_eq!(
        (alice.node().await?, bob.node().await?),
        ("access-1".to_owned(), "access-2".to_owned())
    );
    let kind = alice.observe(|seen| seen.session.as_ref().map(|(_, kind)| *kind));
    assert_eq!(
        kind,
        Some(if transport == Preference::WebSocket {
            Kind::WebSocket
        } else {
            Kind::WebTransport
        })
    );

    let sent = alice.send(&bob, "hi").await?;
    let received = bob.next_message().await?;
    assert_eq!(
        (received.text.as_str(), received.sender, received.seq),
        ("hi", alice.id(), 1)
    );
    assert_eq!(
        (sent.conversation_id, sent.seq),
        (received.conversation, Seq(1))
    );

    bob.send(&alice, "hello yourself 你好 🙂").await?;
    let answer = alice.next_message().await?;
    assert_eq!(
        (answer.text.as_str(), answer.conversation, answer.seq),
        ("hello yourself 你好 🙂", sent.conversation_id, 2)
    );
    assert_eq!(cluster.errors(), Vec::<String>::new());
    Ok(())
}

/// A3: a client that can only use WebSocket talks with one on WebTransport.
#[tokio::test]
async fn a_client_without_web_transport_joins_over_web_socket() -> Result<()> {
    let cluster = Cluster::builder().access(2).start().await?;
    let (alice, bob) = (cluster.account("alice").await?, cluster.user("bob").await?);
    let phone = alice
        .connect(Connect::on("access-2").transport(Preference::WebSocket))
        .await?;
    bob.account().befriend(&alice).await?;
    assert!(phone.observe(|seen| matches!(seen.session, Some((_, Kind::WebSocket)))));

    phone.send(bob.id(), "over TCP").await?;
    assert_eq!(bob.next_message().await?.text, "over TCP");
    bob.device().send(alice.id, "over UDP").await?;
    assert_eq!(phone.next_message().await?.text, "over UDP");
    Ok(())
}

/// D6, R4: with what an earlier visit has kept, and without any memory.
async fn messages_to_someone_offline_are_complete_in_order_and_shown_once(
    transport: Preference,
) -> Result<()> {
    let cluster = Cluster::builder()
        .transport(transport)
        .logic(2)
        .start()
        .await?;
    let alice = cluster.user("alice").await?;
    let friend = cluster.account("bob").await?;
    alice.account().befriend(&friend).await?;
    let storage = Arc::new(MemoryStorage::default());
    let how = Connect::default();
    // A first visit, so that the second one has a cursor to continue from.
    let before = friend
        .connect_with(how.clone(), Arc::clone(&storage))
        .await?;
    before.node().await?;
    let first = alice.device().send(friend.id, "message 0").await?;
    before.shows("message 0").await?;
    drop(before);

    let texts: Vec<String> = (1..=120)
        .map(|number| format!("message {number}"))
        .collect();
    let mut last = None;
    for text in &texts {
        last = Some(alice.post(friend.id, text).await?);
    }
    alice.acknowledged(last.expect("there are some")).await?;

    let back = friend.connect_with(how, storage).await?;
    back.shows("message 120").await?;
    back.node().await?;
    assert_eq!(back.texts(first.conversation_id), texts);

    // A device without memory gets the whole log.
    let fresh = friend
        .connect(Connect::default().platform(Platform::Desktop))
        .await?;
    fresh.shows("message 120").await?;
    assert_eq!(fresh.texts(first.conversation_id).len(), 121);
    Ok(())
}

/// F3: every device of both users gets every message; own messages are mirrored.
async fn own_messages_are_mirrored_to_other_platforms(transport: Preference) -> Result<()> {
    let cluster = Cluster::builder()
        .transport(transport)
        .access(2)
        .logic(2)
        .start()
        .await?;
    let (alice, bob) = (
        cluster.account("alice").await?,
        cluster.account("bob").await?,
    );
    alice.befriend(&bob).await?;
    let terminal = alice.connect(Connect::on("access-1")).await?;
    let desktop = alice
        .connect(Connect::on("access-2").platform(Platform::Desktop))
        .await?;
    let phone = bob
        .connect(Connect::on("access-1").platform(Platform::Android))
        .await?;
    let web = bob
        .connect(Connect::on("access-2").platform(Platform::Web))
        .await?;

    let sent = terminal.send(bob.id, "from the terminal").await?;
    phone.shows("from the terminal").await?;
    web.send(alice.id, "from the web").await?;
    for device in [&terminal, &desktop, &phone, &web] {
        device.shows("from the web").await?;
        assert_eq!(
            device.texts(sent.conversation_id),
            ["from the terminal", "from the web"],
            "{}",
            device.name()
        );
    }
    Ok(())
}

/// F4, S8: on another node, with a reason; other platforms stay.
async fn a_newer_login_on_the_same_platform_closes_the_older_on_another_node(
    transport: Preference,
) -> Result<()> {
    let cluster = Cluster::builder()
        .transport(transport)
        .access(2)
        .start()
        .await?;
    let alice = cluster.account("alice").await?;
    let older = alice.connect(Connect::on("access-1")).await?;
    let desktop = alice
        .connect(Connect::on("access-1").platform(Platform::Desktop))
        .await?;
    let newer = alice.connect(Connect::on("access-2")).await?;
    assert_eq!(older.kicked().await?, CloseCode::SignedInElsewhere);
    assert_eq!(newer.node().await?, "access-2");
    for device in [&newer, &desktop] {
        assert!(
            device.observe(|seen| seen.kicked.is_none() && seen.session.is_some()),
            "{}",
            device.name()
        );
    }
    Ok(())
}

/// D7, G2, G3: delivered and read are told to the sender, read also to the reader's other devices; unread counts follow.
async fn delivered_and_read_are_known_to_the_sender_and_to_the_readers_devices(
    transport: Preference,
) -> Result<()> {
    let cluster = Cluster::builder()
        .transport(transport)
        .access(2)
        .start()
        .await?;
    let alice = cluster.user_on("access-1", "alice").await?;
    let bob = cluster.user_on("access-2", "bob").await?;
    let desktop = bob
        .account()
        .connect(Connect::default().platform(Platform::Desktop))
        .await?;
    alice.befriend(&bob).await?;
    let mut last = alice.send(&bob, "one").await?;
    for text in ["two", "three"] {
        last = alice.send(&bob, text).await?;
    }
    let (conversation, bob_id) = (last.conversation_id, bob.id());
    let delivered = |event: &Event| {
        matches!(event, Event::Delivered(at) if (at.user_id, at.seq) == (bob_id, Seq(3)))
            .then_some(())
    };
    alice.event("delivery receipt", delivered).await?;

    let list = bob.account().api.conversations().await?;
    assert_eq!(
        (list.total_unread, list.conversations[0].unread_count),
        (3, 3)
    );
    bob.client().read(conversation, Seq(2)).await?;
    let read = |event: &Event| {
        matches!(event, Event::Read(at) if (at.user_id, at.seq) == (bob_id, Seq(2))).then_some(())
    };
    alice.event("read receipt", read).await?;
    desktop.event("own read receipt", read).await?;
    let list = bob.account().api.conversations().await?;
    assert_eq!(
        (list.total_unread, list.conversations[0].unread_count),
        (1, 1)
    );
    Ok(())
}

/// A12, C4, F5: friends hear of a request, its answer, each other's coming and going, and the end.
async fn friends_hear_of_each_other_while_online(transport: Preference) -> Result<()> {
    let cluster = Cluster::builder()
        .transport(transport)
        .access(2)
        .logic(2)
        .start()
        .await?;
    let alice = cluster.user_on("access-1", "alice").await?;
    let bob = cluster.user_on("access-2", "bob").await?;
    let change = |wanted: FriendChange| {
        move |event: &Event| {
            matches!(event, Event::Friend(friend) if friend.change == wanted).then_some(())
        }
    };

    let request = alice
        .account()
        .api
        .request_friend(bob.id(), "it is me")
        .await?;
    bob.event("friend request", change(FriendChange::Requested))
        .await?;
    bob.account().api.accept_friend(request).await?;
    alice
        .event("acceptance", change(FriendChange::Accepted))
        .await?;

    let account = bob.account().clone();
    drop(bob);
    let id = account.id;
    let presence = |online: bool| {
        move |event: &Event| {
            matches!(event, Event::Presence(at) if (at.user_id, at.online) == (id, online))
                .then_some(())
        }
    };
    alice.event("going offline", presence(false)).await?;
    // It stays: who goes at once may be gone before anybody is told.
    let _back = account.connect(Connect::default()).await?;
    alice.event("coming online", presence(true)).await?;

    account.api.remove_friend(alice.id()).await?;
    alice
        .event("end of the friendship", change(FriendChange::Deleted))
        .await?;
    let refused = alice.post(id, "are you there?").await?;
    assert_eq!(alice.refused(refused).await?, Code::NotFriends);
    Ok(())
}

/// G1, D8: the list and the history by REST agree with what the devices show.
async fn rest_shows_the_conversations_that_the_devices_show(transport: Preference) -> Result<()> {
    let cluster = Cluster::builder().transport(transport).start().await?;
    let alice = cluster.user("alice").await?;
    let (bob, carol) = (cluster.user("bob").await?, cluster.user("carol").await?);
    alice.befriend(&bob).await?;
    alice.befriend(&carol).await?;
    let to_bob = alice.send(&bob, "to bob").await?;
    carol.send(&alice, "to alice").await?;

    let list = alice.account().api.conversations().await?;
    let names: Vec<&str> = list
        .conversations
        .iter()
        .filter_map(|one| one.peer.as_ref())
        .map(|peer| peer.username.as_str())
        .collect();
    assert_eq!(names, ["carol", "bob"], "the newest first");
    let page = alice
        .account()
        .api
        .messages(to_bob.conversation_id, Seq(0), 50)
        .await?;
    assert_eq!(
        page.messages
            .iter()
            .map(|message| message.content.as_str())
            .collect::<Vec<_>>(),
        ["to bob"]
    );
    let stranger = carol
        .account()
        .api
        .messages(to_bob.conversation_id, Seq(0), 50)
        .await;
    assert_eq!(
        stranger.expect_err("it is not hers").code(),
        Some(Code::NotMember)
    );
    Ok(())
}
