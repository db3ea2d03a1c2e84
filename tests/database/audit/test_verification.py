"""A change of the access log is always detected, even one by a superuser.

Each test tampers as a superuser with the triggers off, and expects the findings of ``audit verify``
with their places.
"""

import json
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from dashboard.cli.app import app
from dashboard.database import acting_as
from dashboard.database.audit.access_log import log_access
from dashboard.database.audit.anchors import BadAnchor, anchor, read_anchors
from dashboard.database.audit.retention import Retention, purge
from dashboard.database.audit.verification import Finding, Verification
from dashboard.database.schema import review

ROWS = 9
KEY = "k" * 32


@pytest.fixture(autouse=True)
def _who_acts(database):
    """Add the practitioners as whom the tests act."""
    for number in (7, 8):
        database.practitioner("psychiatrist", id=number)


@pytest.fixture
def log(database):
    """Nine records opened by 7, five by 8, a sign-in of 7, and a refused one."""
    for number in range(ROWS):
        with acting_as(7) as connection:
            log_access(connection, "case_opened", patient_id=40 + number)
    with acting_as(8) as connection:
        for number in range(5):
            log_access(connection, "case_opened", patient_id=50 + number)
    with acting_as(7) as connection:
        log_access(connection, "sign_in")
    with acting_as(None) as connection:
        log_access(connection, "sign_in_refused", reason="unknown")
    return database


def findings(database, lines=(), key=None, retention=None):
    with database.owner().begin() as connection:
        anchored = read_anchors(lines, key)
        return [
            (one.kind, one.chain, one.number, one.until)
            for one in Verification(connection, anchored, retention).verified().findings
        ]


def anchored_now(database, key=None, known=()):
    with database.owner().begin() as connection:
        return anchor(connection, key, read_anchors(known, key))


def tamper(database, *statements):
    """Run statements as a person with every right, with triggers switched off."""
    with database.owner().begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for statement in statements:
            assert connection.exec_driver_sql(statement).rowcount, statement


def the_row(number, chain="7/records"):
    return f"(SELECT log_id FROM review.access_chain WHERE chain = '{chain}' AND number = {number})"


def test_a_log_that_nobody_touched_is_found_sound(log):
    lines = [anchored_now(log)]
    assert findings(log, lines) == []
    with log.owner().begin() as connection:
        done = Verification(connection).verified()
    assert (done.rows, done.chains) == (ROWS + 5 + 2, 4)


@pytest.mark.parametrize(
    "change",
    [
        "practitioner_id = 8",
        "patient_id = 99",
        "patient_id = NULL",
        "action = 'list_opened'",
        "at = at - interval '1 microsecond'",
        "detail = detail || '{\"a\": 1}'",
        "address = '192.0.2.9'",
        "sign_in = 'ab'",
        "role = 'nurse'",
        "why = 'cover'",
    ],
)
def test_an_altered_row_is_found_whatever_was_altered(log, change):
    tamper(log, f"UPDATE review.access_log SET {change} WHERE id = {the_row(4)}")
    assert findings(log) == [("altered", "7/records", 4, None)]


def test_a_row_removed_from_the_middle_is_found(log):
    tamper(log, f"DELETE FROM review.access_log WHERE id = {the_row(4)}")
    assert findings(log) == [("missing", "7/records", 4, 4)]


def test_rows_removed_with_their_digests_are_found(log):
    tamper(
        log,
        f"DELETE FROM review.access_log WHERE id IN ({the_row(4)}, {the_row(5)})",
        "DELETE FROM review.access_chain WHERE chain = '7/records' AND number IN (4, 5)",
    )
    assert findings(log) == [("missing", "7/records", 4, 5)]


def test_rows_removed_and_the_others_renumbered_are_found(log):
    tamper(
        log,
        f"DELETE FROM review.access_log WHERE id = {the_row(4)}",
        "DELETE FROM review.access_chain WHERE chain = '7/records' AND number = 4",
        "UPDATE review.access_chain SET number = -number + 1 WHERE chain = '7/records'"
        " AND number > 4",
        "UPDATE review.access_chain SET number = -number WHERE number < 0",
        "UPDATE review.access_head SET number = number - 1 WHERE chain = '7/records'",
    )
    assert ("altered", "7/records", 4, None) in findings(log)


def test_two_rows_that_changed_places_are_found(log):
    tamper(
        log,
        "UPDATE review.access_chain c SET log_id = other.log_id"
        " FROM review.access_chain other WHERE c.chain = '7/records' AND other.chain = c.chain"
        " AND c.number IN (3, 6) AND other.number = 9 - c.number",
    )
    assert findings(log) == [("altered", "7/records", 3, None), ("altered", "7/records", 6, None)]


