//! How fast a client may send.

use std::collections::BTreeSet;
use std::time::Instant;

use im_shared::ids::ConversationId;
use im_shared::wire::{Code, Frame, RequestId, Typing};

use crate::support::{Stage, Transport, error_of, request};

/// [S9]: more is answered with a time and has no effect; the session goes on.
#[tokio::test]
async fn more_frames_than_the_limit_are_told_when_to_come_back() {
    let stage = Stage::with(|config| {
        config.session.frame_burst = 5;
        config.session.frames_per_second = 1;
    })
    .await;
    for (transport, user) in Transport::BOTH.into_iter().zip([1, 2]) {
        let began = Instant::now();
        let mut client = stage.sign_in(transport, user).await;
        for id in 1..=40 {
            client.send(&request(id)).await;
        }
        // Heartbeats are free, and answered after what came before them.
        assert_eq!(client.heartbeat().await, 0);
        let most = 5 + began.elapsed().as_secs();
        let mut refused = BTreeSet::new();
        for _ in 0..client.waiting() {
            let (code, id, wait) = error_of(&client.next().await);
            assert_eq!(code, Code::RetryLater);
            assert!((1..=1_001).contains(&wait), "{wait}");
            refused.insert(id);
        }
        assert!(refused.first() > Some(&5), "{refused:?}");
        // The burst, and on a slow machine one more for each second.
        let let_in = 40 - refused.len() as u64;
        assert!((5..=most).contains(&let_in), "{let_in} of {most}");
        for id in (1..=40).filter(|id| !refused.contains(id)) {
            assert_eq!(stage.logic.next_request().await.1.request_id.0, id);
        }
    }
}

/// [S9]: a flood of heartbeats is no way around.
#[tokio::test]
async fn heartbeats_are_free_but_not_without_end() {
    let stage = Stage::start().await;
    let mut client = stage.sign_in(Transport::WebTransport, 1).await;
    for id in 1..=300 {
        let heartbeat = im_shared::wire::Heartbeat { client_time: 0 };
        client.send(&Frame::request(RequestId(id), heartbeat)).await;
    }
    let mut refused = 0;
    for _ in 0..300 {
        if let im_shared::wire::Body::ErrorResponse(error) = client.next().await.body {
            assert_eq!(error.code, Code::RetryLater);
            refused += 1;
        }
    }
    assert!(refused >= 150, "{refused}");
}

/// A9: frames of many sessions reach logic once each, in the order of their session.
#[tokio::test]
async fn what_many_sessions_send_reaches_logic_once_and_in_order() {
    let stage = Stage::with(|config| config.session.frame_burst = 1_000).await;
    let mut clients = Vec::new();
    for user in 1..=10 {
        let transport = Transport::BOTH[user as usize % 2];
        clients.push(stage.sign_in(transport, user).await);
    }
    for round in 1..=50 {
        for client in &mut clients {
            let typing = Typing {
                conversation_id: ConversationId(round),
            };
            client.send(&Frame::request(RequestId(round), typing)).await;
        }
    }
    let mut last = std::collections::HashMap::new();
    for _ in 0..500 {
        let (origin, frame) = stage.logic.next_request().await;
        let seen = last.insert(origin.session, frame.request_id.0).unwrap_or(0);
        assert_eq!(frame.request_id.0, seen + 1);
    }
    assert!(last.values().all(|seen| *seen == 50));
}
