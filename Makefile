# What a clone can do. `make help` lists it; each target sets the environment up first if need be.
#
# PYTHON=...     the Python 3.11 of .venv        (otherwise searched: PATH, pyenv)
# PYTHON312=..., PYTHON313=...  the Pythons of two smoke jobs  (otherwise searched: PATH, pyenv)

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?=
PYTHON312 ?=
PYTHON313 ?=
export PYTHON312 PYTHON313
export UV_PYTHON_DOWNLOADS := never
# Containers often set it: then every process compiles pandas and scikit-learn again, 3 to 9 s each time.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
SETUP := .venv/.setup
# What the JupyterLab extension is built from.
EXTENSION := $(shell git ls-files labextension/src labextension/style) labextension/build-widget.mjs labextension/package.json labextension/yarn.lock

.PHONY: help setup demo test lint format lab bench reliability smoke lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(SETUP) ## make or update .venv, and TFDV's .venv-worker, from the hashed locks

$(SETUP): requirements/bootstrap.txt requirements/dev.txt pyproject.toml hatch_build.py $(EXTENSION) tools/setup.sh tools/uv.sh tools/find_python.sh $(wildcard zenlab/validation/locks/*.txt)
	@tools/setup.sh "$(PYTHON)"
	@touch $@

demo: $(SETUP) ## run the quickstart: executed the first time, cached the second
	@$(BIN)/python -m tools.demo

test: $(SETUP) ## lint, then the tests of every tier
	@tools/tiers.sh lint unit integration browser

lint: $(SETUP) ## ruff, mypy, import-linter, eslint, prettier, tsc, the check of the notebooks
	@tools/tiers.sh lint

format: $(SETUP) ## format the code and apply ruff's safe fixes
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

# Jupyter refuses to run as root unless it is told to; root is the usual user of a container.
lab: $(SETUP) ## JupyterLab with the quickstart
	@cd notebooks && ../$(BIN)/jupyter lab quickstart.ipynb $$([[ $$EUID != 0 ]] || echo --allow-root)

bench: $(SETUP) ## what is claimed about speed, measured (ONLY="cached steps": these alone)
	@benchmarks/setup.sh
	@.venv-bench/bin/python -m benchmarks $(ONLY)

reliability: $(SETUP) ## run the fault tests, and write their table into docs/reliability.md
	@tools/tiers.sh reliability

smoke: $(SETUP) ## the wheel: what is in it, what it moves, lowest versions, Python 3.12, newest on 3.13
	@tools/tiers.sh wheel smoke-lowest smoke-middle smoke-newest

lock: $(SETUP) ## resolve the lock files again (UPGRADE=1: to the newest versions)
	@tools/lock.sh

clean: ## remove environments, builds and caches
	@rm -rf zenlab/labextension zenlab/widget labextension/lib labextension/node_modules .venv .venv-bench .venv-bench-profiling .venv-smoke-* .venv-worker* build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
