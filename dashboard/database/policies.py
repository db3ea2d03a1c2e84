"""Who may see and write what: the application's role, its grants, the row-level policies.

Applied by ``init`` after every migration; applying them again changes nothing. The
reasons for their form are measured in ``tests/benchmarks``: a policy written as
``= ANY (ARRAY (SELECT …))`` is evaluated once a query, one written as ``EXISTS`` once a row.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, text

APP_ROLE = "case_review_app"

# The care team stands on the episode; whatever hangs on a patient follows it.
_MY_PATIENTS = "= ANY (ARRAY (SELECT patient_id FROM registry.episode))"
_MY_EPISODES = "= ANY (ARRAY (SELECT id FROM registry.episode))"
_ME = "(SELECT review.acting_practitioner())"
_ME_AND_THOSE_I_COVER = "ANY ((SELECT review.acting_for())::bigint[])"
_ITS_EPISODE = (
    "EXISTS (SELECT FROM registry.episode e"
    " WHERE e.id = {0}.episode_id AND e.patient_id = {0}.patient_id)"
)
_I_AM_PSYCHIATRIST = """EXISTS (
    SELECT FROM registry.practitioner
    WHERE id = review.acting_practitioner() AND role = 'psychiatrist' AND active
)"""

REFERENCE_TABLES = ("site", "practitioner", "practitioner_site")

REGISTRY_VISIBILITY: dict[str, str] = {
    "episode": (
        f"psychiatrist_id = {_ME_AND_THOSE_I_COVER}"
        f" OR nurse_id = {_ME_AND_THOSE_I_COVER}"
        f" OR gp_id = {_ME_AND_THOSE_I_COVER}"
    ),
    "patient": f"id {_MY_PATIENTS}",
    "care_sequence": f"episode_id {_MY_EPISODES}",
    "assessment": f"patient_id {_MY_PATIENTS}",
    "contact": f"patient_id {_MY_PATIENTS}",
    "medication": f"patient_id {_MY_PATIENTS}",
    "psychosocial_care": f"patient_id {_MY_PATIENTS}",
    "condition": f"patient_id {_MY_PATIENTS}",
    "flag": f"patient_id {_MY_PATIENTS}",
}

REVIEW_VISIBILITY: dict[str, str] = {
    "preparation": f"patient_id {_MY_PATIENTS}",
    "agenda_item": f"patient_id {_MY_PATIENTS}",
    "case_review": f"patient_id {_MY_PATIENTS}",
    "recommendation": f"patient_id {_MY_PATIENTS}",
    "answer": f"patient_id {_MY_PATIENTS}",
    "delivery": f"patient_id {_MY_PATIENTS}",
    "draft": f"psychiatrist_id = {_ME} AND patient_id {_MY_PATIENTS}",
    "meeting": f"psychiatrist_id = {_ME} OR nurse_id = {_ME}",
    "cover": f"covering_id = {_ME} OR covered_id = {_ME}",
    # Nobody is signed in yet when a sign-in is refused.
    "access_log": f"practitioner_id IS NOT DISTINCT FROM {_ME}",
}
"""What can be read. What may be written is narrower, see ``REVIEW_WRITING``."""

REVIEW_WRITING: dict[str, str] = {
    "preparation": f"nurse_id = {_ME} AND {_ITS_EPISODE.format('preparation')}",
    "agenda_item": (
        "EXISTS (SELECT FROM review.meeting m WHERE m.id = meeting_id"
        f" AND (m.psychiatrist_id = {_ME} OR m.nurse_id = {_ME}))"
        f" AND {_ITS_EPISODE.format('agenda_item')}"
    ),
    "case_review": (
        f"psychiatrist_id = {_ME} AND {_I_AM_PSYCHIATRIST} AND signed_at = now()"
        f" AND {_ITS_EPISODE.format('case_review')}"
    ),
    # now() is when the transaction began: nothing is added to a review once it is signed.
    "recommendation": (
        "EXISTS (SELECT FROM review.case_review r WHERE r.id = case_review_id"
        f" AND r.patient_id = recommendation.patient_id AND r.psychiatrist_id = {_ME}"
        " AND r.signed_at = now())"
    ),
    "answer": f"practitioner_id = {_ME} AND answered_at = now()",
    "delivery": (
        "EXISTS (SELECT FROM review.case_review r WHERE r.id = case_review_id"
        f" AND r.patient_id = delivery.patient_id AND r.psychiatrist_id = {_ME})"
    ),
    "draft": (
        f"psychiatrist_id = {_ME} AND {_I_AM_PSYCHIATRIST} AND {_ITS_EPISODE.format('draft')}"
    ),
    "meeting": f"psychiatrist_id = {_ME} OR nurse_id = {_ME}",
    "cover": f"covered_id = {_ME}",
    "access_log": f"practitioner_id IS NOT DISTINCT FROM {_ME} AND at = now()",
}

GRANTS: dict[str, str] = {
    "account": "SELECT, UPDATE (locked_at, last_sign_in_at, password_hash)",
    "sign_in": "SELECT, INSERT, UPDATE (ticket_hash, token_hash, last_seen_at, ended_at)",
    "sign_in_failure": "SELECT, INSERT",
    "cover": "SELECT, INSERT",
    "preparation": "SELECT, INSERT, UPDATE (ready_at, withdrawn_at, meeting_on, position)",
    "meeting": "SELECT, INSERT, UPDATE (started_at, ended_at)",
    "agenda_item": ("SELECT, INSERT, UPDATE (position, pinned_at, outcome, reason, seconds_spent)"),
    "draft": (
        "SELECT, INSERT, DELETE, UPDATE (content, saved_at, idempotency_key, supersedes, begun_at)"
    ),
    "case_review": "SELECT, INSERT",
    "recommendation": "SELECT, INSERT",
    "answer": "SELECT, INSERT",
    "delivery": "SELECT, INSERT, UPDATE (state, attempts, next_attempt_at, sent_at, error)",
    "access_log": "SELECT, INSERT",
    "schema_version": "SELECT",
}

NEVER_CHANGED = ("case_review", "recommendation", "answer", "access_log")


def create_app_role(connection: Connection, password: str | None = None) -> bool:
    """Create the application's role, with this password, unless it exists. Whether it did."""
    exists = connection.execute(
        text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": APP_ROLE}
    ).first()
    if exists is not None:
        return False
    connection.exec_driver_sql(
        f"CREATE ROLE {APP_ROLE} LOGIN NOINHERIT NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE"
    )
    if password is not None:
        set_app_password(connection, password)
    return True


