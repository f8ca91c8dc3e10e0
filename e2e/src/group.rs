//! A group as tests speak of one: `alice.create_group("Tea", &[&bob])`, `group.say(&alice, "hi")`, `group.is_the_same_for(&[...])`.

use anyhow::{Result, ensure};
use im_client::Stored;
use im_client::api::{Member, NewGroup};
use im_shared::ids::{ConversationId, Seq, UserId};

use crate::cluster::Cluster;
use crate::device::Device;
use crate::user::{Account, TestUser};
use crate::view::{self, Line};

/// A group, by its conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    /// The conversation.
    pub id: ConversationId,
}

impl TestUser {
    /// Makes a group by REST, with these friends.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn create_group(&self, name: &str, members: &[&Self]) -> Result<Group> {
        let group = NewGroup {
            name: name.to_owned(),
            member_ids: members.iter().map(|member| member.id()).collect(),
            ..NewGroup::default()
        };
        let id = self.account().api.create_group(&group).await?.id;
        Ok(Group { id })
    }
}

impl Group {
    /// Says something in the group and waits until it is durable.
    ///
    /// # Errors
    /// When it is refused, or not acknowledged in time.
    pub async fn say(&self, device: &Device, text: &str) -> Result<Stored> {
        device.send(self.id, text).await
    }

    /// The members as REST gives them, by id.
    ///
    /// # Errors
    /// When it refuses.
    pub async fn members(&self, account: &Account) -> Result<Vec<Member>> {
        Ok(account.api.members(self.id).await?)
    }

    /// The highest seq that this account is given.
    ///
    /// # Errors
    /// When REST refuses.
    pub async fn tip(&self, account: &Account) -> Result<Seq> {
        Ok(Seq(account.api.conversation(self.id).await?.tip_seq))
    }

    /// Waits until each device has the whole log of this member, wants it without hole or repeat and every device to show what REST shows to
    /// the member, and gives that.
    ///
    /// # Errors
    /// When a device gets it not in time, or shows something else.
    pub async fn is_the_same_for(
        &self,
        account: &Account,
        devices: &[&Device],
    ) -> Result<Vec<Line>> {
        let tip = self.tip(account).await?;
        let lines = view::by_rest(&account.api, self.id).await?;
        for device in devices {
            device.reaches(self.id, tip).await?;
            let log = device.log(self.id);
            let gapless = log.windows(2).all(|two| two[1].seq == two[0].seq.next());
            ensure!(gapless, "{}: {log:#?}", device.name());
            let shown = device.view(self.id);
            let differ = shown.iter().zip(&lines).find(|(one, other)| one != other);
            ensure!(
                shown == lines,
                "{}: {} lines, REST has {}; the first to differ: {differ:#?}",
                device.name(),
                shown.len(),
                lines.len()
            );
        }
        Ok(lines)
    }
}

/// Users of these names on access nodes 1 and 2 in turn, of whom the first is everybody's friend.
///
/// # Errors
/// When an account or a session is refused.
pub async fn circle(cluster: &Cluster, names: &[&str]) -> Result<Vec<TestUser>> {
    let mut users: Vec<TestUser> = Vec::new();
    for (name, node) in names.iter().zip(["access-1", "access-2"].iter().cycle()) {
        users.push(cluster.user_on(node, name).await?);
    }
    if let Some((first, others)) = users.split_first() {
        for other in others {
            first.befriend(other).await?;
        }
    }
    Ok(users)
}

/// The ids of these members.
#[must_use]
pub fn ids(members: &[Member]) -> Vec<UserId> {
    members.iter().map(|member| member.user_id).collect()
}
