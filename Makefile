# Everything a developer or operator runs; `make` alone lists it.
.DEFAULT_GOAL := help
.PHONY: help setup run test check verify-long bench bundle lock clean

VENV := .venv
BIN := $(VENV)/bin
# A wheelhouse made by `make bundle` serves machines that reach no package registry.
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes $(if $(wildcard wheelhouse),--no-index --find-links wheelhouse)
PIP_PROJECT := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index --editable .

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

$(BIN)/python:
	@for python in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
	  if $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then \
	    echo "Tạo $(VENV) bằng $$($$python --version)"; exec $$python -m venv $(VENV); fi; done; \
	  echo 'Cần Python 3.11, 3.12 hoặc 3.13 (Debian: apt install python3 python3-venv), hoặc: make PYTHON=/đường/dẫn/python3' >&2; exit 1

$(VENV)/runtime.stamp: requirements.lock pyproject.toml setup.cfg | $(BIN)/python
	@echo 'Cài thư viện từ requirements.lock ...'
	@$(PIP_INSTALL) -r requirements.lock
	@$(PIP_PROJECT)
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock $(VENV)/runtime.stamp
	@echo 'Cài công cụ phát triển từ requirements-dev.lock ...'
	@$(PIP_INSTALL) -r requirements-dev.lock
	@touch $@

setup: $(VENV)/dev.stamp ## make .venv with the congbao command and the development tools

run: $(VENV)/runtime.stamp ## index samples/ and serve http://127.0.0.1:8080 until Ctrl-C
	@$(BIN)/congbao index samples --publishable --source samples || [ $$? -eq 1 ]  # 1: some samples are unreadable on purpose
	@exec $(BIN)/congbao serve

test: setup ## the whole test suite
	@$(BIN)/python -m pytest -n 2 $(PYTEST_ARGS)

check: setup ## ruff, ruff format and mypy --strict
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

verify-long: setup ## the full-size proofs: 100 kills, thousands of random queries, every real file
	@$(BIN)/python -m pytest -n 2 --long $(PYTEST_ARGS)

bench: setup ## reading, indexing and searching a folder, with SQLite FTS5 beside it
	@$(BIN)/python -m benchmarks.main_job

bundle: setup ## an offline wheelhouse for this Python, from which `make setup` installs
	@$(BIN)/python -m pip download --quiet --require-hashes --only-binary :all: --dest wheelhouse -r requirements.lock
	@$(BIN)/python -m pip download --quiet --require-hashes --only-binary :all: --dest wheelhouse -r requirements-dev.lock
	@ls wheelhouse | wc -l | xargs -I{} echo 'wheelhouse/: {} gói'

lock: setup ## choose newest allowed versions anew
	@$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	  --group build pyproject.toml --output-file requirements.lock
	@$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	  --group build --group dev --constraint requirements.lock pyproject.toml --output-file requirements-dev.lock

clean: ## remove .venv and caches; data/ stays
	@rm -rf $(VENV) wheelhouse build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
