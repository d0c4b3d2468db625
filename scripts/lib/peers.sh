# Registries of others: the tests copy to and from them, the benches compare with them.
# shellcheck shell=sh disable=SC2034,SC2154

peers_module=bench/peers

# Sets `distribution`. Takes a HIVE_TEST_DISTRIBUTION that is set at its word.
set_up_distribution() {
  distribution=${HIVE_TEST_DISTRIBUTION:-}
  [ -z "$distribution" ] || return 0
  distribution_module=github.com/distribution/distribution/v3
  set_up_go_program "$peers_module" distribution "$distribution_module/cmd/registry" \
    -ldflags "-s -w -X $distribution_module/version.version=$(module_version "$repository/$peers_module/go.mod" "$distribution_module")"
  distribution=$go_program
}

# Sets `zot` to an old one, the newest whose modules Go can fetch. Takes a HIVE_TEST_ZOT that is set at its word.
set_up_zot() {
  zot=${HIVE_TEST_ZOT:-}
  [ -z "$zot" ] || return 0
  # Without the tag it needs a C library for signatures.
  set_up_go_program "$peers_module/zot" zot zotregistry.io/zot/cmd/zot -tags containers_image_openpgp -ldflags "-s -w"
  zot=$go_program
}