def test_a_row_that_the_dashboard_did_not_write_is_found(log):
    tamper(
        log,
        "INSERT INTO review.access_log (id, practitioner_id, action)"
        " VALUES (gen_random_uuid(), 7, 'case_opened')",
    )
    assert findings(log) == [("unchained", "7", None, None)]


CUT_OFF = (
    f"DELETE FROM review.access_log WHERE id IN ({the_row(8)}, {the_row(9)})",
    "DELETE FROM review.access_chain WHERE chain = '7/records' AND number > 7",
)
MOVE_THE_HEAD = (
    "UPDATE review.access_head h SET number = c.number, hash = c.hash"
    " FROM review.access_chain c WHERE h.chain = '7/records' AND c.chain = h.chain"
    " AND c.number = 7"
)


def test_an_end_cut_off_is_found_by_the_head(log):
    tamper(log, *CUT_OFF)
    assert findings(log) == [("shortened", "7/records", 8, 9)]


def test_an_end_cut_off_with_its_head_is_found_by_an_anchor(log):
    lines = [anchored_now(log)]
    tamper(log, *CUT_OFF, MOVE_THE_HEAD)
    assert findings(log) == [], "nothing in the database can tell"
    assert findings(log, lines) == [("shortened", "7/records", 8, 9)]


def test_a_chain_that_is_gone_is_found_by_an_anchor(log):
    lines = [anchored_now(log)]
    tamper(
        log,
        "DELETE FROM review.access_log WHERE practitioner_id = 8",
        "DELETE FROM review.access_chain WHERE chain = '8/records'",
        "DELETE FROM review.access_head WHERE chain = '8/records'",
    )
    assert findings(log, lines) == [("shortened", "8/records", 1, 5)]


def rebuild(database):
    """Write the chain of 7 again without its fourth row, as the dashboard itself would."""
    with database.owner().begin() as connection:
        connection.exec_driver_sql("ALTER TABLE review.access_log DISABLE TRIGGER append_only")
        connection.exec_driver_sql("ALTER TABLE review.access_log DISABLE TRIGGER stamp")
        connection.exec_driver_sql(
            "CREATE TEMP TABLE kept ON COMMIT DROP AS SELECT l.* FROM review.access_log l"
            " JOIN review.access_chain c ON c.log_id = l.id"
            " WHERE c.chain = '7/records' AND c.number <> 4 ORDER BY c.number"
        )
        for statement in (
            "DELETE FROM review.access_log l USING review.access_chain c"
            " WHERE c.log_id = l.id AND c.chain = '7/records'",
            "DELETE FROM review.access_chain WHERE chain = '7/records'",
            "DELETE FROM review.access_head WHERE chain = '7/records'",
            "INSERT INTO review.access_log SELECT * FROM kept",
        ):
            connection.exec_driver_sql(statement)
    with database.owner().begin() as connection:
        for trigger in ("append_only", "stamp"):
            connection.exec_driver_sql(f"ALTER TABLE review.access_log ENABLE TRIGGER {trigger}")


def test_a_chain_made_anew_is_found_by_an_anchor(log):
    lines = [anchored_now(log)]
    rebuild(log)
    assert findings(log) == [], "nothing in the database can tell"
    assert findings(log, lines) == [("shortened", "7/records", 9, 9)]
    with acting_as(7) as connection:
        log_access(connection, "case_opened", patient_id=48)
    assert findings(log, lines) == [("rebuilt", "7/records", 9, None)]


def test_a_head_that_was_changed_alone_is_found(log):
    tamper(log, "UPDATE review.access_head SET hash = '\\x00' WHERE chain = '7/records'")
    assert findings(log) == [("altered", "7/records", ROWS, None)]


# The anchors themselves


def test_an_anchor_names_what_has_grown_since_the_last(log):
    first = anchored_now(log)
    with acting_as(8) as connection:
        log_access(connection, "case_opened", patient_id=50)
    second = anchored_now(log, known=[first])
    assert list(json.loads(second)["chains"]) == ["8/records"]
    assert findings(log, [first, second]) == []


@pytest.mark.parametrize(
    ("key", "other", "why"),
    [
        (None, KEY, "not signed"),
        (KEY, None, "CASE_REVIEW_AUDIT_KEY is not set"),
        (KEY, "another", "changed, or signed with another key"),
    ],
)
def test_an_anchor_of_another_key_is_refused(log, key, other, why):
    line = anchored_now(log, key)
    assert read_anchors([line], key)
    with pytest.raises(BadAnchor, match=why):
        read_anchors([line], other)


