# What a person or CI does to this tree. Everything runs in the environment that ./ancora installs from requirements.lock.
PYTHON := .venv/bin/python
SOURCES := contracts services deploy tests

.PHONY: help install check format lint types imports fast-tests schemas asyncapi lock sbom secrets sabotage faults fuzz soak observability test-containers clean-clone clean

help:  ## say what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

install:  ## install the environment (also done by every ./ancora command)
	@./ancora --help > /dev/null

check: install format lint types imports fast-tests  ## format, lint, types, imports, unit and contract tests: a few minutes

format:
	.venv/bin/ruff format --check $(SOURCES)

lint:
	.venv/bin/ruff check $(SOURCES)
	.venv/bin/bandit --quiet --recursive -ll -ii contracts services deploy

types:
	.venv/bin/mypy

imports:
	.venv/bin/lint-imports

fast-tests:
	$(PYTHON) -m pytest -q --numprocesses=2 --dist=loadgroup tests/unit tests/contracts tests/sabotage

schemas: install  ## publish new versions of events into contracts/schemas/; refused, in words, where a published one would change
	$(PYTHON) -m tests.contracts.generate

asyncapi: install  ## validate the AsyncAPI document with the AsyncAPI project's own parser (needs npm)
	$(PYTHON) -m tests.asyncapi.parser

lock:  ## resolve the dependencies anew into requirements.lock (uv.lock stays on the machine)
	uv lock --upgrade
	uv export --frozen --all-groups --no-emit-project --no-header --no-annotate --format requirements-txt -o requirements.lock > /dev/null
	uv export --frozen --no-default-groups --no-emit-project --no-header --no-annotate --format requirements-txt -o deploy/requirements.lock > /dev/null
	@./ancora --help > /dev/null
	$(PYTHON) -m tests.sbom.generate

sbom: install  ## list what the images hold of others in deploy/sbom.cdx.json (CycloneDX), from the lock
	$(PYTHON) -m tests.sbom.generate

secrets: install  ## look for secrets in every commit with gitleaks, built from source (needs Go 1.24)
	$(PYTHON) -m tests.secrets.run

sabotage: install  ## break each promise on purpose in a copy; passes only if the test named in the patch fails
	$(PYTHON) -m tests.sabotage.run

SEEDS ?= 10
FROM ?= 0
MINUTES ?= 60
CASES ?= 10000

faults: install  ## kill, freeze, cut and delay by SEEDS=10 seeds FROM=0; stops at the first finding; writes build/faults.json
	$(PYTHON) -m tests.faults.run --seeds $(SEEDS) --from $(FROM)

fuzz: install  ## CASES=10000 requests to the services that nobody would write, by strangers to what is recorded, then by colleagues
	$(PYTHON) -m tests.fuzzing.run $(CASES)

soak: install  ## persons are served for MINUTES=60 while faults come at random; memory and findings in build/soak.json
	$(PYTHON) -m tests.faults.soak --minutes $(MINUTES)

observability:  ## check alarms and scraping with promtool (in Debian's package prometheus), and try each alarm
	promtool check config deploy/observability/prometheus.yml
	promtool test rules deploy/observability/alerts_test.yml

test-containers: install  ## as root on Debian: the runtime suites and a journey on containers, then composed of our images
	$(PYTHON) -m tests.containers.run

clean-clone: install  ## clone afresh with empty caches, `./ancora up`, look at the page; writes build/clean-clone.json
	$(PYTHON) -m tests.journeys.clean_clone

clean:  ## remove what was built (the data of `./ancora up` stays)
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
