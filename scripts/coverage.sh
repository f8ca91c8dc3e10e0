#!/usr/bin/env bash
# Line coverage of Rust and TypeScript in one table. Printed, and kept with both reports (HTML, JSON) and logs in .run/coverage/.
#
#   ./scripts/coverage.sh        installs what it needs; fails when a test fails
#
# Rust: the unit and integration tests of the programs and libraries, measured by cargo-tarpaulin, which reads LLVM's profiles itself:
# rustup's llvm-tools are not needed. TypeScript: the tests of the web client. The whole-system tests (e2e) do not count.
#
#   IM_POSTGRES_URL, IM_REDIS_URL, IM_NATS_URL   use these servers instead of starting private ones
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$ROOT/scripts/lib/packages.sh"
. "$ROOT/scripts/lib/process.sh"
. "$ROOT/scripts/lib/servers.sh"
cd "$ROOT"
export RUST_LIB_BACKTRACE=0 # tests fail with a message; panics keep their backtrace

TARPAULIN=0.37.5
PACKAGES=(im-shared im-access im-logic im-web im-client)
# What does not count: generated code, the tests with what supports them, and what tarpaulin finds in the folders of others.
EXCLUDED=('*_generated.rs' '*/build.rs' '*/tests/*' '*tests.rs' '*/src/testing/*' 'e2e/*' 'target/*')
TOOLS=$ROOT/.cache/cargo-tools
REPORT=$ROOT/.run/coverage

mkdir -p "$ROOT/.run" && chmod 711 "$ROOT/.run"
RUN_DIR=$(mktemp -d "$ROOT/.run/coverage-servers.XXXXXX")
make_run_dir
end() {
  stop_servers
  wipe_servers
  rm -rf "$RUN_DIR" "$ROOT/build_rs_cov.profraw" # which tarpaulin leaves when a build fails
}
trap end EXIT
trap 'exit 130' INT TERM

# It is run once per report, so that building it fast counts for more than its own speed.
ensure_tarpaulin() {
  [ "$("$TOOLS/bin/cargo-tarpaulin" tarpaulin --version 2>/dev/null)" = "cargo-tarpaulin-tarpaulin $TARPAULIN" ] && return
  step "Installing cargo-tarpaulin $TARPAULIN"
  CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
    cargo install cargo-tarpaulin --version "$TARPAULIN" --locked --no-default-features --quiet \
    --root "$TOOLS" --target-dir "$ROOT/target/coverage-tools"
  rm -rf "$ROOT/target/coverage-tools"
}

measure_rust() {
  IM_CARGO=$(command -v cargo) PATH=$ROOT/scripts/lib/instrumented:$PATH CARGO_INCREMENTAL=0 \
    "$TOOLS/bin/cargo-tarpaulin" tarpaulin --engine llvm --locked --skip-clean --avoid-cfg-tarpaulin --no-fail-fast --color never \
    --timeout 900 --target-dir "$ROOT/target/coverage" "${PACKAGES[@]/#/--package=}" "${EXCLUDED[@]/#/--exclude-files=}" \
    --out Json --out Html --output-dir "$REPORT/rust"
}

measure_web() {
  (cd desktop-web && npm run --silent coverage -- --coverage.reportsDirectory="$REPORT/web")
}

# measure NAME COMMAND...: keeps the output in a log. When a test fails there are no figures, but the end of the log.
measure() {
  local name=$1
  shift
  step "Tests of $name"
  "$@" </dev/null >"$REPORT/$name.log" 2>&1 && return
  printf -- '--- the end of %s\n' "$REPORT/$name.log" >&2
  tail -n 40 "$REPORT/$name.log" >&2
  fail "not every test of $name passed"
}

need_toolchains
ensure_packages postgres redis nats curl compiler pip
install_node_modules "$ROOT/desktop-web"
ensure_tarpaulin

step "Starting the servers"
mapfile -t ports < <(free_ports 3)
start_servers "${ports[@]}"
export IM_TEST_POSTGRES=$IM_POSTGRES_URL IM_TEST_REDIS=$IM_REDIS_URL IM_TEST_NATS=$IM_NATS_URL
unset IM_POSTGRES_URL IM_REDIS_URL IM_NATS_URL

rm -rf "$REPORT"
mkdir -p "$REPORT/rust" "$REPORT/web"
measure web measure_web
measure rust measure_rust

printf '\n'
node scripts/lib/instrumented/table.mjs "$ROOT" "$REPORT" | tee "$REPORT/summary.txt"
printf '\nin detail: .run/coverage/rust/tarpaulin-report.html, .run/coverage/web/index.html\n'
