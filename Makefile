# On a fresh machine:  make demo   (train on the bundled digits)
#                      make check  (lint, types and the quick tests)
#                      make test   (all checks)
# Another Python:      make demo PYTHON=python3.12

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --disable-pip-version-check --constraint constraints.txt --editable

.DELETE_ON_ERROR:
.PHONY: demo check lint test clean quick-tests all-tests

demo: $(VENV)/.installed
	$(BIN)/zerosum train digits --out runs/demo

# Tests run side by side, a process for each core, so each has one thread: more would wait for each other.
# The longest files come first (tests/conftest.py). Each command that a test starts finds compiled modules.
PYTEST := OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE= $(BIN)/pytest --numprocesses logical \
  --maxprocesses 8 --dist loadfile --no-loadscope-reorder

# The rooms from which the others are built; few of their tests train anything.
QUICK := $(addprefix tests/,adversarial recipe data tasks tools)

# mypy takes one core for most of a minute at first: the tests begin beside it.
check: $(VENV)/.installed-test
	@$(MAKE) --no-print-directory --jobs 2 lint quick-tests

test: $(VENV)/.installed-test
	@$(MAKE) --no-print-directory --jobs 2 lint all-tests

quick-tests: $(VENV)/.installed-test
	$(PYTEST) $(QUICK)

all-tests: $(VENV)/.installed-test
	$(PYTEST)

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Removes the environment and the tools' caches; runs/ stays.
clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis

# The stamps make a second `make` start at once; a change of the two files installs anew.
$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/.made
	@echo "Installing zerosum into $(VENV); the first time this downloads PyTorch and takes minutes."
	$(INSTALL) .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(INSTALL) '.[test]'
	@touch $@

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "zerosum needs Python 3.11 or newer, and \"$(PYTHON)\" is not that: $$($(PYTHON) --version 2>&1)"; \
	  echo "Install one, then name it: make $(MAKECMDGOALS) PYTHON=python3.12"; \
	  exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
	  echo "\"$(PYTHON) -m venv\" failed: on Debian and Ubuntu it needs the package python3-venv."; \
	  exit 1; }
	@touch $@
