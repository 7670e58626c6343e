# Everything runs in .venv, which these targets make; nothing else need be prepared but Python 3.11+.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: demo test lint bench neo4j docs requirements clean

demo: $(READY)  ## make a sample insurer, load it, answer the three questions, draw a picture
	$(BIN)/graphcrm demo demo

test: $(READY)  ## all tests, in as many processes as there are processors, but at most four
	$(BIN)/python -m pytest -n logical --maxprocesses 4

lint: $(READY)  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY)  ## measure loading, questions and search at 100,000 and 1,000,000 customers
	$(BIN)/python benchmarks/load.py

neo4j: $(READY)  ## run a Neo4j server of your own until Ctrl-C
	$(BIN)/python -m tests.servers.neo4j

docs: $(READY)  ## make docs/model.md from the vocabulary
	$(BIN)/python -m graphcrm.model > docs/model.md

$(READY): pyproject.toml requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "GraphCRM needs Python 3.11 or newer; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	@echo "Setting up $(VENV) (once; a few hundred megabytes of packages) ..."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $(READY)

requirements: pyproject.toml  ## pin all packages anew, with hashes
	$(PYTHON) -m venv $(VENV)-pin
	$(VENV)-pin/bin/python -m pip install --quiet pip-tools
	$(VENV)-pin/bin/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras \
	    --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header \
	    --extra test --extra lint --output-file requirements.txt pyproject.toml build-requirements.in
	rm -rf $(VENV)-pin

clean:
	rm -rf $(VENV) demo dist
