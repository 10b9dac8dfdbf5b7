# Everything works in a virtual environment of its own; nothing is installed outside .venv
# (but for Chromium, which `make test` asks apt for where that is allowed).
SHELL := /bin/bash
PY := .venv/bin/python
STAMP := .venv/installed

.PHONY: demo serve build check test lint bench

demo: $(STAMP)
	@$(PY) -m dolgomer.cli demo

serve: $(STAMP)
	@$(PY) -m dolgomer.cli serve

build: $(STAMP)
	@$(PY) -m dolgomer.cli build

check: $(STAMP)
	@$(PY) -m dolgomer.cli check

test: $(STAMP)
	@$(PY) tests/install_chromium.py
	@$(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: $(STAMP)
	@$(PY) -m ruff check --no-cache .
	@$(PY) -m ruff format --check .
	@.venv/bin/lint-imports
	@$(PY) -m sqlfluff lint dbt_project/models

bench: $(STAMP)
	@$(PY) -m benchmarks

$(STAMP): requirements.lock pyproject.toml
	@PYTHON="$(PYTHON)" bash .ci/install
