//! Guests and users talk in the world chat.

use anyhow::Result;
use im_client::Event;
use im_client::api::ConversationKind;
use im_e2e::user::PASSWORD;
use im_e2e::{Account, Cluster, Device};
use im_shared::ids::{ConversationId, Seq};
use im_shared::wire::Code;

const WORLD: ConversationId = ConversationId::WORLD;

/// Follows the world chat, and waits until its node knows: a session's frames are taken in order, so what is asked behind has its answer later.
async fn follow(device: &Device) -> Result<()> {
    device.follow(WORLD).await?;
    device.client().history(WORLD, Seq(0), 1).await?;
    Ok(())
}

/// B11, E3: one call, and a guest reads and writes the world chat; everybody on every node who follows it sees it, in one order.
#[tokio::test]
async fn a_guest_talks_with_everybody_in_the_world_chat() -> Result<()> {
    let cluster = Cluster::builder().access(2).logic(2).start().await?;
    let guest = Account::guest(&cluster, "visitor", "access-1").await?;
    let alice = cluster.user_on("access-2", "alice").await?;
    follow(&guest).await?;
    follow(&alice).await?;

    let asked = guest.send(WORLD, "is anybody here?").await?;
    let heard = alice.next_message().await?;
    assert_eq!(
        (heard.text.as_str(), heard.seq),
        ("is anybody here?", asked.seq.0)
    );
    let answered = alice.device().send(WORLD, "everybody").await?;
    assert_eq!(answered.seq, asked.seq.next());
    assert_eq!(guest.next_message().await?.text, "everybody");
    Ok(())
}

/// E3, [S12], [S13]: who follows hears it live, who does not is told that there is something, and has it all once they follow.
#[tokio::test]
async fn who_does_not_follow_the_world_chat_is_told_that_there_is_news() -> Result<()> {
    let cluster = Cluster::builder()
        .access(2)
        .logic(2)
        .setting("IM_ACCESS_SESSION__HINT_INTERVAL_MS", 1_000)
        .start()
        .await?;
    let alice = cluster.user_on("access-1", "alice").await?;
    let bob = cluster.user_on("access-2", "bob").await?;
    let carol = cluster.user_on("access-1", "carol").await?;
    follow(&alice).await?;
    follow(&bob).await?;
    let first = alice.device().send(WORLD, "good morning").await?;
    bob.reaches(WORLD, first.seq).await?;
    let news = |event: &Event| matches!(event, Event::News(WORLD)).then_some(());
    carol.event("news of the world chat", news).await?;
    assert!(!bob.observe(|seen| seen.events.iter().any(|event| news(event).is_some())));

    let answer = bob.device().send(WORLD, "it is").await?;
    carol.follow(WORLD).await?;
    carol.reaches(WORLD, answer.seq).await?;
    alice.reaches(WORLD, answer.seq).await?;
    let lines = alice.view(WORLD);
    assert_eq!(lines.len(), 2);
    for device in [bob.device(), carol.device()] {
        assert_eq!(device.view(WORLD), lines, "{}", device.name());
    }
    let world = carol.account().api.conversation(WORLD).await?;
    assert_eq!(world.kind, ConversationKind::World);
    Ok(())
}

/// E3, J6: more than the rate of a user is refused with a wait; the client waits, and everything arrives in order.
#[tokio::test]
async fn who_is_too_fast_in_the_world_chat_waits() -> Result<()> {
    let cluster = Cluster::builder()
        .access(2)
        .logic(2)
        .setting("IM_LOGIC_WORLD__BURST", 2)
        .setting("IM_LOGIC_WORLD__MESSAGES_PER_SECOND", 4)
        .start()
        .await?;
    let alice = cluster.user_on("access-1", "alice").await?;
    let bob = cluster.user_on("access-2", "bob").await?;
    follow(&bob).await?;
    let mut last = alice.device().send(WORLD, "number 0").await?;
    for number in 1..6 {
        last = alice
            .device()
            .send(WORLD, &format!("number {number}"))
            .await?;
    }
    bob.reaches(WORLD, last.seq).await?;
    let expected: Vec<String> = (0..6).map(|number| format!("number {number}")).collect();
    assert_eq!(bob.texts(WORLD), expected);
    Ok(())
}

/// B11, C4: a guest who registers is the same person, with what they said, and may have friends.
#[tokio::test]
async fn a_guest_who_registers_keeps_the_id_and_talks_to_a_friend() -> Result<()> {
    let cluster = Cluster::builder().access(2).logic(2).start().await?;
    let alice = cluster.user_on("access-2", "alice").await?;
    let guest = Account::guest(&cluster, "visitor", "access-1").await?;
    let said = guest.send(WORLD, "who are you all?").await?;
    let refused = guest.api.request_friend(alice.id(), "").await;
    assert_eq!(
        refused.expect_err("a guest has no friends").code(),
        Some(Code::Forbidden)
    );

    let login = guest.api.upgrade("victor", PASSWORD, "Victor").await?;
    assert_eq!(login.user_id, guest.user());
    let victor = Account::signed_in(&cluster, "victor", guest.user()).await?;
    victor.befriend(alice.account()).await?;
    let device = victor.connect(im_e2e::Connect::on("access-1")).await?;
    device.send(alice.id(), "it is me").await?;
    let heard = alice.next_message().await?;
    assert_eq!((heard.text.as_str(), heard.sender), ("it is me", victor.id));
    alice.device().send(victor.id, "welcome").await?;
    assert_eq!(device.shows("welcome").await?.sender, alice.id());
    device.reaches(WORLD, said.seq).await?;
    assert_eq!(device.view(WORLD)[0].sender, victor.id);
    Ok(())
}

/// B12, D13: the world chat is all that a guest may write to.
#[tokio::test]
async fn a_guest_cannot_write_to_a_user() -> Result<()> {
    let cluster = Cluster::builder().start().await?;
    let alice = cluster.user("alice").await?;
    let guest = Account::guest(&cluster, "visitor", "access-1").await?;
    let id = guest.post(alice.id(), "hello").await?;
    assert_eq!(guest.refused(id).await?, Code::NotFriends);
    Ok(())
}
