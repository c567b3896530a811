#!/usr/bin/env bash
# Writes the lock files anew. Telemetry packages are excluded; nothing in the locks names where packages come from.
set -euo pipefail
cd "$(dirname "$0")/.."
options=(--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate
    --excludes requirements/excluded.txt)
uv pip compile "${options[@]}" pyproject.toml requirements/run.in -o requirements/run.lock
uv pip compile "${options[@]}" pyproject.toml requirements/run.in requirements/dev.in -c requirements/run.lock -o requirements/dev.lock
