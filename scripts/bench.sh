#!/usr/bin/env bash
# Measures the cluster that up.sh runs, prints a table and writes docs/performance.md and docs/performance.json.
#
#   ./scripts/bench.sh                    about ten minutes
#   ./scripts/bench.sh --quick            short windows, prints only: to see that everything works
#   ./scripts/bench.sh --compare FOLDER   besides, in turn with another build, whose cluster runs with FOLDER as its IM_RUN_DIR
#
#   IM_BENCH_RESULTS=FOLDER               keeps what was measured there, and does not measure again what is there already
#
# For what loads the system more than its clients may, access is restarted without the limit of 20 frames per second and session, which
# would bind before the system does; the next up.sh brings it back. Nothing else differs from what up.sh starts: fsync, verification and
# TLS are on. For the cold lists PostgreSQL is restarted, and its files leave the system's cache.
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$ROOT/scripts/lib/process.sh"
. "$ROOT/scripts/lib/cluster.sh"
. "$ROOT/scripts/lib/packages.sh"
. "$ROOT/scripts/lib/servers.sh"
cd "$ROOT"

quick= other=
seconds=20 warm_up=5 steps=1000,5000 users=5000 online=2000 group_seconds=40 calls=200 times=5 requests=100000 burst_seconds=60 burst=500
while [ "$#" -gt 0 ]; do
  case $1 in
    --quick) quick=1 seconds=3 warm_up=1 steps=100,300 online=200 group_seconds=5 calls=20 times=2 requests=2000 burst_seconds=6 burst=50 ;;
    --compare)
      [ -d "${2:-}/pid" ] || fail "--compare wants the IM_RUN_DIR of a cluster that runs"
      other=$2
      shift
      ;;
    *) fail "usage: bench.sh [--quick] [--compare FOLDER]" ;;
  esac
  shift
done
for name in logic-1 logic-2 access-1 access-2 web-1 web-2; do
  is_running "$name" || fail "$name does not run: ./scripts/up.sh first"
done
ulimit -n "$(ulimit -Hn)"

# The addresses that up.sh gave the nodes.
setting() { sed -n "s/^IM_LOGIC_$1__URL=//p" "$RUN_DIR/logic-1.env"; }
IM_POSTGRES_URL=$(setting POSTGRES) IM_REDIS_URL=$(setting REDIS) IM_NATS_URL=$(setting NATS)

results=${IM_BENCH_RESULTS:-}
if [ -n "$results" ]; then mkdir -p "$results"; else
  results=$(mktemp -d)
  trap 'rm -rf "$results"' EXIT
fi
window=(--warm-up "$warm_up" --seconds "$seconds")

# pids NAME...: the processes whose CPU time counts, as options. A server that up.sh did not start cannot be counted.
pids() {
  local name
  for name in "$@"; do
    ! is_running "$name" || printf -- '--pid\n%s=%s\n' "${name%-[0-9]}" "$(pid_of "$name")"
  done
}
# What every measurement needs: who serves it, and whose CPU time counts.
find_cluster() {
  server=(--server "$WEB_URL" --signing-key "$(signing_key)")
  mapfile -t access_pids < <(pids access-1 access-2)
  mapfile -t web_pids < <(pids web-1 web-2 postgres redis nats)
  mapfile -t logic_pids < <(pids logic-1 logic-2 postgres redis nats)
  all_pids=("${access_pids[@]}" "${logic_pids[@]}")
}
# measure NAME SUBCOMMAND OPTION...
measure() {
  local name=$1
  shift
  [ ! -s "$results/$name.json" ] || return 0
  step "$name"
  "$BIN/im-bench" "$@" >"$results/$name.tmp" || fail "$name could not be measured"
  mv "$results/$name.tmp" "$results/$name.json"
}

# PostgreSQL anew, with nothing of its data in memory: neither in its buffers nor in the system's.
cool_down() {
  step "PostgreSQL is restarted, cold"
  stop_process postgres INT 30
  find "$(postgres_home)/data" -type f -exec dd if={} iflag=nocache count=0 status=none \;
  (unset IM_POSTGRES_URL && start_postgres "$((15432 + OFFSET))") >/dev/null
  sleep 2 # the nodes notice within a second
  wait_nodes >/dev/null
}

wait_nodes() {
  local number
  for number in 1 2; do
    wait_ready "logic-$number" "$((9090 + number + OFFSET))"
    wait_ready "access-$number" "$((9432 + number + OFFSET))"
    wait_ready "web-$number" "$((9079 + number + OFFSET))"
  done
}

