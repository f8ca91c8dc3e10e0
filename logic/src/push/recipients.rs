//! Who is told of what. Pure.

use std::collections::BTreeMap;

use im_shared::ids::UserId;

use super::note::Message;
use crate::store::Reader;

/// The users who are away and have something unread of somebody else, each under the place of the message that they are told of. `messages`:
/// the newest of those who wrote last, the newest first.
pub(super) fn choose(
    readers: &[Reader],
    messages: &[Message],
    online: &BTreeMap<UserId, bool>,
) -> BTreeMap<usize, Vec<UserId>> {
    let mut chosen: BTreeMap<usize, Vec<UserId>> = BTreeMap::new();
    for reader in readers {
        if online.get(&reader.user).copied().unwrap_or_default() {
            continue;
        }
        let newest = messages.iter().position(|m| m.sender != reader.user);
        if let Some(place) = newest
            && messages.get(place).is_some_and(|m| m.seq > reader.seen)
        {
            chosen.entry(place).or_default().push(reader.user);
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use im_shared::ids::Seq;
    use im_shared::wire::EntryType;

    fn message(seq: u64, sender: u64) -> Message {
        Message {
            seq: Seq(seq),
            sender: UserId(sender),
            sender_name: String::new(),
            kind: EntryType::Text,
            content: String::new(),
        }
    }

    /// E6: not one's own, not what was read, not who is there.
    #[test]
    fn everybody_is_told_of_the_newest_that_is_not_their_own() {
        let messages = [message(9, 1), message(7, 2)];
        let reader = |user, seen| Reader {
            user: UserId(user),
            seen: Seq(seen),
        };
        let readers = [
            reader(1, 0), // wrote the newest: is told of the other one
            reader(2, 0),
            reader(3, 8),
            reader(4, 9), // has read it
            reader(5, 0), // is there
        ];
        let online = BTreeMap::from([(UserId(5), true), (UserId(3), false)]);
        let chosen = choose(&readers, &messages, &online);
        let expected = BTreeMap::from([(0, vec![UserId(2), UserId(3)]), (1, vec![UserId(1)])]);
        assert_eq!(chosen, expected);
        assert!(choose(&[reader(1, 7)], &messages, &BTreeMap::new()).is_empty());
        assert!(choose(&[reader(1, 0)], &messages[..1], &BTreeMap::new()).is_empty());
    }
}
