# Two commands do everything on a fresh machine, set-up included: make demo, make test.
.PHONY: demo test check bench images image test-image setup wheel clean

PY := .venv/bin/python

setup:
	@./tools/setup.sh

demo: setup            ## the main job: every module in Chrome, Firefox and WebKit at once
	@$(PY) cases/demo.py

test: setup            ## the whole test suite, real browsers included
	@$(PY) -m pytest -n 2 --dist worksteal

check: setup           ## what a reviewer's tools say
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports
	@.venv/bin/cfn-lint buildspecs/*.yaml

bench: setup           ## side by side with its peers and its goals, some twelve minutes; writes bench/RESULTS.md
	@$(PY) -m bench

image:                 ## the container image "uitest", for CodeBuild, Lambda and everywhere else
	@./tools/engine.sh ./tools/image.sh

test-image: setup      ## builds the image and tests it, under Lambda's limits too
	@./tools/engine.sh $(PY) -m pytest tests/containers

images: setup          ## the pictures of the documentation, from real runs
	@$(PY) docs/images/make.py

wheel: setup
	@$(PY) -m pip wheel -q --no-deps -w dist .

clean:
	rm -rf .venv .bench .uitest build dist *.egg-info
