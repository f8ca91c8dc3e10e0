//! Where lines come from and go to: an editor at a terminal, plain lines in a pipe.
//!
//! Thread: one that waits for lines. It cannot be interrupted while it reads; it ends with the process, or at the end of input.
//! Since it may be reading then, [`Editor`] puts the terminal back itself when it goes.

use std::io::{BufRead as _, Write as _};
use std::process::{Command, Stdio};

use rustyline::ExternalPrinter;
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::Validator;
use rustyline::{CompletionType, Config, Helper};
use tokio::sync::mpsc;

use crate::chat::Callable;
use crate::error::Error;

/// Lines that may wait to be sent; then typing, or the pipe, waits.
const LINES: usize = 64;

/// What somebody does at the keyboard.
pub(crate) enum Typed {
    /// A whole line.
    Line(Result<String, Error>),
    /// A key that is part of a message.
    Key,
    /// Nothing comes any more.
    End,
}

/// Typed or piped lines, and a way to write that does not disturb typing.
pub(crate) struct Editor {
    lines: mpsc::Receiver<Result<String, Error>>,
    /// Closed in a pipe.
    keys: mpsc::Receiver<()>,
    printer: Option<Box<dyn ExternalPrinter + Send>>,
    /// The terminal's settings before the editor changed them, as `stty` writes them.
    before: Option<String>,
}

impl Editor {
    /// An editor with history at a terminal; Tab completes what can be called.
    pub(crate) fn interactive(prompt: String, callable: Callable) -> Result<Self, Error> {
        let before = stty("-g").filter(|settings| !settings.is_empty());
        let config = Config::builder()
            .completion_type(CompletionType::List)
            .build();
        let mut editor = rustyline::Editor::<Typist, DefaultHistory>::with_config(config)?;
        let (pressed, keys) = mpsc::channel(1);
        editor.set_helper(Some(Typist { callable, pressed }));
        let printer: Box<dyn ExternalPrinter + Send> = Box::new(editor.create_external_printer()?);
        let (sender, lines) = mpsc::channel(LINES);
        std::thread::spawn(move || {
            loop {
                let line = match editor.readline(&prompt) {
                    Ok(line) => line,
                    Err(ReadlineError::Eof | ReadlineError::Interrupted) => return,
                    Err(error) => {
                        // Nobody listens only when the chat has ended.
                        drop(sender.blocking_send(Err(error.into())));
                        return;
                    }
                };
                if !line.trim().is_empty() && editor.add_history_entry(&line).is_err() {
                    return;
                }
                if sender.blocking_send(Ok(line)).is_err() {
                    return;
                }
            }
        });
        Ok(Self {
            lines,
            keys,
            printer: Some(printer),
            before,
        })
    }

    /// Lines of standard input.
    pub(crate) fn piped() -> Self {
        let (sender, lines) = mpsc::channel(LINES);
        std::thread::spawn(move || {
            for line in std::io::stdin().lock().lines() {
                if sender.blocking_send(line.map_err(Error::Io)).is_err() {
                    return;
                }
            }
        });
        Self {
            lines,
            keys: mpsc::channel(1).1,
            printer: None,
            before: None,
        }
    }

    /// The next thing that is typed.
    pub(crate) async fn next(&mut self) -> Typed {
        tokio::select! {
            biased;
            line = self.lines.recv() => line.map_or(Typed::End, Typed::Line),
            Some(()) = self.keys.recv() => Typed::Key,
        }
    }

    /// Writes a line above what is being typed.
    pub(crate) fn print(&mut self, line: &str) -> Result<(), Error> {
        match &mut self.printer {
            Some(printer) => printer.print(format!("{line}\n"))?,
            None => writeln!(std::io::stdout(), "{line}")?,
        }
        Ok(())
    }
}

/// Helps who types: completes, and tells the talk that somebody types.
struct Typist {
    callable: Callable,
    pressed: mpsc::Sender<()>,
}

impl Completer for Typist {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        cursor: usize,
        _: &rustyline::Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(self.callable.complete(line, cursor))
    }
}

impl Hinter for Typist {
    type Hint = String;

    /// Shows nothing: it is called at each key, and nothing else is.
    fn hint(&self, line: &str, _: usize, _: &rustyline::Context<'_>) -> Option<String> {
        let is_message = ["/reply ", "/edit "]
            .iter()
            .any(|command| line.starts_with(command))
            || !line.trim().is_empty() && !line.starts_with('/');
        if is_message && self.pressed.try_send(()).is_err() {
            // One is waiting already, or the talk has ended.
            return None;
        }
        None
    }
}

impl Highlighter for Typist {}
impl Validator for Typist {}
impl Helper for Typist {}

impl Drop for Editor {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            stty(before);
            // Bracketed paste off, and off the line with the prompt.
            print!("\x1b[?2004l\r\x1b[K");
            if std::io::stdout().flush().is_err() {
                tracing::debug!("standard output is gone");
            }
        }
    }
}

/// Runs `stty` on the terminal; none where that does not work.
fn stty(argument: &str) -> Option<String> {
    let output = Command::new("stty")
        .arg(argument)
        .stdin(Stdio::inherit())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    String::from_utf8(output.stdout)
        .ok()
        .map(|text| text.trim().to_owned())
}
