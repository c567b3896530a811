#!/usr/bin/env bash
# Builds .venv: everything pinned with hashes, no telemetry, Passerby itself linked to this source tree.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${1:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "passerby: Python 3.11 or newer is needed; this is $("$python" --version): make setup PYTHON=python3.11" >&2
    exit 1
}
"$python" -c 'import ensurepip, venv' 2>/dev/null || scripts/debian.sh <(echo python3-venv)
[ -x .venv/bin/python ] || "$python" -m venv .venv
pip=(.venv/bin/python -m pip --quiet --disable-pip-version-check --no-input)
# Every package in the lock has its hash, and nothing outside it is installed.
"${pip[@]}" install --no-deps --require-hashes -r requirements/dev.lock
"${pip[@]}" install --no-deps --no-build-isolation --editable .
