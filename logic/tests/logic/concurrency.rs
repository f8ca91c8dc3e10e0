//! Several workers and many requests at once.

use std::collections::HashMap;

use im_shared::ids::{Seq, UserId};
use im_shared::wire::{Body, Code, ConversationOpen, RequestId};
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use uuid::Uuid;

use crate::access::{message, text, to_conversation};
use crate::world::World;

const PAIRS: u64 = 5;
const REQUESTS: usize = 400;

/// D4, D5: any worker takes any request, a fifth of the ids come twice at the same time, and the log has neither hole nor repeat.
#[tokio::test(flavor = "multi_thread")]
async fn two_workers_on_the_same_conversations_give_every_message_one_seq() {
    let seed = rand::rng().next_u64();
    println!("seed {seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    let world = World::new().await;
    world.users(2 * PAIRS as i64).await;
    let (first, second) = (world.worker().await, world.worker().await);
    let access = world.access("access-1").await;
    let (mut sessions, mut conversations) = (Vec::new(), Vec::new());
    for pair in 0..PAIRS {
        let (a, b) = (2 * pair + 1, 2 * pair + 2);
        world.befriend(a, b).await;
        let mut session = access.session(a).await;
        let Body::ConversationEvent(event) =
            session.ask(ConversationOpen { peer_id: UserId(b) }).await
        else {
            panic!("no conversation")
        };
        conversations.push(event.state.conversation_id);
        sessions.push(session);
        sessions.push(access.session(b).await);
    }

    let mut asked: Vec<(usize, RequestId, Vec<Uuid>)> = Vec::new();
    for _ in 0..REQUESTS {
        let who = rng.random_range(0..sessions.len());
        let ids: Vec<Uuid> = (0..rng.random_range(1..4))
            .map(|_| Uuid::now_v7())
            .collect();
        let messages: Vec<_> = ids.iter().map(|id| message(*id, &id.to_string())).collect();
        let request = to_conversation(conversations[who / 2], &messages);
        let times = if rng.random_range(0..5) == 0 { 2 } else { 1 };
        for _ in 0..times {
            let id = sessions[who].request(request.clone()).await;
            asked.push((who, id, ids.clone()));
        }
    }

    let mut given: HashMap<(usize, Uuid), Seq> = HashMap::new();
    for (who, id, ids) in &asked {
        let Body::MessageAck(ack) = sessions[*who].reply(*id).await.0 else {
            panic!("refused")
        };
        let seqs: Vec<Seq> = ack.results.iter().map(|result| result.seq).collect();
        assert!(ack.results.iter().all(|result| result.code == Code::Ok));
        assert!(
            seqs.windows(2).all(|pair| pair[1] == pair[0].next()),
            "a request was parted: {seqs:?}"
        );
        for (id, seq) in ids.iter().zip(seqs) {
            assert_eq!(
                *given.entry((*who, *id)).or_insert(seq),
                seq,
                "one id, two seqs"
            );
        }
    }
    world.audit().await;
    assert_eq!(
        world.count("SELECT count(*) FROM messages").await,
        given.len() as i64
    );
    assert_eq!(access.holes(), 0);
    first.stop().await;
    second.stop().await;
}

/// [M1], decision 4: with one request in flight the order is the sender's, whoever takes them.
#[tokio::test(flavor = "multi_thread")]
async fn one_request_in_flight_keeps_the_senders_order_over_two_workers() {
    let world = World::new().await;
    world.users(2).await;
    world.befriend(1, 2).await;
    let (first, second) = (world.worker().await, world.worker().await);
    let access = world.access("access-1").await;
    let (mut ann, mut bob) = (access.session(1).await, access.session(2).await);
    let conversation = ann.tell(2, "0").await.conversation_id;
    for n in 1..50 {
        let ack = ann
            .acknowledged(to_conversation(conversation, &[text(&n.to_string())]))
            .await;
        assert_eq!(ack.results[0].seq, Seq(n + 1));
    }
    let expected: Vec<String> = (0..50).map(|n| n.to_string()).collect();
    assert_eq!(bob.next_texts(50).await, expected);
    first.stop().await;
    second.stop().await;
}
