//! Somebody is blocked: nothing of them arrives, whatever node they are on.

use anyhow::Result;
use im_client::Event;
use im_client::api::NewGroup;
use im_e2e::{Cluster, Terminal, TestUser};
use im_shared::wire::Code;

/// C5: from other nodes than the one that was told, over the session and over REST, until they are unblocked.
#[tokio::test]
async fn a_blocked_user_reaches_nobody_on_any_node() -> Result<()> {
    let cluster = Cluster::builder().access(2).logic(2).web(2).start().await?;
    let alice = cluster.user_on("access-1", "alice").await?;
    let bob = cluster.user_on("access-2", "bob").await?;
    let carol = cluster.user_on("access-2", "carol").await?;
    alice.befriend(&bob).await?;
    alice.befriend(&carol).await?;
    let first = bob.send(&alice, "hello").await?;
    alice.shows("hello").await?;

    alice.account().api.block(bob.id()).await?;
    seen(&bob, &alice, false).await?;
    // More than there are workers, so that each has some.
    for _ in 0..4 {
        let message = bob.post(alice.id(), "are you there?").await?;
        assert_eq!(bob.refused(message).await?, Code::Blocked);
    }
    let message = alice.post(bob.id(), "no").await?;
    assert_eq!(alice.refused(message).await?, Code::Blocked);
    let api = &bob.account().api;
    let asked = api.request_friend(alice.id(), "please").await.unwrap_err();
    assert_eq!(asked.code(), Some(Code::Blocked));
    let group = NewGroup {
        name: "Tea".to_owned(),
        member_ids: vec![alice.id()],
        ..NewGroup::default()
    };
    let invited = api.create_group(&group).await.unwrap_err();
    assert_eq!(invited.code(), Some(Code::Blocked));
    let friends = api.friends().await?;
    assert!(friends.iter().all(|friend| !friend.online));

    // Others are not concerned.
    carol.send(&alice, "it is quiet here").await?;
    alice.shows("it is quiet here").await?;
    assert_eq!(alice.texts(first.conversation_id), ["hello"]);

    alice.account().api.unblock(bob.id()).await?;
    seen(&bob, &alice, true).await?;
    bob.send(&alice, "there you are").await?;
    alice.shows("there you are").await?;
    Ok(())
}

/// Waits until `user` is told that `other` is there, or is not.
async fn seen(user: &TestUser, other: &TestUser, online: bool) -> Result<()> {
    let id = other.id();
    let told = move |event: &Event| {
        matches!(event, Event::Presence(at) if (at.user_id, at.online) == (id, online))
            .then_some(())
    };
    user.event("a change of presence", told).await
}

/// C5, C2, B4: at the terminal.
#[tokio::test]
async fn somebody_is_blocked_at_the_terminal() -> Result<()> {
    let cluster = Cluster::builder().start().await?;
    let ann = Terminal::register(&cluster, "ann").await?;
    let bob = Terminal::register(&cluster, "bob").await?;
    ann.im(&["friends", "add", "bob"]).await?;
    assert_eq!(
        ann.im(&["friends", "cancel", "bob"]).await?,
        "Taken back.\n"
    );
    ann.im(&["friends", "add", "bob"]).await?;
    bob.im(&["friends", "accept", "ann"]).await?;

    assert_eq!(bob.im(&["blocks"]).await?, "Nobody is blocked.\n");
    bob.im(&["block", "ann"]).await?;
    assert!(bob.im(&["blocks"]).await?.starts_with("ann "));
    assert!(bob.im(&["friends"]).await?.contains("blocked"));
    let refused = ann.run(&["chat", "bob"], "hello?\n").await?;
    assert_eq!(refused.code, Some(1), "{refused:?}");
    bob.im(&["unblock", "ann"]).await?;
    ann.chat("bob", "hello\n").await?;

    let shown = bob.im(&["privacy", "requests", "nobody"]).await?;
    assert!(shown.contains("requests   nobody"), "{shown}");
    bob.im(&["privacy", "findable", "off"]).await?;
    let eve = Terminal::register(&cluster, "eve").await?;
    assert_eq!(
        eve.im(&["friends", "search", "bob"]).await?,
        "Nobody found.\n"
    );
    assert!(ann.im(&["friends", "search", "bo"]).await?.contains("bob"));
    Ok(())
}
