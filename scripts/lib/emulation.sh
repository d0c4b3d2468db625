# Programs of another architecture, run by QEMU for as long as the script runs. Only the tests need them.
# shellcheck shell=sh disable=SC2034,SC2154

# Sets `foreign_arch` and `foreign_busybox`, and has the kernel run programs of that architecture, in containers too.
# BuildKit finds out when it starts, so it comes after this. Nothing is installed; remove_emulation() takes it back.
set_up_emulation() {
  is_root || fail "telling the kernel how to run programs of another architecture takes root"
  case $arch in
    amd64) foreign_arch=arm64 foreign_machine=aarch64 foreign_code='\xb7' ;;
    arm64) foreign_arch=amd64 foreign_machine=x86_64 foreign_code='\x3e' ;;
  esac
  foreign_busybox=$cache/busybox-$foreign_arch/busybox
  emulator=$cache/qemu-$foreign_machine/qemu-$foreign_machine
  [ -x "$foreign_busybox" ] || get_foreign_busybox
  [ -x "$emulator" ] || get_emulator
  register_emulator
}

get_foreign_busybox() {
  say "Getting a static busybox for $foreign_arch"
  foreign_unpacked=$(new_part)
  deb_arch=$foreign_arch
  unpack_deb "$foreign_unpacked" "" "busybox-static:$foreign_arch" ||
    fail "cannot get the package busybox-static for $foreign_arch" "Put a static busybox for $foreign_arch at $foreign_busybox."
  deb_arch=
  publish_one "$foreign_unpacked" busybox "busybox-$foreign_arch" bin/busybox usr/bin/busybox
}

# The emulator has to be static: it runs where the image's files are all there is. Newer distributions have such a one
# in the package without "static" in its name.
get_emulator() {
  say "Getting QEMU for $foreign_arch"
  for emulator_package in qemu-user-static qemu-user; do
    emulator_unpacked=$(new_part)
    unpack_deb "$emulator_unpacked" "" "$emulator_package" || continue
    for emulator_file in "usr/bin/qemu-$foreign_machine-static" "usr/bin/qemu-$foreign_machine"; do
      if [ ! -L "$emulator_unpacked/$emulator_file" ] && is_static "$emulator_unpacked/$emulator_file"; then
        publish_one "$emulator_unpacked" "qemu-$foreign_machine" "qemu-$foreign_machine" "$emulator_file"
        return
      fi
    done
  done
  fail "cannot get the package qemu-user-static" "Put a static qemu-$foreign_machine at $emulator."
}

# publish_one UNPACKED NAME CACHED FILE...: keeps the first of the files that is there, the packages have dozens.
publish_one() {
  unpacked=$1
  kept_name=$2
  kept_directory=$3
  shift 3
  for kept_file in "$@"; do
    if [ -f "$unpacked/$kept_file" ]; then
      kept_part=$(new_part)
      mv "$unpacked/$kept_file" "$kept_part/$kept_name"
      publish "$kept_part" "$kept_directory"
      return
    fi
  done
  fail "the package has no $kept_name"
}

# The kernel opens the emulator here and now (flag F), so that containers need not have it, and tells it by what name a
# program was called (P), which is all that busybox goes by. Every run has a name of its
# own and takes away no other's; what runs that were killed left is taken away first.
register_emulator() {
  binfmt=$temp/binfmt
  mkdir "$binfmt"
  mount -t binfmt_misc binfmt_misc "$binfmt" 2>/dev/null || {
    rmdir "$binfmt"
    binfmt=
    fail "this kernel can't be told to run programs of another architecture: binfmt_misc can't be mounted" \
      "Load the module binfmt_misc, or run the tests on a machine, not in a container without its rights."
  }
  for binfmt_entry in "$binfmt"/hive-dev-*; do
    [ ! -e "$binfmt_entry" ] || [ -e "/proc/${binfmt_entry##*-}" ] || echo -1 >"$binfmt_entry"
  done
  # The header of an executable of that architecture, and which of its bits count.
  elf_magic='\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00'$foreign_code'\x00'
  elf_mask='\xff\xff\xff\xff\xff\xfe\xfe\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
  printf '%s' ":hive-dev-$$:M::$elf_magic:$elf_mask:$emulator:PF" >"$binfmt/register" ||
    fail "cannot register $emulator with the kernel" "See whether binfmt_misc is locked on this machine."
  mkdir "$temp/foreign-root"
  cp "$foreign_busybox" "$temp/foreign-root/busybox"
  [ "$(chroot "$temp/foreign-root" /busybox uname -m)" = "$foreign_machine" ] ||
    fail "QEMU is registered, but programs for $foreign_arch do not run"
}

# Runs at the end, before `temp` is removed.
remove_emulation() {
  [ -n "${binfmt:-}" ] || return 0
  if [ -e "$binfmt/hive-dev-$$" ]; then
    echo -1 >"$binfmt/hive-dev-$$"
  fi
  umount "$binfmt"
}
