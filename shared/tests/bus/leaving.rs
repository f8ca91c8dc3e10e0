//! A member leaves its queue group while others go on sending.

use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use im_shared::bus::{Bus, LOGIC_GROUP, NatsConfig, Subscription, connect};
use im_shared::testing::{NatsServer, Servers, unique_prefix, wait_until};
use tokio::time::timeout;

const SOON: Duration = Duration::from_secs(20);
/// Few enough to be on their way at once, many enough that some always are.
const PAYLOADS: usize = 1_000;

async fn member(bus: &Bus) -> Subscription {
    let subject = bus.subjects().upstream();
    let member = bus.queue_subscribe(subject, LOGIC_GROUP).await.unwrap();
    bus.flush(SOON).await.unwrap();
    member
}

async fn send(bus: Bus) {
    for _ in 0..PAYLOADS {
        let subject = bus.subjects().upstream();
        let payload = Bytes::from_static(b"a carrier");
        bus.publish(subject, payload).await.unwrap();
    }
    bus.flush(SOON).await.unwrap();
}

/// D2, K13: with what the library calls drain some sixty payloads of each stop went to nobody.
#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_leaves_its_group_takes_what_was_sent_to_it_and_nothing_goes_to_nobody() {
    let config = NatsConfig {
        publish_timeout_ms: 20_000,
        ..Servers::nats(&unique_prefix())
    };
    let sender = connect(&config, "sender").await.unwrap();
    let first = connect(&config, "first").await.unwrap();
    let second = connect(&config, "second").await.unwrap();
    for round in 0..20 {
        let (mut leaves, mut stays) = (member(&first).await, member(&second).await);
        let sending = tokio::spawn(send(sender.clone()));
        let mut taken = 0;
        while taken < 100 {
            timeout(SOON, leaves.next()).await.unwrap().unwrap();
            taken += 1;
            // A worker answers on the same connection, which wakes it all the time.
            let answer = Bytes::from_static(b"an answer");
            let subject = first.subjects().broadcast();
            first.publish(subject, answer).await.unwrap();
        }
        let left = leaves.leave(|_| taken += 1);
        timeout(SOON, left).await.unwrap().unwrap();
        sending.await.unwrap();
        while taken < PAYLOADS {
            let next = timeout(SOON, stays.next()).await;
            assert!(next.is_ok(), "round {round}: {} are lost", PAYLOADS - taken);
            taken += 1;
        }
    }
}

#[tokio::test]
async fn a_member_leaves_after_a_reconnect_too() {
    let server = NatsServer::start();
    let config = NatsConfig {
        url: server.url().into(),
        publish_timeout_ms: 20_000,
        ..NatsConfig::default()
    };
    let bus = connect(&config, "test").await.unwrap();
    let mut member = member(&bus).await;
    send(bus.clone()).await;
    for _ in 0..PAYLOADS {
        timeout(SOON, member.next()).await.unwrap().unwrap();
    }
    server.restart().await;
    // What is asked before the connection has noticed is answered by nobody.
    let answers = async || bus.flush(Duration::from_secs(2)).await.is_ok();
    wait_until(answers, SOON).await;
    send(bus.clone()).await;
    let mut taken = 0;
    timeout(SOON, member.leave(|_| taken += 1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(taken, PAYLOADS);
}
