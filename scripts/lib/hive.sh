# hive itself.
# shellcheck shell=sh disable=SC2154

# Compiles the binary of the working copy: dist/hive. Always, as it takes a moment and is then never stale.
compile_hive() {
  say "Compiling dist/hive"
  (cd "$repository" && bun install --frozen-lockfile --silent && bun scripts/compile.ts) >&2 ||
    fail "cannot compile hive"
}
