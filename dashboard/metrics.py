"""The Prometheus metrics of this process.

Every package of the dashboard may record values, and ``web/server`` publishes them. No label names
a person, a patient or a site. Each label has few values, which are known in advance: page
addresses, roles, names of connection pools and names of this program's functions.
"""

from prometheus_client import CollectorRegistry, Counter, GCCollector, Histogram, ProcessCollector

REGISTRY = CollectorRegistry()

# The upper bounds of the buckets of a histogram, in seconds.
_RUNS = (0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 10.0)
_TRANSACTIONS = (0.001, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)

PAGE_RUNS = Histogram(
    "case_review_page_run_seconds",
    "Full runs of pages, from the first line of the main script to the last.",
    ["page", "role"],
    buckets=_RUNS,
    registry=REGISTRY,
)

PARTIAL_RUNS = Histogram(
    "case_review_partial_run_seconds",
    "Runs of one fragment of a page, with the check that it may still be shown.",
    ["role"],
    buckets=_RUNS,
    registry=REGISTRY,
)

COMMANDS = Counter(
    "case_review_commands",
    "Commands of pages whose transaction was committed: save_draft, sign, answer and others.",
    ["command"],
    registry=REGISTRY,
)

INCIDENTS = Counter(
    "case_review_incidents",
    "Unexpected errors, which have an incident number in the log.",
    registry=REGISTRY,
)

DATABASE_WAITS = Histogram(
    "case_review_database_wait_seconds",
    "Waits for a connection of the pool, including the test of an idle one.",
    ["pool"],
    buckets=_TRANSACTIONS,
    registry=REGISTRY,
)

TRANSACTIONS = Histogram(
    "case_review_transaction_seconds",
    "Transactions, from the wait for a connection to the end of the commit.",
    ["pool"],
    buckets=_TRANSACTIONS,
    registry=REGISTRY,
)

ProcessCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)
