//! Who speaks on which subject.

use std::collections::HashMap;

use anyhow::{Context, Result};
use futures_util::StreamExt;
use im_client::Event;
use im_e2e::{Cluster, Connect, PATIENCE};
use im_shared::bus::{self, Carrier, Delivery, Target};
use im_shared::ids::{SessionId, UserId};
use im_shared::wire::{self, Body, Frame, SystemNotification};

/// A9, A10: a message travels in one upstream carrier, and its push only on the downstream subject of the recipient's node.
#[tokio::test]
async fn a_push_travels_on_the_subject_of_the_recipients_node_only() -> Result<()> {
    let cluster = Cluster::builder().access(2).logic(2).start().await?;
    let alice = cluster.user_on("access-1", "alice").await?;
    let bob = cluster.user_on("access-2", "bob").await?;
    alice.befriend(&bob).await?;
    let nats = cluster.backend().bus().await?;
    let mut upstream = nats.subscribe(nats.subjects().upstream()).await?;
    let mut downstream = HashMap::new();
    for node in ["access-1", "access-2"] {
        downstream.insert(
            node,
            nats.subscribe(nats.subjects().downstream(&node.parse()?))
                .await?,
        );
    }
    nats.flush(PATIENCE).await?;

    alice.send(&bob, "look at me").await?;
    bob.next_message().await?;

    let mut messages = 0;
    while messages == 0 {
        let payload = tokio::time::timeout(PATIENCE, upstream.next())
            .await?
            .context("the bus ended")?
            .payload;
        let Carrier::Upstream { items, .. } = bus::decode(payload)? else {
            continue;
        };
        for (origin, frame) in items {
            if let Body::UserMessage(message) = wire::decode(&frame)?.body {
                assert_eq!((origin.user, message.peer_id), (alice.id(), bob.id()));
                messages += 1;
            }
        }
    }
    assert_eq!(messages, 1);

    for (node, wanted) in [("access-1", "MessageAck"), ("access-2", "PushMessage")] {
        let subscriber = downstream.get_mut(node).context("subscribed")?;
        let mut seen = Vec::new();
        while !seen.contains(&wanted) {
            let payload = tokio::time::timeout(PATIENCE, subscriber.next())
                .await?
                .context("the bus ended")?
                .payload;
            let Carrier::Downstream { deliveries, .. } = bus::decode(payload)? else {
                continue;
            };
            for delivery in deliveries
                .iter()
                .filter(|delivery| delivery.close.is_none())
            {
                seen.push(wire::decode(&delivery.frame)?.body.kind().name());
            }
        }
        let other = if wanted == "MessageAck" {
            "PushMessage"
        } else {
            "MessageAck"
        };
        assert!(!seen.contains(&other), "{node} got {seen:?}");
    }
    Ok(())
}

/// A11, A13, D12: one publish on the broadcast subject reaches every client of every node, over both transports.
#[tokio::test]
async fn one_publish_on_the_broadcast_subject_reaches_everybody() -> Result<()> {
    let cluster = Cluster::builder().access(2).start().await?;
    let mut devices = Vec::new();
    for (name, node, transport) in [
        ("alice", "access-1", im_client::Preference::WebTransport),
        ("bob", "access-2", im_client::Preference::WebTransport),
        ("carol", "access-1", im_client::Preference::WebSocket),
        ("dave", "access-2", im_client::Preference::WebSocket),
    ] {
        devices.push(
            cluster
                .account(name)
                .await?
                .connect(Connect::on(node).transport(transport))
                .await?,
        );
    }
    let notification = SystemNotification {
        notification_id: 7,
        title: "Maintenance".to_owned(),
        content: "Tonight at ten".to_owned(),
        created_at: 1,
        ..SystemNotification::default()
    };
    let frame = wire::encode(&Frame::push(notification.clone()));
    let everybody = Target {
        session: SessionId(0),
        user: UserId(0),
    };
    let payload = bus::encode_downstream(1, 0, &[Delivery::live(frame, vec![everybody])]);
    let nats = cluster.backend().bus().await?;
    nats.publish(nats.subjects().broadcast(), payload).await?;
    for device in &devices {
        let heard = |event: &Event| {
            matches!(event, Event::Notification(heard) if *heard == notification).then_some(())
        };
        device.event("notification", heard).await?;
    }
    Ok(())
}