def test_an_anchor_that_was_changed_is_refused(log):
    line = anchored_now(log, KEY)
    with pytest.raises(BadAnchor, match="Line 2"):
        read_anchors([line, line.replace('"7/records": [9', '"7/records": [8')], KEY)


@pytest.mark.parametrize("line", ["{}", "[]", "null", "12", "nothing", '{"sha256": 1}'])
def test_what_is_no_anchor_is_refused(line):
    with pytest.raises(BadAnchor, match="Line 1"):
        read_anchors([line], None)


# Retention


def grown_old(database, chain, numbers, years):
    """Rows of this chain, chained when they were written, years ago."""
    tamper(
        database,
        f"UPDATE review.access_log SET at = at - interval '{years} years' WHERE id IN"
        f" (SELECT log_id FROM review.access_chain WHERE chain = '{chain}'"
        f" AND number BETWEEN {numbers[0]} AND {numbers[1]})",
    )
    with database.owner().begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        chained_anew(connection, chain)


def chained_anew(connection, chain):
    """Make the digests of a chain fit again, so that age is all that is wrong with it."""
    from dashboard.database.audit.access_chain import said_by

    connection.exec_driver_sql(
        f"""DO $$ DECLARE one record; before bytea := sha256('{chain}'::bytea); BEGIN
        FOR one IN SELECT c.number, c.log_id FROM review.access_chain c
                   WHERE c.chain = '{chain}' ORDER BY c.number LOOP
            UPDATE review.access_chain c SET hash = sha256(before
                || convert_to({said_by("l", "c.chain", "c.number")}, 'UTF8'))
            FROM review.access_log l
            WHERE l.id = one.log_id AND c.chain = '{chain}' AND c.number = one.number
            RETURNING hash INTO before;
        END LOOP;
        UPDATE review.access_head SET hash = before WHERE chain = '{chain}'; END $$"""
    )


def count(database, chain):
    with database.owner().connect() as connection:
        return connection.exec_driver_sql(
            f"SELECT count(*) FROM review.access_chain JOIN review.access_log ON id = log_id"
            f" WHERE chain = '{chain}'"
        ).scalar_one()


def test_what_is_too_old_is_removed_and_what_is_left_can_be_verified(log):
    grown_old(log, "7/records", (1, 3), years=21)
    grown_old(log, "8/records", (1, 5), years=19)
    grown_old(log, "7/technical", (1, 1), years=2)
    assert findings(log) == []
    lines = [anchored_now(log)]
    with log.owner().begin() as connection:
        assert purge(connection, Retention()) == (4, True)
    assert [count(log, chain) for chain in ("7/records", "8/records", "7/technical")] == [6, 5, 0]
    assert findings(log, lines) == []
    with log.owner().begin() as connection:
        assert purge(connection, Retention()) == (0, True)
        purged = connection.exec_driver_sql(
            "SELECT detail FROM review.access_log WHERE action = 'log_purged' ORDER BY at, id"
        ).scalars()
        assert {(one["chain"], one["until"], one["rows"]) for one in purged} == {
            ("7/records", 3, 3),
            ("7/technical", 1, 1),
        }


def test_the_log_is_append_only_again_after_a_purge(log):
    grown_old(log, "7/records", (1, 3), years=21)
    with log.owner().begin() as connection:
        purge(connection, Retention())
    with (
        log.owner().connect() as connection,
        pytest.raises(Exception, match="append-only"),
    ):
        connection.exec_driver_sql("DELETE FROM review.access_log")


def test_a_purge_takes_so_many_rows_at_a_time(log, monkeypatch):
    monkeypatch.setattr("dashboard.database.audit.retention.AT_ONCE", 2)
    grown_old(log, "7/records", (1, 3), years=21)
    took = []
    for _ in range(2):
        with log.owner().begin() as connection:
            took.append(purge(connection, Retention()))
    assert took == [(2, False), (1, True)]


def test_an_old_row_behind_a_young_one_waits(log):
    """Check that the beginning of a chain is removed, and never its middle."""
    grown_old(log, "7/records", (2, 3), years=21)
    with log.owner().begin() as connection:
        assert purge(connection, Retention()) == (0, True)


def test_what_was_removed_before_its_time_is_found_by_an_anchor(log):
    first = anchored_now(log)
    for _ in range(2):
        with acting_as(7) as connection:
            log_access(connection, "case_opened", patient_id=40)
    with log.owner().begin() as connection:
        later = Retention(now=Retention().now + timedelta(days=366 * 21))
        purge(connection, later)
    assert findings(log, [first], retention=later) == []
    assert ("removed_early", "7/records", 10, 11) in findings(log, [first])


# The command


