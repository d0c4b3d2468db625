# Daemons that live as long as the script.
# shellcheck shell=sh disable=SC2154

# start_daemon LOG COMMAND...: sets `daemon`. It gets process and mount namespaces of its own: when it is gone, so
# are all its children and mounts, without a search for them. It is gone too when the script itself is killed.
start_daemon() {
  daemon_log=$1
  shift
  setpriv --pdeathsig KILL setsid unshare --mount --pid --fork --kill-child --mount-proc "$@" \
    </dev/null >"$daemon_log" 2>&1 &
  daemon=$!
  daemons="$daemon $daemons"
}

# wait_for_daemon WHAT COMMAND...: until the command succeeds, for half a minute at most.
wait_for_daemon() {
  daemon_name=$1
  shift
  tries=150
  until "$@"; do
    tries=$((tries - 1))
    if [ "$tries" -eq 0 ] || [ ! -e "/proc/$daemon/status" ] || wait_gone "$daemon" 0; then
      tail -n 20 "$daemon_log" >&2
      fail "$daemon_name does not start; the end of its log is above"
    fi
    sleep 0.2
  done
}

# stop_daemon PID: asks it to end, insists after half a minute, and returns when it is gone.
stop_daemon() {
  # The process that was started waits for its only child, which is the daemon itself.
  inside=$(cut -d' ' -f1 "/proc/$1/task/$1/children" 2>/dev/null)
  if [ -n "$inside" ]; then
    kill -TERM "$inside" 2>/dev/null && wait_gone "$1" 300
  fi
  kill -KILL "$1" 2>/dev/null
  wait "$1" 2>/dev/null
  return 0
}
