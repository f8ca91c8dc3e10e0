//! A message to a large group: how long its sender waits, beside two who write each other in the same run, and when the last member who
//! is online has it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::Context as _;
use im_client::{Api, Target};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::cli::Group;
use crate::crowd;
use crate::database::Database;
use crate::listener::{self, Board};
use crate::people::{Person, Tokens};
use crate::population;
use crate::process::{Cpu, round};
use crate::saturate::failures;
use crate::session::Cluster;
use crate::talker::{self, Load, Meters};

/// What is late still counts, up to here.
const GRACE: Duration = Duration::from_secs(5);
/// The two write a little more often than the group's sender, so that their messages meet every stage of a push to the group.
const DRIFT: f64 = 0.93;

pub(crate) async fn run(command: Group) -> anyhow::Result<Value> {
    let mut database = Database::connect(&command.postgres, &command.web.guard).await?;
    let pair = [Person(command.members), Person(command.members + 1)];
    population::users(&database, command.members + 2).await?;
    population::friendships(&database, command.members + 2, 1).await?;
    database.analyze("users, friends").await?;
    let cluster = Cluster::find(&command.web).await?;
    let (api, tokens) = (
        Api::new(&command.web.server)?,
        Tokens::load(&command.web.signing_key)?,
    );
    let group = crowd::gather(&api, &tokens, &mut database, command.members).await?;
    eprintln!("group {group} has {} members", command.members);

    let online = command.online.min(command.members);
    let mut sessions = cluster.open_many(online).await?;
    let at = sessions.iter().position(|(person, _)| *person == Person(0));
    let sender = sessions.swap_remove(at.context("the sender has no session")?);
    let listeners = sessions.len() as u64;
    let mut two = Vec::new();
    for person in pair {
        two.push((person, cluster.open(person).await?));
    }
    eprintln!(
        "{online} members are online, on {} nodes",
        cluster.node_count()
    );

    let idle = database.writes().await?;
    let (warm_up, seconds) = (
        Duration::from_secs(command.window.warm_up),
        Duration::from_secs(command.window.seconds),
    );
    let of_group = Arc::new(Meters::new(warm_up, seconds)?);
    let of_pair = Arc::new(Meters::new(warm_up, seconds)?);
    let board = Arc::new(Board::default());
    #[allow(clippy::cast_precision_loss)]
    let every = Duration::from_secs_f64(1.0 / command.rate as f64);
    let drifting = every.mul_f64(DRIFT);
    let (stop, stopped) = watch::channel(false);
    let (leave, left) = watch::channel(false);
    let listening = listener::listen(sessions, group, &board, &of_group, &left);
    let to_group = |_| vec![Target::Conversation(group)];
    let steady = |_| Load::Open {
        every,
        offset: Duration::ZERO,
    };
    let sending = talker::talk(vec![sender], to_group, steady, &of_group, &stopped, GRACE);
    let other = |person: Person| if person == pair[0] { pair[1] } else { pair[0] };
    // Each half as often, in turn.
    let in_turn = |person: Person| Load::Open {
        every: drifting * 2,
        offset: if person == pair[0] {
            Duration::ZERO
        } else {
            drifting
        },
    };
    let chatting = talker::talk(
        two,
        |person| vec![Target::Peer(other(person).id())],
        in_turn,
        &of_pair,
        &stopped,
        GRACE,
    );
    tokio::time::sleep_until(of_group.from.into()).await;
    let before = Cpu::read(&command.processes.pids)?;
    tokio::time::sleep_until(of_group.until.into()).await;
    let after = Cpu::read(&command.processes.pids)?;
    stop.send_replace(true);
    let failed = failures(sending).await + failures(chatting).await;
    // Before the listeners leave, which is written down, too. What is late has arrived by then.
    let written = database.writes().await?;
    leave.send_replace(true);
    let failed = failed + failures(listening).await;
    database.close().await?;

    let heard = board.heard(listeners)?;
    let sent = of_group.settled.load(Ordering::Relaxed) + of_pair.settled.load(Ordering::Relaxed);
    let (rows, rows_by_table) = written.per(&idle, sent);
    let (cpu, cpu_by_process) = after.micros_per(&before, of_group.ack.count());
    Ok(json!({
        "members": command.members, "online": online, "rate": command.rate, "seconds": round(seconds.as_secs_f64()),
        "groupAckP50Ms": of_group.ack.millis(0.5), "groupAckP99Ms": of_group.ack.millis(0.99), "groupAckMaxMs": of_group.ack.millis(1.0),
        "privateAckP50Ms": of_pair.ack.millis(0.5), "privateAckP99Ms": of_pair.ack.millis(0.99), "privateAckMaxMs": of_pair.ack.millis(1.0),
        "ackP99Ratio": round(of_group.ack.millis(0.99) / of_pair.ack.millis(0.99)),
        "privateDeliveryP99Ms": of_pair.delivery.millis(0.99),
        "deliveryP50Ms": of_group.delivery.millis(0.5), "deliveryP99Ms": of_group.delivery.millis(0.99),
        "lastMemberP50Ms": heard.last.millis(0.5), "lastMemberP99Ms": heard.last.millis(0.99), "lastMemberMaxMs": heard.last.millis(1.0),
        "acknowledged": of_group.ack.count(), "privateAcknowledged": of_pair.ack.count(), "privateDelivered": of_pair.delivery.count(),
        "messages": heard.messages, "complete": heard.complete, "delivered": of_group.delivery.count(),
        "outOfOrder": heard.counts.out_of_order + of_group.out_of_order.load(Ordering::Relaxed) + of_pair.out_of_order.load(Ordering::Relaxed),
        "again": heard.counts.again, "hints": heard.counts.hints,
        "retries": of_group.retries.load(Ordering::Relaxed) + of_pair.retries.load(Ordering::Relaxed),
        "refused": of_group.refused.load(Ordering::Relaxed) + of_pair.refused.load(Ordering::Relaxed),
        "failedSessions": failed,
        "rowsWrittenPerMessage": rows, "rowsWrittenPerMessageByTable": rows_by_table,
        "cpuMicrosPerMessage": cpu, "cpuMicrosPerMessageByProcess": cpu_by_process,
    }))
}
