# Everything runs in .venv/, made here from the locked versions. PYTHON=python3.12 chooses another.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test test-engines lint docs studies example lock bench bench-estimates clean

demo: $(VENV)/.runtime 
	$(BIN)/remission report studies/zhang-2025 -o demo/zhang-2025

# Drawn examples are the same in every run, so that a failure is the change's; `pytest` alone draws anew.
test: $(VENV)/.tests 
	@sh tests/browser/install.sh
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/mypy
	$(BIN)/pytest -n 2 --hypothesis-seed=0

# Spark is half a gigabyte and needs Java, so it stands apart from the tests of every day.
test-engines: $(VENV)/.tests 
	$(PIP) install --require-hashes -r requirements-engines.lock
	$(BIN)/pytest tests/engines -n 2 -m "not spark"
	$(BIN)/pytest tests/engines -m spark
	$(BIN)/pytest tests/spec -n 2 --engine duckdb
	$(BIN)/pytest tests/spec -n 2 --engine pandas

lint: $(VENV)/.tests 
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/mypy

docs: $(VENV)/.tests 
	$(BIN)/python -m remission.records.dictionary docs/data-dictionary.md
	$(BIN)/python -m tests.spec.pages docs/definitions
	$(BIN)/python -m remission.audit.document docs/claims.md docs/claims.schema.json
	$(BIN)/python -m remission.audit.pages .

# The solver finds the children of both papers again; records are committed, so that reading needs none.
studies: $(VENV)/.tests 
	$(BIN)/remission reconstruct studies/zhang-2025/claims.toml -o studies/zhang-2025
	$(BIN)/remission reconstruct studies/olaya-2025/claims.toml -o studies/olaya-2025

example: $(VENV)/.runtime 
	$(BIN)/python -m remission.virtual.example src/remission/example

bench: $(VENV)/.tests 
	$(PIP) install --require-hashes -r requirements-bench.lock
	$(BIN)/python benchmarks/report.py

bench-estimates: $(VENV)/.tests 
	$(PIP) install --require-hashes -r requirements-bench.lock
	$(BIN)/python benchmarks/estimates.py

LOCK = $(BIN)/uv pip compile --universal --generate-hashes --no-header --no-annotate --python-version 3.11 --quiet
lock: $(BIN)/python 
	$(PIP) install uv
	$(LOCK) --extra build pyproject.toml -o requirements.lock
	$(LOCK) --group dev -c requirements.lock -o requirements-dev.lock
	$(LOCK) --group engines -c requirements-dev.lock -o requirements-engines.lock
	$(LOCK) --group bench pyproject.toml -c requirements-dev.lock -o requirements-bench.lock
	sed -i '1i # Exact versions with hashes; made by "make lock" from pyproject.toml. Do not edit by hand.' requirements*.lock

clean: 
	rm -rf $(VENV) demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) was not found; Python 3.11 or newer is needed."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; found $$($(PYTHON) --version). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "Setting up $(VENV) ..."
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "The venv module is missing; on Debian or Ubuntu: apt-get install python3-venv"; rm -rf $(VENV); exit 1; }

$(VENV)/.runtime: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing remission and its libraries (about a minute the first time) ..."
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.tests: $(VENV)/.runtime requirements-dev.lock
	@echo "Installing the test tools ..."
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@
