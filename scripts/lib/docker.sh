# A Docker Engine with containerd's image store, for as long as the script runs. Only the tests need it.
# shellcheck shell=sh disable=SC2034,SC2154

# Debian's oldest suite whose engine has that store. Its packages ask for nothing but a libc of 2022.
docker_suite=trixie

# Sets `docker_host`. The engine has all its state in a directory that is removed at the end, opens no network
# port, makes no bridge and touches no firewall rule.
set_up_docker() {
  is_root || fail "starting a Docker Engine for the tests takes root"
  if ! has_recent_dockerd; then
    if [ ! -x "$cache/docker/usr/bin/docker" ]; then
      say "Getting a Docker Engine"
      docker_part=$(new_part)
      docker_packages='docker.io docker-cli containerd'
      if [ "$(os_release ID)" != debian ]; then
        # An Ubuntu has recent packages itself, the client in the engine's; it knows no suite of Debian's.
        docker_suite=
        docker_packages='docker.io containerd'
      fi
      # shellcheck disable=SC2086
      unpack_deb "$docker_part" "$docker_suite" $docker_packages ||
        fail "cannot get the packages $docker_packages" "Install a Docker Engine, version 26 or newer."
      # One without the client, of an earlier version of this script, is of no use.
      rm -rf "$cache/docker"
      publish "$docker_part" docker
    fi
    PATH=$cache/docker/usr/sbin:$cache/docker/usr/bin:$PATH
    export PATH
    has_recent_dockerd || fail "the Docker Engine in $cache/docker does not run on this machine, or is older than version 26"
  fi
  set_up_runc
  export PATH
  start_docker
}

has_recent_dockerd() {
  docker_major=$(dockerd --version 2>/dev/null | sed -n 's/^Docker version \([0-9]*\)\..*/\1/p')
  [ "${docker_major:-0}" -ge 26 ] && has containerd && has docker
}

start_docker() {
  say "Starting a Docker Engine"
  docker_host=unix://$temp/docker.sock
  mkdir "$temp/docker"
  cat >"$temp/docker.json" <<CONFIG
{
  "features": { "containerd-snapshotter": true },
  "hosts": ["$docker_host"],
  "data-root": "$temp/docker/data",
  "exec-root": "$temp/docker/exec",
  "pidfile": "$temp/docker/pid",
  "bridge": "none",
  "iptables": false,
  "ip6tables": false
}
CONFIG
  start_daemon "$temp/docker.log" dockerd --config-file "$temp/docker.json"
  wait_for_daemon "The Docker Engine" probe docker "$docker_host"
}
