"""The rights of the two database roles, and the row-level policies.

``init`` sets them after every migration. Setting them again changes nothing. The policies have the
form ``= ANY ((SELECT function ()))`` where possible, because PostgreSQL evaluates such a policy
once per query, and a policy with ``EXISTS`` once per row. ``tests/benchmarks`` measures their
speed.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from dashboard.database.audit.access_chain import trail
from dashboard.database.counts.lead_counts import COUNT_VISIBILITY, counting_for_leads
from dashboard.database.schema.published import published_version
from dashboard.database.schema.roles import APP_ROLE, SERVICE_ROLE, role_limits
from dashboard.database.security.account_changes import account_changes
from dashboard.database.security.begun_reviews import begun_reviews
from dashboard.database.security.calendar_feed import calendar_feed
from dashboard.database.security.emergency import ONLY_IN_AN_EMERGENCY, OPENED, emergency
from dashboard.database.security.identity import acting
from dashboard.database.security.lead_access import lead_access
from dashboard.database.security.monitoring import monitoring

# A practitioner who may see an episode may see all data of its patient. An episode names the
# practitioners of its care team.
_MY_PATIENTS = "= ANY ((SELECT review.visible_patients())::bigint[])"
_MY_EPISODES = "= ANY ((SELECT review.visible_episodes())::bigint[])"
_ME = "(SELECT review.acting_practitioner())"
_ME_AND_THOSE_I_COVER = "ANY ((SELECT review.acting_for())::bigint[])"
_ITS_EPISODE = (
    "EXISTS (SELECT FROM registry.episode e"
    " WHERE e.id = {0}.episode_id AND e.patient_id = {0}.patient_id)"
)
_ITS_WRITABLE_EPISODE = (
    "EXISTS (SELECT FROM registry.episode e"
    " WHERE e.id = {0}.episode_id AND e.patient_id = {0}.patient_id"
    f" AND NOT {ONLY_IN_AN_EMERGENCY})"
)
# SQL condition on a table with a ``case_review_id``, whose name replaces {0}. The practitioner, or
# a colleague whom the practitioner covers, must be the psychiatrist or the nurse of the review's
# episode.
_I_AM_ITS_PSYCHIATRIST_OR_NURSE = (
    "EXISTS (SELECT FROM review.case_review r JOIN registry.episode e"
    " ON e.id = r.episode_id AND e.patient_id = r.patient_id"
    " WHERE r.id = {0}.case_review_id AND r.patient_id = {0}.patient_id"
    f" AND (e.psychiatrist_id = {_ME_AND_THOSE_I_COVER} OR e.nurse_id = {_ME_AND_THOSE_I_COVER}))"
)
_I_AM_PSYCHIATRIST = """EXISTS (
    SELECT FROM registry.practitioner
    WHERE id = review.acting_practitioner() AND role = 'psychiatrist' AND active
)"""

_TODAY = "(now() AT TIME ZONE 'Europe/Paris')::date"
# SQL condition on a cover: both must be active, with the same role, psychiatrist or nurse.
_TO_A_COLLEAGUE = """EXISTS (
    SELECT FROM registry.practitioner mine, registry.practitioner theirs
    WHERE mine.id = covered_id AND theirs.id = covering_id AND mine.id <> theirs.id
      AND mine.role = theirs.role AND mine.role IN ('psychiatrist', 'nurse')
      AND mine.active AND theirs.active
)"""
_THE_EPISODES_PSYCHIATRIST = """EXISTS (
    SELECT FROM registry.episode e
    WHERE e.id = case_review.episode_id AND e.psychiatrist_id = case_review.covered_id
)"""

LOADED = "loaded"
"""The optional relation of the registry that says when its data were loaded."""

REFERENCE_TABLES = ("site", "practitioner", "practitioner_site")

_WAYS_TO_AN_EPISODE = (
    f"psychiatrist_id = {_ME_AND_THOSE_I_COVER}",
    f"nurse_id = {_ME_AND_THOSE_I_COVER}",
    f"gp_id = {_ME_AND_THOSE_I_COVER}",
    f"patient_id {OPENED}",
)

REGISTRY_VISIBILITY: dict[str, str] = {
    "episode": " OR ".join(_WAYS_TO_AN_EPISODE),
    "patient": f"id {_MY_PATIENTS}",
    "care_sequence": f"episode_id {_MY_EPISODES}",
    "assessment": f"patient_id {_MY_PATIENTS}",
    "contact": f"patient_id {_MY_PATIENTS}",
    "medication": f"patient_id {_MY_PATIENTS}",
    "psychosocial_care": f"patient_id {_MY_PATIENTS}",
    "condition": f"patient_id {_MY_PATIENTS}",
    "flag": f"patient_id {_MY_PATIENTS}",
}

OPTIONAL_VISIBILITY: dict[str, str] = {"safety_plan": f"patient_id {_MY_PATIENTS}"}
"""SQL conditions on the visible rows of optional relations of the registry, by relation.

