# Everything runs in a virtual environment of its own, with the tested versions of constraints.txt.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
PYTEST := $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal

.PHONY: help demo test check static fast slow format docs dist clean

help: ## What can be made.
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/installed ## Train three retrievers on the built-in facts and print the paper's table in miniature.
	$(BIN)/equilingua demo --output runs/demo

# `fast` is a target of its own so that `make check test` runs it once.
test: fast slow ## Run every test.

check: static fast ## What a contributor runs: format, lint, types, import contracts, docs, all tests but the slow ones.

static: $(VENV)/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/mkdocs build --strict --quiet --site-dir $(VENV)/site

fast: $(VENV)/installed-dev
	$(PYTEST) -m "not slow"

slow: $(VENV)/installed-dev
	$(PYTEST) -m slow

format: $(VENV)/installed-dev ## Format the code and mend what the linter can.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/installed-dev ## Build the documentation into site/.
	$(BIN)/mkdocs build --strict

dist: $(VENV)/installed-dev ## Build the wheel and the source distribution into dist/.
	$(BIN)/python -m build

clean: ## Remove what was built, the virtual environment included.
	rm -rf $(VENV) build dist site runs .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install --constraint constraints.txt --editable '.[report]'
	touch $@

$(VENV)/installed-dev: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install --constraint constraints.txt --editable '.[dev]'
	touch $@ $(VENV)/installed
