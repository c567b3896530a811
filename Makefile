# Two commands are enough: `make demo` and `make test`. Both set up everything themselves.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
# Seconds to play for; until Ctrl-C if not given.
FOR ?=
SOURCE ?=
OUT ?= out/demo

.PHONY: setup demo test lint models wheel lock bench-speed bench-live bench-count bench-leak bench-frontier bench-ledger bench-archive bench-register bench-web pictures bench-api bench-report bench-release bench-fleet soak mutation clean

setup: .venv/.ready  ## build .venv with passerby in .venv/bin, and the page
	@scripts/web.sh

.venv/.ready: requirements/dev.lock pyproject.toml
	scripts/setup.sh "$(PYTHON)"
	touch $@

demo: setup  ## play a real clip as a live camera, and show its page
	-@scripts/debian.sh requirements/debian.txt demo
	@$(BIN)/passerby demo --out "$(OUT)" $(if $(SOURCE),--source "$(SOURCE)") $(if $(FOR),--for "$(FOR)")

test: setup  ## everything that must hold
	scripts/debian.sh requirements/debian.txt
	$(MAKE) lint
	$(BIN)/python -m pytest -n 2 --dist loadgroup

lint: setup
	$(BIN)/ruff check src tests bench scripts models
	$(BIN)/ruff format --check src tests bench scripts models
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit -q -ll -s B608 -r src/passerby  # B608 is ruff's S608, answered in pyproject.toml
	scripts/web.sh check

models: setup  ## rebuild the model files bit for bit from models/sources.lock and compare
	$(PYTHON) -m venv .cache/models-venv
	.cache/models-venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r models/build.lock
	.cache/models-venv/bin/python models/build.py --check

wheel: setup  ## build the wheel twice and show that both are the same file
	scripts/wheel.sh

lock:  ## write requirements/*.lock anew (needs uv)
	scripts/lock.sh

bench-speed: setup  ## frames a second beside decode + encode alone (PEERS=1: beside deface, too)
	$(BIN)/python -m bench.speed $(if $(PEERS),--peers)

bench-fleet: setup  ## sixty thousand cameras' control plane, pictures simulated; ten million rows moved; a Ray cluster's parts killed
	$(BIN)/python -m bench.fleet
	$(BIN)/python -m pytest -q -s tests/e2e/fleet

soak: export PASSERBY_SOAK_ROUNDS ?= 500
soak: export PASSERBY_SOAK_FAULTS ?= 200
soak: export PASSERBY_SOAK_MINUTES ?= 60
soak: export PASSERBY_FUZZ_SECONDS ?= 600
soak: export PASSERBY_API_EXAMPLES ?= 300
soak: export PASSERBY_SOAK_OUT ?= out/soak.jsonl
soak: LONG = $(BIN)/python -m pytest -rP -o faulthandler_timeout=0
soak: setup  ## every part and the ledger killed 500 times, 200 faults of a camera, an hour of memory, fuzzing (hours)
	failed=0; \
	$(LONG) -n 2 tests/e2e/live/test_killed.py tests/e2e/live/test_endurance.py || failed=1; \
	$(LONG) tests/e2e/test_ledger_killed.py || failed=1; \
	$(LONG) -n 2 tests/unit/archive/keys/test_key_file.py tests/unit/archive/test_sweep.py \
		tests/unit/archive/test_station_killed.py || failed=1; \
	$(LONG) -n 2 tests/fuzz || failed=1; \
	$(LONG) -n 2 tests/unit/server/public/test_schema.py || failed=1; \
	$(BIN)/python -m bench.soak $(PASSERBY_SOAK_OUT); \
	exit $$failed

mutation: setup  ## change ledger and gate in 300 places a module, and count what the tests notice (an hour)
	$(BIN)/python -m bench.mutation --out docs/mutation.json

bench-live: setup  ## how many cameras of each kind this machine holds (AIMS=1: those aimed at, ten minutes each, and the page)
	$(BIN)/python -m bench.live $(if $(AIMS),--aims --seconds 600)

bench-count: setup  ## how well people, crossings and vehicles are counted (ONLY="pets mall": these anew)
	$(BIN)/python bench/count.py $(if $(ONLY),--only $(ONLY))

bench-leak: setup  ## labelled heads left and scene kept, beside a plain transcode (PEERS=1: beside deface, too)
	$(BIN)/python -m bench.leak $(if $(PEERS),--peers)

bench-frontier: setup  ## leak and scene at other limits of evidence, on each clip and its halves; draws docs/images
	$(BIN)/python -m bench.frontier --live

bench-ledger: setup  ## acts a second beside the disk's own syncs; a million entries verified, proven, mirrored
	$(BIN)/python -m bench.ledger

bench-archive: setup  ## a day swept out of ten million segments, a timeline, memory, and what encryption costs
	$(BIN)/python -m bench.archive

bench-register: setup  ## a register of 60,000 cameras: import, lists, filters, maps
	$(BIN)/python -m bench.register

bench-web: setup  ## the register's pages: weight, time until they can be used, a map of 60,000 cameras
	$(BIN)/python -m bench.web

pictures: setup  ## the docs' pictures of pages, taken anew by the tests that walk through them
	PASSERBY_PICTURES=1 $(BIN)/python -m pytest -q tests/e2e/register

bench-api: setup  ## the interface over 60,000 cameras at 200 requests a second, beside 500 clients of the events
	$(BIN)/python -m bench.api

bench-report: setup  ## a year's report over ENTRIES entries (default 200,000), its memory; 60,000 cameras reconciled
	$(BIN)/python -m bench.report $(if $(ENTRIES),--entries $(ENTRIES))

bench-release: setup  ## noise against theory, a simulated year, usefulness by ε, attacks: tables, and docs/release (40 min)
	$(BIN)/python -m bench.release --out docs/release
	$(BIN)/python -m bench.attacks --out docs/release

clean:
	rm -rf .venv out dist .cache web/node_modules src/passerby/server/static
