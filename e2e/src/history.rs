//! What was sent, acknowledged, stored and shown; and the check that all of it fits together.
//!
//! The recorder is filled while faults happen; the check runs after recovery. It is pure, so that its own tests can show that it
//! finds each kind of damage.

use std::collections::{BTreeMap, HashMap, HashSet};

use im_shared::ids::{ConversationId, MessageId, UserId};
use im_shared::wire::EntryType;

/// Where a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// To a friend.
    Friend(UserId),
    /// Into a group.
    Group(ConversationId),
}

/// One message as its sender handed it to the client, in the sender's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Who sends.
    pub sender: UserId,
    /// Where to.
    pub to: Place,
    /// Unique in a history: it stands for the message.
    pub text: String,
}

/// What the acknowledgement said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acknowledged {
    /// Stored under this id.
    pub id: MessageId,
    /// In this conversation.
    pub conversation: ConversationId,
    /// At this place.
    pub seq: u64,
}

/// A row of `messages`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// `id`
    pub id: MessageId,
    /// `conversation_id`
    pub conversation: ConversationId,
    /// `seq`
    pub seq: u64,
    /// `message_index`
    pub index: u64,
    /// `type`
    pub kind: EntryType,
    /// `sender_id`
    pub sender: UserId,
    /// `content`
    pub text: String,
}

/// What a device put on its screen, in the order in which it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Where.
    pub conversation: ConversationId,
    /// At this place.
    pub seq: u64,
    /// From whom.
    pub sender: UserId,
    /// What.
    pub text: String,
}

/// One device's screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screen {
    /// For messages: `alice/terminal`.
    pub device: String,
    /// Whose device it is.
    pub user: UserId,
    /// Everything that it showed.
    pub shown: Vec<Shown>,
}

/// Everything that was observed in one run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// Who is in each group, from its beginning to the end.
    pub groups: HashMap<ConversationId, HashSet<UserId>>,
    /// In each sender's order.
    pub sent: Vec<Sent>,
    /// By text.
    pub acknowledged: HashMap<String, Acknowledged>,
    /// The log, in any order.
    pub stored: Vec<Stored>,
    /// The devices.
    pub screens: Vec<Screen>,
}

