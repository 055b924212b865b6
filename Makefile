# The commands of the project. Paths are relative, so that a folder with spaces in its name will do.
# Whatever these write goes to var/ (or NEURALBOX_DATA_DIR) and .venv/.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PORT ?= 8000
PYTHON ?= python3.11
# Processes of the test run, more than cores, since many tests wait; what must run alone stays together in one group.
TEST_PROCESSES ?= 3
PYTEST_ARGS ?=

export NEURALBOX_DATA_DIR ?= $(CURDIR)/var
export PYTHONPYCACHEPREFIX ?= $(NEURALBOX_DATA_DIR)/pycache
export HYPOTHESIS_STORAGE_DIRECTORY ?= $(NEURALBOX_DATA_DIR)/hypothesis

RUN := .venv/bin/python
# --no-compile: bytecode of what is really imported is kept under PYTHONPYCACHEPREFIX.
INSTALL := $(RUN) -m pip --disable-pip-version-check install -qq --no-cache-dir --no-compile --require-hashes

.PHONY: help run test check format bench lock messages clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: .venv/.installed ## start the whole site on this machine (PORT=8000); Ctrl-C stops all of it
	@exec $(RUN) -m neuralbox.local --port "$(PORT)"

test: .venv/.installed-dev ## run the whole test suite (PYTEST_ARGS="-k ledger" for a part)
	@$(RUN) -m pytest -n $(TEST_PROCESSES) --dist loadgroup $(PYTEST_ARGS)

check: .venv/.installed-dev ## formatting, lint, types, templates, layers, migrations, translations, deployment
	@$(RUN) scripts/check.py

format: .venv/.installed-dev ## format the Python code and mend what lint can mend
	@$(RUN) -m ruff format .
	@$(RUN) -m ruff check --fix .

bench: .venv/.installed-dev ## run the benchmarks; a table, and JSON in var/bench/
	@$(RUN) -m bench

lock: .venv/.installed-dev ## pin requirements*.in with hashes into requirements*.txt (needs uv)
	@scripts/lock.sh

messages: .venv/.installed-dev ## collect new texts into the .po files and compile them (needs gettext)
	@$(RUN) scripts/messages.py

clean: ## remove .venv and var, data of the local site included
	rm -rf .venv var

.venv/.installed: requirements.txt
	@$(PYTHON) scripts/create_venv.py
	@echo "Installing $$(grep -c '^[a-zA-Z]' requirements.txt) packages, once; this takes about a minute …"
	@$(INSTALL) -r requirements.txt
	@touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.installed
	@echo "Installing the packages for tests and checks, once …"
	@$(INSTALL) -r requirements-dev.txt
	@touch $@
