#!/bin/sh
# Compares hive's registry with distribution, zot, olareg and nginx on this machine: sh bench/registry.sh [FLAGS]
# --rounds 5, --directory DIR (some 10 GiB for the stores), --only TEXT (rows whose title has it).
# HIVE_BENCH_ZOT=PATH takes a zot of yours instead of the one that Go can build from its modules, which is old; the
# table then names the file, so call it zot-v2.1.20 or so. Takes Go, and nginx or a Debian to get it from.
# shellcheck disable=SC2154
set -eu

repository=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
for part in common debian bun hive; do
  # shellcheck source=/dev/null
  . "$repository/scripts/lib/$part.sh"
done

main() {
  begin
  cd "$repository"
  set_up_bun
  compile_hive
  set_up_nginx
  has go || fail "the servers to compare with are built with Go, and there is none" "Install Go 1.21 or newer."
  build peers distribution github.com/distribution/distribution/v3/cmd/registry \
    -ldflags "-s -w -X github.com/distribution/distribution/v3/version.version=$(module_version "$repository/bench/peers/go.mod" github.com/distribution/distribution/v3)"
  build peers olareg github.com/olareg/olareg/cmd/olareg
  zot=${HIVE_BENCH_ZOT:-}
  zot_version=$(basename "$zot" | sed 's/^zot-//')
  if [ -z "$zot" ]; then
    zot=$temp/zot
    zot_version=$(module_version "$repository/bench/peers/zot/go.mod" zotregistry.io/zot)
    # Without the tag it needs a C library for signatures.
    build peers/zot zot zotregistry.io/zot/cmd/zot -tags containers_image_openpgp
  fi
  build load load .
  run bun bench/registry.ts --load "$temp/load" --distribution "$temp/distribution" --olareg "$temp/olareg" \
    --zot "$zot" --zot-version "$zot_version" --nginx "$nginx" "$@"
}

# build DIRECTORY NAME PACKAGE [FLAG...]: Go caches what it compiled, so that a second run is quick.
build() {
  build_directory=$1 build_name=$2 build_package=$3
  shift 3
  say "Building $build_name"
  run env CGO_ENABLED=0 go -C "$repository/bench/$build_directory" build -mod=readonly -trimpath -buildvcs=false \
    "$@" -o "$temp/$build_name" "$build_package" >"$temp/go.log" 2>&1 || {
    tail -n 20 "$temp/go.log" >&2
    fail "cannot build $build_name"
  }
}

# Sets `nginx`. Unpacked from its package where it is not installed: installing it would start it.
set_up_nginx() {
  nginx=$(command -v nginx || command -v /usr/sbin/nginx) && return
  nginx=$cache/nginx/usr/sbin/nginx
  if [ ! -x "$nginx" ]; then
    say "Getting nginx"
    nginx_part=$(new_part)
    unpack_deb "$nginx_part" "" nginx || fail "cannot get the package nginx" "Install nginx."
    publish "$nginx_part" nginx
  fi
  "$nginx" -v 2>/dev/null || fail "nginx in $cache/nginx does not run on this machine" "Install nginx."
}

main "$@"
