//! A server process that dies with the test, however the test ends.
//!
//! A small shell stands between: it starts the server and reads its own standard input, which only the test process holds open. When
//! the test process is gone, even by SIGKILL, the read ends, and the shell stops the server and removes its folder.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const WATCHDOG: &str = r#"
folder=$1 pidfile=$2 signal=$3
shift 3
"$@" </dev/null >>"$folder/log" 2>&1 &
child=$!
echo "$child" >"$folder/child"
[ -n "$pidfile" ] || pidfile=$folder/child
word=
read -r word
pid=$(head -n 1 "$pidfile" 2>/dev/null) && kill -CONT "$pid" 2>/dev/null && kill "-$signal" "$pid" 2>/dev/null
wait "$child"
[ "$word" = keep ] || rm -rf "$folder"
"#;

/// How long a server may take until it is ready, and to end.
const DEADLINE: Duration = Duration::from_secs(60);

/// How to start one server.
pub(super) struct Recipe {
    /// Belongs to this server alone; holds its log, and its data.
    pub(super) folder: PathBuf,
    pub(super) command: Vec<OsString>,
    /// Where the server writes its process id, if the command is not the server itself.
    pub(super) pid_file: Option<PathBuf>,
    /// Ends it at once, without writing anything more: `KILL`, or what the server offers.
    pub(super) signal: &'static str,
}

/// A running server.
pub(super) struct Server {
    watchdog: Child,
    recipe: Recipe,
}

impl Server {
    /// Starts the server and waits until `is_ready`. None when the server ended before: its port was taken. Its folder stays.
    pub(super) fn start(recipe: Recipe, is_ready: impl Fn() -> bool) -> Option<Self> {
        // Of an earlier start.
        let _ = fs::remove_file(recipe.folder.join("child"));
        let mut command = Command::new("sh");
        command.args(["-c", WATCHDOG, "watchdog"]);
        command.arg(&recipe.folder);
        command.arg(recipe.pid_file.as_deref().unwrap_or(Path::new("")));
        command.arg(recipe.signal).args(&recipe.command);
        // An own process group: Ctrl-C reaches the test only, and the watchdog does its work.
        let watchdog = command
            .process_group(0)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("sh starts");
        let server = Self { watchdog, recipe };
        let end = Instant::now() + DEADLINE;
        loop {
            if is_ready() && server.is_running() {
                return Some(server);
            }
            if server.has_ended() {
                // Its data is still needed: it is started again, on another port.
                server.kill();
                return None;
            }
            assert!(Instant::now() < end, "not ready:\n{}", server.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends the server at once and keeps its folder.
    pub(super) fn kill(mut self) {
        let stdin = self.watchdog.stdin.as_mut().expect("piped");
        stdin.write_all(b"keep\n").expect("the watchdog reads");
        self.watchdog.wait().expect("the watchdog ends");
    }

    /// Sends `STOP` or `CONT`.
    pub(super) fn signal(&self, signal: &str) {
        let pid = self.pid().expect("a running server");
        let sent = Command::new("kill")
            .args(["-s", signal, &pid])
            .status()
            .expect("kill starts");
        assert!(sent.success(), "{signal} reaches {pid}");
    }

    fn pid(&self) -> Option<String> {
        let own = self.recipe.folder.join("child");
        let file = self.recipe.pid_file.as_ref().unwrap_or(&own);
        let text = fs::read_to_string(file).ok()?;
        text.lines().next().map(str::to_owned)
    }

    fn is_running(&self) -> bool {
        self.pid().is_some_and(|pid| runs(&pid))
    }

    fn has_ended(&self) -> bool {
        let child = fs::read_to_string(self.recipe.folder.join("child"));
        child.is_ok_and(|pid| !pid.trim().is_empty() && !runs(pid.trim()))
    }

    fn log(&self) -> String {
        fs::read_to_string(self.recipe.folder.join("log")).unwrap_or_default()
    }
}

/// Ends the server and removes its folder.
impl Drop for Server {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        // After `kill` the watchdog has been waited for; that is no error.
        let _ = self.watchdog.wait();
    }
}

/// The process is there and no zombie: the watchdog waits for its child only at the end.
fn runs(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit(')').next().unwrap_or_default();
    !matches!(state.trim_start().chars().next(), None | Some('Z' | 'X'))
}

/// An empty folder for one server, that other users can pass through but not read.
pub(super) fn new_folder(kind: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::Builder::new()
        .prefix(&format!("im-test-{kind}-"))
        .permissions(fs::Permissions::from_mode(0o711))
        .tempdir()
        .expect("a temporary folder");
    folder.keep()
}

/// The full path of a server's program: in PATH, or in one of `folders`.
pub(super) fn find_program(name: &str, folders: &[PathBuf]) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let in_path = std::env::split_paths(&path).collect::<Vec<_>>();
    let usual = ["/usr/sbin", "/usr/local/bin", "/usr/bin"].map(PathBuf::from);
    let all = in_path.iter().chain(&usual).chain(folders);
    all.map(|folder| folder.join(name))
        .find(|program| program.is_file())
        .unwrap_or_else(|| panic!("{name} is not installed; scripts/test.sh installs it"))
}
