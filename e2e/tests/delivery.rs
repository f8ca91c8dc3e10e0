//! What is acknowledged is stored once and shown once, in the same order, on every device, whatever is killed on the way.
//!
//! Each test breaks something while users write, lets it recover, and then checks the whole history.

use std::time::{Duration, Instant};

use anyhow::Result;
use bytes::Bytes;
use im_client::transport::{Dialer, Kind};
use im_e2e::{Cluster, Connect, Load, Plan, Raw};
use im_shared::wire::{Body, Code, EntryType, OutgoingMessage, Platform, UserMessage};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use uuid::Uuid;

/// Enough messages to be in the middle of things.
const SOME: usize = 150;

async fn check(load: Load, cluster: &Cluster) -> Result<()> {
    let history = load.finish(cluster).await?;
    assert_eq!(history.violations(), Vec::<String>::new());
    assert_eq!(
        history.acknowledged.len(),
        history.sent.len(),
        "everything is acknowledged in the end"
    );
    Ok(())
}

/// D2, D5, F6, K9: `kill -9` of each logic worker in turn.
#[tokio::test]
async fn acknowledged_messages_survive_a_killed_logic_worker() -> Result<()> {
    let mut cluster = Cluster::builder().access(2).logic(2).start().await?;
    let load = Load::start(&cluster, Plan::small()).await?;
    for name in ["logic-1", "logic-2"] {
        load.progress(SOME).await?;
        cluster.kill_and_restart(name).await?;
    }
    load.progress(SOME).await?;
    check(load, &cluster).await
}

/// D2, D5, F2, F6: `kill -9` of each access node in turn; its sessions come back on the other.
#[tokio::test]
async fn acknowledged_messages_survive_a_killed_access_node() -> Result<()> {
    let mut cluster = Cluster::builder().access(2).logic(2).start().await?;
    let load = Load::start(&cluster, Plan::small()).await?;
    for name in ["access-1", "access-2"] {
        load.progress(SOME).await?;
        cluster.kill_and_restart(name).await?;
    }
    load.progress(SOME).await?;
    check(load, &cluster).await
}

/// D2, K10: `kill -9` of the broker, and a pause before it comes back.
#[tokio::test]
async fn acknowledged_messages_survive_a_killed_nats() -> Result<()> {
    let cluster = Cluster::builder()
        .access(2)
        .logic(2)
        .private_servers()
        .start()
        .await?;
    let load = Load::start(&cluster, Plan::small()).await?;
    let nats = cluster.backend().private()?.nats.clone();
    for pause in [Duration::ZERO, Duration::from_secs(2)] {
        load.progress(SOME).await?;
        nats.kill().await;
        tokio::time::sleep(pause).await;
        nats.restart().await;
    }
    load.progress(SOME).await?;
    check(load, &cluster).await
}

/// D2, K10: an immediate shutdown, as after a crash, and recovery from the write-ahead log.
#[tokio::test]
async fn acknowledged_messages_survive_an_immediate_restart_of_postgres() -> Result<()> {
    let cluster = Cluster::builder()
        .access(2)
        .logic(2)
        .private_servers()
        .start()
        .await?;
    let load = Load::start(&cluster, Plan::small()).await?;
    let postgres = cluster.backend().private()?.postgres.clone();
    for _ in 0..2 {
        load.progress(SOME).await?;
        postgres.restart().await;
    }
    load.progress(SOME).await?;
    check(load, &cluster).await
}

/// F2, K10: Redis dies for a while, and then loses everything again and again; nodes register their sessions again. It goes on until the
/// nodes are older than their records live (15 s), when nobody takes them for alive any more because they are young.
#[tokio::test]
async fn acknowledged_messages_survive_a_flush_and_a_restart_of_redis() -> Result<()> {
    let cluster = Cluster::builder()
        .access(2)
        .logic(2)
        .private_servers()
        .start()
        .await?;
    let began = Instant::now();
    let load = Load::start(&cluster, Plan::small()).await?;
    let redis = cluster.backend().private()?.redis.clone();
    load.progress(SOME).await?;
    redis.kill().await;
    load.progress(SOME).await?;
    redis.restart().await;
    while began.elapsed() < Duration::from_secs(20) {
        load.progress(SOME).await?;
        redis.flush().await;
    }
    load.progress(SOME).await?;
    check(load, &cluster).await
}

