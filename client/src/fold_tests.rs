//! Logs, read as the server gives them at different times.
#![allow(clippy::unwrap_used)]

use bytes::Bytes;
use proptest::prelude::*;

use super::*;

fn entry(seq: u64, sender: u64, type_: EntryType, content: &str, target: u64) -> Entry {
    Entry {
        seq: Seq(seq),
        sender_id: UserId(sender),
        type_,
        content: Bytes::copy_from_slice(content.as_bytes()),
        target_seq: Seq(target),
        mentions: if content.contains('@') {
            vec![UserId(9)]
        } else {
            Vec::new()
        },
        ..Entry::default()
    }
}

fn fold(entries: &[Entry]) -> Fold {
    let mut fold = Fold::default();
    for entry in entries {
        fold.apply(entry);
    }
    fold
}

fn text_of(fold: &Fold, seq: u64) -> String {
    let shown = fold.message(Seq(seq)).unwrap();
    String::from_utf8(shown.entry.content.to_vec()).unwrap()
}

/// [E6, E7], D14
#[test]
fn the_edit_with_the_highest_seq_wins_in_whatever_order_they_come() {
    let sent = entry(1, 1, EntryType::Text, "a", 0);
    let first = entry(2, 1, EntryType::Edit, "b", 1);
    let second = entry(3, 1, EntryType::Edit, "c @9", 1);
    let shown = fold(&[second.clone(), sent.clone(), first.clone()]);
    assert_eq!(text_of(&shown, 1), "c @9");
    let message = shown.message(Seq(1)).unwrap();
    assert_eq!(message.entry.edited_seq, Seq(3));
    assert_eq!(message.entry.mentions, [UserId(9)]);
    assert_eq!(
        shown.messages().collect::<Vec<_>>(),
        fold(&[sent, first, second]).messages().collect::<Vec<_>>()
    );
}

/// [E6, E7], D14
#[test]
fn a_recall_wins_for_ever_and_nothing_of_the_message_is_kept() {
    let sent = entry(1, 1, EntryType::Text, "a @9", 0);
    let edit = entry(2, 1, EntryType::Edit, "b", 1);
    let liked = entry(3, 2, EntryType::Reaction, "+x", 1);
    let recall = entry(4, 1, EntryType::Recall, "", 1);
    for order in [
        [&sent, &edit, &liked, &recall],
        [&recall, &liked, &edit, &sent],
        [&edit, &recall, &sent, &liked],
    ] {
        let shown = fold(&order.map(Clone::clone)).message(Seq(1)).unwrap();
        assert_eq!(shown.entry.recalled_seq, Seq(4));
        assert!(shown.entry.content.is_empty() && shown.entry.mentions.is_empty());
        assert_eq!(shown.entry.edited_seq, Seq(0));
        assert!(shown.reactions.is_empty());
    }
}

/// [E6, E7], D14
#[test]
fn of_a_user_and_a_reaction_the_last_word_holds() {
    let sent = entry(1, 1, EntryType::Text, "a", 0);
    let words = [
        entry(2, 2, EntryType::Reaction, "+x", 1),
        entry(3, 3, EntryType::Reaction, "+x", 1),
        entry(4, 2, EntryType::Reaction, "-x", 1),
        entry(5, 2, EntryType::Reaction, "+-", 1),
        entry(6, 2, EntryType::Reaction, "nonsense", 1),
    ];
    let mut all = words.to_vec();
    all.push(sent);
    all.reverse();
    let shown = fold(&all).message(Seq(1)).unwrap();
    let of = |reaction: &str| shown.reactions.get(reaction).cloned().unwrap_or_default();
    assert_eq!(of("x"), BTreeSet::from([UserId(3)]));
    assert_eq!(of("-"), BTreeSet::from([UserId(2)]));
    assert_eq!(shown.reactions.len(), 2);
}

/// [E8]: the older page is not there yet.
#[test]
fn what_is_about_a_message_that_has_not_come_waits_for_it() {
    let mut fold = fold(&[entry(8, 1, EntryType::Edit, "b", 3)]);
    assert_eq!(fold.message(Seq(3)), None);
    assert_eq!(fold.messages().count(), 0);
    assert_eq!(fold.apply(&entry(3, 1, EntryType::Text, "a", 0)), Seq(3));
    assert_eq!(text_of(&fold, 3), "b");
}

