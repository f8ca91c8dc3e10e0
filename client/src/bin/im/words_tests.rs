#![allow(clippy::unwrap_used)]
use super::*;

const ME: UserId = UserId(1);

fn calls(user: UserId) -> String {
    match user {
        UserId(1) => "you".to_owned(),
        UserId(2) => "ann".to_owned(),
        UserId(3) => "bob".to_owned(),
        user => user.to_string(),
    }
}

fn entry(type_: EntryType, content: &str) -> Entry {
    Entry {
        seq: Seq(12),
        sender_id: UserId(2),
        type_,
        content: content.to_owned().into(),
        ..Entry::default()
    }
}

fn shown(entry: &Entry) -> String {
    let line = line(&Show::plain(), entry, ME, &calls, &[]);
    line.replace("1970-01-01 00:00 ", "")
}

#[test]
fn a_message_has_its_number_and_what_became_of_it() {
    let mut message = entry(EntryType::Text, "hello");
    assert_eq!(shown(&message), "  12 ann: hello");
    message.target_seq = Seq(9);
    message.edited_seq = Seq(13);
    assert_eq!(shown(&message), "  12 ann: ↪ 9 hello (edited)");
    message.mentions = vec![ME];
    assert_eq!(shown(&message), "  12 ann: @you ↪ 9 hello (edited)");
    let tally = [("👍".to_owned(), 2), ("❤".to_owned(), 1)];
    let reacted = line(
        &Show::plain(),
        &entry(EntryType::Text, "hi"),
        ME,
        &calls,
        &tally,
    );
    assert!(reacted.ends_with("ann: hi  👍 2  ❤ 1"), "{reacted}");
    let recalled = Entry {
        recalled_seq: Seq(14),
        ..entry(EntryType::Text, "")
    };
    assert_eq!(shown(&recalled), "  12 ann: (taken back)");
}

/// D14: a change is told as a line of its own.
#[test]
fn changes_are_told_in_words() {
    let change = |type_, content: &str| {
        shown(&Entry {
            target_seq: Seq(7),
            ..entry(type_, content)
        })
    };
    assert_eq!(change(EntryType::Edit, "hi"), "     · ann edited 7: hi");
    assert_eq!(change(EntryType::Recall, ""), "     · ann took 7 back");
    assert_eq!(
        change(EntryType::Reaction, "+👍"),
        "     · ann reacted 👍 to 7"
    );
    assert_eq!(
        change(EntryType::Reaction, "-👍"),
        "     · ann took 👍 back from 7"
    );
}

/// E1: who came and went.
#[test]
fn changes_of_members_are_told_in_words() {
    let told = |content: &str| shown(&entry(EntryType::Member, content));
    assert_eq!(
        told(r#"{"change":"invited","users":["1","3","4"]}"#),
        "     · ann invited you, bob and 4"
    );
    assert_eq!(told(r#"{"change":"joined"}"#), "     · ann joined");
    assert_eq!(
        told(r#"{"change":"left","owner":"3"}"#),
        "     · ann left; the group belongs to bob now"
    );
    assert_eq!(
        told(r#"{"change":"role","user":"3","role":"admin"}"#),
        "     · ann made bob an admin"
    );
    assert_eq!(
        told(r#"{"change":"silenced","user":"3","until":0}"#),
        "     · ann gave bob the voice back"
    );
    assert_eq!(told("nonsense"), "     · ann changed the members");
    let invited = entry(
        EntryType::Member,
        r#"{"change":"invited","users":["3","1"]}"#,
    );
    assert_eq!(people(&invited), [UserId(1), UserId(2), UserId(3)]);
}

#[test]
fn changes_of_a_group_are_told_in_words() {
    let told = |content: &str| shown(&entry(EntryType::Group, content));
    assert_eq!(
        told(r#"{"created":true,"name":"Tea"}"#),
        "     · ann made the group Tea"
    );
    assert_eq!(
        told(r#"{"name":"Coffee","silenced":true}"#),
        "     · ann called the group Coffee and lets only admins write"
    );
}

/// [M7]
#[test]
fn every_type_of_message_is_shown() {
    let said = |type_, content: &str| super::content(&entry(type_, content));
    assert_eq!(
        said(
            EntryType::Image,
            r#"{"fileId":"f","mime":"image/png","size":12345,"width":4,"height":3,"caption":"us"}"#
        ),
        "[picture, 4×3, 12 kB] us"
    );
    assert_eq!(
        said(
            EntryType::File,
            r#"{"fileId":"f","name":"a.pdf","mime":"application/pdf","size":2500000}"#
        ),
        "[file a.pdf, 2.5 MB]"
    );
    assert_eq!(
        said(
            EntryType::Voice,
            r#"{"fileId":"f","mime":"audio/ogg","size":9,"durationMs":61500}"#
        ),
        "[voice, 1:02]"
    );
    assert_eq!(
        said(
            EntryType::Custom,
            r#"{"type":"acme.poll","data":{"a":[1,2]}}"#
        ),
        r#"[acme.poll] {"a":[1,2]}"#
    );
    assert_eq!(
        said(EntryType::System, r#"{"title":"Soon","content":"at noon"}"#),
        "Soon: at noon"
    );
    assert_eq!(
        said(EntryType::Image, "{}"),
        "[something that this version cannot show]"
    );
}

/// [E8]
#[test]
fn a_type_of_a_later_release_has_a_placeholder_if_it_counts() {
    let later = entry(EntryType(20), "?");
    assert!(is_seen(&later));
    assert_eq!(
        shown(&later),
        "  12 ann: [something that this version cannot show]"
    );
    assert!(!is_seen(&entry(EntryType(99), "?")));
}

/// Nothing of what others write commands the terminal.
#[test]
fn nothing_that_others_write_commands_the_terminal() {
    let bad = "\x1b[2J\u{202e}";
    for (type_, content) in [
        (EntryType::Text, bad.to_owned()),
        (EntryType::Edit, bad.to_owned()),
        (EntryType::Reaction, format!("+{bad}")),
        (
            EntryType::Group,
            serde_json::json!({ "name": bad, "description": bad }).to_string(),
        ),
        (
            EntryType::System,
            serde_json::json!({ "title": bad, "content": bad }).to_string(),
        ),
    ] {
        let line = shown(&entry(type_, &content));
        assert!(!line.contains(['\x1b', '\u{202e}']), "{line:?}");
    }
}

#[test]
fn a_long_text_is_cut_for_lists() {
    let long = entry(EntryType::Text, "one\ntwo three");
    assert_eq!(short(&long, 7), "one two…");
    assert_eq!(short(&long, 70), "one two three");
}
