# Every target works on a fresh Debian or Ubuntu with python3 (3.11 or newer) and make.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
COMPILED := $(VENV)/.compiled
UV := UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=$(VENV) VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv
# A file stays with one worker, so that what it has started once serves all its tests; in the order of tests/conftest.py.
# Four on two cores: while one waits for a server or a browser the others work.
PARALLEL := -n 4 --dist loadfile --no-loadscope-reorder
SYSTEM := PYTHON=$(PYTHON) deploy/install-debian.sh

.PHONY: help demo run test check soak coverage bench format format-check lint types layers tests docs redaction-report \
	install clean system-run system-test system-bench

# Many tests start processes of Python; each would compile everything anew where nobody may keep what is compiled.
unexport PYTHONDONTWRITEBYTECODE

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: system-run $(INSTALLED) ## Send packages through a whole site of real parts, show each slip, and end
	@$(BIN)/sluis demo

run: system-run $(INSTALLED) ## The same site, kept running until Ctrl-C
	@$(BIN)/sluis demo --keep-running

test: check ## The same as check

check: format-check lint layers ## Format, lint, types, layers and all tests: what CI runs
	@$(MAKE) --no-print-directory -j 2 types tests

soak: system-test $(COMPILED) ## What takes longer: thousands of packages, kills, fuzzing, every deletion from the rules, many examples of each law
	$(BIN)/pytest -m soak --timeout=3600
	$(BIN)/pytest $(PARALLEL) -q -m 'hypothesis and not soak' --hypothesis-profile=soak --timeout=3600

coverage: system-test $(COMPILED) ## All tests, and which lines of the code they ran; much slower
	$(BIN)/pytest $(PARALLEL) -q --cov --cov-report=term --timeout=900

bench: system-bench $(COMPILED) ## Ratios against bare gpg, openssl, age and sftp, kuvert, SQLite, pymerkle and Cedar, in one run
	@$(UV) sync --frozen --quiet --group bench
	@$(BIN)/python -m tests.benchmarks

format: $(INSTALLED) ## Format the code and mend what ruff can mend by itself
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix-only .

lint: $(INSTALLED) ## Check the code with ruff
	$(BIN)/ruff check .

types: $(INSTALLED) ## Check the types of code and tests with mypy --strict
	$(BIN)/mypy

layers: $(INSTALLED) ## Check that imports only go down, and that pure modules stay pure
	$(BIN)/lint-imports

redaction-report: system-run $(INSTALLED) ## How many people are found in free text, by origin and kind, and what is taken needlessly
	@$(BIN)/python -m tests.redaction

docs: $(INSTALLED) ## Write docs/errors.md and policies/schemas/ anew from the code
	$(BIN)/python -m tests.house.error_page
	$(BIN)/python -m tests.house.policy_schemas

install: system-run $(INSTALLED) ## Make the virtual environment with the locked dependencies

clean: ## Remove the virtual environment, caches and the demo's site
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage* dist build demo-site
	find gateway tests -name __pycache__ -type d -prune -exec rm -rf {} +

format-check: $(INSTALLED)
	$(BIN)/ruff format --check .

tests: system-test $(COMPILED)
	$(BIN)/pytest $(PARALLEL) -q

system-run system-test system-bench: system-%:
	@$(SYSTEM) base $*

# Made again when the lock file or the project file changes; uv itself comes from PyPI, everything else by hash.
$(INSTALLED): uv.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Sluis needs Python 3.11 or newer: make PYTHON=python3.11")'
	@$(SYSTEM) base
	@test -x $(BIN)/uv || { echo "Making the virtual environment ..."; \
		$(PYTHON) -m venv $(VENV) && $(BIN)/pip install -q --disable-pip-version-check 'uv~=0.13'; }
	@$(UV) sync --frozen --quiet
	@touch $@

# uv compiles nothing, and the sandbox, where most parsers are loaded, may write nothing: each start would do it again.
$(COMPILED): $(INSTALLED)
	-@$(BIN)/python -m compileall -qq -j 0 gateway $(VENV)/lib
	@touch $@
