#!/bin/sh
# Compares hive's registry with distribution, zot, olareg and nginx on this machine: sh bench/registry.sh [FLAGS]
# --rounds 5, --directory DIR (some 10 GiB for the stores), --only TEXT (rows whose title has it).
# HIVE_BENCH_ZOT=PATH takes a zot of yours instead of the one that Go can build from its modules, which is old; the
# table then names the file, so call it zot-v2.1.20 or so. Takes Go, and nginx or a Debian to get it from.
# shellcheck disable=SC2154
set -eu

repository=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
for part in common debian bun hive go peers; do
  # shellcheck source=/dev/null
  . "$repository/scripts/lib/$part.sh"
done

main() {
  begin
  cd "$repository"
  set_up_bun
  compile_hive
  set_up_nginx
  set_up_distribution
  set_up_go_program bench/peers olareg github.com/olareg/olareg/cmd/olareg -ldflags "-s -w"
  olareg=$go_program
  zot=${HIVE_BENCH_ZOT:-${HIVE_TEST_ZOT:-}}
  zot_version=$(basename "$zot" | sed 's/^zot-//')
  if [ -z "$zot" ]; then
    set_up_zot
    zot_version=$(module_version "$repository/bench/peers/zot/go.mod" zotregistry.io/zot)
  fi
  say "Building the load generator"
  run_go "the load generator" go -C "$repository/bench/load" build -mod=readonly -trimpath -buildvcs=false -o "$temp/load" .
  run bun bench/registry.ts --load "$temp/load" --distribution "$distribution" --olareg "$olareg" \
    --zot "$zot" --zot-version "$zot_version" --nginx "$nginx" "$@"
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
