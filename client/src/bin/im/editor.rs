//! Where lines come from and go to: an editor at a terminal, plain lines in a pipe.
//!
//! Thread: one that waits for lines. It cannot be interrupted while it reads; it ends with the process, or at the end of input.
//! Since it may be reading then, [`Editor`] puts the terminal back itself when it goes.

use std::io::{BufRead as _, Write as _};
use std::process::{Command, Stdio};

use rustyline::ExternalPrinter;
use rustyline::error::ReadlineError;
use tokio::sync::mpsc;

use crate::error::Error;

/// Lines that may wait to be sent; then typing, or the pipe, waits.
const LINES: usize = 64;

/// Typed or piped lines, and a way to write that does not disturb typing.
pub(crate) struct Editor {
    lines: mpsc::Receiver<Result<String, Error>>,
    printer: Option<Box<dyn ExternalPrinter + Send>>,
    /// The terminal's settings before the editor changed them, as `stty` writes them.
    before: Option<String>,
}

impl Editor {
    /// An editor with history at a terminal.
    pub(crate) fn interactive(prompt: String) -> Result<Self, Error> {
        let before = stty("-g").filter(|settings| !settings.is_empty());
        let mut editor = rustyline::DefaultEditor::new()?;
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
            printer: None,
            before: None,
        }
    }

    /// The next line; none at the end of input.
    pub(crate) async fn line(&mut self) -> Option<Result<String, Error>> {
        self.lines.recv().await
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
