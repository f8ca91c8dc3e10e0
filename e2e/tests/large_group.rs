//! A group of ten thousand members, some of them online on every node, while a node dies.

use std::collections::HashMap;

use anyhow::{Context, Result, ensure};
use futures_util::future::try_join_all;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use im_client::Stored;
use im_client::api::{NewGroup, Role};
use im_e2e::history::Stored as Row;
use im_e2e::{Account, Cluster, Connect, Device, Group};
use im_shared::ids::{ConversationId, Seq, UserId};

const MEMBERS: u64 = 10_000;
const ONLINE: u64 = 40;
/// Of whom so many connect at a time.
const AT_ONCE: usize = 4;
const WRITERS: usize = 4;
/// Of each writer.
const MESSAGES: usize = 80;
/// Ids below those of any real time.
const FIRST: u64 = 1_000_000;

fn account(cluster: &Cluster, number: u64) -> Result<Account> {
    Account::of_row(cluster, &format!("member{number}"), UserId(FIRST + number))
}

/// The users by SQL, the group by REST, its members by SQL, as a deployment that imports them would. One command after it makes them count.
async fn large_group(cluster: &Cluster) -> Result<Group> {
    let database = cluster.backend().database().await?;
    let users = format!(
        "INSERT INTO users (id, username, nickname) \
         SELECT {FIRST} + n, 'member' || n, 'Member ' || n FROM generate_series(0, {MEMBERS} - 1) n"
    );
    database.batch_execute(&users).await?;
    let owner = account(cluster, 0)?;
    let made = NewGroup {
        name: "Everybody".to_owned(),
        ..NewGroup::default()
    };
    let id = owner.api.create_group(&made).await?.id;
    let members = format!(
        "INSERT INTO conversation_members (id, conversation_id, user_id, from_seq, changed_seq) \
         SELECT {FIRST} + n, {id}, {FIRST} + n, 0, 2 FROM generate_series(1, {MEMBERS} - 1) n; \
         UPDATE conversations SET member_count = {MEMBERS} WHERE id = {id}; ANALYZE"
    );
    database.batch_execute(&members).await?;
    let first = UserId(FIRST + 1);
    owner.api.set_role(id, first, Role::Admin).await?;
    Ok(Group { id })
}

/// Hands over one message after the other, each once the one before is durable.
async fn write(device: &Device, group: ConversationId) -> Result<Vec<(String, Stored)>> {
    let mut written = Vec::new();
    for number in 0..MESSAGES {
        let text = format!("{} {number}", device.name());
        let stored = device.client().send_and_wait(group, text.clone()).await?;
        written.push((text, stored));
    }
    Ok(written)
}

/// E2, E4, D2, D3, D5, K9: while four members write a logic worker is killed, then the node with half of the sessions. What was acknowledged
/// is stored where the acknowledgement says, and every device, also those that had to find another node, shows the whole log in order and once.
#[tokio::test]
async fn a_group_of_ten_thousand_loses_nothing_when_a_node_dies() -> Result<()> {
    let mut cluster = Cluster::builder()
        .access(2)
        .logic(2)
        .unhurried()
        .start()
        .await?;
    let group = large_group(&cluster).await?;
    let accounts = (0..ONLINE).map(|number| account(&cluster, number));
    let accounts: Vec<Account> = accounts.collect::<Result<_>>()?;
    let nodes = ["access-1", "access-2"];
    let connecting = accounts
        .iter()
        .zip(nodes.iter().cycle())
        .map(|(account, node)| account.connect(Connect::preferring(node)));
    // A few at a time: who waits too long for its node goes to the other one.
    let connecting = stream::iter(connecting).buffered(AT_ONCE);
    let devices: Vec<Device> = connecting.try_collect().await?;
    for (device, node) in devices.iter().zip(nodes.iter().cycle()) {
        assert_eq!(device.node().await?, *node);
    }

    let writing = try_join_all(devices[..WRITERS].iter().map(|one| write(one, group.id)));
    let witness = &devices[ONLINE as usize - 1];
    let part = |quarters: usize| Seq((WRITERS * MESSAGES * quarters / 4) as u64);
    let killing = async {
        // One of the two workers that carry pushes in the background.
        witness.reaches(group.id, part(1)).await?;
        cluster.kill_and_restart("logic-1").await?;
        witness.reaches(group.id, part(2)).await?;
        cluster.node("access-1").kill().await
    };
    let (written, killed) = tokio::join!(writing, killing);
    killed?;
    let written: HashMap<String, Stored> = written?.into_iter().flatten().collect();
    assert_eq!(
        written.len(),
        WRITERS * MESSAGES,
        "everything is acknowledged"
    );

    let log: Vec<Row> = cluster.stored().await?;
    let log: Vec<Row> = log
        .into_iter()
        .filter(|row| row.conversation == group.id)
        .collect();
    assert!(log.iter().zip(1..).all(|(row, seq)| row.seq == seq));
    let tip = log.last().context("there is a log")?;
    for (text, stored) in &written {
        let rows: Vec<&Row> = log.iter().filter(|row| row.text == *text).collect();
        ensure!(rows.len() == 1, "{text:?} is stored {} times", rows.len());
        assert_eq!((rows[0].seq, rows[0].id), (stored.seq.0, stored.message_id));
    }
    for device in &devices {
        device.reaches(group.id, Seq(tip.seq)).await?;
        let shown = device.observe(|seen| seen.shown.clone());
        let shown = shown.iter().filter(|one| one.conversation == group.id);
        let shown = shown.map(|one| (one.seq, one.sender, one.text.as_str()));
        let stored = log
            .iter()
            .map(|row| (row.seq, row.sender, row.text.as_str()));
        ensure!(shown.eq(stored), "{} shows another log", device.name());
        assert_eq!(device.node().await?, "access-2");
    }
    let moved = devices
        .iter()
        .filter(|one| one.observe(|seen| seen.sessions > 1));
    assert_eq!(
        moved.count() as u64,
        ONLINE / 2,
        "half of them came back on the other node"
    );
    // Who was away finds it all.
    let late = account(&cluster, MEMBERS - 1)?
        .connect(Connect::default())
        .await?;
    late.reaches(group.id, Seq(tip.seq)).await?;
    assert_eq!(late.log(group.id).len(), log.len());
    let unread = account(&cluster, MEMBERS - 2)?
        .api
        .conversation(group.id)
        .await?;
    assert_eq!(
        (unread.unread_count, unread.member_count),
        ((WRITERS * MESSAGES) as u64, MEMBERS as u32)
    );
    Ok(())
}
