# The conformance suites of the OCI distribution specification.
# shellcheck shell=sh disable=SC2034,SC2154

conformance_module=github.com/opencontainers/distribution-spec/conformance
# The newest suite. It is no release, and not every module proxy has it.
conformance_current=v0.0.0-20260716174315-967efdc079b9

# Sets `conformance_2023` to the suite that go.mod pins, and `conformance` to the newest one where it can be had, else
# to nothing. Takes a HIVE_TEST_CONFORMANCE that is set at its word.
set_up_conformance() {
  require_go 24
  conformance_version=$(module_version "$repository/scripts/conformance/go.mod" "$conformance_module")
  conformance_directory=conformance-$conformance_version
  if [ ! -x "$cache/$conformance_directory/conformance" ]; then
    say "Building the conformance suite $conformance_version with Go, once"
    conformance_part=$(new_part)
    run_go "the conformance suite" go -C "$repository/scripts/conformance" test -c -mod=readonly -trimpath \
      -ldflags '-s -w' -o "$conformance_part/conformance" "$conformance_module"
    publish "$conformance_part" "$conformance_directory"
  fi
  conformance_2023=$cache/$conformance_directory/conformance
  set_up_current_conformance
}

set_up_current_conformance() {
  conformance=${HIVE_TEST_CONFORMANCE:-}
  if [ -n "$conformance" ]; then
    [ -x "$conformance" ] || fail "HIVE_TEST_CONFORMANCE names $conformance, which is no program"
    say "Conformance: running the suites $conformance_version and $conformance"
    return
  fi
  conformance_directory=conformance-$conformance_current
  if [ ! -x "$cache/$conformance_directory/conformance" ]; then
    conformance_part=$(new_part)
    if run env GOBIN="$conformance_part" CGO_ENABLED=0 timeout 300 go install -trimpath -ldflags '-s -w' \
      "$conformance_module@$conformance_current" >"$temp/go.log" 2>&1; then
      publish "$conformance_part" "$conformance_directory"
    else
      say "Conformance: running ONLY the suite $conformance_version. The newest, $conformance_current, can't be had here:"
      head -n 2 "$temp/go.log" >&2
      say "Name a binary of it by HIVE_TEST_CONFORMANCE to have its tests run."
      return
    fi
  fi
  conformance=$cache/$conformance_directory/conformance
  say "Conformance: running the suites $conformance_version and $conformance_current"
}