/// D2, D5, F6, K9, K10: whatever breaks, in any order, one thing after the other.
#[tokio::test]
async fn acknowledged_messages_survive_random_faults() -> Result<()> {
    let mut cluster = Cluster::builder()
        .access(2)
        .logic(2)
        .private_servers()
        .start()
        .await?;
    let plan = Plan::small();
    let mut rng = StdRng::seed_from_u64(plan.seed);
    let load = Load::start(&cluster, plan).await?;
    let servers = cluster.backend().private()?.clone();
    for _ in 0..8 {
        load.progress(rng.random_range(20..SOME)).await?;
        let number = rng.random_range(1..=2);
        match rng.random_range(0..8) {
            0 => cluster.kill_and_restart(&format!("logic-{number}")).await?,
            1 => {
                cluster
                    .kill_and_restart(&format!("access-{number}"))
                    .await?
            }
            2 => {
                cluster
                    .terminate_and_restart(&format!("logic-{number}"))
                    .await?
            }
            3 => {
                cluster
                    .terminate_and_restart(&format!("access-{number}"))
                    .await?
            }
            4 => servers.nats.restart().await,
            5 => servers.postgres.restart().await,
            6 => servers.redis.restart().await,
            // A machine that hangs for a while and then goes on as if nothing had happened.
            _ => {
                let node = cluster.node(if rng.random() { "logic-1" } else { "access-1" });
                node.pause().await?;
                tokio::time::sleep(Duration::from_secs(3)).await;
                node.resume().await?;
            }
        }
    }
    load.progress(SOME).await?;
    check(load, &cluster).await
}

/// D3, D4, J7: the same message on two nodes at once and again later, after every worker was killed, is stored once.
#[tokio::test]
async fn the_same_client_message_id_on_two_nodes_is_stored_once() -> Result<()> {
    let mut cluster = Cluster::builder()
        .access(2)
        .logic(2)
        .unhurried()
        .start()
        .await?;
    let (alice, bob) = (
        cluster.account("alice").await?,
        cluster.account("bob").await?,
    );
    alice.befriend(&bob).await?;
    let screen = bob.connect(Connect::default()).await?;

    let dialer = Dialer::default();
    let mut sessions = Vec::new();
    for (address, platform) in cluster
        .endpoints()
        .await?
        .iter()
        .zip([Platform::Terminal, Platform::Desktop])
    {
        let login = alice.login(platform).await?;
        let device = (alice.device_id(platform), platform);
        sessions.push(
            Raw::join(
                &dialer,
                address,
                Kind::WebTransport,
                &login,
                (&device.0, device.1),
            )
            .await?
            .0,
        );
    }
    let message = |text: &str, id: Uuid, retry: bool| UserMessage {
        conversation_id: im_shared::ids::ConversationId(0),
        peer_id: bob.id,
        messages: vec![OutgoingMessage {
            client_message_id: id,
            type_: EntryType::Text,
            content: Bytes::copy_from_slice(text.as_bytes()),
            ..OutgoingMessage::default()
        }],
        retry,
    };
    let result = |reply: Body| match reply {
        Body::MessageAck(ack) => (
            ack.results[0].code,
            ack.results[0].message_id,
            ack.results[0].seq,
        ),
        other => panic!("no acknowledgement: {other:?}"),
    };

    let ids: Vec<Uuid> = (0..20).map(|_| Uuid::now_v7()).collect();
    let mut first = Vec::new();
    let [one, two] = &mut sessions[..] else {
        panic!("two nodes")
    };
    for id in &ids {
        let (left, right) = tokio::join!(
            one.request(message("once", *id, false)),
            two.request(message("once", *id, true))
        );
        let (left, right) = (result(left?), result(right?));
        assert_eq!(left, right, "the same id and place on both nodes");
        assert_eq!(left.0, Code::Ok);
        first.push(left);
    }
    for name in ["logic-1", "logic-2"] {
        cluster.kill_and_restart(name).await?;
    }
    for (id, first) in ids.iter().zip(&first) {
        assert_eq!(
            result(one.request(message("once", *id, true)).await?),
            *first,
            "the same after a restart"
        );
    }
    assert_eq!(
        result(two.request(message("something else", ids[0], true)).await?).0,
        Code::MessageConflict
    );

    let stored = cluster.stored().await?;
    assert_eq!(
        stored.iter().map(|row| row.seq).collect::<Vec<_>>(),
        (1..=20).collect::<Vec<_>>()
    );
    screen
        .wait("twenty messages", |seen| {
            (seen.shown.len() == 20).then_some(())
        })
        .await?;
    Ok(())
}
