# `make` builds, `make test` tests; every other word is a doit task: `make zod` is `doit zod`.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory --no-builtin-rules
.DEFAULT_GOAL := build

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
NODE_READY := tests/node/node_modules/.ready
TASK_BIN := PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/doit

# The newest Python on PATH that is new enough; `make PYTHON=/usr/bin/python3.12` decides otherwise.
PYTHON ?= $(shell for name in python3.14 python3.13 python3.12 python3.11 python3 python; do \
	"$$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
	2>/dev/null && { echo "$$name"; break; }; done)

.PHONY: build test ci clean help proto-all FORCE

build: $(READY)
	@$(TASK_BIN) generate

test ci: $(READY) $(NODE_READY)
	@command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || \
		{ echo "make $@: PostgreSQL's initdb is missing; on Debian: apt-get install postgresql"; exit 2; }
	@$(TASK_BIN) $@

clean:
	@if [ -x $(BIN)/doit ]; then $(BIN)/doit clean; fi

proto-all: $(READY)
	@$(TASK_BIN) generate

help: $(READY)
	@$(TASK_BIN) list

$(READY): pyproject.toml Makefile
	@[ -n "$(PYTHON)" ] || { echo "make: Python >= 3.11 with venv is needed on PATH; or make PYTHON=/path/to/python3.11"; exit 2; }
	@[ -x $(BIN)/python ] || "$(PYTHON)" -m venv $(VENV)
	@echo "installing into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check \
		--editable '.[protos,betterproto,legacy]' --group test --group check --group release --group docs
	@touch $@

$(NODE_READY): tests/node/package.json tests/node/package-lock.json
	@command -v npm >/dev/null || { echo "make test: Node.js 20 with npm is needed on PATH"; exit 2; }
	@echo "installing into tests/node ..."
	@npm ci --prefix tests/node --silent --no-audit --no-fund
	@touch $@

# Any other word: make proto-changed is doit proto_changed, options as in make proto-changed ARGS='--ref v1'.
# FORCE, because `gateway` and others are directories as well.
%: $(READY) FORCE
	@$(TASK_BIN) $(subst -,_,$@) $(ARGS)

# These files exist and are made by nobody.
Makefile pyproject.toml tests/node/package.json tests/node/package-lock.json: ;