They apply only to relations that are tables.
"""

REVIEW_VISIBILITY: dict[str, str] = {
    "preparation": f"patient_id {_MY_PATIENTS}",
    "last_look": f"practitioner_id = {_ME} AND patient_id {_MY_PATIENTS}",
    "agenda_item": f"patient_id {_MY_PATIENTS}",
    "case_review": f"patient_id {_MY_PATIENTS}",
    "recommendation": f"patient_id {_MY_PATIENTS}",
    "answer": f"patient_id {_MY_PATIENTS}",
    "settlement": f"patient_id {_MY_PATIENTS}",
    "letter": f"patient_id {_MY_PATIENTS}",
    "delivery": f"patient_id {_MY_PATIENTS}",
    "answer_link": f"patient_id {_MY_PATIENTS}",
    "incident": f"patient_id {_MY_PATIENTS}",
    "draft": f"psychiatrist_id = {_ME} AND patient_id {_MY_PATIENTS}",
    "meeting": (f"psychiatrist_id = {_ME_AND_THOSE_I_COVER} OR nurse_id = {_ME_AND_THOSE_I_COVER}"),
    "cover": f"covering_id = {_ME} OR covered_id = {_ME}",
    "emergency_access": f"practitioner_id = {_ME} OR patient_id {_MY_PATIENTS}",
    # ``practitioner_id`` is null in rows about refused sign-ins, because nobody is signed in then.
    "access_log": f"practitioner_id IS NOT DISTINCT FROM {_ME}",
}
"""SQL conditions on the rows of the schema ``review`` that a practitioner may read, by table.

Fewer rows may be written (``REVIEW_WRITING``).
"""

OWNER_ONLY = ("kept_record",)
"""Tables about patients that only the owner of the database reads and writes, during imports.

