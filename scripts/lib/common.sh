# Common ground of the scripts: strict mode, paths, messages, prerequisites. Sourced, not run.
# shellcheck shell=bash
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
RUN_DIR=${IM_RUN_DIR:-$ROOT/.run}
STARTED_AT=$SECONDS
export CARGO_TERM_PROGRESS_WHEN=${CARGO_TERM_PROGRESS_WHEN:-auto}

# A line of progress with the seconds since the script began.
step() { printf '==> [%3ds] %s\n' "$((SECONDS - STARTED_AT))" "$*"; }
note() { printf '    %s\n' "$*"; }
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# check NAME COMMAND...: runs one check of several, says how it ended, and goes on. The script ends with `exit "$CHECKS_FAILED"`.
CHECKS_FAILED=0
check() {
  local name=$1
  shift
  step "$name"
  if "$@"; then printf 'ok      %s\n' "$name"; else
    printf 'FAILED  %s\n' "$name"
    CHECKS_FAILED=1
  fi
}

have() { command -v "$1" >/dev/null 2>&1; }
is_root() { [ "$(id -u)" -eq 0 ]; }

# The folder of data, logs and pid files. Others may pass through it (PostgreSQL runs as its own user) but not list it.
make_run_dir() {
  mkdir -p "$RUN_DIR/log" "$RUN_DIR/pid"
  chmod 711 "$RUN_DIR"
}

# Rust and Node are prerequisites: they have installers of their own, and distributions carry old ones.
need_toolchains() {
  have cargo || fail "cargo is missing: install Rust 1.92 or newer from https://rustup.rs"
  have node || fail "node is missing: install Node.js 20 or newer from https://nodejs.org"
  have npm || fail "npm is missing: it comes with Node.js"
  local major
  major=$(node -p 'process.versions.node.split(".")[0]')
  [ "$major" -ge 20 ] || fail "node is too old ($(node --version)): 20 or newer is needed"
}

# Whether something accepts TCP connections on 127.0.0.1:$1.
port_answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Prints $1 free TCP ports, one a line.
free_ports() {
  node -e '
    const net = require("node:net");
    const servers = Array.from({ length: Number(process.argv[1]) }, () => net.createServer().listen(0, "127.0.0.1"));
    Promise.all(servers.map((s) => new Promise((done) => s.on("listening", done)))).then(() => {
      for (const s of servers) { console.log(s.address().port); s.close(); }
    });' "$1"
}

# Installs the packages of the web client, unless those of its lock file are installed. npm writes node_modules/.package-lock.json at
# the end of an installation, so its age says which lock file is installed.
install_node_modules() {
  local folder=$1 installed=$1/node_modules/.package-lock.json
  [ "$installed" -nt "$folder/package-lock.json" ] && [ "$installed" -nt "$folder/package.json" ] && return 0
  step "Installing the packages of ${folder#"$ROOT"/} (npm ci)"
  (cd "$folder" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --loglevel=error)
  touch "$installed"
}
