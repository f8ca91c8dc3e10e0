//! F3, F4, [S8]: which sessions of a user stand next to each other, by the policy of the deployment.

use std::num::NonZeroU16;

use im_access::config::DeviceRule;
use im_shared::wire::CloseCode;

use crate::support::{Client, Stage, Ticket, Transport};

async fn stage(policy: DeviceRule, max: u16) -> Stage {
    Stage::with(|config| {
        config.devices.policy = policy;
        config.devices.max = NonZeroU16::new(max).unwrap();
        // Logic is silent here: what was replaced ends when its node looks.
        config.presence.reconcile_ms = 50;
    })
    .await
}

async fn browser(stage: &Stage, transport: Transport, device: &str) -> Client {
    let mut ticket = Ticket::of(1);
    device.clone_into(&mut ticket.device);
    stage.enter(transport, &ticket).await
}

/// The ids of the sessions that logic is told to end because of `client`; it stands on the bus of both nodes.
async fn replaced(first: &Stage, second: &Stage, client: &Client) -> Vec<u64> {
    let online = async |stage: &Stage| loop {
        let (origin, online) = stage.logic.next_online(1).await;
        if origin.session == client.session {
            return online;
        }
    };
    let online = tokio::select! {
        online = online(first) => online,
        online = online(second) => online,
    };
    online.replaced.iter().map(|old| old.session_id.0).collect()
}

/// F4
#[tokio::test]
async fn with_at_most_n_the_oldest_session_ends_on_any_node_and_is_told_why() {
    let first = stage(DeviceRule::AtMost, 2).await;
    let second = first.another("access-2").await;
    let mut oldest = browser(&first, Transport::WebTransport, "one").await;
    let mut middle = browser(&first, Transport::WebSocket, "two").await;
    let mut newest = browser(&second, Transport::WebTransport, "three").await;
    let ended = replaced(&first, &second, &newest).await;
    assert_eq!(ended, [oldest.session.0]);
    oldest.expect_kick(CloseCode::SignedInElsewhere).await;
    middle.heartbeat().await;
    newest.heartbeat().await;
    assert!(
        first
            .has_sessions(1, &[middle.session, newest.session])
            .await
    );
}

/// F3, F4
#[tokio::test]
async fn without_a_limit_browsers_stay_next_to_each_other() {
    let stage = stage(DeviceRule::Unlimited, 1).await;
    let mut clients = Vec::new();
    for number in 0..8 {
        let transport = Transport::BOTH[number % 2];
        clients.push(browser(&stage, transport, &number.to_string()).await);
    }
    let sessions: Vec<_> = clients.iter().map(|client| client.session).collect();
    for client in &mut clients {
        client.heartbeat().await;
    }
    assert!(stage.has_sessions(1, &sessions).await);
}

/// F4: whatever the policy, a device that connects again takes the place of its session before, on any node.
#[tokio::test]
async fn a_device_that_comes_back_leaves_no_ghost() {
    for policy in [
        DeviceRule::OnePerPlatform,
        DeviceRule::AtMost,
        DeviceRule::Unlimited,
    ] {
        let first = stage(policy, 5).await;
        let second = first.another("access-2").await;
        let mut ghost = browser(&first, Transport::WebTransport, "mine").await;
        let mut back = browser(&second, Transport::WebSocket, "mine").await;
        let ended = replaced(&first, &second, &back).await;
        assert_eq!(ended, [ghost.session.0], "{policy:?}");
        ghost.expect_kick(CloseCode::SignedInElsewhere).await;
        back.heartbeat().await;
        assert!(first.has_sessions(1, &[back.session]).await);
    }
}
