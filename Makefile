# MiniGram's commands. `make` alone lists them.

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help install push run quick test test-sqlite test-postgres test-stages test-coverage test-browser \
	coverage check docs words format sbom audit lock bench lab screenshots clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The stamps depend on the lock files: nothing is installed twice, and a new lock is followed.
$(VENV)/run.stamp: requirements/run.txt
	@infra/bin/make-venv $(PYTHON) $(VENV) requirements/run.txt
	@touch $@

$(VENV)/develop.stamp: requirements/develop.txt requirements/push.txt
	@infra/bin/make-venv $(PYTHON) $(VENV) requirements/develop.txt
	@infra/bin/install-push $(VENV)
	@touch $(VENV)/run.stamp $@

run: $(VENV)/run.stamp ## the site with demo photos at http://127.0.0.1:8000 (PORT=9000 picks another)
	@PORT=$(PORT) infra/bin/run-local $(BIN)

push: $(VENV)/run.stamp ## what Web Push needs beside the rest, into .venv
	@infra/bin/install-push $(VENV)

install: $(VENV)/develop.stamp ## the environment for development in .venv, and nothing else

PYTEST := $(BIN)/python -m pytest
SERVERS := postgresql redis-server nginx libnginx-mod-http-lua wrk age gnupg

quick: $(VENV)/develop.stamp ## the tests that need no browser, no PostgreSQL and little time (ARGS="-k like")
	$(PYTEST) -q -n logical --dist loadgroup $(ARGS)

test: $(VENV)/develop.stamp ## all tests: every part runs and is reported, whatever fails
	@rm -rf build/coverage
	@infra/bin/run-parts $(MAKE) test-sqlite test-postgres test-stages test-coverage

# Coverage is measured where most of the code runs: it adds half to the CPU time of tests.
MEASURED = COVERAGE_FILE=build/coverage/all $(PYTEST) --cov --cov-report= --cov-fail-under=0

test-sqlite: $(VENV)/develop.stamp ## the suite on SQLite, browser tests included
	@infra/bin/install-packages $(SERVERS) chromium-headless-shell
	@mkdir -p build/coverage
	$(MEASURED) -n 2 --dist loadgroup -m "not stage" $(ARGS)

test-postgres: $(VENV)/develop.stamp ## what asks a database, on a PostgreSQL that it starts itself
	@infra/bin/install-packages $(SERVERS)
	infra/bin/with-postgres $(PYTEST) -n 2 --dist loadgroup -m "database and not browser and not stage" $(ARGS)

# One after the other: a stage is up to a dozen servers, and some tests measure times.
test-stages: $(VENV)/develop.stamp ## Stages 1 to 5 from real servers, with their faults
	@infra/bin/install-packages $(SERVERS) chromium-headless-shell
	$(PYTEST) -m stage $(ARGS)

test-coverage: $(VENV)/develop.stamp ## coverage of the suite on SQLite, against the floor (none with ARGS)
	@echo "Coverage on SQLite: $$($(BIN)/coverage report --format=total --fail-under=0) %"
	@$(BIN)/coverage report --format=total $(if $(ARGS),--fail-under=0) >/dev/null

test-browser: $(VENV)/develop.stamp ## the tests in a real Chromium, a part of test-sqlite
	@infra/bin/install-packages chromium-headless-shell
	$(PYTEST) -m browser $(ARGS)

coverage: $(VENV)/develop.stamp ## the lines and branches that the last `make test` did not reach
	@$(BIN)/coverage report --show-missing --skip-covered --fail-under=0
	@$(BIN)/coverage html --quiet --fail-under=0
	@echo "With the source beside them: build/coverage/html/index.html"

