#!/usr/bin/env bash
# Measures the cluster that up.sh runs, prints a table and writes docs/performance.md and docs/performance.json.
#
#   ./scripts/bench.sh            about four minutes
#   ./scripts/bench.sh --quick    short windows, prints only: to see that everything works
#
# Access is restarted without the limit of 20 frames per second and session, which would bind before the system does; the next
# up.sh brings it back. Nothing else differs from what up.sh starts: fsync, verification and TLS are on.
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$ROOT/scripts/lib/process.sh"
. "$ROOT/scripts/lib/cluster.sh"
cd "$ROOT"

quick=
case "${1:-}" in
  '') seconds=20 warm_up=5 steps=1000,5000 users=5000 ;;
  --quick) quick=1 seconds=3 warm_up=1 steps=100,300 users=5000 ;;
  *) fail "usage: bench.sh [--quick]" ;;
esac
for name in logic-1 logic-2 access-1 access-2 web; do
  is_running "$name" || fail "$name does not run: ./scripts/up.sh first"
done
ulimit -n "$(ulimit -Hn)"

# The addresses that up.sh gave the nodes.
setting() { sed -n "s/^IM_LOGIC_$1__URL=//p" "$RUN_DIR/logic-1.env"; }
IM_POSTGRES_URL=$(setting POSTGRES) IM_REDIS_URL=$(setting REDIS) IM_NATS_URL=$(setting NATS)

ACCESS_EXTRA=(IM_ACCESS_SESSION__FRAMES_PER_SECOND=20000 IM_ACCESS_SESSION__FRAME_BURST=40000)
start_cluster
sleep 2 # web knows the nodes, and their new certificates, as of a second ago

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
server=(--server "$WEB_URL" --signing-key "$(signing_key)")
window=(--warm-up "$warm_up" --seconds "$seconds")

# pids NAME...: the processes whose CPU time counts, as options. A server that up.sh did not start cannot be counted.
pids() {
  local name
  for name in "$@"; do
    ! is_running "$name" || printf -- '--pid\n%s=%s\n' "${name%-[0-9]}" "$(pid_of "$name")"
  done
}
# measure NAME SUBCOMMAND OPTION...
measure() {
  local name=$1
  shift
  step "$name"
  "$BIN/im-bench" "$@" >"$results/$name.json" || fail "$name could not be measured"
}

mapfile -t access_pids < <(pids access-1 access-2)
mapfile -t web_pids < <(pids web postgres redis nats)
mapfile -t logic_pids < <(pids logic-1 logic-2 postgres redis nats)
all_pids=("${access_pids[@]}" "${logic_pids[@]}")

measure prepare prepare --postgres "$IM_POSTGRES_URL" --users "$users" --degree 4
measure idle idle "${server[@]}" "${access_pids[@]}" --steps "$steps"
measure connect connect "${server[@]}" "${window[@]}" "${access_pids[@]}"
measure api api "${server[@]}" "${window[@]}" "${web_pids[@]}"
measure endToEndAt2000 rate "${server[@]}" "${window[@]}" "${all_pids[@]}" --rate 2000 --users 200
measure endToEndSaturated saturate "${server[@]}" "${window[@]}" "${all_pids[@]}" --sessions 500 --conversations 4
measure logicAlone logic --nats "$IM_NATS_URL" --redis "$IM_REDIS_URL" "${window[@]}" "${logic_pids[@]}"

if [ -n "$quick" ]; then
  node scripts/lib/bench-report.mjs "$results"
else
  node scripts/lib/bench-report.mjs "$results" docs "$PROFILE"
  note "written to docs/performance.md and docs/performance.json"
fi
