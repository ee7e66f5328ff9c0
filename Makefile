# Antiphon: everything a developer types. `make` alone lists the targets.
.DEFAULT_GOAL := help
BIN := .venv/bin
INSTALLED := .venv/.installed
PEERS := .venv-bench/.installed
CHECKED := src tests tools $(wildcard bench examples)
COMPILE := uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --custom-compile-command "make lock"

.PHONY: help install demo serve test test-long check bench rows lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

install: $(INSTALLED) ## all extras that work on this machine and the development tools, into .venv
$(INSTALLED): requirements/all.lock pyproject.toml tools/venv.sh
	sh tools/venv.sh .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/all.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(INSTALLED) ## hold the example call, show its facts and the delivered action
	$(BIN)/python examples/demo.py

serve: $(INSTALLED) ## serve conversations over REST on this machine
	$(BIN)/antiphon serve

test: $(INSTALLED) ## every test but the long ones, with the branches they cover
	@rm -rf build/coverage && mkdir -p build/coverage
	@$(BIN)/coverage run -m pytest --numprocesses 4 --dist loadfile; status=$$?; \
	$(BIN)/coverage combine --quiet && $(BIN)/coverage report > build/coverage/report.txt; \
	echo "branches and lines covered: $$($(BIN)/coverage report --format=total) % (build/coverage/report.txt)"; \
	exit $$status

test-long: $(INSTALLED) ## the tests that take many minutes
	$(BIN)/pytest -m long --timeout 3600

check: $(INSTALLED) ## format, lint, types, layers and the unit tests
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/mypy $(CHECKED)
	$(BIN)/lint-imports
	$(BIN)/pytest tests/unit tests/architecture

bench: $(INSTALLED) ## measure against limits and peers of the same run
	@$(MAKE) --no-print-directory $(PEERS) || echo "peers are not installed: what compares with them says so" >&2
	@set -e; for bench in $$(grep -l __main__ bench/*.py); do \
		name=$$(basename "$$bench" .py); echo "== $$name"; $(BIN)/python -m "bench.$$name"; \
	done

$(PEERS): requirements/bench.lock tools/venv.sh
	sh tools/venv.sh $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.lock
	@touch $@

rows: $(INSTALLED) ## requirement rows proven, by which tests, and those not yet
	@$(BIN)/python tools/rows.py

lock: ## write requirements/*.lock anew (needs uv)
	$(COMPILE) --extra embedded --extra gpu --extra plot --extra microphone --extra dev --output-file requirements/all.lock
	$(COMPILE) --extra embedded --constraint requirements/all.lock --output-file requirements/runtime.lock
	$(COMPILE) --extra embedded --extra bench --output-file requirements/bench.lock

clean: ## remove what can be made again; keeps .venv
	rm -rf build .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
