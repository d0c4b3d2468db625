# What every set-up script needs: messages, the cache, downloads, and an end that leaves nothing running.
# Sourced, with `repository` set to the root of the working copy.
# shellcheck shell=sh disable=SC2034,SC2154

say() {
  printf '==> %s\n' "$*" >&2
}

# fail MESSAGE [NEXT STEP]
fail() {
  printf 'Error: %s\n' "$1" >&2
  if [ $# -gt 1 ]; then
    printf '%s\n' "$2" >&2
  fi
  exit 1
}

has() {
  command -v "$1" >/dev/null 2>&1
}

is_root() {
  [ "$(id -u)" -eq 0 ]
}

# Sets `cache` (parts, kept from run to run), `temp` (gone at the end) and `arch` (as Debian and Go name it).
# From here on, everything the script starts or writes outside the cache is gone when it ends.
begin() {
  if [ -z "${HOME:-}" ]; then
    HOME=$(getent passwd "$(id -u)" | cut -d: -f6)
    export HOME
    [ -n "$HOME" ] || fail "this user has no home directory" "Name one by HOME."
  fi
  cache=${HIVE_DEV_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/hive-dev}
  case $cache in
    /*) ;;
    *) cache=$PWD/$cache ;;
  esac
  mkdir -p "$cache" || fail "cannot write to the cache directory $cache" "Name another one by HIVE_DEV_CACHE."

  case $(uname -s)/$(uname -m) in
    Linux/x86_64) arch=amd64 ;;
    Linux/aarch64 | Linux/arm64) arch=arm64 ;;
    *) fail "this script sets up Linux on x86-64 and arm64, not $(uname -s) on $(uname -m)" ;;
  esac

  foreground=
  daemons=
  trap end EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  temp=$(mktemp -d "${TMPDIR:-/tmp}/hive-dev.XXXXXX")
}

# Runs on every way out.
end() {
  code=$?
  trap '' HUP INT TERM
  set +e
  if [ -n "$foreground" ]; then
    kill -TERM "$foreground" 2>/dev/null && wait_gone "$foreground" 100
    kill -KILL "$foreground" 2>/dev/null
    wait "$foreground" 2>/dev/null
  fi
  for daemon in $daemons; do
    stop_daemon "$daemon"
  done
  if has remove_emulation; then
    remove_emulation
  fi
  if [ -n "${temp:-}" ]; then
    rm -rf --one-file-system "$temp" "$cache/part-$$".*
  fi
  if has at_end; then
    at_end
  fi
  trap - EXIT
  exit "$code"
}

# run COMMAND...: runs it to its end and returns its exit code. Unlike a plain call, a signal to the script
# is acted upon at once; and the command can be interrupted, which the shell would keep a background job from.
run() {
  if env --default-signal=INT,QUIT true 2>/dev/null; then
    env --default-signal=INT,QUIT "$@" </dev/null &
  else
    "$@" </dev/null &
  fi
  foreground=$!
  run_code=0
  wait "$foreground" || run_code=$?
  foreground=
  return "$run_code"
}

# wait_gone PID TENTHS: false when the process is still there after that many tenths of a second.
wait_gone() {
  tenths=$2
  while [ -e "/proc/$1/status" ] && ! grep -q '^State:[[:space:]]*[ZX]' "/proc/$1/status" 2>/dev/null; do
    [ "$tenths" -gt 0 ] || return 1
    tenths=$((tenths - 1))
    sleep 0.1
  done
}

# download ADDRESS FILE: whole or not at all. Gives up soon where there is no way to the host.
download() {
  has curl || return 1
  curl --fail --silent --show-error --location --proto '=https' --connect-timeout 5 --speed-limit 10000 \
    --speed-time 30 --retry 2 --output "$2.part" "$1" && mv "$2.part" "$2"
}

# publish DIRECTORY NAME: moves a finished directory into the cache in one step.
# Where another run was faster, its result stays: both are the same.
publish() {
  mv -T "$1" "$cache/$2" 2>/dev/null || [ -d "$cache/$2" ] || fail "cannot write $cache/$2"
}

# new_part: a directory in the cache to prepare something in; prints its path. Unpublished ones go at the end.
new_part() {
  mktemp -d "$cache/part-$$.XXXXXX"
}

# module_version FILE MODULE: the version of a module that a go.mod pins.
module_version() {
  sed -n "s#^[[:space:]]*\(require \)\{0,1\}$2 \(v[^ ]*\).*#\2#p" "$1" | head -n 1
}
