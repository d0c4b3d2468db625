# Programs that only tests and benches need, built with Go into the cache.
# shellcheck shell=sh disable=SC2154

# require_go MINOR: Go 1.MINOR or newer.
require_go() {
  has go || fail "the tests and benches need Go 1.$1 or newer" "Install it and put it on PATH: https://go.dev"
  case $(go env GOVERSION) in
    go1.*)
      go_minor=$(go env GOVERSION | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
      [ "${go_minor:-0}" -ge "$1" ] ||
        fail "the tests and benches need Go 1.$1 or newer, and $(go env GOVERSION) is installed" "Install a newer one."
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

# set_up_go_program MODULE NAME PACKAGE [FLAG...]: sets `go_program` to the path of a command of a module in the working
# copy. It is built once for each state of go.mod and go.sum.
set_up_go_program() {
  go_module=$repository/$1 go_name=$2 go_package=$3
  shift 3
  go_directory=$go_name-$(cat "$go_module/go.mod" "$go_module/go.sum" | sha256sum | cut -c1-16)
  go_program=$cache/$go_directory/$go_name
  [ ! -x "$go_program" ] || return 0
  require_go 26
  say "Building $go_name with Go, once"
  go_part=$(new_part)
  run_go "$go_name" go -C "$go_module" build -mod=readonly -trimpath -buildvcs=false "$@" -o "$go_part/$go_name" "$go_package"
  publish "$go_part" "$go_directory"
}
