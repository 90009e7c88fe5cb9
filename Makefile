# Two commands matter: `make demo` and `make test`. Python 3.11 or newer with venv, and make, are all they need.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install --require-hashes
DEMO_HOME ?= var/demo

.PHONY: demo test faults check bench services lock clean

demo: $(VENV)/.base
	@TRACKER_HOME=$(DEMO_HOME) DEBUG=on BASE_URL=http://127.0.0.1:$(PORT) $(BIN)/python manage.py up --demo --port $(PORT)

test: $(VENV)/.dev
	@$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

# Every fault at full length, one after the other, with real PostgreSQL, Redis and SMTP servers.
faults: $(VENV)/.dev
	@$(BIN)/python -m pytest -m "faults_long or not faults_long" --durations 0 tests/faults $(ARGS)

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy pilots tracker tests benchmarks manage.py
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/python manage.py makemigrations --check --dry-run
	@SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))') BASE_URL=https://pilots.example.org \
	  ALLOWED_HOSTS=pilots.example.org EMAIL_URL=smtp+tls://user:password@mail.example.org:587 \
	  DATABASE_URL=postgres://tracker@127.0.0.1/tracker REDIS_URL=redis://127.0.0.1/0 DEBUG=off \
	  $(BIN)/python manage.py check --deploy --fail-level WARNING

bench: $(VENV)/.dev
	@for script in benchmarks/[a-z]*.py; do echo "== $$script"; PYTHONPATH=. $(BIN)/python $$script || exit 1; done

# Chromium, PostgreSQL and Redis for the full suite, on Debian; elsewhere it says what to install.
services: $(VENV)/.browser
	@.ci/services

lock:
	@for set in base dev browser; do uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header requirements/$$set.in -o requirements/$$set.txt || exit 1; done

clean:
	rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed: $(PYTHON) was not found."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; $$($(PYTHON) --version) was found."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing (on Debian: apt-get install python3-venv)."; exit 1; }
	@echo "Setting up $(VENV) (about a minute the first time)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.base: requirements/base.txt | $(BIN)/python
	@$(PIP) -r $<
	@touch $@

$(VENV)/.dev: requirements/dev.txt | $(BIN)/python
	@$(PIP) -r $<
	@touch $@

$(VENV)/.browser: requirements/browser.txt $(VENV)/.dev
	@$(PIP) -r $<
	@touch $@
