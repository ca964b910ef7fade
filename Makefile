# `make` lists what there is.  Everything is installed into .venv; only Python 3.11+ is needed.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
PORT ?= 8000
# Tests write gigabytes of small files: into memory, where there is room for them.
IN_MEMORY := $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 4000000 { print "TMPDIR=/dev/shm" }')
# A test waits now and then, so there is one more at work than there are processors.
WORKERS := $(shell expr 1 + $$(getconf _NPROCESSORS_ONLN))
TOO_OLD := Python 3.11 or newer is needed. Name one: make PYTHON=python3.12

# In many containers it is set, and each process would compile all modules anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup serve dev sample build check ci test test-fast test-e2e coverage rows lint types format package bench load soak faults clean lock

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## install what is needed into .venv; the others do it by themselves

$(READY): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "$(TOO_OLD)")'
	@if command -v uv >/dev/null; then \
		uv venv --quiet --allow-existing --python $(PYTHON) .venv && \
		uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt && \
		uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else \
		$(PYTHON) -m venv .venv && \
		$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt && \
		$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .; \
	fi
	@touch $@

serve: $(READY) ## build the site, show it with the sidecar on http://localhost:8000/ and reload as you save
	@[ -e data/snapshot.sqlite ] || $(BIN)/pydotorg sample
	@$(BIN)/pydotorg serve --port $(PORT)

dev: $(READY) ## the same; with LOG=file, what it says goes into that file
	@$(BIN)/pydotorg serve --port $(PORT) $(if $(LOG),>$(LOG) 2>&1)

sample: $(READY) ## bring the database of the sidecar into the sample state; what was there is kept
	@$(BIN)/pydotorg sidecar sample --replace

build: $(READY) ## build the site into dist/
	@$(BIN)/pydotorg build

check: $(READY) ## check content, links and anchors, and publish nothing
	@$(BIN)/pydotorg check

test: $(READY) ## run all tests
	@$(IN_MEMORY) $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

test-fast: $(READY) ## run the tests but for browsers, PostgreSQL, installations and long searches
	@$(IN_MEMORY) LAW_EXAMPLES=5 $(BIN)/python -m pytest -n $(WORKERS) -m "not slow"

test-e2e: $(READY) ## run the tests in a browser: chromium-headless-shell, chromium or google-chrome
	@$(IN_MEMORY) $(BIN)/python -m pytest tests/browser

coverage: $(READY) ## run all tests, and print which lines none of them runs; fails below the floor
	@$(IN_MEMORY) $(BIN)/python -m pytest -n $(WORKERS) --cov --cov-report=term:skip-covered --cov-report=html

rows: $(READY) ## list the requirement rows that no test names
	@$(BIN)/python -m tests.rows

lint: $(READY) ## check the style of the code
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/zizmor --offline --quiet --no-progress .github

types: $(READY) ## check the types
	@$(BIN)/mypy

format: $(READY) ## put the code into shape
	@$(BIN)/ruff check --fix-only --quiet . && $(BIN)/ruff format .

ci: lint types test build check ## all that must pass before a change lands

package: $(READY) ## pack the program into packages/, as a wheel and as its source
	@$(BIN)/python -m uv build --quiet --offline --no-build-isolation --out-dir packages

bench: $(READY) ## measure against other site generators, and what one change costs (half an hour)
	@$(BIN)/python benchmarks/run.py
	@$(BIN)/python benchmarks/one_change.py

load: $(READY) ## measure the sidecar under load, downloads, and the way from approval to page (ten minutes)
	@$(BIN)/python benchmarks/load.py
	@$(BIN)/python benchmarks/redirects.py
	@$(BIN)/python benchmarks/publishing.py

soak: $(READY) ## search long for a case where an incremental build differs (an hour)
	@LAW_EXAMPLES=2000 LAW_STEPS=50 $(BIN)/python -m pytest tests/build/test_law.py --timeout=0

faults: $(READY) ## kill sidecar, worker, builder and database, fill the disk: 100 rounds (an hour)
	@FAULT_ROUNDS=100 $(BIN)/python -m pytest tests/faults

clean: ## remove the built site and the build cache
	@rm -rf dist .pydotorg

lock: $(READY) ## write requirements/*.txt anew from pyproject.toml
	@for name in build fetch sidecar dev; do \
		case $$name in dev) extras="--extra dev --extra verify --extra sidecar";; build) extras=;; *) extras="--extra $$name";; esac; \
		$(BIN)/python -m uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url \
			--python-version 3.11 pyproject.toml $$extras -o requirements/$$name.txt || exit 1; \
	done
