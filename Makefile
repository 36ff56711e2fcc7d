# Wenxiao 问效. `make run` and `make test` are the two set-up commands; `make help` lists the rest.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
.DEFAULT_GOAL := help
# Tests start the program hundreds of times; it is compiled once, whatever the shell says.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help
help: ## this list
	@grep -E '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | awk -F ':.*?## ' '{printf "  make %-21s %s\n", $$1, $$2}'

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --constraint constraints.txt
	touch $@

$(VENV)/.tested: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]' --constraint constraints.txt
	touch $@

.PHONY: run
run: $(VENV)/.installed ## build the demonstration city and serve it
	$(BIN)/wenxiao --instance demo demo --port $(PORT)

.PHONY: test
test: $(VENV)/.tested browser ## every test, green on a fresh machine
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

.PHONY: test-postgresql
test-postgresql: $(VENV)/.tested ## records, pipeline and web once more, every catalogue on a real PostgreSQL
	WENXIAO_TEST_DATABASE=postgresql $(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder tests/records tests/pipeline tests/web

.PHONY: test-postgresql-core
test-postgresql-core: $(VENV)/.tested ## the part of that for every change: records, jobs, cycle, sign-in, uploads
	WENXIAO_TEST_DATABASE=postgresql $(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder \
		tests/records tests/pipeline/test_jobs.py tests/pipeline/test_workers.py tests/pipeline/test_cycle.py \
		tests/web/test_sign_in.py tests/web/test_people.py tests/web/test_uploads.py

.PHONY: browser
browser: ## install the system's Chromium for the browser tests, where that is allowed
	@sh bench/install_browser.sh

.PHONY: check
check: $(VENV)/.tested ## lint, format, types, import walls, dangerous calls, translations, generated docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive imports records metrics integrity evaluation reports pipeline web
	$(BIN)/python -m web.translations --check
	$(BIN)/python -m pipeline.documentation --check

.PHONY: audit-packages
audit-packages: ## known weaknesses of the pinned packages, where the index tells of them
	$(PYTHON) -m venv build/audit
	build/audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit==2.10.1
	build/audit/bin/pip-audit --strict --disable-pip --no-deps --requirement constraints.txt

.PHONY: bench
bench: $(VENV)/.tested ## speed as ratios measured in one run
	$(BIN)/python -m bench

.PHONY: bench-large
bench-large: $(VENV)/.tested ## the ratios on ten million generated cases; about ten minutes and 2 GB of disk
	$(BIN)/python -m bench.large

.PHONY: torture
torture: $(VENV)/.tested ## break a small instance in many ways and verify that nothing is lost
	$(BIN)/python -m bench.torture --database sqlite
	$(BIN)/python -m bench.torture --database postgresql
	WENXIAO_TORTURE=500 WENXIAO_KILLS=50 $(BIN)/python -m pytest tests/imports/test_torture.py tests/pipeline/test_importing_torture.py
	WENXIAO_EXAMPLES=40 $(BIN)/python -m pytest tests/pipeline/test_properties.py

.PHONY: load
load: $(VENV)/.tested ## 100 readers and 5 uploads at once on this machine
	$(BIN)/python -m bench.load

.PHONY: cluster-test
cluster-test: $(VENV)/.installed ## count on a real Spark master with two workers, one of them killed; needs Java 17
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[spark]' --constraint constraints.txt
	$(BIN)/python -m bench.cluster

.PHONY: report-pictures
report-pictures: $(VENV)/.tested ## contact sheets of documents in docs/pictures (LibreOffice and poppler)
	$(BIN)/python -m bench.report_pictures

.PHONY: docs
docs: $(VENV)/.installed ## write the generated pages of docs/
	$(BIN)/python -m pipeline.documentation

.PHONY: screenshots
screenshots: $(VENV)/.tested browser ## pictures of ten key pages into docs/pictures
	$(BIN)/python -m tests.browser.screenshots docs/pictures

.PHONY: clean
clean: ## remove the environment and the demonstration city
	rm -rf $(VENV) demo build
