//! What is typed in a talk. Pure.

use im_client::Reaction;
use im_shared::content::{Content, Custom};
use im_shared::ids::Seq;

/// The commands, as Tab completes them.
pub(super) const COMMANDS: [&str; 9] = [
    "/reply ",
    "/edit ",
    "/recall ",
    "/react ",
    "/unreact ",
    "/who ",
    "/custom ",
    "/help",
    "/quit",
];

pub(super) const HELP: &str =
    "Type a message and press Enter; //text sends a text that begins with /.
  /reply N TEXT      answer message N: the number at its left
  /edit N TEXT       give a message of yours another text
  /recall N          take a message back
  /react N 👍        react to a message; /unreact N 👍 takes it back
  /who N             who has received and read a message of yours
  /custom TYPE JSON  send what an application defines for itself
  /quit              leave
@name calls somebody, and Tab completes it; in a group, admins call everybody with @all.
Marks: … not stored yet, ✓ stored, ✓✓ delivered, ✓✓ read.";

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Input {
    Nothing,
    Text(String),
    Reply(Seq, String),
    Edit(Seq, String),
    Recall(Seq),
    React(Seq, String, Reaction),
    Who(Seq),
    Custom(Custom),
    Help,
    Quit,
    /// What is wrong with it.
    Wrong(String),
}

/// Reads a line of a talk with commands.
pub(super) fn parse(line: &str) -> Input {
    let trimmed = line.trim();
    if trimmed.is_empty() {
        return Input::Nothing;
    }
    let Some(command) = trimmed.strip_prefix('/') else {
        return Input::Text(line.to_owned());
    };
    if command.starts_with('/') {
        return Input::Text(command.to_owned());
    }
    let (name, rest) = split(command);
    match name {
        "quit" | "q" => Input::Quit,
        "help" => Input::Help,
        "reply" => with_text(rest, "/reply N TEXT", Input::Reply),
        "edit" => with_text(rest, "/edit N TEXT", Input::Edit),
        "react" => with_text(rest, "/react N 👍", |seq, reaction| {
            Input::React(seq, reaction, Reaction::Add)
        }),
        "unreact" => with_text(rest, "/unreact N 👍", |seq, reaction| {
            Input::React(seq, reaction, Reaction::Remove)
        }),
        "recall" => with_number(rest, "/recall N", Input::Recall),
        "who" => with_number(rest, "/who N", Input::Who),
        "custom" => custom(rest),
        _ => Input::Wrong(format!("/{name} is no command; /help shows them")),
    }
}

fn custom(rest: &str) -> Input {
    let (kind, data) = split(rest);
    let Ok(data) = serde_json::from_str(data) else {
        return Input::Wrong("it is: /custom TYPE JSON".to_owned());
    };
    let kind = kind.to_owned();
    let custom = Custom { kind, data };
    match custom.check() {
        Ok(()) => Input::Custom(custom),
        Err(error) => Input::Wrong(format!("that cannot be sent: {error}")),
    }
}

fn with_text(rest: &str, usage: &str, make: impl FnOnce(Seq, String) -> Input) -> Input {
    let (number, text) = split(rest);
    match (seq(number), text) {
        (Some(seq), text) if !text.is_empty() => make(seq, text.to_owned()),
        _ => Input::Wrong(format!("it is: {usage}")),
    }
}

fn with_number(rest: &str, usage: &str, make: impl FnOnce(Seq) -> Input) -> Input {
    seq(rest).map_or_else(|| Input::Wrong(format!("it is: {usage}")), make)
}

fn seq(text: &str) -> Option<Seq> {
    text.parse().ok().filter(|seq| *seq > 0).map(Seq)
}

/// The first word, and what comes after it.
fn split(text: &str) -> (&str, &str) {
    match text.split_once(char::is_whitespace) {
        Some((word, rest)) => (word, rest.trim()),
        None => (text, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_with_a_slash_is_a_command() {
        let text = |text: &str| text.to_owned();
        for (line, input) in [
            ("  ", Input::Nothing),
            (" hello ", Input::Text(text(" hello "))),
            ("//etc", Input::Text(text("/etc"))),
            ("/reply 3 so it is", Input::Reply(Seq(3), text("so it is"))),
            ("/edit 3  twice", Input::Edit(Seq(3), text("twice"))),
            ("/recall 3", Input::Recall(Seq(3))),
            (
                "/react 3 👍",
                Input::React(Seq(3), text("👍"), Reaction::Add),
            ),
            (
                "/unreact 3 👍",
                Input::React(Seq(3), text("👍"), Reaction::Remove),
            ),
            ("/who 3", Input::Who(Seq(3))),
            ("/q", Input::Quit),
            ("/help", Input::Help),
        ] {
            assert_eq!(parse(line), input, "{line}");
        }
    }

    #[test]
    fn what_is_incomplete_is_not_sent() {
        for line in [
            "/reply 3",
            "/reply three it is",
            "/edit 0 text",
            "/recall",
            "/recall 3 now",
            "/who x",
            "/custom poll {",
            "/custom Poll! {}",
            "/file x",
            "/",
        ] {
            assert!(matches!(parse(line), Input::Wrong(_)), "{line}");
        }
    }

    /// [M7]
    #[test]
    fn a_custom_message_is_typed_as_type_and_json() {
        let custom = Custom {
            kind: "acme.poll".to_owned(),
            data: serde_json::json!({ "a": [1, 2] }),
        };
        let line = r#"/custom acme.poll {"a": [1, 2]}"#;
        assert_eq!(parse(line), Input::Custom(custom));
    }
}
