# MiniGram's commands. `make` alone lists them.

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help run test test-sqlite test-postgres test-stages check format lock bench lab screenshots clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The stamps depend on the lock files: nothing is installed twice, and a new lock is followed.
$(VENV)/run.stamp: requirements/run.txt
	@infra/bin/make-venv $(PYTHON) $(VENV) requirements/run.txt
	@touch $@

$(VENV)/develop.stamp: requirements/develop.txt
	@infra/bin/make-venv $(PYTHON) $(VENV) requirements/develop.txt
	@touch $(VENV)/run.stamp $@

run: $(VENV)/run.stamp ## the site with demo photos at http://127.0.0.1:8000 (PORT=9000 picks another)
	@PORT=$(PORT) infra/bin/run-local $(BIN)

test: test-sqlite test-postgres test-stages ## everything the tests need, then the suite on both databases, then all stages

test-sqlite: $(VENV)/develop.stamp ## the suite on SQLite, browser tests included
	@infra/bin/install-packages
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not stage" $(ARGS)

test-postgres: $(VENV)/develop.stamp ## the suite on a PostgreSQL that it starts itself
	@infra/bin/install-packages
	infra/bin/with-postgres $(BIN)/python -m pytest -n 2 --dist loadgroup -m "not browser and not stage" $(ARGS)

# One after the other: a stage is up to a dozen servers, and some tests measure times.
test-stages: $(VENV)/develop.stamp ## Stages 1 to 5 from real servers, with their faults
	@infra/bin/install-packages
	$(BIN)/python -m pytest -m stage $(ARGS)

# Settings refuse to start without a secret; commands that only look at the code get a throwaway.
THROWAWAY = SECRET_KEY=$$($(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(64))')

check: $(VENV)/develop.stamp ## lint, format, types, imports, migrations, deployment
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(THROWAWAY) $(BIN)/mypy
	$(BIN)/lint-imports
	$(THROWAWAY) $(BIN)/python manage.py makemigrations --check --dry-run
	$(THROWAWAY) SITE_URL=https://photos.example.org $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(THROWAWAY) $(BIN)/python manage.py spectacular --validate --fail-on-warn --file /dev/null
	@infra/bin/check-locks

format: $(VENV)/develop.stamp ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/develop.stamp ## make the lock files anew from pyproject.toml
	infra/bin/make-locks $(BIN)/uv

bench: $(VENV)/develop.stamp ## CPU time per request of the main calls (ARGS="--photos 2000" for less)
	$(THROWAWAY) $(BIN)/python manage.py lab bench $(ARGS)

lab: $(VENV)/develop.stamp ## measure every stage (100 minutes), compare, write docs/performance.md
	@infra/bin/install-packages wrk
	@$(THROWAWAY) $(BIN)/python manage.py lab collect --all --dry-run $(ARGS)
	@$(THROWAWAY) $(BIN)/python manage.py lab collect --all $(ARGS); measured=$$?; \
	$(THROWAWAY) $(BIN)/python manage.py lab compare; \
	$(THROWAWAY) $(BIN)/python manage.py lab export --prune && exit $$measured

screenshots: $(VENV)/develop.stamp ## pictures for the README, from a site that `make run` runs
	$(BIN)/python -m tests.browser.screenshots --url http://127.0.0.1:$(PORT) $(ARGS)

clean: ## remove what was installed and cached (the data folder stays)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
