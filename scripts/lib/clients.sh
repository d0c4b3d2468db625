# Clients that push to and pull from the registry: only the tests need them.
# shellcheck shell=sh disable=SC2034,SC2154

# Sets `clients` to a directory with crane, regctl and oras. Takes a HIVE_TEST_CLIENTS that is set at its word.
set_up_clients() {
  require_program skopeo
  require_program buildah
  clients=${HIVE_TEST_CLIENTS:-}
  [ -z "$clients" ] || return 0
  clients_module=$repository/scripts/registry-clients
  clients_directory=registry-clients-$(cat "$clients_module/go.mod" "$clients_module/go.sum" | sha256sum | cut -c1-16)
  if [ ! -x "$cache/$clients_directory/oras" ]; then
    require_go 26
    say "Building crane, regctl and oras with Go, once: this takes a minute or two"
    clients_part=$(new_part)
    run_go "crane, regctl and oras" go -C "$clients_module" build -mod=readonly -trimpath -buildvcs=false \
      -ldflags '-s -w' -o "$clients_part" tool
    publish "$clients_part" "$clients_directory"
  fi
  clients=$cache/$clients_directory
}