def set_app_password(connection: Connection, password: str) -> None:
    """Give the application's role this password."""
    # ALTER ROLE takes no bound parameter: the server itself quotes the literal.
    statement = connection.execute(
        text(f"SELECT format('ALTER ROLE {APP_ROLE} PASSWORD %L', CAST(:password AS text))"),
        {"password": password},
    ).scalar_one()
    connection.exec_driver_sql(statement.replace("%", "%%"))


def secure(connection: Connection) -> None:
    """Grant what the application needs, hide the rows of others, freeze what is signed."""
    for statement in (
        *_role_limits(connection),
        *_acting_practitioner(),
        *_grants(),
        *_counts_for_leads(),
        *_registry_policies(_registry_tables(connection)),
        *_review_policies(),
        *_immutability(),
    ):
        connection.exec_driver_sql(statement)


@dataclass(frozen=True)
class _RegistryTable:
    """A relation of the registry that is a table; a view is protected by what it reads."""

    owner: str
    """The role that owns it, quoted."""
    guarded: bool
    """Whether its owner had row security on it before the dashboard came."""
    forced: bool
    """Whether row security holds for its owner too."""


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


def _role_limits(connection: Connection) -> Iterator[str]:
    """The limits that the role has not got yet: who may not alter roles may still ``init``."""
    held = (
        connection.exec_driver_sql(
            "SELECT unnest(setconfig) FROM pg_db_role_setting"
            f" WHERE setdatabase = 0 AND setrole = '{APP_ROLE}'::regrole"
        )
        .scalars()
        .all()
    )
    for name, value in _LIMITS.items():
        if f"{name}={value}" not in held:
            yield f"ALTER ROLE {APP_ROLE} SET {name} = '{value}'"


_LIMITS = {
    "statement_timeout": "15s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "30s",
    # Dozens of short queries over a few hundred patients: compiling them costs more.
    "jit": "off",
}


