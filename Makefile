# Everything runs in .venv, made by `make setup` from pyproject.toml; nothing else needs to be installed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
WEIGHTS := src/syncview/detect/weights/nanodet.onnx

.PHONY: setup demo check format lint type layers fast test bench clips clean

setup: $(STAMP) $(WEIGHTS)

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "syncview needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable . --group dev
	@touch $@

# Without them everything but movement works; the script says so, and the next `make` tries again.
$(WEIGHTS): $(STAMP) package.json package-lock.json $(wildcard scripts/weights/*.py) src/syncview/pipeline/detector.py
	@$(BIN)/python -m scripts.weights || true

demo: setup
	@$(BIN)/python scripts/demo.py

check: setup lint type layers fast

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

type: setup
	$(BIN)/mypy

layers: setup
	$(BIN)/lint-imports

fast: setup
	$(BIN)/python -m pytest -q -m "not slow"

test: setup
	$(BIN)/python -m pytest -q

bench: setup
	$(BIN)/python -m benchmarks

clips: setup
	$(BIN)/python scripts/make_sample_clips.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build dist demo-case \
	  node_modules src/syncview/detect/weights
