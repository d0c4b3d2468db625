# Bun, in the version that .tool-versions pins.
# shellcheck shell=sh disable=SC2154

# SHA-512 of the packages that hold Bun's official binaries: who serves them does not matter.
bun_checksum() {
  case $1 in
    bun-linux-x64-1.4.5) echo 2165fd0442e8187014b4ca2791e49a35a6705f3464fa80f0e8c93e1c115777728760804d06c20646ea4c64f7203680db2692eeea00098c8a0854f66db75689d6 ;;
    bun-linux-x64-baseline-1.4.5) echo b3cc8cc187059e7ac0d7bf208e2d2065b904d965437a3fd38b5c7bef4a0f7e2871c91c5230d846862010357579dda0deada67192c76f295fd101d40109dd2a3c ;;
    bun-linux-aarch64-1.4.5) echo e015e6b122a78ceae5196a99578c7fa166bb015a11f81ea509775d3333805c1226dede747ac960f706faea09ad5b501a984435975083be69abbb2b0486a39632 ;;
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
    amd64) if grep -qw avx2 /proc/cpuinfo; then bun_package=bun-linux-x64; else bun_package=bun-linux-x64-baseline; fi ;;
  esac
  bun_tarball=$bun_package-$bun_version.tgz
  bun_expected=$(bun_checksum "$bun_package-$bun_version")
  say "Getting Bun $bun_version"
  fetch_bun_by_npm || fetch_bun_by_curl ||
    fail "cannot download Bun $bun_version, neither by npm nor by curl" "Install it and put it on PATH: https://bun.sh"
  if [ "$(sha512sum <"$temp/$bun_tarball" | cut -d' ' -f1)" != "$bun_expected" ]; then
    fail "the downloaded $bun_tarball is not the one expected: its checksum differs"
  fi
  bun_part=$(new_part)
  tar -xzf "$temp/$bun_tarball" -C "$bun_part" --strip-components=2 package/bin/bun
  publish "$bun_part" "$bun_directory"
}

# By npm when it is there, as it knows the registry and proxy to use here.
fetch_bun_by_npm() {
  has npm || return 1
  (cd "$temp" && npm pack --silent --cache "$temp/npm" --fetch-retries 1 "@oven/$bun_package@$bun_version" >npm.out) || return 1
  mv "$temp/$(tail -n 1 "$temp/npm.out")" "$temp/$bun_tarball"
}

fetch_bun_by_curl() {
  download "https://bun.sh/$bun_tarball" "$temp/$bun_tarball"
}