The application has no right on them. Row security would hide every row even if it had one.
"""

REVIEW_WRITING: dict[str, str] = {
    "preparation": (
        f"nurse_id = {_ME_AND_THOSE_I_COVER} AND {_ITS_WRITABLE_EPISODE.format('preparation')}"
    ),
    "last_look": f"practitioner_id = {_ME} AND {_ITS_EPISODE.format('last_look')}",
    # The policy on ``review.meeting`` shows a practitioner only the practitioner's own meetings and
    # those of a covered colleague.
    "agenda_item": (
        "EXISTS (SELECT FROM review.meeting m WHERE m.id = meeting_id)"
        f" AND {_ITS_WRITABLE_EPISODE.format('agenda_item')}"
    ),
    "case_review": (
        f"psychiatrist_id = {_ME} AND {_I_AM_PSYCHIATRIST} AND signed_at = now()"
        f" AND {_ITS_WRITABLE_EPISODE.format('case_review')}"
        f" AND (covered_id IS NULL OR (covered_id <> {_ME} AND {_THE_EPISODES_PSYCHIATRIST}))"
    ),
    # Recommendations can be added only in the transaction that signs the review, because now() is
    # the start of the transaction.
    "recommendation": (
        "EXISTS (SELECT FROM review.case_review r WHERE r.id = case_review_id"
        f" AND r.patient_id = recommendation.patient_id AND r.psychiatrist_id = {_ME}"
        " AND r.signed_at = now())"
    ),
    # An answer cannot be given an earlier time. The trigger of ``_answers_in_order`` sets the time.
    "answer": f"practitioner_id = {_ME} AND answered_at >= now()",
    # A settlement with a review must be written in the transaction that signs the review. A
    # settlement without a review withdraws a recommendation; the psychiatrist, or a covered
    # colleague, must then be the psychiatrist of the episode.
    "settlement": (
        f"settled_by = {_ME} AND {_I_AM_PSYCHIATRIST} AND settled_at = now()"
        " AND (EXISTS (SELECT FROM review.case_review r WHERE r.id = settlement.case_review_id"
        f" AND r.patient_id = settlement.patient_id AND r.psychiatrist_id = {_ME}"
        " AND r.signed_at = now())"
        " OR (settlement.case_review_id IS NULL AND EXISTS (SELECT FROM review.recommendation n"
        " JOIN review.case_review r ON r.patient_id = n.patient_id AND r.id = n.case_review_id"
        " JOIN registry.episode e ON e.id = r.episode_id AND e.patient_id = r.patient_id"
        " WHERE n.patient_id = settlement.patient_id AND n.id = settlement.recommendation_id"
        f" AND e.psychiatrist_id = {_ME_AND_THOSE_I_COVER})))"
    ),
    # Three kinds of rows are allowed: the deliveries of the psychiatrist's own review, a reminder
    # that was not tried yet, and a notice about a recommendation that the same person withdraws in
    # this transaction.
    "delivery": (
        "EXISTS (SELECT FROM review.case_review r WHERE r.id = case_review_id"
        f" AND r.patient_id = delivery.patient_id AND r.psychiatrist_id = {_ME})"
        " OR (reminder > 0 AND channel = 'mail' AND state = 'queued' AND attempts = 0"
        " AND sent_at IS NULL AND queued_at = now()"
        f" AND {_I_AM_ITS_PSYCHIATRIST_OR_NURSE.format('delivery')})"
        " OR (reminder < 0 AND EXISTS (SELECT FROM review.settlement s"
        " WHERE s.patient_id = delivery.patient_id AND s.id = delivery.settlement_id"
        f" AND s.case_review_id IS NULL AND s.settled_by = {_ME} AND s.settled_at = now()))"
    ),
    "letter": (
        "EXISTS (SELECT FROM review.case_review r WHERE r.id = case_review_id"
        f" AND r.patient_id = letter.patient_id AND r.psychiatrist_id = {_ME}"
        " AND r.signed_at = now())"
    ),
    "answer_link": (
        f"recipient_id = {_ME} OR EXISTS (SELECT FROM review.case_review r"
        " WHERE r.id = case_review_id AND r.patient_id = answer_link.patient_id"
        f" AND r.psychiatrist_id = {_ME})"
    ),
    "incident": (
        f"practitioner_id = {_ME} AND noted_at = now()"
        " AND EXISTS (SELECT FROM review.case_review r WHERE r.id = case_review_id"
        " AND r.patient_id = incident.patient_id)"
    ),
    "draft": (
        f"psychiatrist_id = {_ME} AND {_I_AM_PSYCHIATRIST}"
        f" AND {_ITS_WRITABLE_EPISODE.format('draft')}"
    ),
    "meeting": (f"psychiatrist_id = {_ME_AND_THOSE_I_COVER} OR nurse_id = {_ME_AND_THOSE_I_COVER}"),
    # A cover can be withdrawn at any time, because a withdrawn cover gives no access. The time of
    # the withdrawal must be now.
    "cover": (
        f"covered_id = {_ME} AND (withdrawn_at = now()"
        f" OR (withdrawn_at IS NULL AND starts_on BETWEEN {_TODAY} AND ends_on"
        f" AND {_TO_A_COLLEAGUE}))"
    ),
    # No role may add rows. Only the function ``review.begin_emergency_access`` adds them.
    "emergency_access": "false",
    "access_log": f"practitioner_id IS NOT DISTINCT FROM {_ME} AND at = now()",
}

REVIEW_CHANGING: dict[str, str] = {
    # The nurse of the episode may withdraw what an earlier nurse of the episode has prepared.
    "preparation": (
        "EXISTS (SELECT FROM registry.episode e WHERE e.id = preparation.episode_id"
        " AND e.patient_id = preparation.patient_id"
        f" AND e.nurse_id = {_ME_AND_THOSE_I_COVER})"
    ),
    # The psychiatrist and the nurse of the episode may change a delivery, even if another
    # psychiatrist signed the review and has left.
    "delivery": _I_AM_ITS_PSYCHIATRIST_OR_NURSE.format("delivery"),
    "emergency_access": f"practitioner_id = {_ME} AND ended_at = now()",
}
"""SQL conditions on a row after an update, by table.

