# What the images have in common. For bash; the program that reads it has read scripts/lib.sh.
# shellcheck shell=bash

: "${root:?}"
roots=/etc/ssl/certs/ca-certificates.crt

# copy_libraries TARGET FILE…: to the same path in the target, following links. All libraries of the target are below
# /usr, as in Debian since version 12.
copy_libraries() {
  local target=$1 file
  for file in "${@:2}"; do
    install -D -m "$(stat -Lc %a "$file")" "$(realpath "$file")" "$target/usr${file#/usr}"
  done
  ln -s usr/lib "$target/lib"
  [[ ! -d $target/usr/lib64 ]] || ln -s usr/lib64 "$target/lib64"
}

# finish_image TARGET NAME FILE…: adds the roots of TLS, the user, and the list of the packages that the files are from.
# From then on the target must not change: its times are those of the commit.
finish_image() {
  local target=$1 name=$2
  install -D -m 644 "$roots" "$target$roots"
  printf 'identity:x:65532:65532::/:/nonexistent\n' >"$target/etc/passwd"
  printf 'identity:x:65532:\n' >"$target/etc/group"
  printf 'hosts: files dns\n' >"$target/etc/nsswitch.conf"
  mkdir -p "$target/usr/share/identity"
  /usr/bin/python3 -B "$root/packaging/sbom.py" "$name" "${@:3}" "$roots" >"$target/usr/share/identity/sbom.spdx.json"
  find "$target" -exec touch --no-dereference --date="@${SOURCE_DATE_EPOCH:?}" {} +
}
