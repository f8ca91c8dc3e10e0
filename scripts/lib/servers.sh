# Private PostgreSQL, Redis and NATS on unprivileged ports of 127.0.0.1. Sourced after common.sh, packages.sh, process.sh.
#
# A server whose URL is given (IM_POSTGRES_URL, IM_REDIS_URL, IM_NATS_URL) is used as it is and never started or stopped.
# After start_servers the three variables are set and exported either way.
# shellcheck shell=bash

# start_servers POSTGRES_PORT REDIS_PORT NATS_PORT
start_servers() {
  local wanted=()
  [ -n "${IM_POSTGRES_URL:-}" ] || wanted+=(postgres)
  [ -n "${IM_REDIS_URL:-}" ] || wanted+=(redis)
  [ -n "${IM_NATS_URL:-}" ] || wanted+=(nats)
  [ "${#wanted[@]}" -eq 0 ] || ensure_packages "${wanted[@]}"
  if [ -z "${IM_POSTGRES_URL:-}" ]; then start_postgres "$1"; else note "PostgreSQL: the one of IM_POSTGRES_URL"; fi
  if [ -z "${IM_REDIS_URL:-}" ]; then start_redis "$2"; else note "Redis: the one of IM_REDIS_URL"; fi
  if [ -z "${IM_NATS_URL:-}" ]; then start_nats "$3"; else note "NATS: the one of IM_NATS_URL"; fi
  export IM_POSTGRES_URL IM_REDIS_URL IM_NATS_URL
}

stop_servers() {
  stop_process nats TERM 10
  stop_process redis TERM 10
  stop_process postgres INT 30 # INT: fast shutdown, sessions are ended
}

need_free_port() {
  ! port_answers "$2" || fail "port $2, wanted for $1, is taken by another program (IM_PORT_OFFSET=1000 moves all ports)"
}

# PostgreSQL refuses to run as root. setpriv replaces itself, so that the pid is the server's.
as_postgres() {
  if is_root; then
    (cd / && exec setpriv --reuid=postgres --regid=postgres --init-groups "$@")
  else
    "$@"
  fi
}

# Prints PostgreSQL's folder: below RUN_DIR, or elsewhere if its user cannot get there. The choice is kept for the next time.
postgres_home() {
  local record=$RUN_DIR/postgres.path home=$RUN_DIR/postgres
  if [ -s "$record" ]; then
    home=$(cat "$record")
    if [ -d "$home" ]; then
      printf '%s\n' "$home"
      return
    fi
    home=$RUN_DIR/postgres
  fi
  mkdir -p "$home"
  if is_root; then
    id postgres >/dev/null 2>&1 || fail "there is no user postgres to run PostgreSQL as; run this as an ordinary user"
    chown postgres: "$home"
    if ! as_postgres test -w "$home" 2>/dev/null; then
      rmdir "$home"
      home=$(mktemp -d /var/tmp/im-rs-postgres.XXXXXXXX)
      chown postgres: "$home"
      note "the user postgres cannot reach $RUN_DIR: its data is in $home" >&2
    fi
  fi
  printf '%s\n' "$home" >"$record"
  printf '%s\n' "$home"
}

start_postgres() {
  local port=$1 bin home password
  bin=$(postgres_bin) || fail "PostgreSQL is installed, but initdb is not found"
  home=$(postgres_home)
  if [ ! -f "$home/data/PG_VERSION" ]; then
    password=$(node -p 'require("node:crypto").randomBytes(18).toString("base64url")')
    (umask 077 && printf '%s\n' "$password" >"$RUN_DIR/postgres.password" && cp "$RUN_DIR/postgres.password" "$home/password")
    ! is_root || chown postgres: "$home/password"
    as_postgres "$bin/initdb" -D "$home/data" -U im -A scram-sha-256 --pwfile="$home/password" -E UTF8 --locale=C.UTF-8 \
      >"$(log_file postgres)" 2>&1 </dev/null || {
      show_log postgres
      fail "initdb failed"
    }
    rm -f "$home/password"
  fi
  password=$(cat "$RUN_DIR/postgres.password")
  IM_POSTGRES_URL=postgres://im:$password@127.0.0.1:$port/im
  if ! is_running postgres; then
    need_free_port PostgreSQL "$port"
    local settings=(
      -c listen_addresses=127.0.0.1 -c "port=$port" -c unix_socket_directories=
      -c max_connections=300 -c max_locks_per_transaction=512
      -c shared_buffers=256MB -c max_wal_size=2GB -c fsync=on -c synchronous_commit=on
    )
    local run=("$bin/postgres" -D "$home/data" "${settings[@]}")
    ! is_root || run=(env -C / setpriv --reuid=postgres --regid=postgres --init-groups "${run[@]}")
    start_process postgres "${run[@]}"
  fi
  wait_for postgres 60 "$bin/pg_isready" -q -h 127.0.0.1 -p "$port"
  local found
  found=$(PGPASSWORD=$password "$bin/psql" -h 127.0.0.1 -p "$port" -U im -d postgres -Atqc \
    "SELECT 1 FROM pg_database WHERE datname = 'im'" </dev/null)
  [ "$found" = 1 ] || PGPASSWORD=$password "$bin/createdb" -h 127.0.0.1 -p "$port" -U im im </dev/null
  note "PostgreSQL $("$bin/postgres" --version | grep -o '[0-9.]*' | head -n 1) on port $port"
}

start_redis() {
  mkdir -p "$RUN_DIR/redis"
  IM_REDIS_URL=redis://127.0.0.1:$1
  if ! is_running redis; then
    need_free_port Redis "$1"
    # Nothing is saved: Redis holds only what can be derived again.
    start_process redis "$(command -v redis-server)" --bind 127.0.0.1 --port "$1" --dir "$RUN_DIR/redis" --save '' --appendonly no
  fi
  wait_for redis 20 port_answers "$1"
  note "Redis on port $1"
}

start_nats() {
  IM_NATS_URL=nats://127.0.0.1:$1
  if ! is_running nats; then
    need_free_port NATS "$1"
    start_process nats "$(nats_bin)" -a 127.0.0.1 -p "$1"
  fi
  wait_for nats 20 port_answers "$1"
  note "NATS on port $1"
}

# Deletes the data of servers that are stopped.
wipe_servers() {
  local home
  home=$(cat "$RUN_DIR/postgres.path" 2>/dev/null || true)
  case $home in
    "$RUN_DIR"/postgres | /var/tmp/im-rs-postgres.*) rm -rf "$home" ;;
  esac
  rm -rf "$RUN_DIR/postgres.path" "$RUN_DIR/postgres.password" "$RUN_DIR/redis"
}