def _acting_practitioner() -> Iterator[str]:
    yield """
    CREATE OR REPLACE FUNCTION review.acting_practitioner() RETURNS bigint
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('case_review.practitioner', true), '')::bigint
    """
    yield """
    CREATE OR REPLACE FUNCTION review.acting_for() RETURNS bigint[]
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN ARRAY (
        SELECT review.acting_practitioner()
        UNION ALL
        SELECT covered_id FROM review.cover
        WHERE covering_id = review.acting_practitioner()
          AND (now() AT TIME ZONE 'Europe/Paris')::date BETWEEN starts_on AND ends_on
    )
    """


def _grants() -> Iterator[str]:
    yield f"GRANT USAGE ON SCHEMA registry, review TO {APP_ROLE}"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA review FROM {APP_ROLE}"
    for name in (*REFERENCE_TABLES, *REGISTRY_VISIBILITY):
        yield f"REVOKE ALL ON registry.{name} FROM {APP_ROLE}"
        yield f"GRANT SELECT ON registry.{name} TO {APP_ROLE}"
    for name, rights in GRANTS.items():
        yield f"GRANT {rights} ON review.{name} TO {APP_ROLE}"


def _counts_for_leads() -> Iterator[str]:
    """What a lead sees: counts of the sites that they watch, never a patient's record."""
    yield """
    CREATE OR REPLACE FUNCTION review.caseload_by_site(as_of date)
    RETURNS TABLE (site_id bigint, site text, department text, open_episodes bigint,
                   in_prevention bigint, enrolled_lately bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        SELECT s.id, s.name, s.department, count(e.id),
               count(e.id) FILTER (WHERE e.status = 'relapse_prevention'),
               count(e.id) FILTER (WHERE e.enrolled_on > as_of - 28)
        FROM registry.site s
        LEFT JOIN registry.episode e ON e.site_id = s.id AND e.enrolled_on <= as_of
             AND (e.status <> 'closed' OR e.closed_on > as_of)
        WHERE EXISTS (SELECT FROM registry.practitioner me
                      WHERE me.id = review.acting_practitioner()
                        AND me.role = 'lead' AND me.active)
          AND (NOT EXISTS (SELECT FROM registry.practitioner_site w
                           WHERE w.practitioner_id = review.acting_practitioner())
               OR EXISTS (SELECT FROM registry.practitioner_site w
                          WHERE w.practitioner_id = review.acting_practitioner()
                            AND w.site_id = s.id))
        GROUP BY s.id, s.name, s.department
        ORDER BY s.department, s.name, s.id
    $$
    """
    yield "REVOKE ALL ON FUNCTION review.caseload_by_site(date) FROM PUBLIC"
    yield f"GRANT EXECUTE ON FUNCTION review.caseload_by_site(date) TO {APP_ROLE}"


def _registry_policies(tables: Mapping[str, _RegistryTable]) -> Iterator[str]:
    for name, visible in REGISTRY_VISIBILITY.items():
        if name in tables:
            yield from _protect(f"registry.{name}", tables[name])
            yield from _limits(f"registry.{name}", visible, writable="false")


def _review_policies() -> Iterator[str]:
    for name, visible in REVIEW_VISIBILITY.items():
        yield from _protect(f"review.{name}")
        yield from _limits(f"review.{name}", visible, REVIEW_WRITING[name])


def _protect(table: str, before: _RegistryTable | None = None) -> Iterator[str]:
    """Row security for everyone, the owner too, with every other role left as it was.

    The application's own policies are restrictive: beside a permissive one for the other
    roles, a permissive one for the application would be joined to it by OR, which keeps
    the planner from the index.
    """
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    for policy in ("reads", "adds", "changes", "removes", "leaves_others", "admits"):
        yield f"DROP POLICY IF EXISTS case_review_{policy} ON {table}"
    if before is None or not before.guarded:
        yield f"CREATE POLICY case_review_leaves_others ON {table} USING (true)"
        return
    # Permissive policies are joined by OR: one for everyone would undo its owner's own.
    yield f"CREATE POLICY case_review_admits ON {table} TO {APP_ROLE} USING (true)"
    if not before.forced:
        yield f"CREATE POLICY case_review_leaves_owner ON {table} TO {before.owner} USING (true)"


def _limits(table: str, visible: str, writable: str) -> Iterator[str]:
    rules = {
        "reads": f"FOR ALL TO {APP_ROLE} USING ({visible})",
        "adds": f"FOR INSERT TO {APP_ROLE} WITH CHECK ({writable})",
        "changes": f"FOR UPDATE TO {APP_ROLE} WITH CHECK ({writable})",
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