impl History {
    /// Everything that is wrong, in words; empty when nothing is.
    ///
    /// - What was acknowledged is stored, once, at the acknowledged place (D2, D4).
    /// - What is stored was sent, by that sender to that conversation (D13).
    /// - The log of each conversation is 1, 2, 3 and its index counts its messages (D5).
    /// - A sender's messages stand in the order in which they were sent (D5).
    /// - Every device of a member shows exactly the log, in its order, once (D3, D5), and nothing of others (F6).
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        let mut found = Vec::new();
        let logs = self.logs();
        self.check_logs(&logs, &mut found);
        self.check_acknowledged(&mut found);
        self.check_order(&logs, &mut found);
        let members = self.members();
        for screen in &self.screens {
            check_screen(screen, &logs, &members, &mut found);
        }
        found
    }

    /// The log of each conversation by seq.
    fn logs(&self) -> BTreeMap<ConversationId, Vec<&Stored>> {
        let mut logs: BTreeMap<ConversationId, Vec<&Stored>> = BTreeMap::new();
        for row in &self.stored {
            logs.entry(row.conversation).or_default().push(row);
        }
        for log in logs.values_mut() {
            log.sort_by_key(|row| row.seq);
        }
        logs
    }

    /// Who may see what: the members of a group, and the pair that a conversation's messages were sent between.
    fn members(&self) -> HashMap<ConversationId, HashSet<UserId>> {
        let sent: HashMap<&str, &Sent> = self
            .sent
            .iter()
            .map(|sent| (sent.text.as_str(), sent))
            .collect();
        let mut members = self.groups.clone();
        for row in &self.stored {
            if let Some(sent) = sent.get(row.text.as_str())
                && let Place::Friend(friend) = sent.to
            {
                members
                    .entry(row.conversation)
                    .or_default()
                    .extend([sent.sender, friend]);
            }
        }
        members
    }

    fn check_logs(&self, logs: &BTreeMap<ConversationId, Vec<&Stored>>, found: &mut Vec<String>) {
        let sent: HashMap<&str, &Sent> = self
            .sent
            .iter()
            .map(|sent| (sent.text.as_str(), sent))
            .collect();
        let mut seen: HashSet<&str> = HashSet::new();
        let mut pairs: HashMap<ConversationId, (UserId, UserId)> = HashMap::new();
        for (conversation, log) in logs {
            let is_group = self.groups.contains_key(conversation);
            let mut index = 0;
            for (place, row) in (1..).zip(log) {
                let is_message = row.kind == EntryType::Text;
                index += u64::from(is_message);
                if row.seq != place || row.index != index {
                    found.push(format!(
                        "{conversation}: place {place} holds seq {} index {}",
                        row.seq, row.index
                    ));
                }
                // Who came into a group, and what it is called.
                if is_group && !is_message {
                    continue;
                }
                if !seen.insert(&row.text) {
                    found.push(format!("{conversation}: {:?} is stored twice", row.text));
                }
                let Some(origin) = sent.get(row.text.as_str()) else {
                    found.push(format!("{conversation}: {:?} was never sent", row.text));
                    continue;
                };
                let is_its_place = match origin.to {
                    Place::Group(group) => group == *conversation,
                    Place::Friend(friend) => {
                        let pair = (origin.sender.min(friend), origin.sender.max(friend));
                        !is_group && *pairs.entry(*conversation).or_insert(pair) == pair
                    }
                };
                if row.sender != origin.sender || !is_its_place {
                    found.push(format!(
                        "{conversation}: {:?} has a wrong sender or conversation",
                        row.text
                    ));
                }
            }
        }
    }

    fn check_acknowledged(&self, found: &mut Vec<String>) {
        let stored: HashMap<&str, &Stored> = self
            .stored
            .iter()
            .map(|row| (row.text.as_str(), row))
            .collect();
        for (text, ack) in &self.acknowledged {
            match stored.get(text.as_str()) {
                None => found.push(format!("{text:?} was acknowledged and is not stored")),
                Some(row)
                    if (row.id, row.conversation, row.seq)
                        != (ack.id, ack.conversation, ack.seq) =>
                {
                    found.push(format!(
                        "{text:?} was acknowledged as {ack:?} and is stored as {row:?}"
                    ));
                }
                Some(_) => {}
            }
        }
    }

    fn check_order(&self, logs: &BTreeMap<ConversationId, Vec<&Stored>>, found: &mut Vec<String>) {
        let turn: HashMap<&str, usize> = self
            .sent
            .iter()
            .enumerate()
            .map(|(turn, sent)| (sent.text.as_str(), turn))
            .collect();
        for (conversation, log) in logs {
            let mut last: HashMap<UserId, usize> = HashMap::new();
            for row in log {
                let Some(&turn) = turn.get(row.text.as_str()) else {
                    continue;
                };
                if last
                    .insert(row.sender, turn)
                    .is_some_and(|before| before > turn)
                {
                    found.push(format!(
                        "{conversation}: {:?} overtook an earlier message of its sender",
                        row.text
                    ));
                }
            }
        }
    }
}

fn check_screen(
    screen: &Screen,
    logs: &BTreeMap<ConversationId, Vec<&Stored>>,
    members: &HashMap<ConversationId, HashSet<UserId>>,
    found: &mut Vec<String>,
) {
    let mut shown: BTreeMap<ConversationId, Vec<&Shown>> = BTreeMap::new();
    for entry in &screen.shown {
        shown.entry(entry.conversation).or_default().push(entry);
    }
    for (conversation, entries) in &shown {
        if !members
            .get(conversation)
            .is_some_and(|members| members.contains(&screen.user))
        {
            found.push(format!(
                "{}: showed {conversation}, which is not its user's: {:?}",
                screen.device, entries[0].text
            ));
        }
    }
    for (conversation, log) in logs {
        if !members
            .get(conversation)
            .is_some_and(|members| members.contains(&screen.user))
        {
            continue;
        }
        let entries = shown.get(conversation).map_or(&[][..], Vec::as_slice);
        let same = |(entry, row): (&&Shown, &&Stored)| {
            (entry.seq, entry.sender, &entry.text) == (row.seq, row.sender, &row.text)
        };
        if entries.len() == log.len() && entries.iter().zip(log).all(same) {
            continue;
        }
        let at = entries
            .iter()
            .zip(log)
            .position(|pair| !same(pair))
            .unwrap_or(entries.len().min(log.len()));
        found.push(format!(
            "{}: {conversation} shows {} of {} entries; they differ at place {}: shown {:?}, stored {:?}",
            screen.device,
            entries.len(),
            log.len(),
            at + 1,
            entries.get(at),
            log.get(at)
        ));
    }
}

#[cfg(test)]
#[path = "history_tests.rs"]
mod tests;
