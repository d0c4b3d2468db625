#!/bin/sh
# Compares how hive, skopeo and crane copy images from registry to registry: sh bench/transfer.sh [FLAGS]
# --rounds 5, --only TEXT (rows whose title has it), --servers distribution,hive, --directory DIR (some 6 GiB for the stores: on a
# disk, what is measured is the disk; /dev/shm measures the clients). Takes Go, and skopeo or a Debian to get it from.
# shellcheck disable=SC2154
set -eu

repository=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
for part in common debian bun hive go clients peers; do
  # shellcheck source=/dev/null
  . "$repository/scripts/lib/$part.sh"
done

main() {
  begin
  cd "$repository"
  set_up_bun
  compile_hive
  set_up_clients
  set_up_distribution
  run bun bench/transfer.ts --crane "$clients/crane" --distribution "$distribution" "$@"
}

main "$@"
