# pixelmill: make help
#
# PYTHON=python3.12 chooses the interpreter; ARGS='-k resize' goes on to pytest.

PYTHON ?= python3
ARGS ?=
KILLS ?= 5000
SECONDS ?= 600
SEED ?= 0
BIN := .venv/bin
PYTEST := -m pytest -q

export PYTHON

.PHONY: help demo test test-slow cluster-test torture lint types bench bench-peers simd lock clean
.NOTPARALLEL:

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/ready-run ## a few hundred photographs through pixelmill; look at demo/ afterwards
	@rm -rf demo
	$(BIN)/pixelmill demo demo

test: .venv/ready-dev ## the tests, but for the slow ones
	$(BIN)/python $(PYTEST) -m "not slow and not cluster" $(ARGS)

test-slow: .venv/ready-dev ## the slow ones: Ray, kills, crashes, storage under faults
	$(BIN)/python $(PYTEST) -m "slow and not cluster" $(ARGS)

cluster-test: .venv/ready-dev ## a cluster on this machine: nodes come, die, freeze, are cut off
	$(BIN)/python $(PYTEST) -m cluster $(ARGS)

torture: export PYTHONPATH := engine:kernels
torture: .venv/ready-dev ## kills jobs 5,000 times, fuzzes each target for ten minutes; KILLS=200 SECONDS=20 for less
	$(BIN)/python tests/faults/torture.py --kills $(KILLS) --seed $(SEED)
	$(BIN)/python tests/fuzz/every.py .fuzz --seconds $(SECONDS)

lint: .venv/ready-dev ## style, formatting, spelling
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/codespell engine kernels tests bench cluster README.md CONTRIBUTING.md CHANGELOG.md

types: .venv/ready-dev ## mypy, strict, on both source roots
	$(BIN)/mypy

bench: .venv/ready-dev ## the benchmarks, with every rival in the same run
	@mkdir -p .benchmarks
	$(BIN)/python $(PYTEST) bench --benchmark-max-time=0.4 --benchmark-json=.benchmarks/kernels.json $(ARGS)
	$(BIN)/python -m bench.kernels.report .benchmarks/kernels.json
	for size in imagenet web camera camera-fine; do $(BIN)/python -m bench.pipeline.compare --size $$size; done
	$(BIN)/python -m bench.pipeline.fidelity
	$(BIN)/python -m bench.pipeline.decoders
	$(BIN)/python -m bench.pipeline.start
	$(BIN)/python -m bench.pipeline.isolate
	$(BIN)/python -m bench.scale.workers
	$(BIN)/python -m bench.scale.ray_data
	$(BIN)/python -m bench.scale.driver
	$(BIN)/python -m bench.scale.growth
	$(BIN)/python -m bench.scale.simulation
	$(BIN)/python -m bench.scale.exchange
	$(BIN)/python -m bench.scale.reshard
	$(BIN)/python -m bench.scale.exchange_memory
	$(BIN)/python -m bench.storage.compare
	$(BIN)/python -m bench.pipeline.report

bench-peers: .venv/ready-dev ## the same jobs by everybody else, each in .venv-peers; ARGS='--sets web --jobs J1' for a part
	$(BIN)/python -m bench.peers $(ARGS)

simd: ## the whole suite on Pillow-SIMD, in .venv-simd
	requirements/simd .venv-simd
	.venv-simd/bin/python $(PYTEST) -m "not cluster" $(ARGS)

lock: .venv/ready-dev ## pin the newest versions, with hashes
	requirements/lock "$$(command -v uv || echo $(BIN)/uv)"

clean: ## remove the environments, the caches and the demo
	rm -rf .venv .venv-simd .venv-peers demo dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks .fuzz
	find engine kernels tests bench -name __pycache__ -prune -exec rm -rf {} +

.venv/ready-%: requirements/%.lock requirements/venv pyproject.toml
	requirements/venv .venv $<
	@touch $@
