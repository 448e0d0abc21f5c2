# `make` alone lists the verbs. Everything that is downloaded or kept lies in LINKWAY_HOME, one folder, ignored by git; only
# what Node and Python look for beside the code lies there: tools/asyncapi/node_modules and __pycache__.
# What PostgreSQL cannot reach there, because it refuses to run as root, lies in /var/tmp. `make clean` removes all of it.

LINKWAY_HOME ?= .linkway
PYTHON ?= python3
VENV := $(LINKWAY_HOME)/venv
RUN := $(VENV)/bin/
export LINKWAY_HOME := $(abspath $(LINKWAY_HOME))
CACHE := $(abspath $(LINKWAY_HOME))/cache
export PIP_CACHE_DIR := $(CACHE)/pip
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export UV_CACHE_DIR := $(CACHE)/uv
export RUFF_CACHE_DIR := $(CACHE)/ruff
export MYPY_CACHE_DIR := $(CACHE)/mypy
export npm_config_cache := $(CACHE)/npm
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo up down status test unit check chaos chaos-mutants bench format docs lock clean

help: ## list the verbs
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

demo: install ## bring everything up, play the sample referrals through, stay until Ctrl-C (ONCE=1: end by itself)
	@$(RUN)python -m deploy.demo $(if $(ONCE),--once) $(if $(REPLICAS),--replicas $(REPLICAS))

up: install ## bring everything up and stay until Ctrl-C
	@$(RUN)python -m deploy.local up

down: install ## stop what `make up` or `make demo` started
	@$(RUN)python -m deploy.local down

status: install ## show what runs and where
	@$(RUN)python -m deploy.local status

test: install ## every test, on a real Kafka and a real PostgreSQL
	@$(RUN)python -m tests.run

unit: install ## the pure tests only, in seconds
	@$(RUN)python -m tests.run unit

check: install ## lint, types, import contracts, documents (wants Node for the AsyncAPI parser)
	@$(RUN)ruff check .
	@$(RUN)ruff format --check .
	@$(RUN)mypy
	@$(RUN)lint-imports --cache-dir $(CACHE)/import-linter
	@npm ci --silent --no-audit --no-fund --prefix tools/asyncapi
	@node tools/asyncapi/validate.mjs docs/asyncapi.json

chaos: install ## a fault run with traffic: SEED, N referrals, MINUTES; the last line is its verdict
	@$(RUN)python -m tests.chaos $(if $(SEED),--seed $(SEED)) $(if $(N),--referrals $(N)) $(if $(MINUTES),--minutes $(MINUTES))

chaos-mutants: install ## the same against builds with known mistakes, each of which must be caught
	@$(RUN)python -m tests.chaos.mutants

bench: install ## every figure beside its limit on this machine: ONLY=row for one; how good answers are: see docs/matching.md
	@$(RUN)python -m benchmarks $(if $(ONLY),--only $(ONLY)) \
		$(if $(LETTERS),--letters $(LETTERS)) $(if $(DIRECTORY),--directory $(DIRECTORY)) $(if $(QUERIES),--queries $(QUERIES)) \
		$(if $(HIDE_LABELS),--hide-labels) $(if $(JUDGED_LABELS),--judged-labels) $(if $(WORDS_ALONE),--words-alone) $(if $(OUT),--out $(OUT))

format: install ## put the code into its form
	@$(RUN)ruff check --fix --quiet .
	@$(RUN)ruff format --quiet .

docs: install ## write the documents that come from the code
	@$(RUN)python -m tools.asyncapi.generate

lock: install ## resolve the dependencies again, with hashes and without naming an index
	@$(RUN)uv pip compile pyproject.toml --all-extras --generate-hashes --no-emit-index-url --no-annotate --no-header \
		--python-version 3.11 --quiet -o requirements.lock

# Where these tools keep what they know when they are run by hand.
BY_HAND := .grimp_cache .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

clean: ## remove everything that was downloaded or kept
	@for link in $(LINKWAY_HOME)/data/elsewhere $(LINKWAY_HOME)/tmp/*/data/elsewhere; do \
		if [ -L "$$link" ]; then rm -rf "$$(readlink -f "$$link")"; fi; done
	rm -rf $(LINKWAY_HOME) tools/asyncapi/node_modules $(BY_HAND)
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment is made anew when a dependency changes, and only then.
.PHONY: install
install: $(VENV)/installed

$(VENV)/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Linkway needs Python 3.11 or newer")'
	@echo "Making a Python environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(PYTHON) tools/install.py $(RUN)python requirements.lock
	@$(RUN)pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@
