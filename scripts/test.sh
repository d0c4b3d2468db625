#!/bin/sh
# Everything that has to be so: sh scripts/test.sh
#
# Checks format, lint and types, then runs all tests, those against real parts included: the compiled binary, a
# BuildKit, Docker Engines, Podman, skopeo and an emulator of another architecture. Sets these parts up first as quickstart.sh
# does, and ends what it started.
# Takes root, as the daemons do. The last line is "N passed, N failed"; a skipped test is a failed one. What went wrong in
# each failed test is told again before that.
# Arguments are handed to "bun test": file names, or -t with a pattern.
# shellcheck disable=SC2154
set -eu

repository=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
for part in common daemon debian bun busybox buildkit hive docker podman go conformance clients peers actionlint kube emulation; do
  # shellcheck source=/dev/null
  . "$repository/scripts/lib/$part.sh"
done

passed=0
failed=0
finished=

main() {
  begin
  cd "$repository"
  set_up_bun
  compile_hive
  set_up_busybox
  put_busybox_into_example
  # A maker of certificates.
  require_program openssl
  # Agents and keys for steps that use them.
  require_program ssh-agent openssh-client
  # What a BuildKit takes that is not root's.
  require_program rootlesskit
  require_program newuidmap uidmap
  # A server that forwards a daemon's socket.
  require_program sshd openssh-server
  # A browser, for the registry's pages.
  require_program chromium
  set_up_emulation
  set_up_buildkitd pinned
  start_buildkit "$temp/buildkit-state"
  set_up_docker
  set_up_podman
  set_up_conformance
  set_up_clients
  set_up_distribution
  set_up_zot
  set_up_actionlint
  set_up_kube_peer

  export HIVE_BINARY="$repository/dist/hive"
  export HIVE_TEST_BUILDKITD="$buildkitd"
  export HIVE_TEST_BUILDCTL="${buildkitd%/*}/buildctl"
  export HIVE_TEST_KUBE_PEER="$kube_peer"
  export HIVE_TEST_BUSYBOX="$busybox"
  export HIVE_TEST_FOREIGN_BUSYBOX="$foreign_busybox"
  export HIVE_TEST_FOREIGN_PLATFORM="linux/$foreign_arch"
  export HIVE_TEST_DOCKER_HOST="$docker_host"
  export HIVE_TEST_DOCKER_OLD_STORE_HOST="$docker_old_store_host"
  export HIVE_TEST_DOCKER_NATIVE_HOST="$docker_native_host"
  export HIVE_TEST_PODMAN_HOST="$podman_host"
  export HIVE_TEST_CLIENTS="$clients"
  export HIVE_TEST_DISTRIBUTION="$distribution"
  export HIVE_TEST_ZOT="$zot"
  export HIVE_TEST_ACTIONLINT="$actionlint"
  export HIVE_TEST_CONFORMANCE_2023="$conformance_2023"
  export HIVE_TEST_CONFORMANCE="$conformance"
  HIVE_TEST_CHROMIUM=$(command -v chromium)
  export HIVE_TEST_CHROMIUM
  say "Checking format, lint and types"
  run bun run check || { failed=$((failed + 1)) && say "The check failed"; }
  say "Running the tests"
  run_tests "$@"
  finished=yes
  [ "$failed" -eq 0 ]
}

# Adds to `passed` and `failed` what the test runner reports in its result file.
run_tests() {
  tests_code=0
  run bun test --timeout 30000 --reporter=junit --reporter-outfile="$temp/tests.xml" "$@" >&2 || tests_code=$?
  if counts=$(bun "$repository/scripts/lib/count-tests.ts" "$temp/tests.xml"); then
    read -r tests_passed tests_failed <<COUNTS
$counts
COUNTS
    passed=$((passed + tests_passed))
    failed=$((failed + tests_failed))
  fi
  # The runner says so by its exit code only.
  if [ "$failed" -eq 0 ] && { [ "$tests_code" -ne 0 ] || [ "$passed" -eq 0 ]; }; then
    failed=1
    say "No test failed, but an error came outside of any, or there was no test: see the runner's output"
  fi
}

# The closing line comes last, after the daemons are gone; a run that broke off is a failed one.
at_end() {
  if [ -z "$finished" ] && [ "$failed" -eq 0 ]; then
    failed=1
  fi
  printf '%s passed, %s failed\n' "$passed" "$failed"
}

main "$@"
