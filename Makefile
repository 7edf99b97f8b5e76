# `make book` does everything from a fresh clone; it needs Python 3.11, 3.12 or 3.13 and make. `make help` lists the rest.
#
# Variables:
#   PYTHON   the Python to use; default: python3, else python3.13, python3.12, python3.11
#   WHEELS   where torch comes from: the URL of a package index or a folder of wheels; default: pip's own index.
#            On Linux that one gives a CUDA build of 3 GB. A CPU is enough here, so there better:
#            make setup WHEELS=https://download.pytorch.org/whl/cpu

.DEFAULT_GOAL := help
.PHONY: help setup extras book pdf test test-all grid audit bench lint lock clean

# The environment is kept as long as its stamp bears the checksums of what it was made from.
FIND_PYTHON := import sys, ensurepip; v = sys.version_info[:2]; (3, 11) <= v < (3, 14) or sys.exit(1); \
	print(sys.base_prefix + "/bin/python%d.%d" % v)
BASE := $(shell for p in $(if $(PYTHON),"$(PYTHON)",.venv/bin/python python3 python3.13 python3.12 python3.11); do \
	"$$p" -c '$(FIND_PYTHON)' 2>/dev/null && break; done)
PLACE := $(shell { pwd; echo "$(BASE)"; } | cksum | tr ' ' -)
INPUTS := $(shell cat requirements/lock.txt pyproject.toml | cksum | tr ' ' -)
READY := .venv/.ready.$(PLACE).$(INPUTS)

TORCH := $(shell sed -n 's/.*"\(torch==[^"]*\)".*/\1/p' pyproject.toml)
UV := $(shell sed -n 's/^\(uv==[^ ]*\).*/\1/p' requirements/lock.txt)
# Certificates of the system, for an index behind a proxy of one's own.
UV_INSTALL := .venv/bin/uv pip install --quiet --system-certs --python .venv --no-deps
INDEX := $(if $(WHEELS),$(if $(findstring ://,$(WHEELS)),--index-url "$(WHEELS)",--find-links "$(WHEELS)"))

# Python compiles what it imports, once; compiling every package at installation would take a minute more.
unexport PYTHONDONTWRITEBYTECODE

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

setup: $(READY) ## make the environment .venv, if it is not there yet
	@echo "Environment: $(CURDIR)/.venv"

$(READY):
	@test -n "$(BASE)" || { echo "error: $(or $(PYTHON),python3) is not Python 3.11, 3.12 or 3.13 with the modules" \
		"venv and ensurepip. Install one of them (on Debian and Ubuntu also python3-venv), or name one:" \
		"make setup PYTHON=/path/to/python3.12" >&2; exit 1; }
	@case "$(WHEELS)" in "" | *://*) ;; *) test -d "$(WHEELS)" || \
		{ echo "error: WHEELS=$(WHEELS) is neither a URL nor a folder" >&2; exit 1; };; esac
	@echo "Making .venv with $(BASE). This takes some minutes, once."
	@"$(BASE)" -m venv $(if $(wildcard .venv/.ready.$(PLACE).*),,--clear) .venv
	@echo "1/2 $(TORCH)$(if $(WHEELS), from $(WHEELS)): 200 MB as a CPU build, 3 GB as a CUDA build"
	@.venv/bin/python -m pip install -qq --disable-pip-version-check --no-compile $(TORCH) $(INDEX)
	@.venv/bin/python -m pip install -qq --disable-pip-version-check --no-compile $(UV)
	@echo "2/2 the $$(grep -c '^[a-z]' requirements/lock.txt) packages of requirements/lock.txt, and this project"
	@$(UV_INSTALL) --require-hashes -r requirements/lock.txt || \
		{ echo "uv, which knows none of pip's settings, did not reach an index; pip installs the same."; \
		.venv/bin/python -m pip install -qq --disable-pip-version-check --no-compile --no-deps --require-hashes -r requirements/lock.txt; }
	@$(UV_INSTALL) --no-build-isolation -e .
	@.venv/bin/python -c "import mostlyai.engine, upsampling.cli"
	@rm -f .venv/.ready.*
	@touch $@

extras: setup ## add what one arm and one classifier need: the Synthetic Data SDK and CatBoost, 600 MB
	@$(UV_INSTALL:--no-deps=) --override requirements/overrides.txt --constraints requirements/lock.txt -e '.[sdk,catboost]'

book: setup ## compute what is missing and build the book
	.venv/bin/upsampling book
	@echo "Book: $(CURDIR)/_build/html/index.html"

pdf: book ## print the book into one PDF; needs Chromium
	.venv/bin/upsampling pdf

PYTEST := .venv/bin/python -m pytest -n auto --maxprocesses 4 --dist worksteal

test: setup ## run the tests that take seconds
	$(PYTEST) -m "not site and not slow"

test-all: extras ## run all tests but those of the built pages; takes half an hour
	$(PYTEST)

grid: setup ## compute the cells that are missing, and publish them as tables; takes hours, can be stopped and run again
	.venv/bin/upsampling grid
	.venv/bin/upsampling collect
	@echo "Results: $${UPSAMPLING_RESULTS:-$(CURDIR)/results}"

# Variables: SAMPLE, how many cells; BUDGET, the time they may take; SEED, to draw the same ones again.
audit: setup ## compute some published cells again, drawn at random, and compare; adds to results/audit.csv
	.venv/bin/upsampling audit --sample $(or $(SAMPLE),10) --budget $(or $(BUDGET),10min) \
		$(if $(SEED),--audit-seed $(SEED)) --record

# Variable: ONLY, the parts to measure: ONLY="grid rows".
bench: setup ## measure speed, about an hour in which nothing else should run; writes results/benchmarks.csv
	.venv/bin/python -m tools.bench $(ONLY)

lint: setup ## check style, format and the walls between the wings
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports

lock: setup ## pin the dependencies of pyproject.toml again, then run make setup
	.venv/bin/uv pip compile --quiet pyproject.toml --extra test --universal --python-version 3.11 --generate-hashes \
		--override requirements/overrides.txt --output-file requirements/lock.txt
	@$(MAKE) --no-print-directory environment.yml

# The packages that postBuild installs are those that declare what overrides.txt leaves out: pip's resolver must not see them.
environment.yml: requirements/lock.txt requirements/conda.yml pyproject.toml
	{ cat requirements/conda.yml && echo "      - $(TORCH)" && sed -nE -e '/^(mostlyai-engine|xgboost|xgrammar)==/d' \
		-e 's/^([a-z0-9][^\\]*[^\\ ]) *\\$$/      - \1/p' requirements/lock.txt; } > $@

clean: ## remove the environment and all that was built; results/ stays
	rm -rf .venv _build book/*.ipynb book/_files .pytest_cache .hypothesis .ruff_cache