For any other table, the condition on new rows applies (``REVIEW_WRITING``).
"""

GRANTS: dict[str, str] = {
    "account": "SELECT (practitioner_id, language, locked_at, password_is_temporary)",
    "cover": "SELECT, INSERT, UPDATE (withdrawn_at)",
    "preparation": (
        "SELECT, INSERT, UPDATE (question, tried, wants_discussion, ready_at, withdrawn_at)"
    ),
    "last_look": "SELECT, INSERT, UPDATE (seen, seen_before, looked_at)",
    "meeting": (
        "SELECT, INSERT, UPDATE (held_on, sent_at, started_at, ended_at, current_item_id,"
        " turned_at, last_seen_at, minutes, due_cases, room)"
    ),
    "agenda_item": (
        "SELECT, INSERT, UPDATE (position, removed_at, removed_reason, removed_in_tier, outcome,"
        " reason, case_review_id, decided_at, decided_by, known, seconds_spent)"
    ),
    "draft": (
        "SELECT, INSERT, DELETE, UPDATE (content, saved_at, idempotency_key, supersedes, begun_at)"
    ),
    "case_review": "SELECT, INSERT",
    "recommendation": "SELECT, INSERT",
    "answer": "SELECT, INSERT",
    "settlement": "SELECT, INSERT",
    "letter": "SELECT, INSERT",
    "delivery": (
        "SELECT, INSERT, UPDATE (state, attempts, next_attempt_at, sent_at, error, transport,"
        " settled_at, settled_by, settled_how)"
    ),
    "answer_link": "SELECT, INSERT, UPDATE (used_at)",
    "incident": "SELECT, INSERT",
    "emergency_access": "SELECT, UPDATE (ended_at)",
    "access_log": "SELECT, INSERT",
    "schema_version": "SELECT",
}

SERVICE_GRANTS: dict[str, str] = {
    "review.account": (
        "SELECT, UPDATE (locked_at, last_sign_in_at, password_hash, language,"
        " introduced_at, password_is_temporary, old_password_hashes)"
    ),
    "review.sign_in": (
        "SELECT, INSERT, UPDATE (ticket_hash, token_hash, last_seen_at, ended_at,"
        " presenting_since, awaits)"
    ),
    "review.second_factor": (
        "SELECT, INSERT, UPDATE (secret, enrolled_at, last_step, recovery_hashes)"
    ),
    "review.sign_in_failure": "SELECT, INSERT",
    "review.account_notice": (
        "SELECT, UPDATE (used_at, state, attempts, next_attempt_at, sent_at, error)"
    ),
    "review.calendar_feed": "SELECT, INSERT, DELETE, UPDATE (token_hash, renewed_at)",
    "review.made_file": "SELECT, INSERT, DELETE, UPDATE (sealed, made_at)",
    "review.access_log": "INSERT",
    "review.schema_version": "SELECT",
    "review.site_counted": "SELECT (as_of)",
    "review.delivery": (
        "SELECT (patient_id, id, state, attempts),"
        " UPDATE (state, next_attempt_at, sent_at, error, transport)"
    ),
    **{f"registry.{name}": "SELECT" for name in REFERENCE_TABLES},
}
"""The rights of the server's own database role, by relation.

The server uses this role for its own work: to sign people in, to record whether mails were sent,
for calendar feeds and made files, and for monitoring. Functions of the schema ``review`` give it
the letter that it is sending and the counts for leads.
"""

NEVER_CHANGED = (
    "case_review",
    "recommendation",
    "answer",
    "settlement",
    "letter",
    "incident",
    "access_log",
)


def secure(connection: Connection) -> None:
    """Set the rights of the two roles and the policies, and make signed rows impossible to
    change.
    """
    tables = _registry_tables(connection)
    for statement in (
        *_locks(tables),
        *role_limits(connection),
        *acting(),
        *emergency(APP_ROLE),
        *begun_reviews(APP_ROLE),
        *calendar_feed(SERVICE_ROLE),
        *account_changes(APP_ROLE),
        *_visible(),
        *published_version(),
        *_grants(),
        *_loaded(connection),
        *lead_access(APP_ROLE),
        *counting_for_leads(SERVICE_ROLE),
        *_service_grants(),
        *_claims_for_the_sender(),
        *monitoring(SERVICE_ROLE),
        *_registry_policies(tables),
        *_review_policies(),
        *_count_policies(),
        *_immutability(),
        *_answers_in_order(),
        *trail(),
        *_reminders(),
    ):
        connection.exec_driver_sql(statement)
    for statement in _pinned_owners(connection):
        connection.exec_driver_sql(statement)


@dataclass(frozen=True)
class _RegistryTable:
    """A relation of the registry that is a table, and so needs policies.

    A view needs none, because the tables that it reads have them.
    """

    owner: str
    """The database role that owns the table, quoted for SQL."""
    guarded: bool
    """Whether the registry's owner had enabled row security before the dashboard was installed."""
    forced: bool
    """Whether row security also applies to the role that owns the table."""


def _registry_tables(connection: Connection) -> dict[str, _RegistryTable]:
    rows = connection.exec_driver_sql(
        "SELECT relname, quote_ident(pg_get_userbyid(relowner)) AS owner,"
        " relforcerowsecurity AS forced, relrowsecurity AND NOT EXISTS ("
        "   SELECT FROM pg_policy"
        "   WHERE polrelid = pg_class.oid AND polname = 'case_review_leaves_others'"
        " ) AS guarded"
        " FROM pg_class WHERE relnamespace = 'registry'::regnamespace AND relkind IN ('r', 'p')"
    )
    return {row.relname: _RegistryTable(row.owner, row.guarded, row.forced) for row in rows}


