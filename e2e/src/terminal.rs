//! The terminal client as a person uses it: one program after the other, with the files of one person.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail, ensure};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};

use crate::cluster::Cluster;
use crate::device::PATIENCE;
use crate::programs::program;
use crate::user::PASSWORD;

/// No command takes longer.
const END: Duration = Duration::from_secs(120);

/// Somebody at a terminal of their own.
pub struct Terminal {
    name: String,
    server: String,
    home: TempDir,
}

/// What a command said, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
    /// The exit code.
    pub code: Option<i32>,
}

impl Terminal {
    /// A terminal at which nobody is logged in.
    ///
    /// # Errors
    /// When there is no room for its files.
    pub fn new(cluster: &Cluster, name: &str) -> Result<Self> {
        Ok(Self {
            name: name.to_owned(),
            server: cluster.api().server().to_owned(),
            home: TempDir::new()?,
        })
    }

    /// A terminal at which somebody has just registered.
    ///
    /// # Errors
    /// When that is refused.
    pub async fn register(cluster: &Cluster, name: &str) -> Result<Self> {
        let terminal = Self::new(cluster, name)?;
        terminal.im(&["register", name]).await?;
        Ok(terminal)
    }

    /// Runs `im` and gives its standard output.
    ///
    /// # Errors
    /// When it does not end well, or in time.
    pub async fn im(&self, arguments: &[&str]) -> Result<String> {
        let said = self.run(arguments, "").await?;
        ensure!(
            said.code == Some(0),
            "{}: im {}: {said:?}",
            self.name,
            arguments.join(" ")
        );
        Ok(said.out)
    }

    /// Pipes lines into `im chat PLACE --commands`, and gives what it wrote.
    ///
    /// # Errors
    /// When it does not end well, or in time.
    pub async fn chat(&self, place: &str, lines: &str) -> Result<String> {
        let said = self.run(&["chat", place, "--commands"], lines).await?;
        ensure!(
            said.code == Some(0),
            "{}: {lines:?} in {place}: {said:?}",
            self.name
        );
        Ok(said.out)
    }

    /// Runs `im` with this standard input, however it ends.
    ///
    /// # Errors
    /// When it does not end in time.
    pub async fn run(&self, arguments: &[&str], input: &str) -> Result<Said> {
        let mut child = self.start(arguments)?;
        let mut stdin = child.stdin.take().context("standard input")?;
        // It may end without reading what nobody asked it to read.
        let written = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        let output = tokio::time::timeout(END, child.wait_with_output())
            .await
            .with_context(|| format!("{}: im {}", self.name, arguments.join(" ")))??;
        let said = Said {
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
            code: output.status.code(),
        };
        ensure!(written.is_ok() || said.code != Some(0), "{said:?}");
        Ok(said)
    }

    /// Starts `im` and watches what it writes.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn watch(&self, arguments: &[&str]) -> Result<Watched> {
        let mut child = self.start(arguments)?;
        let stdin = child.stdin.take().context("standard input")?;
        let stdout = child.stdout.take().context("standard output")?;
        let stderr = child.stderr.take().context("standard error")?;
        Ok(Watched {
            name: format!("{}: im {}", self.name, arguments.join(" ")),
            lines: BufReader::new(stdout).lines(),
            asides: BufReader::new(stderr).lines(),
            stdin,
            _child: child,
        })
    }

    fn start(&self, arguments: &[&str]) -> Result<Child> {
        Ok(Command::new(program("im")?)
            .args(arguments)
            .env_clear()
            .env("HOME", self.home.path())
            .env("XDG_DATA_HOME", self.home.path())
            .env("IM_SERVER", &self.server)
            .env("IM_PASSWORD", PASSWORD)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?)
    }
}

/// A running `im`. It is killed when this goes.
pub struct Watched {
    name: String,
    lines: Lines<BufReader<ChildStdout>>,
    /// Of standard error.
    asides: Lines<BufReader<ChildStderr>>,
    stdin: ChildStdin,
    _child: Child,
}

impl Watched {
    /// Types a line.
    ///
    /// # Errors
    /// When it does not listen any more.
    pub async fn types(&mut self, line: &str) -> Result<()> {
        self.stdin.write_all(format!("{line}\n").as_bytes()).await?;
        Ok(self.stdin.flush().await?)
    }

    /// Waits for a line with these words, and passes over others; gives it.
    ///
    /// # Errors
    /// When none comes in time, or the program ends before.
    pub async fn says(&mut self, words: &str) -> Result<String> {
        let mut passed = Vec::new();
        let found = async {
            while let Some(line) = self.next_line().await? {
                if line.contains(words) {
                    return Ok(line);
                }
                passed.push(line);
            }
            bail!("it ended")
        };
        let found = tokio::time::timeout(PATIENCE, found).await;
        let found = found.unwrap_or_else(|_| Err(anyhow!("it did not come")));
        found.with_context(|| format!("{}: {words:?} after {passed:?}", self.name))
    }

    /// From either of them; none once both have ended.
    async fn next_line(&mut self) -> Result<Option<String>> {
        tokio::select! {
            Ok(Some(line)) = self.lines.next_line() => Ok(Some(line)),
            Ok(Some(line)) = self.asides.next_line() => Ok(Some(line)),
            else => Ok(None),
        }
    }
}
