#!/bin/sh
# Installs DocumentDB (a PostgreSQL extension) and FerretDB (its MongoDB gateway) for tests of $text, outside the
# repository: $XDG_CACHE_HOME/infratraq/engines, by default below ~/.cache. Safe to run again.
# Needs root, Debian or a derivative with debootstrap, and Go.
set -eu

DOCUMENTDB=documentdb-sid
FERRETDB=v2.7.0
cache="${XDG_CACHE_HOME:-$HOME/.cache}/infratraq/engines"
root="$cache/$DOCUMENTDB"
gateway="$cache/ferretdb-$FERRETDB/bin"

say() { echo "install-documentdb: $*" >&2; }
fail() { say "$*"; exit 1; }

need_programs() {
  for program in "$@"; do
    command -v "$program" >/dev/null || fail "$program is missing: install it first."
  done
}

# The first Debian archive among the machine's own sources, in the one-line or the deb822 format.
find_mirror() {
  cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
    sed -n -e 's/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\) .*/\2/p' -e 's/^URIs: *\([^ ]*\).*/\1/p' |
    grep -E '/debian/?$' | head -n 1
}

install_documentdb() {
  if [ -e "$root/.complete" ]; then say "DocumentDB is in $root already."; return; fi
  [ "$(id -u)" = 0 ] || fail "only root can make a Debian root folder: run it with sudo."
  need_programs debootstrap chroot unshare mount
  mirror=$(find_mirror)
  [ -n "$mirror" ] || fail "no Debian archive found in /etc/apt."
  rm -rf "$root"
  mkdir -p "$root"
  say "Making a Debian sid root folder in $root"
  debootstrap --variant=minbase sid "$root" "$mirror" >"$root.log" 2>&1 || fail "debootstrap failed, see $root.log"
  # Proxy and certificate settings of the machine hold in there too; no service may start in there.
  cp -R /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/"
  cp -R /etc/ssl/certs/. "$root/etc/ssl/certs/" 2>/dev/null || mkdir -p "$root/etc/ssl/certs"
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod +x "$root/usr/sbin/policy-rc.d"
  say "Installing postgresql-18-documentdb into it"
  # A mount namespace of its own: its mounts are gone when it ends, however it ends.
  unshare --mount sh -euc '
    mount -t proc proc "$1/proc"
    mount --rbind /dev "$1/dev"
    export DEBIAN_FRONTEND=noninteractive LC_ALL=C
    chroot "$1" apt-get update
    chroot "$1" apt-get install --yes --no-install-recommends postgresql-18-documentdb
    chroot "$1" apt-get clean
  ' sh "$root" >>"$root.log" 2>&1 || fail "the installation failed, see $root.log"
  touch "$root/.complete"
}

install_ferretdb() {
  if [ -x "$gateway/ferretdb" ]; then say "FerretDB is in $gateway already."; return; fi
  need_programs go
  say "Building FerretDB $FERRETDB into $gateway"
  mkdir -p "$gateway"
  GOBIN="$gateway" go install "github.com/FerretDB/FerretDB/v2/cmd/ferretdb@$FERRETDB" || fail "the build failed."
}

install_documentdb
install_ferretdb
say "Ready."