# Settings refuse to start without a secret; commands that only look at the code get a throwaway.
THROWAWAY = SECRET_KEY=$$($(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(64))')

# Templates, style sheets and scripts. Deno only formats and lints here, and calls nobody.
TEMPLATES = $(shell find templates -name '*.html')
SCRIPTS = $(shell find minigram_site/static templates infra -name '*.js' -not -path '*/vendor/*')
STYLES = $(shell find minigram_site/static -name '*.css' -not -path '*/vendor/*')
DJADE = $(BIN)/djade --target-version 5.2
DENO = DENO_NO_UPDATE_CHECK=1 DENO_DIR=$(VENV)/deno $(BIN)/deno
DENO_FMT = $(DENO) fmt --quiet --no-config --line-width=100
# Beside the rules that Deno recommends.
LINT_RULES = eqeqeq,guard-for-in,no-console,no-eval,no-self-compare,no-throw-literal
DENO_LINT = $(DENO) lint --quiet --no-config --rules-include=$(LINT_RULES)

check: $(VENV)/develop.stamp ## lint, format, types, imports, migrations, deployment, documents
	@infra/bin/install-packages postgresql gettext
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(DJADE) --check $(TEMPLATES)
	$(DENO_FMT) --check $(STYLES) $(SCRIPTS)
	$(DENO_LINT) $(SCRIPTS)
	$(THROWAWAY) $(BIN)/mypy
	$(BIN)/lint-imports
	$(THROWAWAY) $(BIN)/python manage.py makemigrations --check --dry-run
	$(THROWAWAY) $(BIN)/python manage.py words --check --verbosity 0
	$(THROWAWAY) SITE_URL=https://photos.example.org EMAIL_URL=submission://mail.example.org $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(THROWAWAY) DJANGO_SETTINGS_MODULE=minigram_site.settings infra/bin/with-postgres $(BIN)/python -m infra.ops.migration_safety
	@infra/bin/check-locks
	@$(MAKE) --no-print-directory docs

docs: $(VENV)/develop.stamp ## the documents and the API reference as a site in build/docs; a broken link is an error
	@rm -rf build/docs && mkdir -p build
	$(THROWAWAY) $(BIN)/python manage.py spectacular --validate --fail-on-warn --file build/openapi.yaml
	$(BIN)/sphinx-build --quiet --fresh-env --fail-on-warning --keep-going \
		-c docs/site -d build/doctrees . build/docs

words: $(VENV)/develop.stamp ## the texts of the site into the translators' catalogs, and these compiled
	@infra/bin/install-packages gettext
	$(THROWAWAY) $(BIN)/python manage.py words

format: $(VENV)/develop.stamp ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(DJADE) $(TEMPLATES)
	$(DENO_FMT) $(STYLES) $(SCRIPTS)

sbom: $(VENV)/develop.stamp ## what a site installs, with versions and hashes: build/sbom.json (CycloneDX)
	@mkdir -p build
	@$(BIN)/cyclonedx-py requirements requirements/run.txt --pyproject pyproject.toml \
		--output-reproducible --output-file build/sbom.json
	@echo "build/sbom.json"

audit: $(VENV)/develop.stamp ## known vulnerabilities of what a site installs; asks pypi.org
	$(BIN)/pip-audit --disable-pip --require-hashes --strict -r requirements/run.txt

lock: $(VENV)/develop.stamp ## the lock files after a change of pyproject.toml (ARGS=--upgrade for newer versions)
	infra/bin/make-locks $(BIN)/uv $(ARGS)

bench: $(VENV)/develop.stamp ## CPU time per request, of all servers (ARGS="--stage 5 --against REVISION")
	@infra/bin/install-packages $(SERVERS)
	$(THROWAWAY) $(BIN)/python manage.py lab bench $(ARGS)

lab: $(VENV)/develop.stamp ## measure every stage (90 minutes; ARGS="--scale 0.1": 35), compare, write docs/performance.md
	@infra/bin/install-packages $(SERVERS)
	@$(THROWAWAY) $(BIN)/python manage.py lab collect --all --dry-run $(ARGS)
	@$(THROWAWAY) $(BIN)/python manage.py lab collect --all $(ARGS); measured=$$?; \
	$(THROWAWAY) $(BIN)/python manage.py lab compare; \
	$(THROWAWAY) $(BIN)/python manage.py lab export --prune && exit $$measured

screenshots: $(VENV)/develop.stamp ## pictures of every page and state in build/screenshots (ARGS="--only feed --readme")
	@infra/bin/install-packages chromium-headless-shell fonts-noto-color-emoji
	$(BIN)/python -m tests.browser.screenshots $(ARGS)

clean: ## remove what was installed and cached (the data folder stays)
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
