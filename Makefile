# SPDX-License-Identifier: Apache-2.0
# Everything a newcomer needs: `make help`. Each target sets up what it needs in .venv.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The first Python 3.11 or newer that can make an environment; else the first that cannot, so that
# the recipe below can say what is missing.
PYTHON ?= $(shell for able in 'import ensurepip, venv' ''; do \
	for each in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$each -c "import sys; sys.exit(sys.version_info < (3, 11)); $$able" 2>/dev/null \
	&& $$each -c "$$able" 2>/dev/null && { echo $$each; exit; }; done; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
CODE := src tests bench
PROSE := $(wildcard README.md ARCHITECTURE.md SECURITY.md CHANGELOG.md docs spec)
CATALOGUES := src/comity/locale
LOCK := uv pip compile --quiet --universal --upgrade --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --exclude-newer "$$(date -u -d '7 days ago' +%Y-%m-%d)"

.PHONY: help demo test check lint bench faults format messages lock clean

help:  ## Show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

.venv/made:
	@test -n "$(PYTHON)" || { echo "Comity needs Python 3.11 or newer, and found none."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "python3-venv is missing: apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/run: .venv/made requirements/run.txt pyproject.toml
	$(PIP) install --no-deps --require-hashes -r requirements/run.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@# Each command is a process of its own: none is to compile the program for itself.
	$(BIN)/python -m compileall -q src/comity
	@touch $@

.venv/dev: .venv/run requirements/dev.txt
	$(PIP) install --no-deps --require-hashes -r requirements/dev.txt
	@touch $@

demo: .venv/run  ## Show it all: two countries on this machine, every claim checked
	$(BIN)/comity demo

test: .venv/dev  ## Run every test, then check how much of the code they reach
	rm -f .coverage .coverage.*
	$(BIN)/python -m pytest -n auto --dist worksteal --cov --cov-report=
	$(BIN)/coverage json -q -o .coverage.json
	$(BIN)/python tests/house/reach.py .coverage.json

check: .venv/dev  ## The everyday run: every test but the slow ones, without counting what they reach
	$(BIN)/python -m pytest -n auto --dist worksteal -m 'not slow'

lint: .venv/dev  ## Check style, types, floors and spelling
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports
	$(BIN)/codespell $(PROSE) $(CODE)

bench: .venv/dev  ## Measure, with the floor or the peer beside each figure (BENCH=name picks one)
	@set -e; for each in bench/$(or $(BENCH),*).py; do echo "== $$each"; \
		timeout 1800 $(BIN)/python $$each; done

faults: .venv/dev  ## Strike an exchange with every fault for up to 20 minutes; writes docs/faults.md
	timeout 1500 $(BIN)/python tests/faults/report.py

format: .venv/dev  ## Let the formatter have its way
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

messages: .venv/run  ## Collect every sentence to be translated; renew the catalogues and docs/errors.md
	$(BIN)/pybabel -q extract -F babel.cfg -k marked -k counted:1,2 -k _ -k ngettext:1,2 --no-default-keywords \
		--sort-output --add-location=file --no-wrap --omit-header \
		--output=$(CATALOGUES)/comity.pot src/comity
	@set -e; for each in $(CATALOGUES)/*.po; do \
		$(BIN)/pybabel -q update --no-fuzzy-matching --no-wrap --ignore-obsolete --ignore-pot-creation-date \
		--input-file=$(CATALOGUES)/comity.pot --output-file=$$each \
		--locale=$$(basename $$each .po); done
	$(BIN)/python -m comity.language.errors_page > docs/errors.md

lock:  ## Renew the hashed requirements; nothing younger than a week (needs uv)
	$(LOCK) --all-extras pyproject.toml requirements/build.in -o requirements/run.txt
	$(LOCK) --group dev -c requirements/run.txt -o requirements/dev.txt

clean:  ## Remove the environment and every cache
	rm -rf .venv build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis \
		.coverage .coverage.* src/*.egg-info
	find src tests bench -name __pycache__ -prune -exec rm -rf {} +
