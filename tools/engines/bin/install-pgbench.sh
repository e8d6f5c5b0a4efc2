#!/bin/sh
# Puts PostgreSQL's load generator pgbench into the cache folder, from Debian's or Ubuntu's own package.
# Nothing is installed into the system and no database cluster is created.
set -eu

cache="${XDG_CACHE_HOME:-$HOME/.cache}/infratraq/engines/pgbench"

if [ -x "$cache/pgbench" ] && "$cache/pgbench" --version >/dev/null 2>&1; then
  echo "pgbench is already there: $cache/pgbench"
  exit 0
fi
if ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null; then
  echo "This machine has no apt-get; put PostgreSQL's client programs on the PATH instead." >&2
  exit 1
fi
if ! ldconfig -p | grep -q 'libpq\.so\.5'; then
  echo "pgbench needs libpq; run: apt-get install --no-install-recommends libpq5" >&2
  exit 1
fi

package=$(apt-cache search --names-only '^postgresql-[0-9]+$' | cut -d ' ' -f 1 | sort -t - -k 2 -n | tail -n 1)
if [ -z "$package" ]; then
  echo "apt knows no PostgreSQL package; run apt-get update and try again." >&2
  exit 1
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# apt downloads as its own user, who must be able to write here.
chmod 755 "$folder"
(cd "$folder" && apt-get download "$package")
dpkg -x "$folder"/*.deb "$folder/content"

mkdir -p "$cache"
cp "$folder"/content/usr/lib/postgresql/*/bin/pgbench "$cache/pgbench.new"
mv "$cache/pgbench.new" "$cache/pgbench"
"$cache/pgbench" --version
