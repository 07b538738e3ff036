# All of it works on a fresh Debian, Ubuntu or macOS machine: tools/setup fetches what is missing.
# PYTHON=python3.12 make setup chooses the interpreter.
bin := .venv/bin
# A file of tests stays on one core: what its module sets up is set up once. Files begin in the order of tests/conftest.py.
parallel := -n auto --dist loadfile --no-loadscope-reorder
.DEFAULT_GOAL := help

.PHONY: help
help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: setup
setup:  ## the environment in .venv, with pinned packages; at once done if nothing changed
	@tools/setup

.PHONY: serve
serve: setup  ## set up, then serve the pages and the API
	$(bin)/carveout serve

.PHONY: test
test: setup  ## set up, then run all tests
	$(bin)/pytest $(parallel)

.PHONY: lint
lint: setup  ## the static checks: format, style, types, direction of imports
	$(bin)/ruff format --check .
	$(bin)/ruff check .
	$(bin)/mypy -p carveout.engine -p carveout.api
	$(bin)/mypy tests
	$(bin)/lint-imports --no-logo

.PHONY: check
check: lint test  ## everything before a commit: static checks, tests, health of the rules
	$(bin)/carveout rules check --cases tests/outcomes

.PHONY: format
format: setup  ## format the code and mend what can be mended without thought
	$(bin)/ruff format .
	$(bin)/ruff check --fix .

.PHONY: wheel
wheel: setup  ## build the wheel into dist/
	tools/wheel

.PHONY: test-wheel
# From another folder, so that nothing of the tree can be imported by accident.
test-wheel: setup  ## the tests once more, against the built wheel in .venv-wheel
	@tools/setup wheel
	cd .venv-wheel && CARVEOUT_INSTALLED=1 bin/pytest $(parallel) -m "not meaning" --config-file=../pyproject.toml --rootdir=.. ../tests

.PHONY: bench
bench:  ## measure decisions against the peers (.venv-bench)
	@tools/setup bench
	.venv-bench/bin/python benchmarks/run.py
	.venv-bench/bin/python benchmarks/serving.py --write

.PHONY: bench-names
bench-names:  ## measure the matching of names against the peers (.venv-names), on CARVEOUT_REALDATA
	@test -x .venv-names/bin/nomenklatura || { python3 -m venv .venv-names && .venv-names/bin/pip install -q -e '.[bench-names]'; }
	.venv-names/bin/python benchmarks/names/run.py

.PHONY: soak
soak: setup  ## for long: the laws with ten times as many transactions, the store and the server killed 200 times each, the law swapped 20 times
	CARVEOUT_SOAK=10 $(bin)/pytest tests/laws tests/records/test_killed.py tests/api/test_killed.py tests/api/test_changes.py

.PHONY: lock
lock:  ## write the lock files anew after a change of dependencies (UPGRADE=1: newest of everything)
	tools/lock $(if $(UPGRADE),--upgrade)

.PHONY: clean
clean:  ## remove everything that is not source
	rm -rf .venv .venv-wheel .venv-bench .types .setup.lock build dist *.egg-info
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
