#!/bin/sh
# Compares hive with docker buildx bake on the same BuildKit and the same images: sh bench/run.sh
# Results go to stdout. Takes root, as BuildKit does.
# shellcheck disable=SC2154
set -eu

repository=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
for part in common daemon debian bun busybox buildkit hive buildx; do
  # shellcheck source=/dev/null
  . "$repository/scripts/lib/$part.sh"
done

main() {
  begin
  cd "$repository"
  set_up_bun
  compile_hive
  set_up_busybox
  set_up_buildx
  set_up_buildkitd pinned
  start_buildkit "$temp/buildkit-state"
  run bun bench/build.ts --buildx "$buildx" --busybox "$busybox" "$@"
}

main "$@"