# The load of 2,000/s and logic alone, on this cluster and on the one of FOLDER, each with its own im-bench.
compare() {
  local round
  for round in 1 2; do
    (
      RUN_DIR=$other
      BIN=$(dirname "$(readlink -f "/proc/$(pid_of logic-1)/exe")")
      IM_POSTGRES_URL=$(setting POSTGRES) IM_REDIS_URL=$(setting REDIS) IM_NATS_URL=$(setting NATS)
      WEB_URL=http://localhost:$(sed -n 's/^IM_WEB_HTTP__LISTEN=.*://p' "$other/web-1.env")
      find_cluster
      loads "before-$round"
    )
    loads "after-$round"
  done
}
loads() {
  measure "$1-prepare" prepare --postgres "$IM_POSTGRES_URL" --users "$users" --degree 4
  measure "$1-rate" rate "${server[@]}" "${window[@]}" "${all_pids[@]}" --rate 2000 --users 200
  measure "$1-logic" logic --nats "$IM_NATS_URL" --redis "$IM_REDIS_URL" "${window[@]}" "${logic_pids[@]}"
}

start_cluster # with the limits of every session
find_cluster
group=(group "${server[@]}" "${all_pids[@]}" --postgres "$IM_POSTGRES_URL")
measure prepare prepare --postgres "$IM_POSTGRES_URL" --users "$users" --degree 4
measure group "${group[@]}" --warm-up "$warm_up" --seconds "$group_seconds" --members 10000 --online "$online"
measure groupFewOnline "${group[@]}" "${window[@]}" --members 10000 --online 100
measure groupSmall "${group[@]}" "${window[@]}" --members 100 --online 100
measure list list "${server[@]}" --postgres "$IM_POSTGRES_URL" --calls "$calls"
measure sync sync "${server[@]}" --postgres "$IM_POSTGRES_URL" --times "$times" \
  --ops "http://127.0.0.1:$((9091 + OFFSET))" --ops "http://127.0.0.1:$((9092 + OFFSET))"
if is_running postgres; then
  for number in 1 2 3; do
    for asked in sync api; do
      [ ! -s "$results/listCold-$asked-$number.json" ] || continue
      cool_down
      measure "listCold-$asked-$number" list "${server[@]}" --calls 1 --asked "$asked"
    done
  done
  find_cluster # PostgreSQL is another process now
fi
[ -z "$other" ] || compare

ACCESS_EXTRA=(IM_ACCESS_SESSION__FRAMES_PER_SECOND=20000 IM_ACCESS_SESSION__FRAME_BURST=40000)
start_cluster
sleep 2 # web knows the nodes, and their new certificates, as of a second ago
find_cluster
measure idle idle "${server[@]}" "${access_pids[@]}" --steps "$steps"
measure connect connect "${server[@]}" "${window[@]}" "${access_pids[@]}"
measure api api "${server[@]}" "${window[@]}" "${web_pids[@]}" --logins-per-second 1
measure apiProfile api "${server[@]}" "${window[@]}" "${web_pids[@]}" --mix profile --rate 500
measure apiLogins api "${server[@]}" "${window[@]}" "${web_pids[@]}" --logins-per-second 20
beside=(--warm-up "$warm_up" --seconds "$burst_seconds" --login-burst "$burst")
measure apiBurst api "${server[@]}" "${beside[@]}" "${web_pids[@]}"
measure apiProfileBurst api "${server[@]}" "${beside[@]}" "${web_pids[@]}" --mix profile --rate 500
measure apiMemory api "${server[@]}" "${web_pids[@]}" --requests "$requests" --users "$users"
measure endToEndAt2000 rate "${server[@]}" "${window[@]}" "${all_pids[@]}" --rate 2000 --users 200
measure endToEndSaturated saturate "${server[@]}" "${window[@]}" "${all_pids[@]}" --sessions 500 --conversations 4
measure logicAlone logic --nats "$IM_NATS_URL" --redis "$IM_REDIS_URL" "${window[@]}" "${logic_pids[@]}"

if [ -n "$quick" ]; then
  node scripts/lib/bench-report.mjs "$results"
else
  node scripts/lib/bench-report.mjs "$results" docs "$PROFILE"
  note "written to docs/performance.md and docs/performance.json"
fi
