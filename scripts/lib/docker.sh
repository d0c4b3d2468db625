# Docker Engines for as long as the script runs: Debian's, with containerd's image store and with the old one, and one
# that is newer than any distribution's. Only the tests need them.
# shellcheck shell=sh disable=SC2034,SC2154

# Debian's suites with an engine that knows both stores, the newest first. Their packages ask for nothing but a libc
# of 2022; should unstable's ask for more one day, the next one is taken.
docker_suites='sid trixie'

# Sets `docker_host`, `docker_old_store_host` and `docker_native_host`, which answers gRPC without an upgrade. The engines have all their state in a directory that is removed at
# the end, open no network port, make no bridge and touch no firewall rule: what runs in them has the host's network, or none.
set_up_docker() {
  is_root || fail "starting a Docker Engine for the tests takes root"
  has_recent_dockerd || get_docker ||
    fail "cannot get a Docker Engine that runs on this machine" "Install a Docker Engine with its client and containerd, version 26 or newer."
  set_up_runc
  export PATH
  build_native_dockerd
  start_docker "a Docker Engine" docker true dockerd
  docker_host=unix://$temp/docker.sock
  start_docker "a Docker Engine with the old image store" docker-old-store false dockerd
  docker_old_store_host=unix://$temp/docker-old-store.sock
  start_docker "the newest Docker Engine" docker-native true "$native_dockerd"
  docker_native_host=unix://$temp/docker-native.sock
}

has_recent_dockerd() {
  docker_major=$(dockerd --version 2>/dev/null | sed -n 's/^Docker version \([0-9]*\)\..*/\1/p')
  [ "${docker_major:-0}" -ge 26 ] && has containerd && has docker
}

# Puts the first one that runs on PATH.
get_docker() {
  if [ "$(os_release ID)" = debian ]; then
    docker_packages='docker.io docker-cli containerd'
  else
    # An Ubuntu has recent packages itself, the client in the engine's; it knows no suite of Debian's.
    docker_packages='docker.io containerd'
    docker_suites=own
  fi
  docker_path=$PATH
  for docker_suite in $docker_suites; do
    docker_directory=docker-$docker_suite
    if [ ! -x "$cache/$docker_directory/usr/bin/docker" ]; then
      say "Getting a Docker Engine"
      docker_part=$(new_part)
      # shellcheck disable=SC2086
      unpack_deb "$docker_part" "${docker_suite#own}" $docker_packages || continue
      publish "$docker_part" "$docker_directory"
    fi
    PATH=$cache/$docker_directory/usr/sbin:$cache/$docker_directory/usr/bin:$docker_path
    has_recent_dockerd && return
  done
  PATH=$docker_path
  return 1
}

# Sets `native_dockerd`. It uses the containerd of the other engines.
build_native_dockerd() {
  native_module=$repository/scripts/docker
  native_directory=dockerd-$(module_version "$native_module/go.mod" github.com/moby/moby/v2)
  native_dockerd=$cache/$native_directory/dockerd
  if [ ! -x "$native_dockerd" ]; then
    require_go 26
    say "Building the newest Docker Engine with Go, once: this takes some minutes"
    native_part=$(new_part)
    run_go "the newest Docker Engine" go -C "$native_module" build -mod=readonly -trimpath -buildvcs=false \
      -ldflags '-s -w' -o "$native_part" tool
    publish "$native_part" "$native_directory"
  fi
}

# start_docker WHAT NAME CONTAINERD_STORE DOCKERD: an engine at $temp/NAME.sock.
start_docker() {
  say "Starting $1"
  mkdir "$temp/$2"
  cat >"$temp/$2.json" <<CONFIG
{
  "features": { "containerd-snapshotter": $3 },
  "hosts": ["unix://$temp/$2.sock"],
  "data-root": "$temp/$2/data",
  "exec-root": "$temp/$2/exec",
  "pidfile": "$temp/$2/pid",
  "bridge": "none",
  "iptables": false,
  "ip6tables": false
}
CONFIG
  start_daemon "$temp/$2.log" "$4" --config-file "$temp/$2.json"
  docker_kind=docker
  [ "$3" = true ] || docker_kind=docker-old-store
  wait_for_daemon "$1" probe "$docker_kind" "unix://$temp/$2.sock"
}
