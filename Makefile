# Everything runs in .venv; uv is fetched by pip, so Python and make are all that a fresh machine needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv

.PHONY: help setup demo test lint typecheck bench clean

help:  ## what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(UV):
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(VENV)/.ready: uv.lock pyproject.toml | $(UV)
	UV_PROJECT_ENVIRONMENT=$(VENV) $(UV) sync --frozen --quiet --inexact
	@touch $@

setup: $(VENV)/.ready  ## install everything into .venv

demo: setup  ## generate a banner, audit and screen it, write the report
	$(BIN)/khotail demo --run demo
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname)" = Darwin ]; then \
		$(BIN)/python -m webbrowser "file://$$PWD/demo/report.html"; fi

lint: setup  ## style, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

typecheck: setup  ## types of the core
	$(BIN)/mypy

test: lint typecheck  ## everything that CI checks
	$(BIN)/khotail rulebook check
	$(BIN)/pytest -n auto

bench: setup  ## print the benchmark table
	UV_PROJECT_ENVIRONMENT=$(VENV) $(UV) sync --frozen --quiet --inexact --group bench
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) demo build dist
