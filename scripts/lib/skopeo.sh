# skopeo: reads what hive writes, as an independent witness. Only the tests need it.
# shellcheck shell=sh disable=SC2154

# Puts skopeo on PATH. It is installed rather than unpacked: it needs a good many libraries.
set_up_skopeo() {
  if has skopeo; then
    return
  fi
  if ! is_root || ! has apt-get; then
    fail "the tests need skopeo" "Install it."
  fi
  say "Installing skopeo"
  install_package skopeo
}
