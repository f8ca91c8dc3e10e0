# Background processes that a later script finds again. Sourced after common.sh.
#
# A pid file holds the pid and the start time of the process in clock ticks since boot, so that a number that the system has
# given to someone else is never taken for ours.
# shellcheck shell=bash

pid_file() { printf '%s/pid/%s\n' "$RUN_DIR" "$1"; }
log_file() { printf '%s/log/%s.log\n' "$RUN_DIR" "$1"; }

# When the process $1 started; fails if there is none. A zombie counts as none.
start_time() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  stat=${stat##*) }
  [ "${stat%% *}" != Z ] || return 1
  cut -d' ' -f20 <<<"$stat"
}

# Prints the pid of the process NAME if it runs.
pid_of() {
  local pid started
  read -r pid started 2>/dev/null <"$(pid_file "$1")" || return 1
  [ "$(start_time "$pid")" = "$started" ] || return 1
  printf '%s\n' "$pid"
}

is_running() { pid_of "$1" >/dev/null 2>&1; }

# start_process NAME COMMAND...: in a session of its own, with no stream of ours (whoever reads our output would wait for it) and without the lock on descriptor 9.
start_process() {
  local name=$1 pid
  shift
  setsid "$@" </dev/null >>"$(log_file "$name")" 2>&1 9>&- &
  pid=$!
  disown "$pid"
  printf '%s %s\n' "$pid" "$(start_time "$pid")" >"$(pid_file "$name")"
}

# stop_process NAME SIGNAL SECONDS: asks it to end, waits, and kills it if it does not.
stop_process() {
  local name=$1 signal=$2 limit=$(($3 * 10)) pid
  if pid=$(pid_of "$name"); then
    kill "-$signal" "$pid" 2>/dev/null || true
    while is_running "$name" && [ "$limit" -gt 0 ]; do
      sleep 0.1
      limit=$((limit - 1))
    done
    if is_running "$name"; then
      note "$name did not end by itself and is killed"
      kill -KILL "$pid" 2>/dev/null || true
    fi
  fi
  rm -f "$(pid_file "$name")"
}

show_log() {
  printf -- '--- the end of %s\n' "$(log_file "$1")" >&2
  tail -n "${2:-25}" "$(log_file "$1")" >&2 || true
}

# wait_for NAME SECONDS COMMAND...: until the command succeeds; fails with the log when the process ends or the time is up.
wait_for() {
  local name=$1 limit=$(($2 * 10))
  shift 2
  until "$@" >/dev/null 2>&1; do
    if ! is_running "$name"; then
      show_log "$name"
      fail "$name ended while it started"
    fi
    limit=$((limit - 1))
    if [ "$limit" -le 0 ]; then
      show_log "$name"
      fail "$name is not ready in time"
    fi
    sleep 0.1
  done
}
