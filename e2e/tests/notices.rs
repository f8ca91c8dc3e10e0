//! The operator speaks: `im notify` reaches who is online at once, and who is away when they come.

use anyhow::Result;
use im_client::Event;
use im_e2e::{Cluster, Connect, Device, Terminal};
use im_shared::content::{Content, Notice};
use im_shared::ids::{ConversationId, UserId};
use im_shared::wire::{Code, Entry, EntryType, Platform};
use uuid::Uuid;

/// What of the operator stands in a device's logs.
fn words(device: &Device) -> Vec<Entry> {
    let is = |entry: &&Entry| entry.type_ == EntryType::System;
    device.observe(|seen| seen.entries.iter().filter(is).cloned().collect())
}

async fn waits_for(device: &Device, title: &str) -> Result<()> {
    let says = |entry: &Entry| {
        entry.type_ == EntryType::System
            && Notice::parse(&entry.content).is_ok_and(|notice| notice.title == title)
    };
    let what = format!("{title:?} of the operator");
    device
        .wait(&what, |seen| seen.entries.iter().any(says).then_some(()))
        .await
}

/// D12, A13, J7: to some and to everybody, over both nodes; repeated by its id it is there once, also for who comes later.
#[tokio::test]
async fn a_word_of_the_operator_reaches_who_is_online_and_who_comes_later_once() -> Result<()> {
    let cluster = Cluster::builder().access(2).logic(2).start().await?;
    let alice = cluster.user_on("access-1", "alice").await?;
    let desktop = Connect::on("access-2").platform(Platform::Desktop);
    let desktop = alice.account().connect(desktop).await?;
    let carol = cluster.user_on("access-2", "carol").await?;
    let bob = cluster.account("bob").await?;

    let operator = Terminal::new(&cluster, "operator")?;
    let (nats, id) = (cluster.backend().nats(), Uuid::now_v7().to_string());
    let users = format!("{},{}", alice.id(), bob.id);
    let bus = [
        "notify",
        "--nats",
        &nats,
        "--prefix",
        cluster.backend().prefix(),
    ];
    let to_two = [
        &bus[..],
        &["--user-id", &users, "--id", &id, "Tea", "is ready"],
    ]
    .concat();
    operator.im(&to_two).await?;
    for device in [alice.device(), &desktop] {
        waits_for(device, "Tea").await?;
        let shown = |event: &Event| match event {
            Event::Notification(told) if told.title == "Tea" => Some(told.content.clone()),
            _ => None,
        };
        assert_eq!(device.event("notification", shown).await?, "is ready");
    }
    // Again, as one would after a doubt.
    operator.im(&to_two).await?;
    operator
        .im(&[&bus[..], &["--all", "Closed", "on Sunday"]].concat())
        .await?;
    for device in [alice.device(), &desktop, carol.device()] {
        waits_for(device, "Closed").await?;
    }

    let late = bob.connect(Connect::on("access-2")).await?;
    waits_for(&late, "Tea").await?;
    waits_for(&late, "Closed").await?;
    for (device, count) in [
        (alice.device(), 2),
        (&desktop, 2),
        (&late, 2),
        (carol.device(), 1),
    ] {
        let words = words(device);
        assert_eq!(words.len(), count, "{}: {words:?}", device.name());
        assert!(words.iter().all(|word| word.sender_id == UserId(0)));
    }
    let id = late.post(ConversationId::ANNOUNCEMENTS, "me too").await?;
    assert_eq!(late.refused(id).await?, Code::ReadOnly);
    Ok(())
}
