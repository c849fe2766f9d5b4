# The commands of this project. `make` alone lists them.
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
# Settings may be given on the line (make run PORT=4000 HOST=0.0.0.0 DATA_DIR=/data), in the
# environment, or in .env; make passes the first two on.

.PHONY: help run dev build migrate migration test thorough image extending fuzz audit lint bench lock clean environment environment-test

help: ## List the commands
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

run: environment ## Install what is missing, build, start the database, migrate and serve
	@exec $(PYTHON) -m blossomer.launcher run --with-parent

dev: environment ## Serve and reload on change
	@exec $(PYTHON) -m blossomer.launcher dev --with-parent

build: environment ## Build the pages and end
	@exec $(PYTHON) -m blossomer.launcher build

migrate: environment ## Run the migrations of DATABASE_URL and end (a step of a release)
	@exec $(PYTHON) -m blossomer.launcher migrate

migration: environment-test ## Write the migration for changed tables (MESSAGE="what it does")
	@exec $(PYTHON) -m blossomer.launcher migration "$(MESSAGE)"

test: environment-test ## Lint, types, and all tests, the browser's included
	@exec $(PYTHON) tests/run.py

thorough: environment-test ## The same with every case, which takes half an hour
	@THOROUGH=1 exec $(PYTHON) tests/run.py

extending: environment-test ## Follow docs/extending.md in a copy, in a browser too
	@THOROUGH=1 EXTENDING_IN_BROWSER=1 exec $(PYTHON) tests/run.py tests/extending

image: environment-test ## Follow the Dockerfile without a container engine, and serve from what comes of it
	@THOROUGH=1 BUILD_IMAGE=1 exec $(PYTHON) tests/run.py tests/deployment

audit: environment-test ## Look the pinned packages up among known vulnerabilities
	@exec $(PYTHON) -m tests.audit

fuzz: environment-test ## Send the API all that its document allows, and what it does not
	@exec $(PYTHON) -m tests.rest.fuzzing

lint: environment-test ## Format, rules, types and imports
	@exec $(PYTHON) tests/run.py --lint

bench: environment-test ## Measure every performance goal
	@exec $(PYTHON) -m benchmarks

lock: environment-test ## Resolve the dependencies of pyproject.toml anew
	@$(COMPILE) --group environment -o requirements.lock
	@$(COMPILE) --group environment --group dev -c requirements.lock -o requirements-dev.lock

COMPILE = .venv/bin/uv pip compile pyproject.toml --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --quiet \
	--custom-compile-command "make lock"

clean: ## Remove what was built and installed; the data in .blossomer/ stays
	@rm -rf .venv .web .states .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

environment:
	@$(call with_python,run)

environment-test:
	@$(call with_python,test)

# The newest Python that works; a name on the path may be a shim without a Python behind it.
define with_python
for python in python3.13 python3.12 python3.11 python3; do \
  if $$python -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
    exec $$python blossomer/launcher/environment.py $(1); \
  fi; \
done; \
echo "Python 3.11 or newer with its venv module is needed (on Debian: apt-get install python3-venv)." >&2; \
exit 1
endef
