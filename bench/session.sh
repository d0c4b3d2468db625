#!/bin/sh
# Compares what goes through the build session, contexts and exports, with buildctl on the same BuildKit: sh bench/session.sh [FLAGS]
# --rounds 5, --only TEXT (rows whose title has it). Results go to stdout. Takes root, as BuildKit does, and some 6 GiB in
# TMPDIR: with that on a disk, what is measured is the disk. TMPDIR=/dev/shm measures the session.
# shellcheck disable=SC2154
set -eu

repository=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
for part in common daemon debian bun buildkit; do
  # shellcheck source=/dev/null
  . "$repository/scripts/lib/$part.sh"
done

main() {
  begin
  cd "$repository"
  set_up_bun
  set_up_buildkitd pinned
  set_up_buildctl
  start_buildkit "$temp/buildkit-state"
  run env TMPDIR="$temp" bun bench/session.ts --buildctl "$buildctl" "$@"
}

# Sets `buildctl`, of the daemon's version.
set_up_buildctl() {
  buildctl=$(dirname "$buildkitd")/buildctl
  [ -x "$buildctl" ] || buildctl=$(command -v buildctl) ||
    fail "there is no buildctl beside $buildkitd" "Install it, or remove $cache/$buildkit_directory to get both."
}

main "$@"