def _locks(tables: Iterable[str]) -> Iterator[str]:
    """Yield the SQL statement that locks all tables with policies before one of them is changed.

    GRANT changes a table's row in the catalogue without locking the table. Without this lock, the
    transaction and a concurrent ANALYZE could deadlock.
    """
    guarded = REGISTRY_VISIBILITY | OPTIONAL_VISIBILITY
    names = [f"registry.{name}" for name in tables if name in guarded]
    names += [f"review.{name}" for name in (*REVIEW_VISIBILITY, *COUNT_VISIBILITY, *OWNER_ONLY)]
    yield f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE"


def _visible() -> Iterator[str]:
    """Yield the SQL for the functions that return the patients and episodes a practitioner may see.

    The policies on the other tables about patients use these functions. The functions run with the
    rights of the caller, so that only the policy on ``episode`` decides what is visible. PostgreSQL
    plans them once per connection.

    The planner does not know that they return few rows, and would read every episode. Sequential
    scans are therefore off, and each way to a patient (as psychiatrist, nurse or GP, or in an
    emergency) is a query that an index can answer. In a transaction about one episode
    (``acting_as``), the functions return at most this episode and its patient.
    """
    for function, column in (("visible_patients", "patient_id"), ("visible_episodes", "id")):
        ways = " UNION ALL ".join(
            f"SELECT {column} FROM registry.episode WHERE {way}"
            for way in (
                "psychiatrist_id = ANY (acting)",
                "nurse_id = ANY (acting)",
                "gp_id = ANY (acting)",
                "patient_id = ANY (opened)",
            )
        )
        yield f"""
        CREATE OR REPLACE FUNCTION review.{function}() RETURNS bigint[]
        LANGUAGE plpgsql STABLE PARALLEL SAFE SET max_parallel_workers_per_gather = 0
        SET enable_seqscan = off SET enable_bitmapscan = off
        SET plan_cache_mode = force_generic_plan AS $$
        DECLARE
            about bigint := nullif(current_setting('case_review.about', true), '')::bigint;
            -- Each function looks up the presented sign-in, so each is called only once.
            acting bigint[];
            opened bigint[];
        BEGIN
            IF about IS NOT NULL THEN
                RETURN ARRAY (SELECT {column} FROM registry.episode WHERE id = about);
            END IF;
            acting := review.acting_for();
            opened := review.opened_in_emergency();
            RETURN ARRAY ({ways});
        END $$
        """


def _grants() -> Iterator[str]:
    yield f"GRANT USAGE ON SCHEMA registry, review TO {APP_ROLE}"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA review FROM {APP_ROLE}"
    for name in (*REFERENCE_TABLES, *REGISTRY_VISIBILITY):
        yield f"REVOKE ALL ON registry.{name} FROM {APP_ROLE}"
        yield f"GRANT SELECT ON registry.{name} TO {APP_ROLE}"
    for name, rights in GRANTS.items():
        yield f"GRANT {rights} ON review.{name} TO {APP_ROLE}"
    for name in COUNT_VISIBILITY:
        yield f"GRANT SELECT ON review.{name} TO {APP_ROLE}"


def _loaded(connection: Connection) -> Iterator[str]:
    """Yield the SQL statements that let both roles read when the registry was loaded.

    The functions return nothing if the registry has no relation ``loaded``.
    """
    there = connection.exec_driver_sql(f"SELECT to_regclass('registry.{LOADED}')").scalar()
    if there is not None:
        for role in (APP_ROLE, SERVICE_ROLE):
            yield f"REVOKE ALL ON registry.{LOADED} FROM {role}"
            yield f"GRANT SELECT ON registry.{LOADED} TO {role}"
    # The errors are ignored, because the pages must work even if this optional relation lacks a
    # column or a right.
    yield f"""
    CREATE OR REPLACE FUNCTION review.registry_load()
    RETURNS TABLE (as_of date, loaded_at timestamptz, source text)
    LANGUAGE plpgsql STABLE ROWS 1 AS $$
    BEGIN
        IF to_regclass('registry.{LOADED}') IS NOT NULL THEN
            RETURN QUERY
                SELECT l.as_of::date, l.loaded_at::timestamptz, coalesce(l.source::text, '')
                FROM registry.{LOADED} l
                WHERE l.as_of IS NOT NULL AND l.loaded_at IS NOT NULL
                ORDER BY l.loaded_at DESC LIMIT 1;
        END IF;
    EXCEPTION WHEN undefined_column OR undefined_table OR insufficient_privilege THEN
        RETURN;
    END $$
    """
    # ``registry_loaded_at`` is kept, because servers of an earlier version call it.
    yield f"""
    CREATE OR REPLACE FUNCTION review.registry_loaded_at() RETURNS timestamptz
    LANGUAGE plpgsql STABLE AS $$
    DECLARE
        latest timestamptz;
    BEGIN
        IF to_regclass('registry.{LOADED}') IS NOT NULL THEN
            SELECT max(loaded_at) INTO latest FROM registry.{LOADED};
        END IF;
        RETURN latest;
    END $$
    """


