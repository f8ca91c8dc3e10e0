//! A checker that finds nothing proves nothing: each test damages a sound history in one way and wants it found.

#![allow(clippy::expect_used)]

use super::*;

const ALICE: UserId = UserId(1);
const BOB: UserId = UserId(2);
const CAROL: UserId = UserId(3);
const PAIR: ConversationId = ConversationId(100);
const GROUP: ConversationId = ConversationId(200);

/// Alice and Bob talk, Carol listens in vain.
fn sound() -> History {
    let mut history = History::default();
    let mut shown = Vec::new();
    for (seq, sender, receiver) in [
        (1, ALICE, BOB),
        (2, BOB, ALICE),
        (3, ALICE, BOB),
        (4, ALICE, BOB),
    ] {
        let text = format!("message {seq}");
        let id = MessageId(1000 + seq);
        history.sent.push(Sent {
            sender,
            to: Place::Friend(receiver),
            text: text.clone(),
        });
        history.acknowledged.insert(
            text.clone(),
            Acknowledged {
                id,
                conversation: PAIR,
                seq,
            },
        );
        history.stored.push(Stored {
            id,
            conversation: PAIR,
            seq,
            index: seq,
            kind: EntryType::Text,
            sender,
            text: text.clone(),
        });
        shown.push(Shown {
            conversation: PAIR,
            seq,
            sender,
            text,
        });
    }
    for (device, user, shown) in [
        ("alice", ALICE, shown.clone()),
        ("bob", BOB, shown),
        ("carol", CAROL, Vec::new()),
    ] {
        history.screens.push(Screen {
            device: device.to_owned(),
            user,
            shown,
        });
    }
    history
}

/// Besides, all three are in a group: somebody made it, and Carol says something.
fn with_a_group() -> History {
    let mut history = sound();
    history.groups.insert(GROUP, [ALICE, BOB, CAROL].into());
    for (seq, index, kind, sender, text) in [
        (1, 0, EntryType::Group, ALICE, "made"),
        (2, 1, EntryType::Text, CAROL, "to all"),
    ] {
        history.stored.push(Stored {
            id: MessageId(2000 + seq),
            conversation: GROUP,
            seq,
            index,
            kind,
            sender,
            text: text.to_owned(),
        });
        for screen in &mut history.screens {
            screen.shown.push(Shown {
                conversation: GROUP,
                seq,
                sender,
                text: text.to_owned(),
            });
        }
    }
    history.sent.push(Sent {
        sender: CAROL,
        to: Place::Group(GROUP),
        text: "to all".to_owned(),
    });
    history
}

/// Exactly one kind of violation is found, and it says this.
#[track_caller]
fn finds(history: &History, words: &str) {
    let found = history.violations();
    assert!(
        found.iter().any(|line| line.contains(words)),
        "nothing says {words:?}: {found:#?}"
    );
}

#[test]
fn a_sound_history_has_no_violations() {
    assert_eq!(sound().violations(), Vec::<String>::new());
}

#[test]
fn a_sound_history_with_a_group_has_no_violations() {
    assert_eq!(with_a_group().violations(), Vec::<String>::new());
}

#[test]
fn a_message_of_a_group_that_a_member_missed_is_found() {
    let mut history = with_a_group();
    history.screens[1].shown.pop();
    finds(&history, "bob: 200 shows 1 of 2");
}

#[test]
fn a_message_of_a_group_that_went_elsewhere_is_found() {
    let mut history = with_a_group();
    history.sent[4].to = Place::Group(PAIR);
    finds(&history, "wrong sender or conversation");
}

#[test]
fn an_index_that_counts_who_came_is_found() {
    let mut history = with_a_group();
    history.stored[5].index = 2;
    finds(&history, "place 2 holds seq 2 index 2");
}

#[test]
fn a_group_on_the_screen_of_who_is_no_member_is_found() {
    let mut history = with_a_group();
    history.groups.insert(GROUP, [ALICE, CAROL].into());
    finds(&history, "bob: showed 200");
}

#[test]
fn an_acknowledged_message_that_is_not_stored_is_found() {
    let mut history = sound();
    history.stored.pop();
    finds(&history, "acknowledged and is not stored");
}

#[test]
fn an_acknowledgement_with_another_place_is_found() {
    let mut history = sound();
    history
        .acknowledged
        .get_mut("message 2")
        .expect("it is there")
        .seq = 3;
    finds(&history, "was acknowledged as");
}

#[test]
fn a_message_that_is_stored_twice_is_found() {
    let mut history = sound();
    let mut twin = history.stored[3].clone();
    (twin.seq, twin.index, twin.id) = (5, 5, MessageId(7));
    history.stored.push(twin);
    finds(&history, "stored twice");
}

#[test]
fn a_hole_in_the_log_is_found() {
    let mut history = sound();
    history.stored[3].seq = 5;
    finds(&history, "place 4 holds seq 5");
}

#[test]
fn an_index_that_does_not_count_is_found() {
    let mut history = sound();
    history.stored[3].index = 3;
    finds(&history, "index 3");
}

#[test]
fn a_message_of_nobody_is_found() {
    let mut history = sound();
    history.sent.remove(1);
    finds(&history, "never sent");
}

#[test]
fn a_message_with_another_sender_is_found() {
    let mut history = sound();
    history.stored[0].sender = BOB;
    finds(&history, "wrong sender");
}

#[test]
fn a_sender_whose_messages_are_turned_around_is_found() {
    let mut history = sound();
    history.sent.swap(2, 3);
    finds(&history, "overtook");
}

#[test]
fn a_message_that_a_device_missed_is_found() {
    let mut history = sound();
    history.screens[1].shown.remove(1);
    finds(&history, "bob: 100 shows 3 of 4");
}

#[test]
fn a_message_that_a_device_showed_twice_is_found() {
    let mut history = sound();
    let again = history.screens[0].shown[3].clone();
    history.screens[0].shown.push(again);
    finds(&history, "alice: 100 shows 5 of 4");
}

#[test]
fn a_device_that_shows_another_order_is_found() {
    let mut history = sound();
    history.screens[1].shown.swap(0, 1);
    finds(&history, "differ at place 1");
}

#[test]
fn a_message_on_the_screen_of_someone_else_is_found() {
    let mut history = sound();
    let leaked = history.screens[0].shown[0].clone();
    history.screens[2].shown.push(leaked);
    finds(&history, "carol: showed 100, which is not its user's");
}
