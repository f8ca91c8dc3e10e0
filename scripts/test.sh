#!/usr/bin/env bash
# All checks and tests: repository, Rust quality, web quality, Rust tests, the whole system with real servers and a real browser.
#
#   ./scripts/test.sh            installs what it needs, ends with a line `N passed, N failed`
#
#   IM_POSTGRES_URL, IM_REDIS_URL, IM_NATS_URL   use these servers instead of starting private ones
#   IM_CHROMIUM=PROGRAM                          the browser to use
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$ROOT/scripts/lib/packages.sh"
. "$ROOT/scripts/lib/process.sh"
. "$ROOT/scripts/lib/servers.sh"
cd "$ROOT"
export RUST_LIB_BACKTRACE=0 # tests fail with a message; panics keep their backtrace

mkdir -p "$ROOT/.run" && chmod 711 "$ROOT/.run"
RUN_DIR=$(mktemp -d "$ROOT/.run/test.XXXXXX")
make_run_dir
end() {
  stop_servers
  wipe_servers
  rm -rf "$RUN_DIR"
}
trap end EXIT
trap 'exit 130' INT TERM

PASSED=0
FAILED=0
SUMMARY=()
FAILURES=$RUN_DIR/log/failures

# Prints "passed failed" as the test programs (cargo, vitest, node) say it in the output $1, or as the check scripts list it.
count_results() {
  sed 's/\x1b\[[0-9;]*m//g' "$1" | awk '
    /^test result:/                     { passed += $4; failed += $6 }
    /^ *Tests  /                        { for (i = 1; i < NF; i++) { if ($(i + 1) ~ /^passed/) passed += $i; if ($(i + 1) ~ /^failed/) failed += $i } }
    /^ok      /                         { passed++ }
    /^FAILED  /                         { failed++ }
    END                                 { print passed + 0, failed + 0 }'
}

# Prints the lines of the output $1 that name what failed, with what vitest says below each.
name_failures() {
  sed 's/\x1b\[[0-9;]*m//g' "$1" | grep -E -A 14 '^ FAIL  |Unhandled (Error|Rejection)' || true
  sed 's/\x1b\[[0-9;]*m//g' "$1" | grep -E '^FAILED  |^test .* \.\.\. FAILED$' || true
}

# run NAME COMMAND...: runs it to the end, counts what passed and failed, and goes on.
run() {
  local name=$1 log=$RUN_DIR/log/results began=$SECONDS status=0 passed failed
  shift
  step "$name"
  "$@" </dev/null 2>&1 | tee "$log" || status=$?
  read -r passed failed < <(count_results "$log")
  [ "$status" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
  [ "$status" -ne 0 ] || [ "$passed" -gt 0 ] || passed=1
  PASSED=$((PASSED + passed))
  FAILED=$((FAILED + failed))
  [ "$failed" -eq 0 ] || { printf '\n-- %s\n' "$name" && name_failures "$log"; } >>"$FAILURES"
  SUMMARY+=("$(printf '%-32s %5d passed %4d failed %6ds' "$name" "$passed" "$failed" "$((SECONDS - began))")")
}

need_toolchains
ensure_packages postgres redis nats curl compiler pip
install_node_modules "$ROOT/desktop-web"
ensure_chromium
ensure_fuzzer
IM_CHROMIUM=$(chromium_bin) IM_FUZZER=$(fuzzer_home)
export IM_CHROMIUM IM_FUZZER

step "Starting the servers"
mapfile -t ports < <(free_ports 3)
start_servers "${ports[@]}"
export IM_TEST_POSTGRES=$IM_POSTGRES_URL IM_TEST_REDIS=$IM_REDIS_URL IM_TEST_NATS=$IM_NATS_URL
unset IM_POSTGRES_URL IM_REDIS_URL IM_NATS_URL

run "repository" ./scripts/check-repository.sh
run "rust quality" ./scripts/check-rust-quality.sh
run "web quality" ./scripts/check-web-quality.sh
# One invocation over the workspace: another choice of packages would have other features and build everything again.
run "build" cargo test --locked --workspace --no-run --quiet
run "programs" cargo build --locked --workspace --bins --quiet
run "rust and whole system" cargo test --locked --workspace --no-fail-fast
run "quick start" ./scripts/check-quick-start.sh

[ ! -s "$FAILURES" ] || { step "What failed" && cat "$FAILURES"; }
printf '\n'
printf '%s\n' "${SUMMARY[@]}"
printf '%-32s %31s\n\n' "all" "$((SECONDS - STARTED_AT))s"
printf '%d passed, %d failed\n' "$PASSED" "$FAILED"
[ "$FAILED" -eq 0 ]
