//! One slow client costs itself only (decision 9).

use im_shared::bus::Delivery;
use im_shared::testing::wait_until;
use im_shared::wire::{self, Body, CloseCode};

use crate::support::logic::target;
use crate::support::{PATIENCE, Stage, Transport, notice, notice_text};

/// Large enough that these many do not fit the buffers of kernel, QUIC and outbox together.
const LARGE: usize = 60_000;
const MANY: usize = 400;

/// Decision 9, A14: pushes to a client that does not read are dropped, it gets one hint, and others are not delayed.
#[tokio::test]
async fn a_session_that_does_not_read_loses_pushes_gets_one_hint_and_delays_nobody() {
    for transport in Transport::BOTH {
        // Nobody is closed as slow here, however long the deliveries take.
        let stage = Stage::with(|config| config.session.slow_after_ms = 600_000).await;
        let mut slow = stage.sign_in(transport, 1).await;
        let mut quick = stage.sign_in(transport, 2).await;
        let text = "x".repeat(LARGE);
        for number in 0..MANY {
            let large = Delivery::live(wire::encode(&notice(&text)), vec![target(slow.session, 1)]);
            let small = notice(&number.to_string());
            let small = Delivery::live(wire::encode(&small), vec![target(quick.session, 2)]);
            stage.logic.deliver(&[large, small]).await;
            // The slow one, who takes nothing, would delay it for longer than the patience of `next`.
            assert_eq!(notice_text(&quick.next().await), number.to_string());
        }
        let (mut pushes, mut hints) = (0, 0);
        while hints == 0 {
            match slow.next().await.body {
                Body::SystemNotification(_) => pushes += 1,
                Body::SyncHint(_) => hints += 1,
                other => panic!("{other:?}"),
            }
        }
        assert!(pushes < MANY, "nothing was dropped: {pushes}");
        assert_eq!(
            slow.heartbeat().await,
            MANY as u64,
            "[S5] counts the dropped ones"
        );
        assert_eq!(slow.waiting(), 0, "one hint and nothing more");

        stage
            .logic
            .push(target(slow.session, 1), &notice("again"))
            .await;
        assert_eq!(notice_text(&slow.next().await), "again");
    }
}

/// Decision 9
#[tokio::test]
async fn a_session_that_takes_nothing_is_closed_as_slow() {
    for transport in Transport::BOTH {
        let stage = Stage::with(|config| config.session.slow_after_ms = 300).await;
        let mut slow = stage.sign_in(transport, 1).await;
        let frame = notice(&"x".repeat(LARGE));
        // Until its buffers are full and it is away from Redis, whether its client reads or not.
        let away = async || {
            stage.logic.push(target(slow.session, 1), &frame).await;
            stage.located(1).await.is_empty()
        };
        wait_until(away, 3 * PATIENCE).await;
        assert!(stage.logic.next_offline(1).await.1.last);
        let (_, code) = slow.rest().await;
        if transport == Transport::WebTransport {
            assert_eq!(code, Some(CloseCode::SlowConsumer));
        }
    }
}
