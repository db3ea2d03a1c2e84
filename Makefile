# Four commands do everything on a machine with Python 3.11-3.13 and make:
#   make demo        the demonstration on http://localhost:8501 (make demo PORT=9000)
#   make unit        the tests that need no database, server or browser
#   make test        the checks and most tests, also in a browser, in ten minutes
#   make test-all    the checks and every test

PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$python && break; done)
PORT ?= 8501
BIN := .venv/bin
# One more than two cores: with two, a third of the time of the browser's tests is waiting.
WORKERS ?= 3
# Unset it: otherwise each server and each test process would compile the program again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: simulate demo test test-all unit check audit fuzz bench bench-access-log bench-guarding faults bench-keeping bench-importing small-counts effort screenshots messages security-figures lock clean

demo: .venv/runtime
	@exec $(BIN)/python -m dashboard serve --demonstration --port $(PORT)

PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# Without the tests marked "thorough".
test: .venv/development browser
	$(BIN)/python -m tools.checks
	@$(BIN)/python -m tools.midnight
	$(PYTEST) -m "not thorough"

test-all: .venv/development browser programs
	$(BIN)/python -m tools.checks
	@$(BIN)/python -m tools.midnight
	$(PYTEST)

# For use while writing: no database, no server, no browser.
unit: .venv/development
	$(BIN)/python -m pytest -m unit -n $(WORKERS) --dist loadfile

check: .venv/development
	$(BIN)/python -m tools.checks

# Known vulnerabilities of the packages in both lock files, if a service can be asked about them.
audit: .venv/development
	@$(BIN)/python -m tools.audit

# Bad input at every entry point of the program: make fuzz SECONDS=600 SEED=7
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

# The time of the access log's chains, and of verifying a million rows.
bench-access-log: .venv/development
	$(BIN)/python -m tests.benchmarks.access_log

# The time of the list over views of a hospital's own tables, and whether the list is the same.
bench-views: .venv/development
	$(BIN)/python -m tests.benchmarks.views

# The time of checking rights in fragments and sockets: make bench-guarding BEFORE=<other source tree>
bench-guarding: .venv/development
	$(BIN)/python -m tests.benchmarks.guarding --before $(BEFORE)

# The error of the counts that leads read, and the result of an attack on them.
small-counts: .venv/development
	$(BIN)/python -m tools.protection_report

# The memory of a server while 2,000 sessions begin and end: make soak BEFORE=<other source tree>
.PHONY: soak
soak: .venv/development
	$(BIN)/python -m tests.benchmarks.soak $(if $(BEFORE),--before $(BEFORE))

# Processor time of each page, and bytes of a patient and year: docs/capacity.md.
.PHONY: capacity
capacity: .venv/development
	$(BIN)/python -m tests.benchmarks.capacity

# The time of backing up, restoring and erasing.
bench-keeping: .venv/development
	$(BIN)/python -m tests.benchmarks.keeping

# How long a nightly import of a million assessments takes.
bench-importing: .venv/development
	$(BIN)/python -m tests.benchmarks.importing

# Break the database, the server and their connections; SEED chooses the runs: docs/faults.md.
RUNS ?= 200
faults: .venv/development browser
	$(BIN)/python -m tests.faults --runs $(RUNS) --seed $(SEED)

# Repeat the browser tests with every core loaded: make stress RUNS=20 MARKS="not thorough"
stress: RUNS = 20
stress: .venv/development browser
	$(BIN)/python -m tools.stress --runs $(RUNS) --workers $(WORKERS) --marks "$(MARKS)"

# Put faults into the program one at a time, and report which stage of the tests finds each.
FAULTS ?= 30
mutations: .venv/development browser
	$(BIN)/python -m tools.mutations --faults $(FAULTS) --seed $(SEED) --workers $(WORKERS)

# Screenshots of the steps of the browser tests, in var/screenshots.
pictures: .venv/development browser
	PICTURES=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile tests/browser

# A whole site on this machine, from deploy/: three database nodes, pooler, balancer, two servers.
.PHONY: cluster cluster-programs
cluster: .venv/runtime cluster-programs
	@exec $(BIN)/python -m tools.cluster

cluster-programs: .venv/runtime
	@$(BIN)/python -m tools.cluster.programs

# The speed of a site of several nodes as a ratio to one server: docs/deploying.md.
.PHONY: bench-scale
bench-scale: .venv/development cluster-programs
	$(BIN)/python -m tests.benchmarks.scale

# Break the nodes, the pooler, the balancer and the servers of a site: docs/faults.md.
.PHONY: cluster-faults
cluster-faults: RUNS = 104
cluster-faults: .venv/development cluster-programs
	$(BIN)/python -m tests.faults.cluster --runs $(RUNS) --seed $(SEED) --record

# One run of each main kind of these faults: about four minutes.
.PHONY: cluster-faults-short
cluster-faults-short: .venv/development cluster-programs
	$(BIN)/python -m tests.faults.cluster --short

# The program as a wheel, in dist/: what docs/installing.md installs.
.PHONY: wheel
wheel: .venv/runtime
	rm -rf build dist
	@$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .

# Count the clicks, keys and scrolls of typical daily tasks in the demonstration.
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

# Write the figures of SECURITY.md, from the last measurements and from the tests.
security-figures: .venv/development
	$(BIN)/python -m tools.security_figures

# Collect the texts of the code into the catalogues of both languages.
messages: .venv/development
	$(BIN)/python -m tools.messages

# A browser for the tests: the installed one; otherwise Debian's, if installing is allowed.
.PHONY: browser
browser: .venv/development
	@$(BIN)/python -m tests.browser.chromium

# The programs of the documents, such as nginx and Caddy: Debian's, if installing is allowed.
.PHONY: programs
programs: .venv/development
	@$(BIN)/python -m tests.documents.programs

# Compile with every core, because pip uses one. Some packages have .py files that do not compile.
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

# Both lock files have versions and hashes, but no host.
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header pyproject.toml

lock:
	$(LOCK) --output-file requirements.lock
	$(LOCK) --group dev --constraints requirements.lock --output-file requirements-dev.lock

clean:
	rm -rf .venv var
