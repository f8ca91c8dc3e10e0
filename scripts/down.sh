#!/usr/bin/env bash
# Stops exactly what up.sh started. The data stays in .run; with --wipe it is deleted.
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$ROOT/scripts/lib/process.sh"
. "$ROOT/scripts/lib/servers.sh"
. "$ROOT/scripts/lib/cluster.sh"

case "${1:-}" in
  '' | --wipe) ;;
  *) fail "usage: down.sh [--wipe]" ;;
esac
[ -d "$RUN_DIR" ] || {
  note "nothing was started in $RUN_DIR"
  exit 0
}
exec 9>"$RUN_DIR/lock"
flock -n 9 || fail "another up.sh or down.sh is at work on $RUN_DIR"

step "Stopping the nodes"
stop_cluster
step "Stopping the servers"
stop_servers
if [ "${1:-}" = --wipe ]; then
  wipe_servers
  wipe_cluster
  note "the data is deleted"
fi
step "Stopped"
