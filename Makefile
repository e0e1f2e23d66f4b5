# Two commands do everything on a fresh machine, set-up included: make demo, make test.
.PHONY: demo demo-aws test test-all coverage fuzz check compat bench bench-fanout images image test-image setup wheel release clean

PY := .venv/bin/python

# Container images like to set it; then each of the thousand processes that tests start would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

setup:
	@./tools/setup.sh

demo: setup            ## the main job: every module in Chrome, Firefox and WebKit at once
	@$(PY) cases/demo.py

demo-aws: setup        ## the same with DynamoDB, S3 and Lambda, all on this machine; STAY=1 leaves it running
	@$(PY) cases/demo_aws.py

test: setup            ## the tests but for those marked slow, real browsers included
	@$(PY) -m pytest -n 2 --dist worksteal -m "not slow"

test-all: setup        ## the whole test suite
	@$(PY) -m pytest -n 2 --dist worksteal

TESTS := tests
coverage: setup        ## lines and branches that tests reach, in every process they start: make coverage TESTS=tests/plugin
	@$(PY) -m coverage erase
	@$(PY) -m coverage run -m pytest -n 2 --dist worksteal $(TESTS)
	@$(PY) -m coverage combine --quiet
	@$(PY) -m coverage report

MINUTES := 30
ENGINE := chrome
fuzz: setup            ## compares our sides with plain Selenium over random programs: make fuzz MINUTES=30 ENGINE=chrome
	@$(PY) -m tests.fuzz --minutes $(MINUTES) --browser $(ENGINE)

check: setup           ## what a reviewer's tools say
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports
	@.venv/bin/cfn-lint buildspecs/*.yaml
	@$(MAKE) --no-print-directory .checkov/bin/checkov
	@LOG_LEVEL=ERROR .checkov/bin/checkov --config-file .checkov.yaml

# An environment of its own: checkov pins old versions of packages that we need newer.
CHECKOV := 3.3.30
.checkov/bin/checkov: Makefile
	@python3 -m venv .checkov
	@.checkov/bin/pip install -q --disable-pip-version-check checkov==$(CHECKOV) 2>.checkov/pip.log || { cat .checkov/pip.log >&2; exit 3; }
	@touch $@

compat: setup          ## the contract tests with lowest, newest and prerelease dependencies, on every Python here
	@$(PY) tools/compat.py $(ARGS)

bench: setup           ## side by side with its peers and its goals, some twenty-five minutes; writes bench/RESULTS.md
	@$(PY) -m bench

bench-fanout: setup    ## of that only thousands of jobs in Lambda, some two minutes
	@$(PY) -m bench fanout

image: setup           ## the container image "uitest", for CodeBuild, Lambda and everywhere else
	@./tools/engine.sh ./tools/image.sh

test-image: setup      ## builds the image and tests it, under Lambda's limits too
	@./tools/engine.sh $(PY) -m pytest tests/containers

images: setup          ## the pictures of the documentation, from real runs
	@$(PY) docs/images/make.py

wheel: setup
	@$(PY) -m pip wheel -q --no-deps -w dist .

release: setup         ## builds in dist/ what would be published of HEAD, and checks it; uploads nothing
	@$(PY) tools/release.py

clean:
	rm -rf .venv .checkov .bench .compat .coverage .uitest build dist *.egg-info
