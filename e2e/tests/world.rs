//! Guests and users talk in the world chat.

use anyhow::Result;
use im_e2e::{Account, Cluster};
use im_shared::ids::ConversationId;
use im_shared::wire::Code;

/// B11, E3: one call, and a guest reads and writes the world chat; everybody on every node sees it, in one order.
#[tokio::test]
async fn a_guest_talks_with_everybody_in_the_world_chat() -> Result<()> {
    let cluster = Cluster::builder().access(2).logic(2).start().await?;
    let guest = Account::guest(&cluster, "visitor", "access-1").await?;
    let alice = cluster.user_on("access-2", "alice").await?;

    let asked = guest
        .send(ConversationId::WORLD, "is anybody here?")
        .await?;
    let heard = alice.next_message().await?;
    assert_eq!(
        (heard.text.as_str(), heard.seq),
        ("is anybody here?", asked.seq.0)
    );
    let answered = alice
        .device()
        .send(ConversationId::WORLD, "everybody")
        .await?;
    assert_eq!(answered.seq, asked.seq.next());
    assert_eq!(guest.next_message().await?.text, "everybody");
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
