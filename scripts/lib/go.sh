# Programs that only the tests need, built with Go into the cache.
# shellcheck shell=sh disable=SC2154

# require_go MINOR: Go 1.MINOR or newer.
require_go() {
  has go || fail "the tests need Go 1.$1 or newer" "Install it and put it on PATH: https://go.dev"
  case $(go env GOVERSION) in
    go1.*)
      go_minor=$(go env GOVERSION | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
      [ "${go_minor:-0}" -ge "$1" ] ||
        fail "the tests need Go 1.$1 or newer, and $(go env GOVERSION) is installed" "Install a newer one."
      ;;
  esac
}

# run_go WHAT COMMAND...: its output is shown when it fails.
run_go() {
  go_what=$1
  shift
  run env CGO_ENABLED=0 "$@" >"$temp/go.log" 2>&1 || {
    tail -n 20 "$temp/go.log" >&2
    fail "cannot build $go_what with Go"
  }
}
