#!/usr/bin/env bash
# Measures the cluster that up.sh runs, prints a table and writes docs/performance.md and docs/performance.json.
#
#   ./scripts/bench.sh [OPTION...]     options are those of `im-bench` (see its --help)
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$ROOT/scripts/lib/process.sh"
. "$ROOT/scripts/lib/cluster.sh"
cd "$ROOT"

for name in logic-1 logic-2 access-1 access-2 web; do
  is_running "$name" || fail "$name does not run: ./scripts/up.sh first"
done
ulimit -n "$(ulimit -Hn)"
"$BIN/im-bench" --server "$WEB_URL" "$@"
