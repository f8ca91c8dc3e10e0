#!/usr/bin/env bash
# Does what the README's quick start says, next to whatever else runs on this machine: up, up again, two people chat from terminals, down.
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$ROOT/scripts/lib/process.sh"
cd "$ROOT"

unset IM_POSTGRES_URL IM_REDIS_URL IM_NATS_URL
export IM_PROFILE=dev IM_PORT_OFFSET=$((2000 + RANDOM % 4000))
mkdir -p "$ROOT/.run" && chmod 711 "$ROOT/.run"
RUN_DIR=$(mktemp -d "$ROOT/.run/quick-start.XXXXXX")
export IM_RUN_DIR=$RUN_DIR XDG_DATA_HOME=$RUN_DIR/data
server=http://localhost:$((8080 + IM_PORT_OFFSET))
end() {
  ./scripts/down.sh --wipe >/dev/null 2>&1 || true
  rm -rf "$RUN_DIR"
}
trap end EXIT

ok() { printf 'ok      %s\n' "$1"; }
im() { target/debug/im --server "$server" "$@" </dev/null; }

# A pipe, as in `up.sh | less`: nothing that stays may hold it open.
./scripts/up.sh | cat
ok "up.sh starts a cluster"

pids=$(sort "$RUN_DIR"/pid/*)
./scripts/up.sh | tail -n 3
[ "$pids" = "$(sort "$RUN_DIR"/pid/*)" ] || fail "up.sh restarted what had not changed"
ok "up.sh can be run again and leaves alone what runs"

for number in 8080 8081; do
  web=http://localhost:$((number + IM_PORT_OFFSET))
  # Not grep -q, which ends before what it reads from has written everything, and that is then taken for a failure.
  curl -fsS "$web/" | grep '<div id="root"' >/dev/null || fail "web does not serve the web client"
  curl -fsS "$web/swagger/index.html" >/dev/null
done
ok "both web nodes serve the client and Swagger UI"

im login alice --password alice-in-wonderland
im login bob --password bob-the-builder
printf 'hello from a terminal\n' | timeout 120 target/debug/im --server "$server" -u alice chat bob
im -u bob history alice | grep 'hello from a terminal' >/dev/null || fail "bob does not see what alice wrote"
ok "two people chat from terminals"

./scripts/down.sh
for name in postgres redis nats logic-1 logic-2 access-1 access-2 web-1 web-2; do
  ! is_running "$name" || fail "$name still runs"
done
ok "down.sh stops everything that up.sh started"
