//! How things look: times, names and texts of others, colours where they are wanted.

use std::io::IsTerminal as _;
use std::time::{SystemTime, UNIX_EPOCH};

use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

/// How to write to this terminal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Show {
    offset: UtcOffset,
    colours: bool,
}

impl Show {
    /// Reads the time zone and whether standard output shows colours. Call before there are threads.
    pub(crate) fn new() -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            offset: UtcOffset::current_local_offset().unwrap_or(UtcOffset::UTC),
            colours: !plain && std::io::stdout().is_terminal(),
        }
    }

    /// Without colours, in UTC.
    #[cfg(test)]
    pub(crate) const fn plain() -> Self {
        Self {
            offset: UtcOffset::UTC,
            colours: false,
        }
    }

    /// A time of today as `12:34`, an earlier one with its date; from milliseconds since 1970.
    pub(crate) fn time(&self, millis: i64) -> String {
        let now = OffsetDateTime::now_utc().to_offset(self.offset);
        let Ok(time) = OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000)
        else {
            return "?".to_owned();
        };
        let time = time.to_offset(self.offset);
        let text = if time.date() == now.date() {
            time.format(format_description!("[hour]:[minute]"))
        } else {
            time.format(format_description!("[year]-[month]-[day] [hour]:[minute]"))
        };
        text.unwrap_or_else(|_| "?".to_owned())
    }

    pub(crate) fn dim(&self, text: &str) -> String {
        self.colour("2", text)
    }

    pub(crate) fn strong(&self, text: &str) -> String {
        self.colour("1;36", text)
    }

    pub(crate) fn warn(&self, text: &str) -> String {
        self.colour("33", text)
    }

    fn colour(&self, code: &str, text: &str) -> String {
        if self.colours {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

/// A text of somebody else without anything that a terminal obeys: no escape sequences, no cursor movements, no
/// right-to-left overrides. New lines are indented so that nobody can fake another one's line.
pub(crate) fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' => shown.push_str("\n      "),
            '\t' => shown.push(' '),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            letter if letter.is_control() => {}
            letter => shown.push(letter),
        }
    }
    shown
}

/// Padded, or cut, to so many letters.
pub(crate) fn column(text: &str, letters: usize) -> String {
    let length = text.chars().count();
    if length <= letters {
        return format!("{text}{}", " ".repeat(letters - length));
    }
    let cut: String = text.chars().take(letters.saturating_sub(1)).collect();
    format!("{cut}…")
}

/// The time, in milliseconds since 1970.
pub(crate) fn now() -> i64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(now.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_command_the_terminal() {
        assert_eq!(plain("a\x1b[2Jb\rc\u{9b}d\u{202e}e"), "a[2Jbcde");
        assert_eq!(plain("one\nbob: two"), "one\n      bob: two");
        assert_eq!(plain("grüße 你好 👋"), "grüße 你好 👋");
    }

    #[test]
    fn an_old_time_has_its_date() {
        assert_eq!(Show::plain().time(0), "1970-01-01 00:00");
    }

    #[test]
    fn columns_count_letters() {
        assert_eq!(column("né", 4), "né  ");
        assert_eq!(column("grüße", 4), "grü…");
    }
}
