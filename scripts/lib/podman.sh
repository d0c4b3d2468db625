# Podman's API for as long as the script runs. Only the tests need it.
# shellcheck shell=sh disable=SC2034,SC2154

# Sets `podman_host`. All state is in a directory that is removed at the end; locks are files in it, because others on
# this machine would share those in memory.
set_up_podman() {
  is_root || fail "starting Podman for the tests takes root"
  require_program podman
  say "Starting Podman"
  podman_host=unix://$temp/podman.sock
  mkdir "$temp/podman"
  cat >"$temp/podman.conf" <<CONFIG
[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
lock_type = "file"
CONFIG
  start_daemon "$temp/podman.log" env CONTAINERS_CONF="$temp/podman.conf" podman --root "$temp/podman/root" \
    --runroot "$temp/podman/run" --tmpdir "$temp/podman/tmp" system service --time 0 "$podman_host"
  wait_for_daemon Podman probe podman "$podman_host"
}
