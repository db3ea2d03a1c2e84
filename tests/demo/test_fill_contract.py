"""The synthetic registry has nothing that the registry's contract or plain sense forbids.

Each case is a query for forbidden rows; it finds none.
"""

import pytest

from tests.demo.conftest import AS_OF

FORBIDDEN = {
    "two open episodes of one patient": """
        SELECT patient_id FROM registry.episode WHERE status <> 'closed'
        GROUP BY 1 HAVING count(*) > 1""",
    "episodes of one patient that overlap": """
        SELECT a.id FROM registry.episode a JOIN registry.episode b USING (patient_id)
        WHERE a.id < b.id AND coalesce(a.closed_on, 'infinity') >= b.enrolled_on""",
    "an unknown status, or one that its closing contradicts": """
        SELECT id FROM registry.episode
        WHERE status NOT IN ('active', 'relapse_prevention', 'closed')
           OR (status = 'closed') <> (closed_on IS NOT NULL)
           OR (status = 'closed') <> (closed_reason IS NOT NULL)""",
    "an unknown reason for closing": """
        SELECT id FROM registry.episode WHERE closed_reason NOT IN ('completed',
        'referred_to_specialist', 'lost', 'refused', 'moved', 'deceased', 'other')""",
    "an episode out of order": """
        SELECT id FROM registry.episode WHERE referred_on > enrolled_on
        OR consented_on > enrolled_on OR closed_on < enrolled_on""",
    "a practitioner in another's role": """
        SELECT e.id FROM registry.episode e
        JOIN registry.practitioner n ON n.id = nurse_id
        JOIN registry.practitioner p ON p.id = psychiatrist_id
        JOIN registry.practitioner g ON g.id = gp_id
        WHERE (n.role, p.role, g.role) <> ('nurse', 'psychiatrist', 'gp')""",
    "a nurse or GP who does not work at the patient's site": """
        SELECT id FROM registry.episode e WHERE NOT EXISTS (
            SELECT FROM registry.practitioner_site s
            WHERE s.site_id = e.site_id AND practitioner_id = gp_id)
        OR NOT EXISTS (
            SELECT FROM registry.practitioner_site s
            WHERE s.site_id = e.site_id AND practitioner_id = nurse_id)""",
    "a patient enrolled at a site that was not open": """
        SELECT e.id FROM registry.episode e JOIN registry.site s ON s.id = site_id
        WHERE enrolled_on < opened_on AND status <> 'closed'""",
    "a minor": """
        SELECT p.id FROM registry.patient p JOIN registry.episode e ON e.patient_id = p.id
        WHERE enrolled_on < birth_date + interval '18 years'""",
    "an episode without a sequence": """
        SELECT id FROM registry.episode e WHERE NOT EXISTS (
            SELECT FROM registry.care_sequence WHERE episode_id = e.id)""",
    "a léger sequence that is renewed, a classique one beyond the fourth": """
        SELECT id FROM registry.care_sequence
        WHERE (kind = 'leger' AND number <> 1) OR number NOT BETWEEN 1 AND 4
           OR kind NOT IN ('leger', 'classique')""",
    "a sequence that is not three months": """
        SELECT id FROM registry.care_sequence
        WHERE ends_on <> (starts_on + interval '3 months')::date - 1
          AND extract(day FROM starts_on) <= 28""",
    "sequences of one episode that do not follow each other": """
        SELECT id FROM (
            SELECT id, starts_on,
                lag(ends_on) OVER (PARTITION BY episode_id ORDER BY starts_on) AS before
            FROM registry.care_sequence) s
        WHERE starts_on <> before + 1""",
    "a form outside every episode": """
        SELECT a.id FROM registry.assessment a WHERE NOT EXISTS (
            SELECT FROM registry.episode e WHERE e.patient_id = a.patient_id
            AND taken_on BETWEEN enrolled_on - 14 AND coalesce(closed_on, 'infinity'))""",
    "a total that is not the sum of the items": """
        SELECT id FROM registry.assessment WHERE array_position(items, NULL) IS NULL
        AND total <> (SELECT sum(item) FROM unnest(items) AS item)""",
    "a total beside items that are left out": """
        SELECT id FROM registry.assessment
        WHERE total IS NOT NULL AND array_position(items, NULL) IS NOT NULL""",
    "a form with neither total nor items": """
        SELECT id FROM registry.assessment WHERE total IS NULL AND items IS NULL""",
    "an item out of range, or too many": """
        SELECT id FROM registry.assessment, unnest(items) AS item
        WHERE item NOT BETWEEN 0 AND CASE instrument WHEN 'cssrs' THEN 1 WHEN 'madrs' THEN 6
            WHEN 'isi' THEN 4 WHEN 'pcl5' THEN 4 WHEN 'audit' THEN 4 ELSE 3 END
        OR cardinality(items) <> CASE instrument WHEN 'phq9' THEN 9 WHEN 'madrs' THEN 10
            WHEN 'pcl5' THEN 20 WHEN 'audit' THEN 10 WHEN 'bdi2' THEN 21 WHEN 'cssrs' THEN 6
            ELSE 7 END""",
    "minutes of a missed contact": """
        SELECT id FROM registry.contact WHERE attended <> (minutes IS NOT NULL)""",
    "a drug stopped before it was started": """
        SELECT id FROM registry.medication WHERE stopped_on <= started_on""",
    "a change of dose that leaves a gap": """
        SELECT id FROM registry.medication m WHERE stop_reason = 'changement de dose'
        AND NOT EXISTS (
            SELECT FROM registry.medication n WHERE n.patient_id = m.patient_id
            AND n.atc_code = m.atc_code AND n.started_on = m.stopped_on
            AND n.daily_dose_mg IS DISTINCT FROM m.daily_dose_mg)""",
    "two antidepressants at a time": """
        SELECT a.id FROM registry.medication a JOIN registry.medication b USING (patient_id)
        WHERE a.id < b.id AND a.atc_code ~ '^N06A' AND b.atc_code ~ '^N06A'
        AND daterange(a.started_on, a.stopped_on) && daterange(b.started_on, b.stopped_on)""",
    "a pregnancy of a man, or beyond the age": """
        SELECT c.id FROM registry.condition c JOIN registry.patient p ON p.id = patient_id
        WHERE code = 'Z33' AND (sex = 'male' OR age(onset_on, birth_date) > interval '44 years')""",
    "a flag cleared by nobody, or before it was raised": """
        SELECT id FROM registry.flag
        WHERE (cleared_at IS NULL) <> (cleared_by IS NULL) OR cleared_at < raised_at""",
    "a review of another's episode": """
        SELECT r.id FROM review.case_review r JOIN registry.episode e ON e.id = episode_id
        WHERE (r.patient_id, r.psychiatrist_id) <> (e.patient_id, e.psychiatrist_id)""",
    "a review outside its episode": """
        SELECT r.id FROM review.case_review r JOIN registry.episode e ON e.id = episode_id
        WHERE (signed_at AT TIME ZONE 'Europe/Paris')::date
            NOT BETWEEN enrolled_on AND coalesce(closed_on, 'infinity')""",
    "a review that supersedes a later one": """
        SELECT n.id FROM review.case_review n JOIN review.case_review o
        ON o.patient_id = n.patient_id AND o.id = n.supersedes WHERE o.signed_at >= n.signed_at""",
    "a review without a change that recommends": """
        SELECT r.id FROM review.case_review r WHERE (outcome = 'no_change') = EXISTS (
            SELECT FROM review.recommendation c
            WHERE c.patient_id = r.patient_id AND c.case_review_id = r.id)""",
    "a medication line without drug and action": """
        SELECT id FROM review.recommendation WHERE (kind = 'medication') <>
        (action IS NOT NULL AND atc_code IS NOT NULL AND drug_name IS NOT NULL)
        AND kind <> 'sequence'""",
    "a start, switch or increase without a dose": """
        SELECT id FROM review.recommendation
        WHERE action IN ('start', 'switch', 'increase') AND daily_dose_mg IS NULL""",
    "an increase that does not increase, or a decrease that does not decrease": """
        SELECT c.id FROM review.recommendation c
        JOIN review.case_review r ON r.patient_id = c.patient_id AND r.id = case_review_id
        JOIN registry.medication m ON m.patient_id = c.patient_id AND m.atc_code = c.atc_code
        AND daterange(m.started_on, m.stopped_on)
            @> (r.signed_at AT TIME ZONE 'Europe/Paris')::date
        WHERE (action = 'increase' AND c.daily_dose_mg <= m.daily_dose_mg)
           OR (action = 'decrease' AND c.daily_dose_mg >= m.daily_dose_mg)""",
    "a léger sequence that it is advised to renew": """
        SELECT c.id FROM review.recommendation c
        JOIN review.case_review r ON r.patient_id = c.patient_id AND r.id = case_review_id
        WHERE action = 'renew' AND (
            SELECT kind FROM registry.care_sequence s WHERE s.episode_id = r.episode_id
            AND starts_on <= (r.signed_at AT TIME ZONE 'Europe/Paris')::date
            ORDER BY starts_on DESC LIMIT 1) = 'leger'""",
    "a due date before the review": """
        SELECT c.id FROM review.recommendation c JOIN review.case_review r
        ON r.patient_id = c.patient_id AND r.id = case_review_id
        WHERE due_on < (signed_at AT TIME ZONE 'Europe/Paris')::date""",
    "an answer before its review": """
        SELECT a.id FROM review.answer a
        JOIN review.recommendation c ON c.patient_id = a.patient_id AND c.id = recommendation_id
        JOIN review.case_review r ON r.patient_id = c.patient_id AND r.id = case_review_id
        WHERE answered_at <= signed_at""",
    "a refusal to act without its reason": """
        SELECT id FROM review.answer WHERE outcome = 'declined' AND coalesce(reason, '') = ''""",
    "an acknowledgement after the outcome": """
        SELECT a.id FROM review.answer a JOIN review.answer b USING (patient_id, recommendation_id)
        WHERE a.outcome = 'acknowledged' AND b.outcome <> 'acknowledged'
        AND a.answered_at > b.answered_at""",
    "an answer by somebody outside the team": """
        SELECT a.id FROM review.answer a
        JOIN review.recommendation c ON c.patient_id = a.patient_id AND c.id = recommendation_id
        JOIN review.case_review r ON r.patient_id = c.patient_id AND r.id = case_review_id
        JOIN registry.episode e ON e.id = r.episode_id
        WHERE practitioner_id NOT IN (nurse_id, gp_id, e.psychiatrist_id)""",
    "a review that is not delivered to nurse and GP": """
        SELECT r.id FROM review.case_review r JOIN registry.episode e ON e.id = episode_id
        WHERE (SELECT count(*) FROM review.delivery d WHERE d.patient_id = r.patient_id
               AND d.case_review_id = r.id AND channel = 'inbox' AND state = 'sent'
               AND recipient_id IN (nurse_id, gp_id)) <> 2""",
    "a question by another nurse, or out of order": """
        SELECT q.id FROM review.preparation q JOIN registry.episode e ON e.id = episode_id
        WHERE q.nurse_id <> e.nurse_id OR asked_at > ready_at OR asked_at > withdrawn_at""",
    "forms said to be seen that were not there": """
        SELECT r.id FROM review.case_review r,
            jsonb_array_elements_text(seen -> 'assessments') AS shown
        LEFT JOIN registry.assessment a ON a.id = shown::bigint
        WHERE a.patient_id IS DISTINCT FROM r.patient_id
           OR a.taken_on > (signed_at AT TIME ZONE 'Europe/Paris')::date""",
    "a real phone number": """
        SELECT id FROM registry.patient
        WHERE phone !~ '^(01 99 00|06 39 98) [0-9]{2} [0-9]{2}$'""",
    "a number that could be a real INS": """
        SELECT id FROM registry.patient WHERE ins !~ '^0[12][0-9]{13}$'""",
    "a secure address outside the example domain": """
        SELECT id FROM registry.practitioner WHERE secure_email !~ '@mssante[.]example$'""",
    "two secure addresses alike": """
        SELECT secure_email FROM registry.practitioner GROUP BY 1
        HAVING count(*) > 1 AND secure_email IS NOT NULL""",
    "a psychiatrist or GP without RPPS": """
        SELECT id FROM registry.practitioner
        WHERE (rpps IS NULL) = (role IN ('psychiatrist', 'gp'))""",
    "a row made outside the hours of work": """
        SELECT at FROM (
            SELECT happened_at AS at FROM registry.contact UNION ALL
            SELECT raised_at FROM registry.flag UNION ALL
            SELECT signed_at FROM review.case_review UNION ALL
            SELECT asked_at FROM review.preparation UNION ALL
            SELECT answered_at FROM review.answer) t
        WHERE extract(hour FROM at AT TIME ZONE 'Europe/Paris') NOT BETWEEN 8 AND 19
           OR extract(isodow FROM at AT TIME ZONE 'Europe/Paris') > 5""",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_it_is_nowhere(synthetic, what):
    assert synthetic.exec_driver_sql(FORBIDDEN[what]).all() == []


TOLD_DAYS = {
    "registry.site": ("opened_on",),
    "registry.patient": ("birth_date",),
    "registry.episode": ("referred_on", "consented_on", "enrolled_on", "closed_on"),
    "registry.care_sequence": ("starts_on",),
    "registry.assessment": ("taken_on",),
    "registry.contact": ("happened_at",),
    "registry.medication": ("started_on", "stopped_on"),
    "registry.psychosocial_care": ("started_on", "ended_on"),
    "registry.condition": ("onset_on", "resolved_on"),
    "registry.flag": ("raised_at", "cleared_at"),
    "review.preparation": ("asked_at", "ready_at", "withdrawn_at"),
    "review.case_review": ("signed_at",),
    "review.answer": ("answered_at",),
    "review.delivery": ("sent_at", "queued_at"),
    "review.incident": ("noted_at",),
}


@pytest.mark.parametrize("table", TOLD_DAYS)
def test_nothing_happens_on_the_day_or_after_it(synthetic, table):
    latest = ", ".join(f"max({column})::timestamptz" for column in TOLD_DAYS[table])
    found = synthetic.exec_driver_sql(f"SELECT greatest({latest}) FROM {table}").scalar_one()
    assert found.date() < AS_OF