def _service_grants() -> Iterator[str]:
    """Yield the SQL statements that give the server's own role exactly the rights in
    ``SERVICE_GRANTS``.
    """
    yield f"GRANT USAGE ON SCHEMA registry, review TO {SERVICE_ROLE}"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA review FROM {SERVICE_ROLE}"
    for name in (*REFERENCE_TABLES, *REGISTRY_VISIBILITY):
        yield f"REVOKE ALL ON registry.{name} FROM {SERVICE_ROLE}"
    for name, rights in SERVICE_GRANTS.items():
        yield f"GRANT {rights} ON {name} TO {SERVICE_ROLE}"


def _pinned_owners(connection: Connection) -> Iterator[str]:
    """Yield SQL that makes the owner of the tables the owner of all SECURITY DEFINER functions.

    Such a function runs with the rights of its owner.
    """
    rows = connection.exec_driver_sql(
        "SELECT p.oid::regprocedure::text, quote_ident(pg_get_userbyid(t.relowner))"
        " FROM pg_proc p JOIN pg_class t ON t.oid = 'review.sign_in'::regclass"
        " WHERE p.pronamespace = 'review'::regnamespace AND p.prosecdef"
        "   AND p.proowner <> t.relowner"
    ).all()
    for function, owner in rows:
        yield f"ALTER FUNCTION {function} OWNER TO {owner}"


