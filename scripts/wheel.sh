#!/usr/bin/env bash
# Builds the wheel twice, in two places, and compares: the same sources must give the same bytes.
set -euo pipefail
cd "$(dirname "$0")/.."
export SOURCE_DATE_EPOCH=315532800
first=$(mktemp -d) second=$(mktemp -d)
trap 'rm -rf "$first" "$second"' EXIT
pip=("$PWD/.venv/bin/python" -m pip --quiet --disable-pip-version-check wheel --no-deps --no-build-isolation)
"${pip[@]}" -w "$first" .
git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$second" 2>/dev/null
cp -r --parents -t "$second" src/passerby/server/static
(cd "$second" && "${pip[@]}" -w "$second/out" .)
cmp "$first"/*.whl "$second"/out/*.whl
mkdir -p dist && cp "$first"/*.whl dist/
sha256sum dist/*.whl
