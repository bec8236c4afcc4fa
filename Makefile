PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check bench clean lock

$(BIN)/portalwatch: pyproject.toml requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable .

$(VENV)/.test: pyproject.toml requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable '.[test]'
	touch $@

demo: $(BIN)/portalwatch  ## the whole way on a local replica of several portals
	$(BIN)/portalwatch demo

test: $(VENV)/.test  ## the whole test suite
	$(BIN)/pytest -n auto

check: $(VENV)/.test  ## lint, types, layers, tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n auto

bench: $(VENV)/.test  ## ratios against peers and floors, measured in the same run
	$(BIN)/python -m benchmarks.restore
	$(BIN)/python -m benchmarks.extract
	$(BIN)/python -m benchmarks.crawl
	$(BIN)/python -m benchmarks.backfill
	$(BIN)/python -m benchmarks.reprints
	$(BIN)/python -m benchmarks.rhythm
	$(BIN)/python -m benchmarks.hostile
	$(BIN)/python -m benchmarks.alerts

lock:  ## current versions of every dependency (needs uv)
	uv pip compile --universal --all-extras --upgrade --no-emit-index-url --no-header --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) build *.egg-info demo-data
