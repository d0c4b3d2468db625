# Debian packages, unpacked into the cache: nothing is installed, and apt's own state stays as it is.
# shellcheck shell=sh disable=SC2154

# unpack_deb DIRECTORY SUITE PACKAGE...: SUITE is empty for the machine's own.
# apt checks signatures and checksums, and is told mirror and proxy by the machine's configuration.
# With `deb_arch` set, packages of that architecture, whether or not the machine's own lists know them.
unpack_deb() {
  has apt-get || return 1
  deb_target=$1
  deb_suite=$2
  shift 2
  deb_files=$(mktemp -d "$temp/deb.XXXXXX")
  if [ -n "$deb_suite${deb_arch:-}" ] || ! (cd "$deb_files" && apt-get -qq -o APT::Sandbox::User=root download "$@" 2>/dev/null); then
    # Another suite, or a machine that has no package lists yet.
    use_private_apt "$deb_suite" && (cd "$deb_files" && private_apt download "$@") || return 1
  fi
  for deb in "$deb_files"/*.deb; do
    dpkg -x "$deb" "$deb_target" || return 1
  done
}

# os_release NAME: what /etc/os-release says.
os_release() {
  # shellcheck source=/dev/null
  (. /etc/os-release && eval "echo \"\${$1:-}\"")
}

# use_private_apt SUITE: package lists of one suite in a directory of their own, read from the machine's mirror.
use_private_apt() {
  own_suite=$(os_release VERSION_CODENAME)
  private_suite=${1:-$own_suite}
  private_state=$temp/apt-$private_suite${deb_arch:+-$deb_arch}
  if [ -d "$private_state" ]; then
    return
  fi
  mkdir -p "$private_state/lists/partial" "$private_state/archives/partial"
  : >"$private_state/status"
  distribution=$(os_release ID)
  components=main
  [ "$distribution" = debian ] || components='main universe'
  # The address of the suite's index tells the mirror, however its source is written, and before any list was read.
  apt-get update --print-uris 2>/dev/null |
    sed -n "s#^'\(.*\)/dists/$own_suite/InRelease'.*#\1#p" |
    while read -r mirror; do
      keyring=/usr/share/keyrings/$distribution-archive-keyring.gpg
      echo "deb [target=Packages signed-by=$keyring] $mirror $private_suite $components"
    done >"$private_state/sources.list"
  # What others publish under the suite's name fails here, as it should; a download tells whether the rest is enough.
  private_apt update 2>/dev/null || :
}

private_apt() {
  # shellcheck disable=SC2086
  apt-get ${deb_arch:+-o APT::Architecture=$deb_arch -o APT::Architectures=$deb_arch} -qq -o APT::Sandbox::User=root -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30 \
    -o Dir::State="$private_state" -o Dir::State::lists=lists -o Dir::State::status="$private_state/status" \
    -o Dir::Cache="$private_state" -o Dir::Cache::archives=archives \
    -o Dir::Etc::sourcelist="$private_state/sources.list" -o Dir::Etc::sourceparts=- "$@"
}

# require_program NAME [PACKAGE]: a program that only the tests need and that can't live in the cache.
# Without a package, of the one of its name.
require_program() {
  if has "$1"; then
    return
  fi
  if ! is_root || ! has apt-get; then
    fail "the tests need $1" "Install it."
  fi
  say "Installing $1"
  install_package "${2:-$1}"
}

# install_package NAME: on the machine, for parts that can't live in the cache. Takes root.
install_package() {
  try_install "$1" || { apt-get -qq update >&2 && try_install "$1"; } || {
    tail -n 20 "$temp/install.log" >&2
    fail "cannot install $1"
  }
}

try_install() {
  DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends "$1" \
    </dev/null >"$temp/install.log" 2>&1
}
