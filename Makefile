# Antiphon: everything a developer types. `make` alone lists the targets.
.DEFAULT_GOAL := help
PYTHON ?= python3.11
BIN := .venv/bin
INSTALLED := .venv/.installed

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

install: $(INSTALLED) ## all extras that work on this machine and the development tools, into .venv
$(INSTALLED): requirements/all.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes -r requirements/all.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
