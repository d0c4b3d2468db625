# Debian packages, unpacked into the cache: nothing is installed, and apt's own state stays as it is.
# shellcheck shell=sh disable=SC2154

# unpack_deb DIRECTORY SUITE PACKAGE...: SUITE is empty for the machine's own.
# apt checks signatures and checksums, and is told mirror and proxy by the machine's configuration.
unpack_deb() {
  has apt-get || return 1
  deb_target=$1
  deb_suite=$2
  shift 2
  deb_files=$(mktemp -d "$temp/deb.XXXXXX")
  if [ -n "$deb_suite" ] || ! (cd "$deb_files" && apt-get -qq -o APT::Sandbox::User=root download "$@" 2>/dev/null); then
    # Another suite, or a machine that has no package lists yet.
    use_private_apt "$deb_suite" && (cd "$deb_files" && private_apt download "$@") || return 1
  fi
  for deb in "$deb_files"/*.deb; do
    dpkg -x "$deb" "$deb_target" || return 1
  done
}

# use_private_apt SUITE: package lists of one suite in a directory of their own, read from the machine's mirror.
use_private_apt() {
  # shellcheck source=/dev/null
  own_suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  private_suite=${1:-$own_suite}
  private_state=$temp/apt-$private_suite
  if [ -d "$private_state" ]; then
    return
  fi
  mkdir -p "$private_state/lists/partial" "$private_state/archives/partial"
  : >"$private_state/status"
  # shellcheck disable=SC2016
  apt-get indextargets --format '$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(SIGNED_BY)' 'Created-By: Packages' |
    awk -F'|' -v own="$own_suite" -v suite="$private_suite" '$2 == own {
      print "deb [target=Packages" ($4 == "" ? "" : " signed-by=" $4) "] " $1, suite, $3
    }' | sort -u >"$private_state/sources.list"
  [ -s "$private_state/sources.list" ] && private_apt update
}

private_apt() {
  apt-get -qq -o APT::Sandbox::User=root -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30 \
    -o Dir::State="$private_state" -o Dir::State::lists=lists -o Dir::State::status="$private_state/status" \
    -o Dir::Cache="$private_state" -o Dir::Cache::archives=archives \
    -o Dir::Etc::sourcelist="$private_state/sources.list" -o Dir::Etc::sourceparts=- "$@"
}
