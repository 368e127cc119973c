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
	UV_PROJECT_ENVIRONMENT=$(VENV) $(UV) sync --frozen --quiet --inexact --extra web
	@touch $@

# PySpark is large, so that only the tests bring it; without Java they skip what needs it.
$(VENV)/.spark: $(VENV)/.ready
	UV_PROJECT_ENVIRONMENT=$(VENV) $(UV) sync --frozen --quiet --inexact --extra web --extra spark
	@touch $@

setup: $(VENV)/.ready  ## install everything into .venv

demo: setup  ## generate a banner, audit and screen it, write the report, and serve it all at http://127.0.0.1:8000
	$(BIN)/khotail demo --run demo
	rm -rf demo/home
	$(BIN)/khotail demo-site demo --no-serve
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname)" = Darwin ]; then \
		(sleep 5; $(BIN)/python -m webbrowser "http://127.0.0.1:8000") & fi; \
	exec $(BIN)/khotail demo-site demo

lint: setup  ## style, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

typecheck: setup  ## types of the core
	$(BIN)/mypy

# Each worker takes a stretch of the tests and, at its end, some of another's: what a module prepares is prepared once.
PARALLEL := -n auto --dist worksteal

test: setup $(VENV)/.spark  ## everything that CI checks; what depends on the database also on PostgreSQL where it is installed
	$(MAKE) -j2 lint typecheck
	$(BIN)/khotail rulebook check
	$(BIN)/pytest $(PARALLEL)
	$(BIN)/python -m tests.postgres $(BIN)/pytest $(PARALLEL) -m "not one_database" tests/record tests/site

bench: setup  ## print the benchmark table
	UV_PROJECT_ENVIRONMENT=$(VENV) $(UV) sync --frozen --quiet --inexact --extra web --group bench
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) demo build dist
