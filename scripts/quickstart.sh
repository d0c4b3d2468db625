#!/bin/sh
# From a fresh clone to a built example: sh scripts/quickstart.sh
#
# Gets what hive needs (Bun, a static busybox, a BuildKit) into a cache directory, compiles dist/hive and builds
# example/ with it. Nothing is installed on the machine, and a BuildKit that it starts ends with it.
# Parts are kept in $HIVE_DEV_CACHE, by default ~/.cache/hive-dev; delete it whenever you like.
set -eu

repository=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
for part in common daemon debian bun busybox buildkit hive; do
  # shellcheck source=/dev/null
  . "$repository/scripts/lib/$part.sh"
done

main() {
  begin
  set_up_bun
  compile_hive
  set_up_busybox
  set_up_buildkit
  put_busybox_into_example
  say "Building the example: dist/hive build -p example"
  cd "$repository"
  run dist/hive build -p example
}

main "$@"
