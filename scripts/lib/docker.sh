# Docker Engines for as long as the script runs, of one version: with containerd's image store, and with the old one.
# Only the tests need them.
# shellcheck shell=sh disable=SC2034,SC2154

# Debian's suites with an engine that knows both stores, the newest first. Their packages ask for nothing but a libc
# of 2022; should unstable's ask for more one day, the next one is taken.
docker_suites='sid trixie'

# Sets `docker_host` and `docker_old_store_host`. The engines have all their state in a directory that is removed at
# the end, open no network port, make no bridge and touch no firewall rule: what runs in them has the host's network, or none.
set_up_docker() {
  is_root || fail "starting a Docker Engine for the tests takes root"
  has_recent_dockerd || get_docker ||
    fail "cannot get a Docker Engine that runs on this machine" "Install a Docker Engine with its client and containerd, version 26 or newer."
  set_up_runc
  export PATH
  start_docker "a Docker Engine" docker true
  docker_host=unix://$temp/docker.sock
  start_docker "a Docker Engine with the old image store" docker-old-store false
  docker_old_store_host=unix://$temp/docker-old-store.sock
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

# start_docker WHAT NAME CONTAINERD_STORE: an engine at $temp/NAME.sock.
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
  start_daemon "$temp/$2.log" dockerd --config-file "$temp/$2.json"
  wait_for_daemon "$1" probe "$2" "unix://$temp/$2.sock"
}
