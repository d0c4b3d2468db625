# BuildKit: one that is running, or a daemon of our own for as long as the script runs.
# shellcheck shell=sh disable=SC2154

# Sets and exports BUILDKIT_HOST. A BUILDKIT_HOST that is set is taken at its word: it answers, or the script ends.
# Our own daemon keeps its state in the cache, so that a second run finds every step built. Only one daemon can
# have that; while another run does, this one starts from nothing in a directory that is removed at the end.
set_up_buildkit() {
  if [ -n "${BUILDKIT_HOST:-}" ]; then
    probe buildkit "$BUILDKIT_HOST" ||
      fail "no BuildKit answers at $BUILDKIT_HOST, which BUILDKIT_HOST names" "Start it, or unset the variable to have one started."
    return
  fi
  for socket in /run/buildkit/buildkitd.sock "${XDG_RUNTIME_DIR:-/run/user/$(id -u)}/buildkit/buildkitd.sock"; do
    if [ -S "$socket" ] && probe buildkit "unix://$socket"; then
      say "Using the BuildKit at $socket"
      BUILDKIT_HOST=unix://$socket
      export BUILDKIT_HOST
      return
    fi
  done
  set_up_buildkitd any
  if flock -n "$cache/buildkit-state/buildkitd.lock" true 2>/dev/null || [ ! -e "$cache/buildkit-state" ]; then
    start_buildkit "$cache/buildkit-state"
  else
    start_buildkit "$temp/buildkit-state"
  fi
}

probe() {
  bun "$repository/scripts/lib/probe.ts" "$@"
}

# Sets `buildkitd` to a binary, and puts a runc on PATH.
# set_up_buildkitd any|pinned: whether a buildkitd on PATH may be of another version than the one in go.mod.
set_up_buildkitd() {
  is_root || fail "no running BuildKit was found, and starting one takes root" \
    "Start one and name it by BUILDKIT_HOST (a rootless one will do), or run this script as root."
  buildkit_version=$(module_version "$repository/scripts/buildkit/go.mod" github.com/moby/buildkit)
  buildkit_directory=buildkit-$buildkit_version
  if buildkitd=$(command -v buildkitd) && { [ "$1" = any ] || buildkitd --version | grep -qF " $buildkit_version "; }; then
    :
  else
    buildkitd=$cache/$buildkit_directory/buildkitd
    if [ ! -x "$buildkitd" ]; then
      fetch_buildkit || build_buildkit ||
        fail "cannot get BuildKit $buildkit_version: its release can't be downloaded, and there is no Go to build it with" \
          "Start a BuildKit and name it by BUILDKIT_HOST, put buildkitd on PATH, or install Go 1.21 or newer."
    fi
    PATH=$cache/$buildkit_directory:$PATH
  fi
  set_up_runc
  export PATH
}

# The official release. Its checksum is the one that the forge computed when the file was uploaded, read from its
# API; a file without one is refused. Who wants more than that has Go build it, from sources that go.sum pins.
fetch_buildkit() {
  buildkit_tarball=buildkit-$buildkit_version.linux-$arch.tar.gz
  download "https://api.github.com/repos/moby/buildkit/releases/tags/$buildkit_version" "$temp/release.json" 2>/dev/null || return 1
  buildkit_expected=$(bun -e '
    const release = await Bun.file(process.argv[1]).json();
    const digest = release.assets.find((asset) => asset.name === process.argv[2])?.digest;
    console.log(/^sha256:([0-9a-f]{64})$/.exec(digest ?? "")?.[1] ?? "");
  ' "$temp/release.json" "$buildkit_tarball") || return 1
  [ -n "$buildkit_expected" ] || return 1
  say "Getting BuildKit $buildkit_version"
  download "https://github.com/moby/buildkit/releases/download/$buildkit_version/$buildkit_tarball" "$temp/buildkit.tar.gz" || return 1
  [ "$(sha256sum <"$temp/buildkit.tar.gz" | cut -d' ' -f1)" = "$buildkit_expected" ] ||
    fail "the downloaded $buildkit_tarball is not the one that was released: its checksum differs"
  buildkit_part=$(new_part)
  tar -xzf "$temp/buildkit.tar.gz" -C "$buildkit_part" --strip-components=1 bin/buildkitd bin/buildctl bin/buildkit-runc || return 1
  publish "$buildkit_part" "$buildkit_directory"
}

build_buildkit() {
  has go || return 1
  # Older ones can't read the module file; newer ones fetch the version that it asks for.
  case $(go env GOVERSION) in
    go1.? | go1.?.* | go1.1[0-9]* | go1.20*) return 1 ;;
  esac
  say "Building BuildKit $buildkit_version with Go, once: this takes some minutes"
  buildkit_part=$(new_part)
  if ! run env CGO_ENABLED=0 go -C "$repository/scripts/buildkit" build -mod=readonly -trimpath -buildvcs=false \
    -ldflags "-s -w -X github.com/moby/buildkit/version.Version=$buildkit_version" -o "$buildkit_part" tool \
    >"$temp/go.log" 2>&1; then
    tail -n 20 "$temp/go.log" >&2
    return 1
  fi
  publish "$buildkit_part" "$buildkit_directory"
}

# What BuildKit runs containers with. It looks for these names on PATH.
set_up_runc() {
  if has buildkit-runc || has runc; then
    return
  fi
  if [ ! -d "$cache/runc" ]; then
    say "Getting runc"
    runc_part=$(new_part)
    unpack_deb "$runc_part" "" runc || fail "cannot get the package runc" "Install runc."
    publish "$runc_part" runc
  fi
  PATH=$cache/runc/usr/sbin:$cache/runc/usr/bin:$PATH
}

# start_buildkit STATE: on a unix socket, so that nothing but this user can reach it. Exports BUILDKIT_HOST.
start_buildkit() {
  say "Starting BuildKit"
  BUILDKIT_HOST=unix://$temp/buildkitd.sock
  export BUILDKIT_HOST
  cat >"$temp/buildkitd.toml" <<CONFIG
root = "$1"
[grpc]
address = ["$BUILDKIT_HOST"]
[otel]
socketPath = "$temp/otel.sock"
[worker.containerd]
enabled = false
[worker.oci]
enabled = true
gc = true
maxUsedSpace = "5GB"
CONFIG
  start_daemon "$temp/buildkitd.log" "$buildkitd" --config "$temp/buildkitd.toml"
  wait_for_daemon BuildKit probe buildkit "$BUILDKIT_HOST"
}
