#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;
use proptest::prelude::*;
use rand::SeedableRng as _;
use rand::rngs::StdRng;

const PEER: Target = Target::Peer(UserId(1));

fn rng() -> StdRng {
    StdRng::seed_from_u64(1)
}

fn message(text: &str) -> Pending {
    Pending {
        id: ClientMessageId::generate(),
        kind: EntryType::Text,
        content: Bytes::copy_from_slice(text.as_bytes()),
        target: Seq(0),
        mentions: Vec::new(),
    }
}

fn stored(message: &Pending) -> AckResult {
    AckResult {
        client_message_id: message.id.0,
        code: Code::Ok,
        ..AckResult::default()
    }
}

fn texts(messages: &[Pending]) -> Vec<String> {
    messages
        .iter()
        .map(|message| String::from_utf8(message.content.to_vec()).unwrap())
        .collect()
}

/// [M1]
#[test]
fn while_one_request_is_in_flight_the_next_messages_wait_and_then_go_together() {
    let (mut outbox, mut rng, now) = (Outbox::default(), rng(), Instant::now());
    outbox.push(PEER, message("a"));
    let first = outbox.due(now, &mut rng);
    assert_eq!(texts(&first[0].messages), ["a"]);
    outbox.push(PEER, message("b"));
    outbox.push(PEER, message("c"));
    outbox.push(
        Target::Conversation(ConversationId(9)),
        message("elsewhere"),
    );
    let other = outbox.due(now, &mut rng);
    assert_eq!(other.len(), 1);
    assert_eq!(
        texts(&other[0].messages),
        ["elsewhere"],
        "another conversation does not wait"
    );
    assert_eq!(
        outbox
            .acknowledged(PEER, vec![stored(&first[0].messages[0])])
            .len(),
        1
    );
    let next = outbox.due(now, &mut rng);
    assert_eq!(texts(&next[0].messages), ["b", "c"]);
    assert_eq!(outbox.len(), 3);
}

/// [M3]
#[test]
fn an_unanswered_request_is_sent_again_with_the_same_ids_after_growing_waits() {
    let (mut outbox, mut rng, mut now) = (Outbox::default(), rng(), Instant::now());
    outbox.push(PEER, message("a"));
    let first = outbox.due(now, &mut rng).remove(0);
    assert!(!first.retry);
    let mut waits = Vec::new();
    for attempt in 2..9 {
        let due = outbox.next_due().unwrap();
        assert!(
            outbox
                .due(due - Duration::from_millis(1), &mut rng)
                .is_empty()
        );
        waits.push((due - now).as_secs_f64());
        now = due;
        let again = outbox.due(now, &mut rng).remove(0);
        assert_eq!(
            again,
            Request {
                retry: true,
                attempt,
                ..first.clone()
            }
        );
    }
    for (wait, base) in waits.iter().zip([0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0]) {
        assert!(
            (base * 0.75..base * 1.25).contains(wait),
            "{wait} is not about {base}"
        );
    }
}

/// [M3]
#[test]
fn retry_later_waits_at_least_as_long_as_it_says_and_other_errors_are_final() {
    let (mut outbox, mut rng, now) = (Outbox::default(), rng(), Instant::now());
    outbox.push(PEER, message("a"));
    outbox.due(now, &mut rng);
    let pause = Duration::from_secs(7);
    assert!(
        outbox
            .refused(PEER, Code::RetryLater, pause, now)
            .is_empty()
    );
    assert_eq!(outbox.next_due(), Some(now + pause));
    assert_eq!(outbox.due(now + pause, &mut rng).len(), 1);
    assert_eq!(
        texts(&outbox.refused(PEER, Code::NotFriends, Duration::ZERO, now)),
        ["a"]
    );
    assert!(outbox.is_empty());
}

