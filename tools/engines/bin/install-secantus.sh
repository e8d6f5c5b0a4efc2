#!/bin/sh
# Builds SecantusDB's Rust daemon, a MongoDB-compatible server for development and tests, into
# $XDG_CACHE_HOME/infratraq/engines, by default below ~/.cache. Safe to run again; five minutes on two cores.
# Without Rust, or when the build fails, it installs the slower Python daemon instead.
set -eu

RUST_VERSION=0.5.3-beta.196
PYTHON_VERSION=0.7.0b3
cache="${XDG_CACHE_HOME:-$HOME/.cache}/infratraq/engines"
rust="$cache/secantus-mdb-$RUST_VERSION"
python="$cache/secantusdb-$PYTHON_VERSION"

say() { echo "install-secantus: $*" >&2; }

build_rust_daemon() {
  command -v cargo >/dev/null || { say "There is no cargo on the PATH."; return 1; }
  say "Building the Rust daemon into $rust"
  # It asks for a newer compiler than it needs.
  cargo install secantus-mdb --version "$RUST_VERSION" --ignore-rust-version --root "$rust"
}

install_python_daemon() {
  if [ -x "$python/bin/secantusd-py" ]; then say "The Python daemon is in $python already."; return; fi
  say "Installing the Python daemon into $python"
  mkdir -p "$cache"
  python3 -m venv "$python"
  "$python/bin/pip" install --quiet --disable-pip-version-check --pre "SecantusDB==$PYTHON_VERSION"
}

if [ -x "$rust/bin/secantusd-rs" ]; then
  say "The Rust daemon is in $rust already."
elif ! build_rust_daemon; then
  install_python_daemon
fi
say "Ready."