def _claims_for_the_sender() -> Iterator[str]:
    """Yield the SQL for the functions with which the sender claims a due letter and reads it.

    ``claim_mail`` claims the next due letter, so that other processes do not claim it before the
    end of the lease. ``claimed_letter`` returns the letter. These are two functions, so that no row
    is locked while the sender contacts the mail server.

    ``claim_mail`` marks mails that must not be sent any more as failed, with one of these codes:

    - ``superseded``: the review was amended, so the letter of the later review replaces this one;
    - ``inactive``: the recipient has left according to the registry;
    - ``not_in_care``: it is a reminder, and the recipient is no longer the nurse or the GP.

    ``claim_mail`` does not claim a notice of a withdrawal while an earlier letter about the same
    patient still waits to be sent to the same recipient.
    """
    # ``claim_delivery`` is removed, so that servers of an earlier version can no longer read
    # letters.
    yield "DROP FUNCTION IF EXISTS review.claim_delivery(interval)"
    # Both functions are dropped first, because CREATE OR REPLACE cannot change the columns of a
    # result.
    yield "DROP FUNCTION IF EXISTS review.claim_mail(interval)"
    yield "DROP FUNCTION IF EXISTS review.claimed_letter(bigint, uuid, integer)"
    yield """
    CREATE FUNCTION review.claim_mail(lease interval)
    RETURNS TABLE (patient_id bigint, id uuid, attempt integer)
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        WITH stopped AS (
            SELECT d.patient_id, d.id,
                   CASE WHEN later.id IS NOT NULL THEN 'superseded'
                        WHEN NOT to_.active THEN 'inactive' ELSE 'not_in_care' END AS code
            FROM review.delivery d
            JOIN review.case_review r ON r.patient_id = d.patient_id AND r.id = d.case_review_id
            LEFT JOIN review.case_review later
              ON later.patient_id = d.patient_id AND later.supersedes = d.case_review_id
             AND d.reminder >= 0
            LEFT JOIN registry.episode e ON e.patient_id = r.patient_id AND e.id = r.episode_id
            LEFT JOIN registry.practitioner to_ ON to_.id = d.recipient_id
            WHERE d.state = 'queued' AND d.channel = 'mail'
              AND (later.id IS NOT NULL OR NOT to_.active
                   OR (d.reminder > 0 AND d.recipient_id IS DISTINCT FROM e.nurse_id
                       AND d.recipient_id IS DISTINCT FROM e.gp_id))
            FOR UPDATE OF d SKIP LOCKED
        ), failed AS (
            UPDATE review.delivery d
            SET state = 'failed', next_attempt_at = NULL, error = stopped.code
            FROM stopped
            WHERE d.patient_id = stopped.patient_id AND d.id = stopped.id
        ), due AS (
            SELECT d.patient_id, d.id
            FROM review.delivery d
            WHERE d.state = 'queued' AND d.channel = 'mail'
              AND (d.next_attempt_at IS NULL OR d.next_attempt_at <= now())
              AND NOT EXISTS (SELECT FROM stopped WHERE stopped.patient_id = d.patient_id
                                                    AND stopped.id = d.id)
              AND NOT (d.reminder < 0
                       AND EXISTS (SELECT FROM review.delivery letter
                                   WHERE letter.patient_id = d.patient_id
                                     AND letter.recipient_id = d.recipient_id
                                     AND letter.channel = 'mail' AND letter.state = 'queued'
                                     AND letter.reminder >= 0
                                     AND letter.queued_at <= d.queued_at))
            ORDER BY d.next_attempt_at, d.id
            LIMIT 1
            FOR UPDATE OF d SKIP LOCKED
        )
        UPDATE review.delivery d
        SET attempts = d.attempts + 1, next_attempt_at = now() + lease
        FROM due
        WHERE d.patient_id = due.patient_id AND d.id = due.id
        RETURNING d.patient_id, d.id, d.attempts
    $$
    """
    yield """
    CREATE FUNCTION review.claimed_letter(
        its_patient bigint, its_id uuid, its_attempt integer
    ) RETURNS TABLE (
        case_review_id uuid, message_id text, reminder integer, queued_at timestamptz,
        notice text, family_name text, given_name text, secure_email text, reply_address text,
        signs_in boolean, language text, plain_text text, pdf bytea, in_reply_to text,
        partly_ended boolean
    )
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        SELECT d.case_review_id, d.message_id, d.reminder, d.queued_at, d.notice,
               to_.family_name, to_.given_name, to_.secure_email, by.secure_email,
               EXISTS (SELECT FROM review.account a
                       WHERE a.practitioner_id = d.recipient_id AND NOT a.password_is_temporary),
               l.language, l.plain_text, l.pdf,
               (SELECT first.message_id FROM review.delivery first
                WHERE first.patient_id = d.patient_id AND first.case_review_id = d.case_review_id
                  AND first.recipient_id = d.recipient_id AND first.channel = 'mail'
                  AND first.reminder = 0 AND d.reminder <> 0),
               EXISTS (SELECT FROM review.settlement ended
                       WHERE ended.patient_id = d.patient_id
                         AND ended.kind IN ('replaced', 'withdrawn')
                         AND ended.settled_at > r.signed_at
                         AND ended.recommendation_id IN (
                             SELECT given.id FROM review.recommendation given
                             WHERE given.patient_id = d.patient_id
                               AND given.case_review_id = d.case_review_id
                             UNION ALL
                             SELECT kept.recommendation_id FROM review.settlement kept
                             WHERE kept.patient_id = d.patient_id AND kept.kind = 'kept'
                               AND kept.case_review_id = d.case_review_id))
        FROM review.delivery d
        JOIN review.case_review r ON r.patient_id = d.patient_id AND r.id = d.case_review_id
        LEFT JOIN registry.practitioner to_ ON to_.id = d.recipient_id
        LEFT JOIN registry.practitioner by ON by.id = r.psychiatrist_id
        LEFT JOIN review.letter l ON l.patient_id = d.patient_id
             AND l.case_review_id = d.case_review_id AND l.recipient_id = d.recipient_id
        WHERE d.patient_id = its_patient AND d.id = its_id
          AND d.state = 'queued' AND d.channel = 'mail' AND d.attempts = its_attempt
          AND d.next_attempt_at > now()
    $$
    """
    for name in ("claim_mail(interval)", "claimed_letter(bigint, uuid, integer)"):
        yield f"REVOKE ALL ON FUNCTION review.{name} FROM PUBLIC"
        yield f"GRANT EXECUTE ON FUNCTION review.{name} TO {SERVICE_ROLE}"


def _registry_policies(tables: Mapping[str, _RegistryTable]) -> Iterator[str]:
    for name in OPTIONAL_VISIBILITY.keys() & tables.keys():
        yield f"GRANT SELECT ON registry.{name} TO {APP_ROLE}"
    for name, visible in (REGISTRY_VISIBILITY | OPTIONAL_VISIBILITY).items():
        if name in tables:
            yield from _protect(f"registry.{name}", tables[name])
            yield from _limits(f"registry.{name}", visible, "false", "false")


def _review_policies() -> Iterator[str]:
    for name, visible in REVIEW_VISIBILITY.items():
        yield from _protect(f"review.{name}")
        writable = REVIEW_WRITING[name]
        changeable = REVIEW_CHANGING.get(name, writable)
        yield from _limits(f"review.{name}", visible, writable, changeable)
    for name in OWNER_ONLY:
        yield from _protect(f"review.{name}")
        yield from _limits(f"review.{name}", "false", "false", "false")


def _count_policies() -> Iterator[str]:
    for name, visible in COUNT_VISIBILITY.items():
        yield from _protect(f"review.{name}")
        yield from _limits(f"review.{name}", visible, "false", "false")


