# Needs Python 3.11 to 3.14 and make; everything else comes from the lock file. `make help` lists the targets.

VENV  := .venv
BIN   := $(VENV)/bin
STAMP := $(VENV)/.installed
UV    := uv==0.13.9
ARGS  :=

.DEFAULT_GOAL := help
.PHONY: help install up demo test lint api-coverage

help: ## show this
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "make %-13s %s\n", $$1, $$2 }'

install: $(STAMP) ## make .venv from requirements.lock

up: $(STAMP) ## start everything and stay until Ctrl-C; flags: make up ARGS="--home DIR --api-port N"
	@exec $(BIN)/pim up $(ARGS)

demo: $(STAMP) ## start everything, import a sample file and show what happened; ARGS=--exit stops then
	@exec $(BIN)/pim demo $(ARGS)

test: $(STAMP) ## run the whole test suite in two processes; ARGS go to pytest
	@exec $(BIN)/python -m pytest --numprocesses 2 --dist loadgroup --no-loadscope-reorder $(ARGS)

lint: $(STAMP) ## format, lint, types, import contracts and Dagster's definitions
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	DAGSTER_HOME= $(BIN)/dagster definitions validate -m pim_pipelines.definitions

api-coverage: $(STAMP) ## write docs/api-coverage.md: which test shows what of the API
	@exec $(BIN)/python tests/coverage_table.py $(ARGS)

# Compiled at once, because five processes start at the same time: without, each would compile all it imports.
$(STAMP): requirements.lock pyproject.toml Makefile
	@for python in "$(PYTHON)" python3 python3.14 python3.13 python3.12 python3.11; do \
	  if [ -n "$$python" ] && "$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null; \
	  then found="$$python"; break; fi; \
	done; \
	if [ -z "$$found" ]; then echo "Python 3.11 to 3.14 is needed; say where it is: make install PYTHON=/path/to/python" >&2; exit 1; fi; \
	if ! $(BIN)/python -c '' 2>/dev/null; then \
	  echo "Making $(VENV) with $$($$found --version)"; \
	  "$$found" -m venv --clear $(VENV) || { \
	    echo "This Python cannot make virtual environments; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }; \
	fi
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(UV)
	@echo "Installing from requirements.lock"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode --requirement requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q pim_pipelines api
	@touch $(STAMP)