/// As the server gives the entry at `seq` when the log reaches `tip`.
fn read(log: &[Entry], seq: usize, tip: usize) -> Entry {
    let mut given = log[seq - 1].clone();
    let about = match given.type_ {
        EntryType::Edit => given.target_seq,
        EntryType::Recall | EntryType::Reaction => return given,
        _ => given.seq,
    };
    let changes = || log[..tip].iter().filter(|entry| entry.target_seq == about);
    if let Some(recall) = changes().find(|entry| entry.type_ == EntryType::Recall) {
        given.content = Bytes::new();
        given.mentions = Vec::new();
        given.recalled_seq = recall.seq;
    } else if given.type_ != EntryType::Edit
        && let Some(edit) = changes().rfind(|entry| entry.type_ == EntryType::Edit)
    {
        given.content = edit.content.clone();
        given.mentions = edit.mentions.clone();
        given.edited_seq = edit.seq;
    }
    given
}

/// A log as the server makes it: changes come after what they are about, and a message is recalled once and not changed then.
fn log(choices: &[(u8, usize, u64)]) -> Vec<Entry> {
    let mut log: Vec<Entry> = Vec::new();
    for (seq, (kind, place, user)) in (1..).zip(choices) {
        let messages: Vec<u64> = log
            .iter()
            .filter(|entry| entry.type_ == EntryType::Text)
            .map(|entry| entry.seq.0)
            .collect();
        let target = messages.get(place % messages.len().max(1)).copied();
        let is_recalled = |target: u64| {
            let about = |entry: &&Entry| entry.target_seq == Seq(target);
            log.iter()
                .filter(about)
                .any(|entry| entry.type_ == EntryType::Recall)
        };
        let next = match (kind % 8, target.filter(|target| !is_recalled(*target))) {
            (0 | 1, Some(target)) => {
                entry(seq, *user, EntryType::Edit, &format!("{seq} @9"), target)
            }
            (2, Some(target)) => entry(seq, *user, EntryType::Recall, "", target),
            (3 | 4, Some(target)) => entry(seq, *user, EntryType::Reaction, "+x", target),
            (5, Some(target)) => entry(seq, *user, EntryType::Reaction, "-x", target),
            (6, _) => entry(seq, *user, EntryType::Member, "{}", 0),
            _ => entry(seq, *user, EntryType::Text, &seq.to_string(), 0),
        };
        log.push(next);
    }
    log
}

proptest! {
    /// [E6, E7], D14: in any order, repeated, each as it was read at some time after it was stored.
    #[test]
    fn whoever_has_all_entries_sees_the_same(
        choices in prop::collection::vec((any::<u8>(), any::<usize>(), 1_u64..4), 1..60),
        reads in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..120),
        order in any::<u64>(),
    ) {
        let log = log(&choices);
        let live = fold(&log);
        let mut given: Vec<Entry> = Vec::new();
        for (seq, tip) in &reads {
            let seq = seq.index(log.len()) + 1;
            given.push(read(&log, seq, seq + tip.index(log.len() - seq + 1)));
        }
        // Whatever was not read at random is read at a time of its own.
        for seq in 1..=log.len() {
            let late = usize::try_from(order.rotate_left(u32::try_from(seq % 64).unwrap()) % 1_000).unwrap();
            given.push(read(&log, seq, seq + late % (log.len() - seq + 1)));
        }
        given.sort_by_key(|entry| (entry.seq.0 ^ entry.edited_seq.0).wrapping_mul(order | 1));
        let shown: Vec<Shown> = fold(&given).messages().collect();
        prop_assert_eq!(&shown, &live.messages().collect::<Vec<_>>());
        let fresh: Vec<Entry> = (1..=log.len()).map(|seq| read(&log, seq, log.len())).collect();
        prop_assert_eq!(shown, fold(&fresh).messages().collect::<Vec<_>>());
    }
}
