# Three commands do everything on a machine with Python 3.11-3.13 and make:
#   make demo    the demonstration on http://localhost:8501 (make demo PORT=9000)
#   make unit    the tests that need no database, server or browser
#   make test    environment, checks, every test, the browser's included

PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$python && break; done)
PORT ?= 8501
BIN := .venv/bin
# One for each of two cores: a browser is a core of work by itself.
WORKERS ?= 2
# Where this is set, each server and each test process would compile the program again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: simulate demo test unit check audit fuzz bench bench-access-log bench-guarding faults bench-keeping bench-importing small-counts effort screenshots messages security-figures lock clean

demo: .venv/runtime
	@exec $(BIN)/python -m dashboard serve --demonstration --port $(PORT)

test: .venv/development browser programs
	$(BIN)/python -m tools.checks
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# What one runs while writing: no database, no server, no browser.
unit: .venv/development
	$(BIN)/python -m pytest -m unit -n $(WORKERS) --dist loadfile

check: .venv/development
	$(BIN)/python -m tools.checks

# Known faults of what both locks name, where somebody can be asked about them.
audit: .venv/development
	@$(BIN)/python -m tools.audit

# Bad input at every surface for as long as you like: make fuzz SECONDS=600 SEED=7
SECONDS ?= 120
SEED ?= 1
fuzz: .venv/development
	@$(BIN)/python -m tests.fuzz --seconds $(SECONDS) --seed $(SEED) --record

bench: .venv/development
	$(BIN)/python -m tests.benchmarks

# A simulated year of reviews under several orders, with the product's own rules: docs/ranking.md.
SEEDS ?= 30
simulate: .venv/development
	$(BIN)/python -m tools.simulation --seeds $(SEEDS)

# What the chains of the access log cost, and verifying a million rows.
bench-access-log: .venv/development
	$(BIN)/python -m tests.benchmarks.access_log

# What the list costs over views of a hospital's own tables, and whether it is the same.
bench-views: .venv/development
	$(BIN)/python -m tests.benchmarks.views

# What guarding fragments and sockets costs: make bench-guarding BEFORE=<another tree>
bench-guarding: .venv/development
	$(BIN)/python -m tests.benchmarks.guarding --before $(BEFORE)

# How far the counts of leads are from the exact ones, and what an attack makes of them.
small-counts: .venv/development
	$(BIN)/python -m tools.protection_report

# The memory of a server while 2,000 sessions come and go: make soak BEFORE=<another tree>
.PHONY: soak
soak: .venv/development
	$(BIN)/python -m tests.benchmarks.soak $(if $(BEFORE),--before $(BEFORE))

# Processor time of each page, and bytes of a patient and year: docs/capacity.md.
.PHONY: capacity
capacity: .venv/development
	$(BIN)/python -m tests.benchmarks.capacity

# What backing up, restoring and erasing take.
bench-keeping: .venv/development
	$(BIN)/python -m tests.benchmarks.keeping

# How long a nightly import of a million assessments takes.
bench-importing: .venv/development
	$(BIN)/python -m tests.benchmarks.importing

# Break the database, the server and what is between them, by seed: docs/faults.md.
RUNS ?= 200
faults: .venv/development browser
	$(BIN)/python -m tests.faults --runs $(RUNS) --seed $(SEED)

# The browser's tests again and again with every core loaded: make stress RUNS=20
stress: RUNS = 20
stress: .venv/development browser
	$(BIN)/python -m tools.stress --runs $(RUNS) --workers $(WORKERS)

# Faults put into the program one at a time, and the stage of the tests that finds each.
FAULTS ?= 30
mutations: .venv/development browser
	$(BIN)/python -m tools.mutations --faults $(FAULTS) --seed $(SEED) --workers $(WORKERS)

# Pictures of the steps that the browser's tests go through, in var/screenshots.
pictures: .venv/development browser
	PICTURES=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile tests/browser

# A whole site on this machine, by deploy/: three database nodes, pooler, balancer, two servers.
.PHONY: cluster cluster-programs
cluster: .venv/runtime cluster-programs
	@exec $(BIN)/python -m tools.cluster

cluster-programs: .venv/runtime
	@$(BIN)/python -m tools.cluster.programs

# A site of several nodes against one server, as ratios: docs/deploying.md.
.PHONY: bench-scale
bench-scale: .venv/development cluster-programs
	$(BIN)/python -m tests.benchmarks.scale

# Break the nodes, the pooler, the balancer and the servers of a site, by seed: docs/faults.md.
.PHONY: cluster-faults
cluster-faults: RUNS = 104
cluster-faults: .venv/development cluster-programs
	$(BIN)/python -m tests.faults.cluster --runs $(RUNS) --seed $(SEED) --record

# One run of the main kinds of them: about four minutes.
.PHONY: cluster-faults-short
cluster-faults-short: .venv/development cluster-programs
	$(BIN)/python -m tests.faults.cluster --short

# The program as a wheel, in dist/: what docs/installing.md installs.
.PHONY: wheel
wheel: .venv/runtime
	rm -rf build dist
	@$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .

# Clicks, keys and scrolls of daily stories on the demonstration.
effort: .venv/development browser
	$(BIN)/python -m tools.effort

# Every page and state, in both languages and themes: make screens FOLDER=/tmp/screens
FOLDER ?= var/screens
.PHONY: screens
screens: .venv/development browser
	$(BIN)/python -m tools.screens $(FOLDER)

# The pictures of the README, of the demonstration's made-up patients.
screenshots: .venv/development browser
	$(BIN)/python -m tools.screenshots

# The figures of SECURITY.md, of what was measured last and what the tests cover.
security-figures: .venv/development
	$(BIN)/python -m tools.security_figures

# Collect the texts of the code into the catalogues of both languages.
messages: .venv/development
	$(BIN)/python -m tools.messages

# A browser for the tests: the one that is there, else Debian's where that is allowed.
.PHONY: browser
browser: .venv/development
	@$(BIN)/python -m tests.browser.chromium

# What the documents speak of, nginx and Caddy for example: Debian's where that is allowed.
.PHONY: programs
programs: .venv/development
	@$(BIN)/python -m tests.documents.programs

# With every core: pip compiles with one. Some packages hold files that are no Python.
COMPILE := $(BIN)/python -m compileall -qq -j 0 .venv/lib || true

.venv/runtime: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed."; exit 1; }
	@test -d .venv || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements.lock
	@$(COMPILE)
	@touch $@

.venv/development: requirements-dev.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed."; exit 1; }
	@test -d .venv || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements-dev.lock
	@$(COMPILE)
	@touch $@ .venv/runtime

# Both locks name versions and hashes, and no host.
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header pyproject.toml

lock:
	$(LOCK) --output-file requirements.lock
	$(LOCK) --group dev --constraints requirements.lock --output-file requirements-dev.lock

clean:
	rm -rf .venv var
