#!/bin/sh
# Compares planning, and builds with nothing to do, with docker buildx bake: sh bench/plan.sh
# Results go to stdout. Takes root, as BuildKit does.
# shellcheck disable=SC2154
set -eu

repository=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
for part in common daemon debian bun buildkit hive buildx; do
  # shellcheck source=/dev/null
  . "$repository/scripts/lib/$part.sh"
done

main() {
  begin
  cd "$repository"
  set_up_bun
  compile_hive
  set_up_buildx
  set_up_buildkitd pinned
  start_buildkit "$temp/buildkit-state"
  run bun bench/plan.ts --buildx "$buildx" "$@"
}

main "$@"
