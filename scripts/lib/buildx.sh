# docker buildx, for its bake: what the benchmark compares with. Nothing else needs it.
# shellcheck shell=sh disable=SC2034,SC2154

# Debian's newest suite: its package needs nothing but a libc of 2022.
buildx_suite=sid

# Sets `buildx` to its path.
set_up_buildx() {
  buildx=$cache/buildx/usr/libexec/docker/cli-plugins/docker-buildx
  if [ ! -x "$buildx" ]; then
    say "Getting docker buildx"
    buildx_part=$(new_part)
    [ "$(os_release ID)" = debian ] || buildx_suite=
    unpack_deb "$buildx_part" "$buildx_suite" docker-buildx || fail "cannot get the package docker-buildx"
    publish "$buildx_part" buildx
  fi
  "$buildx" version >/dev/null || fail "docker buildx in $cache/buildx does not run on this machine"
}
