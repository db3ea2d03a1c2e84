"""The hash chains of the access log, which reveal a row that was altered, removed or moved.

Each row has a number, and a SHA-256 digest of its content and of the previous digest. Each
practitioner has two chains, one for each retention period: practitioner 12 has ``12/records`` and
``12/technical``. Two practitioners therefore never wait for the same chain, and the expired rows of
a chain are its first rows, with rare exceptions (``retention``). Rows without a practitioner have
two chains of their own.

A deferred trigger computes the digest at the end of the transaction, so that a page does not lock
its chain while it reads. The application may neither read nor write the tables of the chains.
"""

from collections.abc import Iterator

from dashboard.database.audit.access_log import TECHNICAL

NOBODY = "nobody"
RECORDS, TECHNICAL_KIND = "records", "technical"


def said_by(row: str, chain: str, number: str) -> str:
    """Return an SQL expression for the JSON text of a log row, from which its digest is computed.

    The text contains the columns of the row, its chain and its number. ``row`` is the alias of the
    table; ``chain`` and ``number`` are SQL expressions.
    """
    return (
        f"json_build_array({chain}, {number}, {row}.id,"
        f" (extract(epoch FROM {row}.at) * 1000000)::bigint,"
        f" {row}.practitioner_id, {row}.role, {row}.action, {row}.patient_id, {row}.why,"
        f" {row}.address, {row}.sign_in, {row}.detail::text)::text"
    )


def trail() -> Iterator[str]:
    """Yield the SQL statements that create the triggers on the access log.

    The first trigger adds the role and the reason to each new row. The second adds the row to a
    chain.
    """
    yield _STAMP
    yield """
    CREATE OR REPLACE TRIGGER stamp BEFORE INSERT ON review.access_log
    FOR EACH ROW EXECUTE FUNCTION review.stamp_access()
    """
    yield _chain()
    # The trigger is dropped first, because PostgreSQL has no CREATE OR REPLACE CONSTRAINT TRIGGER.
    yield "DROP TRIGGER IF EXISTS chain ON review.access_log"
    yield """
    CREATE CONSTRAINT TRIGGER chain AFTER INSERT ON review.access_log
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION review.chain_access()
    """


# ``stamp_access`` has the rights of the role that writes the log. If this role may not see any
# episode of the patient, the row gets no reason for the access.
_STAMP = """
CREATE OR REPLACE FUNCTION review.stamp_access() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me bigint := NEW.practitioner_id;
BEGIN
    NEW.role := (SELECT role FROM registry.practitioner WHERE id = me);
    NEW.why := NULL;
    -- The server's own role never logs a patient, and may not read the tables below.
    IF NEW.patient_id IS NULL THEN
        RETURN NEW;
    END IF;
    NEW.why := CASE
        WHEN NEW.patient_id = ANY (review.opened_in_emergency()) THEN 'emergency'
        WHEN EXISTS (SELECT FROM registry.episode e WHERE e.patient_id = NEW.patient_id
                     AND me IN (e.psychiatrist_id, e.nurse_id, e.gp_id))
        THEN CASE WHEN EXISTS (
            SELECT FROM review.agenda_item i JOIN review.meeting m ON m.current_item_id = i.id
            WHERE i.patient_id = NEW.patient_id AND m.started_at IS NOT NULL
              AND m.ended_at IS NULL) THEN 'meeting' ELSE 'care' END
        WHEN EXISTS (SELECT FROM registry.episode e WHERE e.patient_id = NEW.patient_id
                     AND (e.psychiatrist_id = ANY (review.acting_for())
                          OR e.nurse_id = ANY (review.acting_for())
                          OR e.gp_id = ANY (review.acting_for())))
        THEN 'cover'
    END;
    RETURN NEW;
END $$
"""


def _chain() -> str:
    technical = ", ".join(f"'{action}'" for action in sorted(TECHNICAL))
    return f"""
    CREATE OR REPLACE FUNCTION review.chain_access() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
        its_chain text := coalesce(NEW.practitioner_id::text, '{NOBODY}')
            || CASE WHEN NEW.action IN ({technical})
                    THEN '/{TECHNICAL_KIND}' ELSE '/{RECORDS}' END;
        its_number bigint;
        its_hash bytea;
    BEGIN
        LOOP
            UPDATE review.access_head h
            SET number = h.number + 1,
                hash = sha256(h.hash
                    || convert_to({said_by("NEW", "h.chain", "h.number + 1")}, 'UTF8'))
            WHERE h.chain = its_chain
            RETURNING h.number, h.hash INTO its_number, its_hash;
            EXIT WHEN FOUND;
            INSERT INTO review.access_head (chain, number, hash, kept_from, kept_hash)
            VALUES (its_chain, 0, sha256(convert_to(its_chain, 'UTF8')),
                    1, sha256(convert_to(its_chain, 'UTF8')))
            ON CONFLICT DO NOTHING;
        END LOOP;
        INSERT INTO review.access_chain (chain, number, log_id, hash)
        VALUES (its_chain, its_number, NEW.id, its_hash);
        RETURN NULL;
    END $$
    """.replace("%", "%%")
