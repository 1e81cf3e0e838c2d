# Commands for people and CI; each does the set-up that it needs. `make help` lists them.

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# What checks the page's scripts; only where npm is.
NODE := $(if $(shell command -v npm),node_modules/.package-lock.json)
PYTHON ?= python3
# Not from the environment's HOST and PORT, which shells and compilers set for themselves.
HOST := $(or $(LENET_HOST),127.0.0.1)
PORT := $(or $(LENET_PORT),8000)
SECONDS ?= 3600
# As the image has it: this build needs no NVIDIA packages, whose versions follow torch's.
TORCH_VERSION := $(shell sed -n 's/^ARG TORCH_VERSION=//p' Dockerfile)
TORCH_INDEX ?= $(shell sed -n 's/^ARG TORCH_INDEX=//p' Dockerfile)
LOCK = PIP_EXTRA_INDEX_URL=$(TORCH_INDEX) CUSTOM_COMPILE_COMMAND='make lock' $(BIN)/python -m piptools compile --quiet \
	--generate-hashes --strip-extras --no-emit-index-url --no-emit-find-links --no-annotate --build-deps-for wheel \
	--constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help setup serve test test-ray check check-kubernetes train bench fuzz lock clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

setup: $(INSTALLED) ## make .venv with everything that the other commands need; they call it themselves

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed; name one with PYTHON=..." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test]'
	@touch $@

serve: $(INSTALLED) ## run the service on http://127.0.0.1:8000 (HOST= and PORT= change that)
	@LENET_HOST=$(HOST) LENET_PORT=$(PORT) exec $(BIN)/python -m app

test: $(INSTALLED) ## run all tests, including the notebook's whole fit
	$(BIN)/python -m pytest

test-ray: $(INSTALLED) ## test scoring and serving on a Ray cluster of two nodes, one of which dies (needs 4 GB of memory)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test,ray]'
	$(BIN)/python -m pytest tests/e2e/ray_bulk.py
	RAY_SERVE_ENABLE_HA_PROXY=1 RAY_SERVE_THROUGHPUT_OPTIMIZED=1 $(BIN)/python -m pytest -W ignore tests/e2e/ray_serve.py

node_modules/.package-lock.json: package.json package-lock.json
	npm ci --silent --no-audit --no-fund
	@touch $@

check: $(INSTALLED) $(NODE) ## check lint, format and types, and the Kubernetes manifests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@if [ -n "$(NODE)" ]; then npm run --silent check; else echo "skipped: the page's scripts (no npm)"; fi
	@if command -v kubectl >/dev/null; then $(MAKE) --silent check-kubernetes; else echo "skipped: the Kubernetes manifests (no kubectl)"; fi

# It warns of the ServiceMonitor, which is the Prometheus operator's; tests/deploy/test_kubernetes.py has its shape.
check-kubernetes: $(INSTALLED)
	mkdir -p build/kubernetes
	for overlay in small production; do \
		kubectl kustomize deploy/kubernetes/overlays/$$overlay --output build/kubernetes/$$overlay.yaml || exit; done
	$(BIN)/kubernetes-validate --strict --quiet build/kubernetes/small.yaml build/kubernetes/production.yaml

train: $(INSTALLED) ## fit the recipe `notebook` and export it to artifacts/
	$(BIN)/python -m training fit

bench: $(INSTALLED) ## measure: prints tables and a JSON line each (about half an hour; serving needs wrk)
	$(BIN)/python -m benchmarks.serving
	$(BIN)/python -m benchmarks.footprint
	$(BIN)/python -m benchmarks.engines
	$(BIN)/python -m benchmarks.microbenchmarks
	$(BIN)/python -m benchmarks.input_pipeline
	$(BIN)/python -m benchmarks.mnist_variants
	$(BIN)/python -m benchmarks.reading
	$(BIN)/python -m benchmarks.ood_detection
	$(BIN)/python -m benchmarks.fit_speed

fuzz: $(INSTALLED) ## look for pictures and forms that do harm, an hour for each target (SECONDS= changes that)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[fuzz]'
	for target in intake picture fast_png multipart; do $(BIN)/python -m tests.fuzz $$target --seconds $(SECONDS) || exit; done

lock: $(INSTALLED) ## write requirements.lock and requirements-torch.lock, what the images install
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[lock]'
	$(LOCK) --extra heic --allow-unsafe --output-file requirements.lock pyproject.toml
	$(LOCK) --extra heic --extra torch --unsafe-package torch --upgrade-package torch==$(TORCH_VERSION) \
		--output-file requirements-torch.lock pyproject.toml

clean: ## remove .venv and caches; keep data/, artifacts/, reports/ and exports/
	rm -rf $(VENV) node_modules *.egg-info build dist .fuzz .hypothesis .mypy_cache .pytest_cache .ruff_cache
