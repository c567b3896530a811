#!/usr/bin/env bash
# Installs those Debian packages of a list that are missing. Asks nothing.
# Usage: debian.sh LIST [WHO]. One package a line; a line with "# NAME" after the package is for NAME alone.
set -euo pipefail
who=${2:-}
missing=()
while read -r package hash only; do
    [ -n "$package" ] && [ "$package" != "#" ] || continue
    [ -z "$who" ] || [ -z "${hash:-}" ] || [ "${only:-}" = "$who" ] || continue
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q "install ok installed" || missing+=("$package")
done < "$1"
[ ${#missing[@]} -eq 0 ] && exit 0
if ! command -v apt-get >/dev/null; then
    echo "passerby: please install these yourself: ${missing[*]}" >&2
    exit 1
fi
root=()
[ "$(id -u)" -eq 0 ] || root=(sudo -n)
export DEBIAN_FRONTEND=noninteractive
"${root[@]}" apt-get update -qq
"${root[@]}" apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
