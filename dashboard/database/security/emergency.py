"""The SQL functions for emergency access to a patient's record.

``begin_emergency_access`` opens an emergency access. ``opened_in_emergency`` returns the patients
whose record the practitioner has opened in this way. The policy on ``registry.episode`` shows the
episodes of these patients, as it shows those of the practitioner's own patients. A practitioner who
may see an episode may see all data of its patient. An emergency access ends by the clock of the
database.
"""

from collections.abc import Iterator

from dashboard.clinical.access.emergency import LASTS, OPENED_A_DAY, WRONG_AN_HOUR

OPENED = "= ANY ((SELECT review.opened_in_emergency())::bigint[])"
"""SQL to append to a patient id. The condition is true if the practitioner has emergency access."""

_TEAM = "ANY ((SELECT review.acting_for())::bigint[])"

ONLY_IN_AN_EMERGENCY = (
    f"(e.patient_id {OPENED} AND (e.psychiatrist_id = {_TEAM} OR e.nurse_id = {_TEAM}"
    f" OR e.gp_id = {_TEAM}) IS NOT TRUE)"
)
"""SQL condition on an episode ``e``: only an emergency access shows it. Neither
the practitioner nor a colleague whom the practitioner covers is in its care team.
"""


def emergency(app_role: str) -> Iterator[str]:
    """Yield the SQL statements that create the functions for emergency access.

    The functions run with the rights of their owner.
    """
    yield """
    CREATE OR REPLACE FUNCTION review.opened_in_emergency() RETURNS bigint[]
    LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        SELECT coalesce(array_agg(patient_id), '{}') FROM review.emergency_access
        WHERE practitioner_id = review.acting_practitioner()
          AND ended_at IS NULL AND ends_at > now()
    $$
    """
    yield _BEGIN
    for name in ("opened_in_emergency()", f"begin_emergency_access({_ARGUMENTS})"):
        yield f"REVOKE ALL ON FUNCTION review.{name} FROM PUBLIC"
        yield f"GRANT EXECUTE ON FUNCTION review.{name} TO {app_role}"


_ARGUMENTS = "uuid, bigint, text, date, text, text"


def letters_of(name: str) -> str:
    """Return an SQL expression for the letters of ``name``, without case and accents.

    ``name`` is an SQL expression. Spaces and punctuation are left out. Accents are separated from
    their letters before the case is changed, because in the locale C only ASCII letters have a
    case.
    """
    bare = r"[\u0300-\u036f[:space:][:punct:]’]"
    return f"regexp_replace(lower(normalize({name}, NFKD)), '{bare}', '', 'g')"


# If the case number, the name or the birth date is wrong, the result does not say which one. The
# lock lets only one attempt of a practitioner run at a time, until its outcome is in the access
# log, so that attempts are counted correctly.
_BEGIN = f"""
CREATE OR REPLACE FUNCTION review.begin_emergency_access(
    its_id uuid, its_episode bigint, its_family_name text, its_birth_date date,
    its_reason text, its_explanation text
) RETURNS TABLE (outcome text, patient_id bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me bigint := review.acting_practitioner();
    found_patient bigint;
    is_mine boolean;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('case_review.emergency ' || me, 0));
    IF NOT EXISTS (SELECT FROM registry.practitioner p
                   WHERE p.id = me AND p.active AND p.role IN ('psychiatrist', 'nurse', 'gp'))
    THEN
        RETURN QUERY SELECT 'role', NULL::bigint; RETURN;
    END IF;
    IF (SELECT count(*) FROM review.access_log l
        WHERE l.practitioner_id = me AND l.at > now() - interval '1 hour'
          AND l.action = 'emergency_refused' AND l.detail->>'why' = 'no_match')
           >= {WRONG_AN_HOUR}
       OR (SELECT count(*) FROM review.emergency_access a
           WHERE a.practitioner_id = me AND a.begun_at > now() - interval '1 day')
           >= {OPENED_A_DAY}
    THEN
        RETURN QUERY SELECT 'too_many', NULL::bigint; RETURN;
    END IF;
    SELECT e.patient_id, coalesce(e.psychiatrist_id = ANY (review.acting_for()), false)
        OR coalesce(e.nurse_id = ANY (review.acting_for()), false)
        OR coalesce(e.gp_id = ANY (review.acting_for()), false)
    INTO found_patient, is_mine
    FROM registry.episode e JOIN registry.patient p ON p.id = e.patient_id
    WHERE e.id = its_episode AND p.birth_date = its_birth_date
      AND {letters_of("p.family_name")} = {letters_of("its_family_name")}
      AND {letters_of("p.family_name")} <> '';
    IF found_patient IS NULL THEN
        RETURN QUERY SELECT 'no_match', NULL::bigint; RETURN;
    END IF;
    IF is_mine THEN
        RETURN QUERY SELECT 'yours', found_patient; RETURN;
    END IF;
    IF found_patient = ANY (review.opened_in_emergency()) THEN
        RETURN QUERY SELECT 'open_already', found_patient; RETURN;
    END IF;
    INSERT INTO review.emergency_access
        (patient_id, id, episode_id, practitioner_id, reason, explanation, begun_at, ends_at)
    VALUES (found_patient, its_id, its_episode, me, its_reason, btrim(its_explanation),
            now(), now() + make_interval(secs => {LASTS.total_seconds():.0f}));
    RETURN QUERY SELECT 'opened', found_patient;
END $$
""".replace("%", "%%")
