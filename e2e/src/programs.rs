//! The programs as processes: found next to the test, started with their output in a file, killed or asked to end.

use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tokio::process::{Child, Command};

/// How long a program may take to be ready.
const START: Duration = Duration::from_secs(120);
/// How long a program may take to end after SIGTERM: its drain window and some room.
const END: Duration = Duration::from_secs(120);

/// The folder that the programs were built into: `target/PROFILE`, where this test lies in `deps`.
fn target() -> Result<PathBuf> {
    let test = std::env::current_exe().context("where this test is")?;
    let folder = test
        .parent()
        .and_then(Path::parent)
        .context("this test does not lie in target/PROFILE/deps")?;
    Ok(folder.to_owned())
}

/// The path of a program that was built with this test.
///
/// # Errors
/// When it has not been built: `cargo test -p im-e2e` alone builds no programs.
pub fn program(name: &str) -> Result<PathBuf> {
    let path = target()?.join(name);
    ensure!(
        path.is_file(),
        "{} is missing: run `cargo build --workspace --bins` first",
        path.display()
    );
    Ok(path)
}

/// An empty folder for what a cluster of the running test leaves: `target/PROFILE/e2e/TEST`. It stays until the test runs again, so
/// that a failure can be looked into, however it happened.
///
/// # Errors
/// When it cannot be made.
pub fn new_folder() -> Result<PathBuf> {
    static CLUSTERS: AtomicUsize = AtomicUsize::new(0);
    let thread = std::thread::current();
    let number = CLUSTERS.fetch_add(1, Ordering::Relaxed);
    let name = thread.name().map_or_else(
        || format!("cluster-{number}"),
        |name| name.replace("::", "-"),
    );
    let folder = target()?.join("e2e").join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    eprintln!("the logs of this cluster are in {}", folder.display());
    Ok(folder)
}

/// One running program, with what is needed to start it again.
pub struct Node {
    name: String,
    program: PathBuf,
    config: Option<PathBuf>,
    settings: Vec<(String, String)>,
    folder: PathBuf,
    log: PathBuf,
    ops: u16,
    child: Option<Child>,
}

impl Node {
    /// Describes a node that listens for `/ready` on the port `ops` and writes to `{folder}/{name}.log`.
    ///
    /// # Errors
    /// When the program has not been built.
    pub fn new(
        name: &str,
        program_name: &str,
        ops: u16,
        folder: &Path,
        settings: Vec<(String, String)>,
    ) -> Result<Self> {
        Ok(Self {
            name: name.to_owned(),
            program: program(program_name)?,
            config: None,
            settings,
            folder: folder.to_owned(),
            log: folder.join(format!("{name}.log")),
            ops,
            child: None,
        })
    }

    /// The same, from this configuration file; the settings still come on top.
    #[must_use]
    pub fn with_config(mut self, file: PathBuf) -> Self {
        self.config = Some(file);
        self
    }

