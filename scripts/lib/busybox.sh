# A static busybox: the one file that an image needs to have a shell.
# shellcheck shell=sh disable=SC2154

# Sets `busybox` to its path: the machine's own when it is static, else Debian's, unpacked.
set_up_busybox() {
  for busybox in /bin/busybox /usr/bin/busybox "$cache/busybox/bin/busybox" "$cache/busybox/usr/bin/busybox"; do
    if is_static "$busybox"; then
      return
    fi
  done
  say "Getting a static busybox"
  busybox_part=$(new_part)
  unpack_deb "$busybox_part" "" busybox-static ||
    fail "cannot get the package busybox-static" "Install a static busybox as /bin/busybox."
  publish "$busybox_part" busybox
  busybox=$cache/busybox/bin/busybox
  [ -x "$busybox" ] || busybox=$cache/busybox/usr/bin/busybox
}

is_static() {
  [ -x "$1" ] && case $(LC_ALL=C ldd "$1" 2>&1) in *'not a dynamic'* | *'statically linked'*) true ;; *) false ;; esac
}

# The example's base image copies it; it is not part of the repository.
put_busybox_into_example() {
  example_bin=$repository/example/images/base/rootfs/bin
  if ! cmp -s "$busybox" "$example_bin/busybox"; then
    mkdir -p "$example_bin"
    cp "$busybox" "$example_bin/busybox.part"
    chmod 755 "$example_bin/busybox.part"
    mv "$example_bin/busybox.part" "$example_bin/busybox"
  fi
}