@pytest.fixture
def audit(log, monkeypatch):
    def run(*arguments):
        return CliRunner().invoke(
            app, ["audit", *map(str, arguments), "--database-url", log.owner_url]
        )

    return run


def test_the_command_says_that_all_is_well(audit):
    result = audit("verify")
    assert result.exit_code == 0
    assert f"{ROWS + 7} rows in 4 chains verified." in result.stdout


def test_the_command_says_what_is_wrong_and_where(audit, log, tmp_path):
    anchors = tmp_path / "anchors"
    assert audit("anchor", "--append", anchors).exit_code == 0
    assert audit("verify", "--anchors", anchors).exit_code == 0
    tamper(
        log,
        f"UPDATE review.access_log SET patient_id = 99 WHERE id = {the_row(4)}",
        *CUT_OFF,
        MOVE_THE_HEAD,
    )
    result = audit("verify", "--anchors", anchors)
    assert result.exit_code == 1
    assert "ALTERED or moved: chain 7/records, row 4, written 20" in result.stdout
    assert "CUT OFF at the end: chain 7/records, rows 8 to 9, after 20" in result.stdout
    assert "NOT as it was written" in result.stderr


@pytest.mark.parametrize("altered", [0, 1])
def test_the_result_is_written_for_prometheus(audit, log, tmp_path, altered):
    path = tmp_path / "case_review.prom"
    path.write_text("of the night before")
    if altered:
        tamper(log, f"UPDATE review.access_log SET patient_id = 99 WHERE id = {the_row(4)}")
    assert audit("verify", "--metrics", path).exit_code == altered
    written = path.read_text()
    assert f"case_review_log_chain_findings {altered}.0\n" in written
    assert f"case_review_log_chain_rows {ROWS + 7}.0\n" in written
    assert "of the night before" not in written


def test_the_command_says_what_is_wrong_also_where_it_cannot_write_for_prometheus(
    audit, log, tmp_path
):
    tamper(log, f"UPDATE review.access_log SET patient_id = 99 WHERE id = {the_row(4)}")
    result = audit("verify", "--metrics", tmp_path / "missing" / "case_review.prom")
    assert result.exit_code == 1
    assert "ALTERED" in result.stdout
    assert "NOT as it was written" in result.stderr
    assert "cannot be written: No such file or directory" in result.stderr


def test_an_anchor_file_that_was_changed_stops_the_command(audit, tmp_path):
    anchors = tmp_path / "anchors"
    anchors.write_text(audit("anchor").stdout.replace("[9, ", "[7, "))
    result = audit("verify", "--anchors", anchors)
    assert result.exit_code == 1
    assert "Line 1 of the file of anchors is invalid" in result.stderr


def test_an_anchor_that_cannot_be_appended_is_said_in_a_sentence(audit, tmp_path):
    result = audit("anchor", "--append", tmp_path / "missing" / "anchors")
    assert result.exit_code == 1
    assert "cannot be written: No such file or directory." in result.stderr


def test_the_command_removes_what_is_too_old(audit, log):
    grown_old(log, "7/records", (1, 3), years=21)
    assert "3 rows removed." in audit("purge").stdout
    assert audit("verify").exit_code == 0


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("rebuilt", "REBUILT: chain 7/records, row 3"),
        ("removed_early", "REMOVED before its time: chain 7/records, row 3"),
        ("unchained", "NOT WRITTEN BY THE DASHBOARD: a row of chain 7/records"),
        ("missing", "MISSING: chain 7/records, row 3, after unknown day"),
    ],
)
def test_every_finding_has_its_words(kind, words):
    from dashboard.cli.reports import in_words

    assert words in in_words(Finding(kind, "7/records", 3))


def test_the_command_removes_old_sign_ins_and_failures_too(audit, log):
    old, young = timedelta(days=400), timedelta(days=300)
    for number, age in enumerate((old, young)):
        then = Retention().now - age
        log.add(review.sign_in, practitioner_id=7, created_at=then, last_seen_at=then)
        log.add(review.sign_in_failure, practitioner_id=7, at=then, address=f"192.0.2.{number}")
    assert "2 sign-ins and failures removed." in audit("purge").stdout
    with log.owner().connect() as connection:
        left = connection.exec_driver_sql(
            "SELECT created_at FROM review.sign_in UNION ALL SELECT at FROM review.sign_in_failure"
        ).scalars()
        assert all(one > Retention().now - old for one in left)
        purged = connection.exec_driver_sql(
            "SELECT detail FROM review.access_log WHERE action = 'sign_ins_purged'"
        ).scalars()
        assert purged.all() == [{"sign_in": 1, "sign_in_failure": 1}]
    assert audit("verify").exit_code == 0
    assert "0 sign-ins and failures removed." in audit("purge").stdout
