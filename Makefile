# Two commands: `make demo` and `make test`. Each sets up what it needs from requirements.lock; `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DATA := sync_assets_tests/data.lock
SEED ?= 1

# Compiled once and kept: where an environment forbids it, each start of a program costs twice the CPU.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo dev test check score simulate bench docs classes lock clean

help: ## what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1	\2/'

$(READY): requirements.lock $(DATA) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("sync-assets needs Python 3.11 or newer") if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	@$(BIN)/uv pip install --quiet --no-deps --require-hashes --target $(VENV)/data -r $(DATA)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

setup: $(READY) ## the environment alone, in .venv

demo: $(READY) ## the main job on a simulated company: what broke, where, since when, worth how much
	@$(BIN)/sync-assets demo || test $$? -eq 1

dev: $(READY) ## the Dagster UI on a living simulated company
	@$(BIN)/sync-assets dev

test: $(READY) ## all tests
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: $(READY) ## format, lint, types, house rules
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/python -m pytest sync_assets_tests/tidy

score: $(READY) ## find the defects of a simulated company, and say how well
	@$(BIN)/python -m sync_assets_tests.score --seed $(SEED) $(if $(CUSTOMERS),--customers $(CUSTOMERS)) $(if $(WRITE),--write)

simulate: $(READY) ## days of a simulated company with faults, kills and late rows, replayed from SEED=
	@$(BIN)/python -m sync_assets_tests.simulate --seed $(SEED)

bench: $(READY) ## speed and memory against peers, in ratios
	@$(BIN)/python -m sync_assets_tests.bench

docs: $(READY) ## run what the documents say
	@$(BIN)/python -m pytest sync_assets_tests/docs

classes: $(READY) ## write docs/classes.md from the rules; ANEW=--anew takes all examples from the tests again
	@$(BIN)/python -m sync_assets_tests.docs.classes $(ANEW)

lock: ## resolve requirements.lock anew
	@$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --quiet -o requirements.lock
	@sed -i "1i # Every version with its hashes, made by \`make lock\`; not edited by hand." requirements.lock

clean: ## remove the environment and all local state
	@rm -rf $(VENV) .sync .mypy_cache .ruff_cache .pytest_cache build *.egg-info
