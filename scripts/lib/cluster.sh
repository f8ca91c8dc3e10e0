# The nodes of the development cluster: 2 access, 2 logic, 2 web. Sourced after common.sh, process.sh.
#
# Settings are env/*.toml plus the environment variables below, which are kept in RUN_DIR/NAME.env for the reader.
# shellcheck shell=bash

OFFSET=${IM_PORT_OFFSET:-0}
PROFILE=${IM_PROFILE:-release}
BIN=${CARGO_TARGET_DIR:-$ROOT/target}/$([ "$PROFILE" = dev ] && echo debug || echo "$PROFILE")
WEB_URL=http://localhost:$((8080 + OFFSET))
DRAIN_SECONDS=60
ACCESS_EXTRA=() # further settings of the access nodes, for bench.sh

# Builds desktop-web/dist, unless it was built from the same sources.
build_web_client() {
  local folder=$ROOT/desktop-web stamp=$ROOT/.cache/web-client.sum want
  want=$(cd "$folder" && find . \( -name node_modules -o -name dist -o -name coverage \) -prune -o -type f -print0 | sort -z |
    xargs -0 sha256sum | sha256sum)
  if [ -f "$folder/dist/index.html" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$want" ]; then
    note "the web client is built already"
    return
  fi
  install_node_modules "$folder"
  step "Building the web client"
  (cd "$folder" && npx --no-install vite build --logLevel warn)
  mkdir -p "$ROOT/.cache"
  printf '%s\n' "$want" >"$stamp"
}

# The environment that every program shares, as NAME=value lines for the program $1.
common_settings() {
  local prefix=IM_$1
  # A message is enough where a start fails; panics still show their backtrace, if RUST_BACKTRACE asks for it.
  printf '%s\n' RUST_LIB_BACKTRACE=0 "${prefix}_NATS__URL=$IM_NATS_URL" "${prefix}_REDIS__URL=$IM_REDIS_URL"
  [ "$1" = LOGIC ] || printf '%s\n' "${prefix}_TOKENS__PUBLIC_KEYS=$RUN_DIR/keys/public"
}

# web_settings NUMBER
web_settings() {
  local number=$1
  common_settings WEB
  printf '%s\n' "IM_WEB_POSTGRES__URL=$IM_POSTGRES_URL" "IM_WEB_TOKENS__PRIVATE_KEYS=$RUN_DIR/keys/private" \
    "IM_WEB_HTTP__STATIC_DIR=$ROOT/desktop-web/dist" "IM_WEB_PUSH__PUBLIC_KEY=$(cat "$RUN_DIR/keys/push/vapid.pub")" \
    "IM_WEB_HTTP__LISTEN=127.0.0.1:$((8079 + number + OFFSET))" "IM_WEB_OPS__LISTEN=127.0.0.1:$((9079 + number + OFFSET))" \
    "IM_WEB_FILES__FOLDER=$RUN_DIR/files" "IM_WEB_FILES__SECRET_FILE=$RUN_DIR/keys/files.key" "IM_WEB_NODE=web-$number"
}

# Any that the nodes accept, for bench.sh; im keys makes more.
signing_key() { find "$RUN_DIR/keys/private" -name '*.pem' | sort | head -n 1; }

# Keys, then the schema: both are left as they are when they are there.
prepare_cluster() {
  if [ -z "$(signing_key 2>/dev/null)" ]; then
    step "Making the keys that sign tokens"
    (umask 077 && "$BIN/im-web" generate-key --dir "$RUN_DIR/keys" --id dev-1 >/dev/null)
  fi
  "$BIN/im-logic" generate-push-key --file "$RUN_DIR/keys/push/vapid.pem" >/dev/null
  step "Bringing the schema up to date"
  local settings
  mapfile -t settings < <(web_settings 1)
  env "${settings[@]}" "$BIN/im-web" --config "$ROOT/env/web.toml" migrate </dev/null >"$(log_file migrate)" 2>&1 || {
    show_log migrate
    fail "the schema could not be brought up to date"
  }
}

# start_node NAME PROGRAM SETTING...: leaves it alone if it runs with the same program and settings.
start_node() {
  local name=$1 program=$2 record=$RUN_DIR/$1.env
  shift 2
  if is_running "$name"; then
    if [ "$BIN/im-$program" -ot "$(pid_file "$name")" ] && [ "$(cat "$record")" = "$(printf '%s\n' "$@")" ]; then
      return
    fi
    note "$name has changed and is restarted"
    stop_process "$name" TERM "$DRAIN_SECONDS"
  fi
  (umask 077 && printf '%s\n' "$@" >"$record")
  : >"$(log_file "$name")"
  start_process "$name" env "$@" "$BIN/im-$program" --config "$ROOT/env/$program.toml"
}

# ready NAME OPS_PORT
wait_ready() {
  wait_for "$1" 60 curl -fsS -m 2 "http://127.0.0.1:$2/ready"
  note "$1 is ready (http://127.0.0.1:$2/metrics)"
}

start_cluster() {
  local number settings
  step "Starting the nodes"
  for number in 1 2; do
    mapfile -t settings < <(common_settings LOGIC)
    start_node "logic-$number" logic "${settings[@]}" "IM_LOGIC_NODE_ID=logic-$number" "IM_LOGIC_POSTGRES__URL=$IM_POSTGRES_URL" \
      "IM_LOGIC_OPS__LISTEN=127.0.0.1:$((9090 + number + OFFSET))" "IM_LOGIC_PUSH__WEB_PUSH=true" \
      "IM_LOGIC_PUSH__VAPID_KEY=$RUN_DIR/keys/push/vapid.pem" "IM_LOGIC_PUSH__SUBJECT=mailto:operator@example.org"
    mapfile -t settings < <(common_settings ACCESS)
    start_node "access-$number" access "${settings[@]}" "${ACCESS_EXTRA[@]}" "IM_ACCESS_NODE__ID=access-$number" \
      "IM_ACCESS_WEB_TRANSPORT__LISTEN=[::]:$((4432 + number + OFFSET))" \
      "IM_ACCESS_WEB_SOCKET__LISTEN=[::]:$((4432 + number + OFFSET))" "IM_ACCESS_WEB_TRANSPORT__RESET_KEY=$RUN_DIR/keys/reset.key" \
      "IM_ACCESS_OPS__LISTEN=127.0.0.1:$((9432 + number + OFFSET))"
    mapfile -t settings < <(web_settings "$number")
    start_node "web-$number" web "${settings[@]}"
  done
  for number in 1 2; do
    wait_ready "logic-$number" "$((9090 + number + OFFSET))"
    wait_ready "access-$number" "$((9432 + number + OFFSET))"
    wait_ready "web-$number" "$((9079 + number + OFFSET))"
  done
}

# Clients first lose the way in, then the way through, so that nothing accepted stays without an answer.
stop_cluster() {
  local name
  for name in web-1 web-2 access-1 access-2 logic-1 logic-2; do
    ! is_running "$name" || note "$name"
    stop_process "$name" TERM "$DRAIN_SECONDS"
  done
}

wipe_cluster() { rm -rf "$RUN_DIR/keys" "$RUN_DIR"/*.env "$RUN_DIR/log"; }
