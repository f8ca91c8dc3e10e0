//! How many devices of a user are online at once: the policies of a deployment, over two nodes.

use anyhow::Result;
use im_e2e::{Cluster, Connect, Device};
use im_shared::wire::{CloseCode, Platform};

fn stays(device: &Device) {
    let here = device.observe(|seen| seen.kicked.is_none() && seen.session.is_some());
    assert!(here, "{} was ended", device.name());
}

/// F3, F4, [S8]: under `at-most` the oldest session goes, whatever its platform and node, and is told why; the others get everything.
#[tokio::test]
async fn under_at_most_the_oldest_session_goes() -> Result<()> {
    let cluster = Cluster::builder()
        .access(2)
        .logic(2)
        .setting("IM_ACCESS_DEVICES__POLICY", "at-most")
        .setting("IM_ACCESS_DEVICES__MAX", 2)
        .start()
        .await?;
    let (alice, bob) = (cluster.account("alice").await?, cluster.user("bob").await?);
    alice.befriend(bob.account()).await?;
    let oldest = alice.connect(Connect::on("access-1")).await?;
    let desktop = Connect::on("access-2").platform(Platform::Desktop);
    let desktop = alice.connect(desktop).await?;
    stays(&oldest);
    let phone = Connect::on("access-2").platform(Platform::Android);
    let phone = alice.connect(phone).await?;
    assert_eq!(oldest.kicked().await?, CloseCode::SignedInElsewhere);

    // Two of one platform are fine, as long as they are two.
    let second = Connect::on("access-1").platform(Platform::Android);
    let second = alice.connect(second.device("another-phone")).await?;
    assert_eq!(desktop.kicked().await?, CloseCode::SignedInElsewhere);
    bob.device().send(alice.id, "where are you?").await?;
    phone.shows("where are you?").await?;
    second.shows("where are you?").await?;
    phone.send(bob.id(), "on two phones").await?;
    second.shows("on two phones").await?;
    stays(&phone);
    stays(&second);
    Ok(())
}

/// F3, F4, [S8]: under `unlimited` only a newer session of the same device ends an older one; every device gets everything, own messages too.
#[tokio::test]
async fn under_unlimited_every_device_stays_and_gets_everything() -> Result<()> {
    let cluster = Cluster::builder()
        .access(2)
        .logic(2)
        .setting("IM_ACCESS_DEVICES__POLICY", "unlimited")
        .start()
        .await?;
    let (alice, bob) = (cluster.account("alice").await?, cluster.user("bob").await?);
    alice.befriend(bob.account()).await?;
    let mut devices = Vec::new();
    for (number, node) in (0..6).zip(["access-1", "access-2"].iter().cycle()) {
        let how = Connect::on(node).device(&format!("terminal-{number}"));
        devices.push(alice.connect(how).await?);
    }
    bob.device().send(alice.id, "so many").await?;
    let sent = devices[0].send(bob.id(), "six").await?;
    for device in &devices {
        device.reaches(sent.conversation_id, sent.seq).await?;
        assert_eq!(device.texts(sent.conversation_id), ["so many", "six"]);
        stays(device);
    }
    let again = Connect::on("access-2").device("terminal-0");
    alice.connect(again).await?;
    assert_eq!(devices[0].kicked().await?, CloseCode::SignedInElsewhere);
    devices[1..].iter().for_each(stays);
    Ok(())
}
