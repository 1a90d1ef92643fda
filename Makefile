# make help lists the verbs. Everything is set up in .venv/ and var/; nothing outside this directory is touched.

.DEFAULT_GOAL := help
.PHONY: browser help demo run test check fix bench lock clean
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

SHELL := /bin/sh
VENV := .venv
PY := $(VENV)/bin/python
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
PIP_INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes
PIP_COMPILE := $(PY) -m piptools compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header --no-annotate \
	--no-emit-options --no-emit-index-url --no-emit-find-links --no-emit-trusted-host
SOURCES := manage.py settings registry reminders hotline api web tests $(wildcard bench continuity)

# How many processes test at once: on two cores one more, since some tests wait for others' processes.
JOBS ?= 3
# Further words for pytest, such as ARGS="-k window".
ARGS ?=
# make demo SERVE=0 ends after the job, without the site.
SERVE ?= 1

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

demo: $(RUNTIME) ## set up, do the main job on a fictional register, then the site on 127.0.0.1:8000 (SERVE=0: no site)
	@SERVE=$(SERVE) DJANGO_SETTINGS_MODULE=settings.demo $(PY) manage.py demo

run: $(RUNTIME) ## the site on 127.0.0.1:8000 and the workers, until Ctrl-C
	@$(PY) manage.py migrate --no-input --verbosity 0
	@$(PY) manage.py schedule_ticks
	@$(PY) -m settings.site_and_workers

# Two processes and their children run the same modules: what one has compiled, the others read.
test: export PYTHONDONTWRITEBYTECODE :=
test: $(DEV) browser ## set up, then all tests with their coverage (JOBS=3, ARGS="…")
	@$(PY) -m pytest -p tests.measuring -n $(JOBS) --dist worksteal $(ARGS)

# The browser tests need Chromium; without it they are skipped, and the end of the run says that they were not run.
browser:
	@command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null || command -v chromium-browser >/dev/null || { \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "Installing Chromium for the browser tests"; \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium-headless-shell >/dev/null; \
		fi; \
	} || echo "Chromium could not be installed: the browser tests will be reported as not run."

check: $(DEV) ## lint, types, imports, migrations, documents; changes nothing
	@$(PY) -m ruff check $(SOURCES)
	@$(PY) -m ruff format --check $(SOURCES)
	@$(PY) -m mypy
	@$(VENV)/bin/lint-imports --no-cache
	@DJANGO_SETTINGS_MODULE=settings.test $(PY) manage.py makemigrations --check --dry-run
	@DJANGO_SETTINGS_MODULE=settings.test $(PY) manage.py check --fail-level WARNING
	@DJANGO_SETTINGS_MODULE=settings.test $(PY) manage.py document_states --check

fix: $(DEV) ## put right what lint can, format, write the generated documents
	@$(PY) -m ruff check --fix $(SOURCES)
	@$(PY) -m ruff format $(SOURCES)
	@DJANGO_SETTINGS_MODULE=settings.test $(PY) manage.py document_states

bench: $(DEV) ## the benchmarks, each beside its limit
	@$(PY) -m bench

lock: $(DEV) ## write requirements*.txt from pyproject.toml (UPGRADE=1: newest allowed)
	@$(PIP_COMPILE) $(if $(UPGRADE),--upgrade) --output-file requirements.txt pyproject.toml
	@$(PIP_COMPILE) $(if $(UPGRADE),--upgrade) --extra dev --constraint requirements.txt --output-file requirements-dev.txt pyproject.toml

clean: ## remove the virtual environment and caches (var/, with its databases, stays)
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

# --- set-up: each stamp is written last, so an interrupted step is done again ------------------------------------------

$(VENV)/.made:
	@python=; for candidate in python3.11 python3 python3.12 python3.13 python3.14 python; do \
		if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
		echo "Python 3.11 or later is needed, and neither python3.11 nor python3 is one. Install it (Debian: apt-get install python3 python3-venv) and run make again." >&2; \
		exit 1; \
	fi; \
	echo "Making $(VENV) with $$($$python --version)"; \
	$$python -m venv --clear $(VENV) || { \
		echo "The virtual environment could not be made. On Debian: apt-get install python3-venv; else look whether this directory may be written." >&2; \
		exit 1; \
	}
	@touch $@

$(RUNTIME): requirements.txt $(VENV)/.made
	@echo "Installing what the project needs (requirements.txt)"
	@$(PIP_INSTALL) -r requirements.txt || { \
		echo "The packages could not be installed: is a Python package index reachable? Run make again." >&2; exit 1; }
	@touch $@

$(DEV): requirements-dev.txt $(VENV)/.made
	@echo "Installing what the project and its tests need (requirements-dev.txt)"
	@$(PIP_INSTALL) -r requirements-dev.txt || { \
		echo "The packages could not be installed: is a Python package index reachable? Run make again." >&2; exit 1; }
	@touch $(RUNTIME) $@
