# SPDX-License-Identifier: Apache-2.0
# Everything a newcomer needs: `make help`. Each target sets up what it needs in .venv.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(shell for each in python3.13 python3.12 python3.11 python3; do \
	command -v $$each >/dev/null 2>&1 && $$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	2>/dev/null && { echo $$each; break; }; done)
BIN := .venv/bin
CODE := src tests bench

.PHONY: help demo test lint bench format lock clean

help:  ## Show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 16

.venv/made:
	@test -n "$(PYTHON)" || { echo "Comity needs Python 3.11 or newer."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "This Python has no venv. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/run: .venv/made requirements/run.txt pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev: .venv/run requirements/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

test: .venv/dev  ## Run every test, then check how much of the code they reach
	rm -f .coverage .coverage.*
	$(BIN)/python -m pytest -n auto --dist worksteal --cov --cov-report=
	$(BIN)/coverage json -q -o .coverage.json
	$(BIN)/python tests/house/reach.py .coverage.json

lint: .venv/dev  ## Check style, types, floors and spelling
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports
	$(BIN)/codespell README.md ARCHITECTURE.md SECURITY.md CHANGELOG.md docs spec $(CODE)

bench: .venv/dev  ## Measure, with the floor or the peer beside each figure (BENCH=name picks one)
	@set -e; for each in bench/$(or $(BENCH),*).py; do echo "== $$each"; $(BIN)/python $$each; done

format: .venv/dev  ## Let the formatter have its way
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

lock:  ## Renew the hashed requirements; nothing younger than a week (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --exclude-newer "$$(date -u -d '7 days ago' +%Y-%m-%d)" \
		--all-extras pyproject.toml requirements/build.in -o requirements/run.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --exclude-newer "$$(date -u -d '7 days ago' +%Y-%m-%d)" \
		--group dev -c requirements/run.txt -o requirements/dev.txt

clean:  ## Remove the environment and every cache
	rm -rf .venv build .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.*