def _protect(table: str, before: _RegistryTable | None = None) -> Iterator[str]:
    """Yield SQL statements that enable row security on ``table``, also for its owner.

    Other roles keep their access by a permissive policy. The policies for the application are
    therefore restrictive: PostgreSQL joins permissive policies by OR, and could then not use an
    index.
    """
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    for policy in ("reads", "adds", "changes", "removes", "leaves_others", "admits"):
        yield f"DROP POLICY IF EXISTS case_review_{policy} ON {table}"
    if before is None or not before.guarded:
        yield f"CREATE POLICY case_review_leaves_others ON {table} USING (true)"
        return
    # The policy is only for the application's role. PostgreSQL joins permissive policies by OR, so
    # a policy for all roles would cancel the policies of the table's owner.
    yield f"CREATE POLICY case_review_admits ON {table} TO {APP_ROLE} USING (true)"
    if not before.forced:
        yield f"CREATE POLICY case_review_leaves_owner ON {table} TO {before.owner} USING (true)"


def _limits(table: str, visible: str, writable: str, changeable: str) -> Iterator[str]:
    rules = {
        "reads": f"FOR ALL TO {APP_ROLE} USING ({visible})",
        "adds": f"FOR INSERT TO {APP_ROLE} WITH CHECK ({writable})",
        "changes": f"FOR UPDATE TO {APP_ROLE} WITH CHECK ({changeable})",
        "removes": f"FOR DELETE TO {APP_ROLE} USING ({writable})",
    }
    for name, rule in rules.items():
        yield f"CREATE POLICY case_review_{name} ON {table} AS RESTRICTIVE {rule}"


def _immutability() -> Iterator[str]:
    yield """
    CREATE OR REPLACE FUNCTION review.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'review.%% is append-only', TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END $$
    """
    for name in NEVER_CHANGED:
        yield f"""
        CREATE OR REPLACE TRIGGER append_only
        BEFORE UPDATE OR DELETE OR TRUNCATE ON review.{name}
        FOR EACH STATEMENT EXECUTE FUNCTION review.refuse_change()
        """


def _answers_in_order() -> Iterator[str]:
    """Yield the SQL for the trigger that sets the times of the answers to a recommendation.

    The time of a new answer is now, or a microsecond after the last answer if that is later. The
    order of answers is therefore right even after the clock was set back. The policy on ``answer``
    refuses an earlier time.
    """
    yield """
    CREATE OR REPLACE FUNCTION review.answer_in_order() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        NEW.answered_at := greatest(now(), (
            SELECT max(answered_at) + interval '1 microsecond' FROM review.answer a
            WHERE a.patient_id = NEW.patient_id AND a.recommendation_id = NEW.recommendation_id));
        RETURN NEW;
    END $$
    """
    yield f"""
    CREATE OR REPLACE TRIGGER in_order BEFORE INSERT ON review.answer
    FOR EACH ROW WHEN (current_user = '{APP_ROLE}' AND NEW.answered_at >= now())
    EXECUTE FUNCTION review.answer_in_order()
    """


def _reminders() -> Iterator[str]:
    """Yield the SQL for the trigger that allows at most one reminder of a letter a week.

    The trigger also refuses a reminder if the letter, or the reminder before it, is not in the
    outbox. It runs after the insert, because a trigger before each row would slow down every COPY.
    """
    yield """
    CREATE OR REPLACE FUNCTION review.refuse_reminder() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        queued_on date := (NEW.queued_at AT TIME ZONE 'Europe/Paris')::date;
    BEGIN
        -- Reminders are numbered without gaps. Two at once have one number, which a key refuses.
        IF NOT EXISTS (
            SELECT FROM review.delivery
            WHERE patient_id = NEW.patient_id AND case_review_id = NEW.case_review_id
              AND recipient_id = NEW.recipient_id AND reminder = NEW.reminder - 1
        ) THEN
            RAISE EXCEPTION 'a reminder follows what was sent' USING ERRCODE = 'check_violation';
        END IF;
        IF EXISTS (
            SELECT FROM review.delivery
            WHERE patient_id = NEW.patient_id AND case_review_id = NEW.case_review_id
              AND recipient_id = NEW.recipient_id AND reminder > 0 AND id <> NEW.id
              AND abs((queued_at AT TIME ZONE 'Europe/Paris')::date - queued_on) < 7
        ) THEN
            RAISE EXCEPTION 'at most one reminder a week' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$
    """
    yield """
    CREATE OR REPLACE TRIGGER one_reminder_a_week
    AFTER INSERT ON review.delivery
    FOR EACH ROW WHEN (NEW.reminder > 0) EXECUTE FUNCTION review.refuse_reminder()
    """
