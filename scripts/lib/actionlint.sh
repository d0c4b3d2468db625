# A checker of workflows for GitHub Actions: only the tests need it.
# shellcheck shell=sh disable=SC2034,SC2154

# Sets `actionlint`. Takes a HIVE_TEST_ACTIONLINT that is set at its word.
set_up_actionlint() {
  actionlint=${HIVE_TEST_ACTIONLINT:-}
  [ -z "$actionlint" ] || return 0
  set_up_go_program scripts/actionlint actionlint github.com/rhysd/actionlint/cmd/actionlint -ldflags "-s -w"
  actionlint=$go_program
}