    /// Its name in the cluster: `access-1`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its process id, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().and_then(Child::id)
    }

    /// Starts it, without waiting until it is ready.
    ///
    /// # Errors
    /// When it runs already or cannot be started.
    pub fn spawn(&mut self) -> Result<()> {
        ensure!(self.child.is_none(), "{} runs already", self.name);
        let log = File::options().create(true).append(true).open(&self.log)?;
        let config = self
            .config
            .iter()
            .flat_map(|file| [OsStr::new("--config"), file.as_os_str()]);
        let child = Command::new(&self.program)
            .args(config)
            // Where there is no env/PROGRAM.toml: defaults and these settings are everything.
            .current_dir(&self.folder)
            // A start that fails says why in one message.
            .env("RUST_LIB_BACKTRACE", "0")
            .envs(self.settings.iter().cloned())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("starting {}", self.program.display()))?;
        self.child = Some(child);
        Ok(())
    }

    /// Waits until `/ready` answers 200.
    ///
    /// # Errors
    /// When the program ends or is not ready in time.
    pub async fn ready(&mut self) -> Result<()> {
        let url = format!("http://127.0.0.1:{}/ready", self.ops);
        let deadline = tokio::time::Instant::now() + START;
        loop {
            if let Some(status) = self.child.as_mut().context("not started")?.try_wait()? {
                self.child = None;
                bail!(
                    "{} ended while it started ({status}):\n{}",
                    self.name,
                    self.log_end(20)
                );
            }
            let answer = reqwest::get(&url).await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            ensure!(
                tokio::time::Instant::now() < deadline,
                "{} is not ready in time:\n{}",
                self.name,
                self.log_end(20)
            );
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// The current value of a metric, summed over its labels; 0 if it is not there.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn metric(&self, name: &str) -> Result<f64> {
        let url = format!("http://127.0.0.1:{}/metrics", self.ops);
        let text = reqwest::get(&url).await?.text().await?;
        let value = |line: &str| -> Option<f64> {
            let (key, value) = line.rsplit_once(' ')?;
            let found = key == name || key.strip_prefix(name)?.starts_with('{');
            found.then(|| value.parse().ok()).flatten()
        };
        Ok(text.lines().filter_map(value).sum())
    }

    /// `kill -9`: it gets no chance to say anything.
    ///
    /// # Errors
    /// When it does not run.
    pub async fn kill(&mut self) -> Result<()> {
        let mut child = self
            .child
            .take()
            .with_context(|| format!("{} does not run", self.name))?;
        child.kill().await?;
        Ok(())
    }

    /// SIGTERM, then waits for its end.
    ///
    /// # Errors
    /// When it does not run, does not end in time, or ends with a failure.
    pub async fn terminate(&mut self) -> Result<()> {
        let mut child = self
            .child
            .take()
            .with_context(|| format!("{} does not run", self.name))?;
        signal(&child, "TERM").await?;
        let status: ExitStatus = tokio::time::timeout(END, child.wait())
            .await
            .with_context(|| {
                format!(
                    "{} did not end after SIGTERM:\n{}",
                    self.name,
                    self.log_end(20)
                )
            })??;
        ensure!(
            status.success(),
            "{} ended with {status} after SIGTERM:\n{}",
            self.name,
            self.log_end(20)
        );
        Ok(())
    }

    /// SIGSTOP: it stays there and does nothing, as a machine that hangs.
    ///
    /// # Errors
    /// When it does not run.
    pub async fn pause(&self) -> Result<()> {
        signal(self.child.as_ref().context("does not run")?, "STOP").await
    }

    /// SIGCONT after [`Node::pause`].
    ///
    /// # Errors
    /// When it does not run.
    pub async fn resume(&self) -> Result<()> {
        signal(self.child.as_ref().context("does not run")?, "CONT").await
    }

    /// The last lines of its log.
    #[must_use]
    pub fn log_end(&self, lines: usize) -> String {
        let text = self.log();
        let all: Vec<&str> = text.lines().collect();
        all[all.len().saturating_sub(lines)..].join("\n")
    }

    /// What `/live` or `/ready` says: the HTTP status and the JSON.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn health(&self, path: &str) -> Result<(u16, serde_json::Value)> {
        let answer = reqwest::get(format!("http://127.0.0.1:{}/{path}", self.ops)).await?;
        Ok((
            answer.status().as_u16(),
            serde_json::from_str(&answer.text().await?)?,
        ))
    }

    /// The whole log.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// The lines of its log with level ERROR, and what a panic printed.
    #[must_use]
    pub fn errors(&self) -> Vec<String> {
        let text = self.log();
        let bad = |line: &&str| line.contains("\"ERROR\"") || line.contains("panicked");
        text.lines().filter(bad).map(str::to_owned).collect()
    }
}

/// `kill` from the shell: the standard library has no signals but KILL, and `unsafe` is denied.
async fn signal(child: &Child, name: &str) -> Result<()> {
    let pid = child.id().context("it has ended")?;
    let status = Command::new("kill")
        .arg(format!("-{name}"))
        .arg(pid.to_string())
        .status()
        .await?;
    ensure!(status.success(), "kill -{name} {pid} failed");
    Ok(())
}
