# hive itself.
# shellcheck shell=sh disable=SC2154

# Compiles the binary of the working copy: dist/hive. Always, as it takes a moment and is then never stale.
compile_hive() {
  say "Compiling dist/hive"
  (cd "$repository" && bun install --frozen-lockfile && bun scripts/compile.ts) >"$temp/compile.log" 2>&1 || {
    tail -n 30 "$temp/compile.log" >&2
    fail "cannot compile hive"
  }
}