/// [S7]
#[test]
fn what_an_old_session_did_not_acknowledge_goes_out_at_once_on_the_new_one() {
    let (mut outbox, mut rng, now) = (Outbox::default(), rng(), Instant::now());
    outbox.push(PEER, message("a"));
    outbox.due(now, &mut rng);
    assert!(outbox.due(now, &mut rng).is_empty());
    outbox.reconnected(now);
    assert!(outbox.due(now, &mut rng)[0].retry);
}

/// [M1]
#[test]
fn a_request_holds_at_most_64_messages_and_fits_in_a_frame() {
    let (mut outbox, mut rng, now) = (Outbox::default(), rng(), Instant::now());
    for _ in 0..100 {
        outbox.push(PEER, message("short"));
    }
    assert_eq!(outbox.due(now, &mut rng)[0].messages.len(), MAX_MESSAGES);
    let long = Target::Peer(UserId(2));
    for _ in 0..20 {
        outbox.push(
            long,
            message(&"x".repeat(im_shared::wire::limits::MAX_TEXT)),
        );
    }
    let request = outbox.due(now, &mut rng).remove(0);
    assert_eq!(
        request.messages.len(),
        REQUEST_BYTES / im_shared::wire::limits::MAX_TEXT
    );
    let frame = im_shared::wire::Frame::request(
        im_shared::wire::RequestId(1),
        request.body(ConversationId(0)),
    );
    assert!(im_shared::wire::encode(&frame).len() <= im_shared::wire::limits::MAX_FRAME);
}

proptest! {
    /// [M1, M3] Whatever is lost, answered late or refused for now: one request is in flight per conversation, no message
    /// of it changes until it is settled, and the messages are stored in the order of sending.
    #[test]
    fn messages_are_stored_in_the_order_of_sending_under_any_loss(
        steps in prop::collection::vec((0_u8..6, 0_u64..3), 1..200),
    ) {
        let (mut outbox, mut rng, mut now) = (Outbox::default(), rng(), Instant::now());
        let mut sent: HashMap<Target, Vec<ClientMessageId>> = HashMap::new();
        let mut log: HashMap<Target, Vec<ClientMessageId>> = HashMap::new();
        let mut open: HashMap<Target, Request> = HashMap::new();
        // The server: stores what is new, in the order of the request.
        let store = |log: &mut HashMap<Target, Vec<ClientMessageId>>, request: &Request| {
            let log = log.entry(request.target).or_default();
            for message in &request.messages {
                if !log.contains(&message.id) {
                    log.push(message.id);
                }
            }
        };
        for (step, peer) in steps {
            let target = Target::Peer(UserId(peer + 1));
            match step {
                0 | 1 => {
                    let message = message("x");
                    sent.entry(target).or_default().push(message.id);
                    outbox.push(target, message);
                }
                2 => now += LONGEST_WAIT * 2,
                3 => if let Some(request) = open.get(&target) { // Stored, and the answer is lost.
                    store(&mut log, request);
                },
                4 => if let Some(request) = open.remove(&target) {
                    store(&mut log, &request);
                    let results = request.messages.iter().map(stored).collect();
                    prop_assert_eq!(outbox.acknowledged(target, results).len(), request.messages.len());
                },
                _ => { outbox.refused(target, Code::Unavailable, Duration::from_secs(1), now); }
            }
            for request in outbox.due(now, &mut rng) {
                prop_assert!((1..=MAX_MESSAGES).contains(&request.messages.len()));
                if let Some(before) = open.get(&request.target) {
                    prop_assert!(request.retry);
                    prop_assert_eq!(&before.messages, &request.messages);
                }
                open.insert(request.target, request);
            }
        }
        while !outbox.is_empty() {
            now += LONGEST_WAIT * 2;
            for request in outbox.due(now, &mut rng) {
                store(&mut log, &request);
                outbox.acknowledged(request.target, request.messages.iter().map(stored).collect());
            }
        }
        prop_assert_eq!(log, sent);
    }
}
