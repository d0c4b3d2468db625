# Bun, in the version that .tool-versions pins.
# shellcheck shell=sh disable=SC2154

# SHA-256 of Bun's official binaries: who serves them does not matter.
bun_checksum() {
  case $1 in
    bun-linux-x64-1.4.5) echo f05d28a3862f4b84395c7fa32480b835dd47482e80b7e7a49a115227f0c06083 ;;
    bun-linux-aarch64-1.4.5) echo 04778f1f42399a69d086853e9c7af4acf574b2f21a43d0dc673853d8b84a2923 ;;
    *) fail "no checksum is known for $1" "Add it to scripts/lib/bun.sh together with the new version in .tool-versions." ;;
  esac
}

# Puts Bun first on PATH: the machine's own when it is exactly this version, else one in the cache.
set_up_bun() {
  bun_version=$(sed -n 's/^bun //p' "$repository/.tool-versions")
  if [ "$(bun --version 2>/dev/null)" = "$bun_version" ]; then
    return
  fi
  bun_directory=bun-$bun_version
  if [ ! -x "$cache/$bun_directory/bun" ]; then
    fetch_bun
  fi
  PATH=$cache/$bun_directory:$PATH
  export PATH
  [ "$(bun --version 2>/dev/null)" = "$bun_version" ] || fail "Bun $bun_version does not run on this machine"
}

fetch_bun() {
  case $arch in
    arm64) bun_package=bun-linux-aarch64 ;;
    amd64) bun_package=bun-linux-x64 ;;
  esac
  bun_expected=$(bun_checksum "$bun_package-$bun_version")
  say "Getting Bun $bun_version"
  bun_part=$(new_part)
  fetch_bun_by_npm || fetch_bun_by_curl ||
    fail "cannot download Bun $bun_version, neither by npm nor by curl" "Install it and put it on PATH: https://bun.sh"
  if [ "$(sha256sum <"$bun_part/bun" | cut -d' ' -f1)" != "$bun_expected" ]; then
    fail "the downloaded Bun $bun_version is not the one expected: its checksum differs"
  fi
  chmod 755 "$bun_part/bun"
  publish "$bun_part" "$bun_directory"
}

# By npm when it is there, as it knows the registry and proxy to use here.
fetch_bun_by_npm() {
  has npm || return 1
  (cd "$temp" && npm pack --silent --cache "$temp/npm" --fetch-retries 1 "@oven/$bun_package@$bun_version" >npm.out) || return 1
  tar -xzf "$temp/$(tail -n 1 "$temp/npm.out")" -C "$bun_part" --strip-components=2 package/bin/bun
}

# The official release, a zip.
fetch_bun_by_curl() {
  download "https://github.com/oven-sh/bun/releases/download/bun-v$bun_version/$bun_package.zip" "$temp/bun.zip" || return 1
  unzip_bun_by_python && return
  if ! has unzip; then
    is_root || fail "Bun's release is a zip, and there is no unzip" "Install unzip, or Node with npm."
    say "Installing unzip"
    install_package unzip
  fi
  unzip -q -j "$temp/bun.zip" "$bun_package/bun" -d "$bun_part"
}

unzip_bun_by_python() {
  has python3 || return 1
  python3 -c 'import sys, zipfile; open(sys.argv[3], "wb").write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))' \
    "$temp/bun.zip" "$bun_package/bun" "$bun_part/bun" 2>/dev/null
}
