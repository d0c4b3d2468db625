# skopeo: reads what hive writes, as an independent witness. Only the tests need it.
# shellcheck shell=sh disable=SC2154

# Puts skopeo on PATH. It is the one part that is installed: it needs a good many libraries.
set_up_skopeo() {
  if has skopeo; then
    return
  fi
  if ! is_root || ! has apt-get; then
    fail "the tests need skopeo" "Install it."
  fi
  say "Installing skopeo"
  install_skopeo || { apt-get -qq update >&2 && install_skopeo; } || {
    tail -n 20 "$temp/skopeo.log" >&2
    fail "cannot install skopeo"
  }
}

install_skopeo() {
  DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends skopeo \
    </dev/null >"$temp/skopeo.log" 2>&1
}
