#!/usr/bin/env bash
# Starts a whole cluster on this machine: PostgreSQL, Redis, NATS, 2 access nodes, 2 logic workers, 2 web nodes with the web client.
#
#   ./scripts/up.sh              can be run again: what runs already and has not changed is left alone
#
#   IM_POSTGRES_URL, IM_REDIS_URL, IM_NATS_URL   use these servers instead of starting private ones
#   IM_PROFILE=dev                               build without optimisation (faster to build; default: release)
#   IM_PORT_OFFSET=1000                          add this to every port
#   IM_RUN_DIR=FOLDER                            data, logs, keys, pid files (default: .run)
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$ROOT/scripts/lib/packages.sh"
. "$ROOT/scripts/lib/process.sh"
. "$ROOT/scripts/lib/servers.sh"
. "$ROOT/scripts/lib/cluster.sh"

need_toolchains
make_run_dir
exec 9>"$RUN_DIR/lock"
flock -n 9 || fail "another up.sh or down.sh is at work on $RUN_DIR"
ensure_packages curl compiler

step "Starting the servers"
start_servers "$((15432 + OFFSET))" "$((16379 + OFFSET))" "$((14222 + OFFSET))"

step "Building the programs (profile $PROFILE; the first time takes some minutes)"
packages=(-p im-access -p im-logic -p im-web -p im-client)
[ "$PROFILE" != dev ] || packages=(--workspace) # shares what the tests have built
(cd "$ROOT" && cargo build --locked --profile "$PROFILE" "${packages[@]}" --bins)

build_web_client
prepare_cluster
start_cluster

step "Demo accounts"
node "$ROOT/scripts/lib/demo-accounts.mjs" "$WEB_URL" | sed 's/^/    /'

cat <<END

im-rs is running.

  Open      $WEB_URL   in two browser windows (one of them private)
  Log in    alice / alice-in-wonderland   and   bob / bob-the-builder
  REST      $WEB_URL/swagger/index.html
  Logs      $RUN_DIR/log

Next:

  ${BIN#"$ROOT"/}/im --server $WEB_URL login alice --password alice-in-wonderland
  ${BIN#"$ROOT"/}/im chat bob
  ./scripts/bench.sh       measure it
  ./scripts/down.sh        stop it
END
