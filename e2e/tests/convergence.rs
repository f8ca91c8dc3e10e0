//! Everybody changes messages at once, on every node, while workers die; in the end all devices show the same.

use std::sync::Arc;

use anyhow::{Result, bail};
use im_client::{ClientError, Message, Reaction};
use im_e2e::load::seed;
use im_e2e::view::{self, Line};
use im_e2e::{Cluster, Connect, Device, Group, TestUser, circle};
use im_shared::ids::{Seq, UserId};
use im_shared::wire::{Code, Platform};
use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::task::JoinSet;

/// What the devices have said so far, for others to answer and to change.
type Said = Arc<Mutex<Vec<(Seq, UserId)>>>;

/// One device of somebody who does all that can be done with messages.
struct Talker {
    group: Group,
    device: Device,
    friends: Vec<UserId>,
    said: Said,
    rng: StdRng,
}

impl Talker {
    /// Each is durable before the next begins.
    async fn talk(mut self, steps: usize) -> Result<Device> {
        for step in 0..steps {
            let chosen = self.rng.random_range(0..8);
            let target = self.target(matches!(chosen, 4 | 5));
            let text = format!("{} {step}", self.device.name());
            let message = match (chosen, target) {
                (0 | 1, _) | (_, None) => Message::text(text),
                (2, Some(seq)) => Message::text(text).reply_to(seq),
                (3, _) => Message::text(text).mention(self.friends.clone()),
                (4, Some(seq)) => Message::edit(seq, format!("{text}, better")),
                (5, Some(seq)) if self.rng.random_bool(0.4) => Message::recall(seq),
                (6, Some(seq)) => Message::reaction(seq, "👍", Reaction::Remove),
                (_, Some(seq)) => Message::reaction(seq, "👍", Reaction::Add),
            };
            let is_new = matches!((chosen, target), (0..=3, _) | (_, None));
            let client = self.device.client();
            match client.post_and_wait(self.group.id, message).await {
                Ok(stored) if is_new => {
                    self.said.lock().push((stored.seq, self.device.user()));
                }
                // Somebody took it back a moment ago.
                Ok(_)
                | Err(ClientError::Refused {
                    code: Code::TargetRecalled,
                    ..
                }) => {}
                Err(error) => bail!("{}: {error:?}", self.device.name()),
            }
        }
        Ok(self.device)
    }

    /// One of the messages so far, if need be one's own.
    fn target(&mut self, own: bool) -> Option<Seq> {
        let said = self.said.lock();
        let of: Vec<Seq> = said
            .iter()
            .filter(|(_, sender)| !own || *sender == self.device.user())
            .map(|(seq, _)| *seq)
            .collect();
        (!of.is_empty()).then(|| of[self.rng.random_range(0..of.len())])
    }
}

/// D3, D14, K9: edits, recalls, reactions, replies and mentions from six devices on two nodes while each logic worker is killed in turn; in
/// the end every device shows what a fresh one and REST show.
#[tokio::test]
async fn devices_that_change_messages_at_once_converge_whatever_is_killed() -> Result<()> {
    const STEPS: usize = 40;
    let mut cluster = Cluster::builder().access(2).logic(2).start().await?;
    let users = circle(&cluster, &["alice", "bob", "carol"]).await?;
    let group = users[0]
        .create_group("Tea", &[&users[1], &users[2]])
        .await?;
    let (said, seed) = (Said::default(), seed());
    let ids: Vec<UserId> = users.iter().map(TestUser::id).collect();
    let mut talkers = JoinSet::new();
    for (turn, user) in (0_u64..).zip(&users) {
        for (side, node) in [(0, "access-1"), (1, "access-2")] {
            let platform = [Platform::Desktop, Platform::Android][side];
            let how = Connect::on(node).platform(platform);
            let rng = StdRng::seed_from_u64(seed.wrapping_add(turn * 2 + side as u64));
            let talker = Talker {
                group,
                device: user.account().connect(how).await?,
                friends: ids.clone(),
                said: Arc::clone(&said),
                rng,
            };
            talkers.spawn(talker.talk(STEPS));
        }
    }
    for (name, so_many) in [("logic-1", 20), ("logic-2", 50)] {
        users[0].reaches(group.id, Seq(so_many)).await?;
        cluster.kill_and_restart(name).await?;
    }
    let mut devices = Vec::new();
    while let Some(ended) = talkers.join_next().await {
        devices.push(ended??);
    }
    let how = Connect::default().platform(Platform::Web);
    devices.push(users[2].account().connect(how).await?);
    let mut all: Vec<&Device> = devices.iter().collect();
    all.extend(users.iter().map(TestUser::device));
    let lines = group.is_the_same_for(users[0].account(), &all).await?;
    for user in &users {
        assert_eq!(view::by_rest(&user.account().api, group.id).await?, lines);
    }
    // Each kind of change happened.
    let some = |is: fn(&Line) -> bool| lines.iter().any(is);
    assert!(some(|line| line.edited > Seq(0)) && some(|line| line.recalled > Seq(0)));
    assert!(some(|line| !line.reactions.is_empty()) && some(|line| line.answers > Seq(0)));
    assert!(some(|line| !line.mentions.is_empty()));
    Ok(())
}
