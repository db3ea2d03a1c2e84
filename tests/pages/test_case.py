"""One case, for people who may see it; and the same sentence for everyone else."""

from datetime import timedelta
from decimal import Decimal

import pytest

from dashboard.clinical.advice.lines import DraftLine, DraftReview
from dashboard.components.case import case_chart
from dashboard.components.elements.escaping import choice
from dashboard.database import acting_as
from dashboard.database.schema import registry as tables
from dashboard.database.schema import review
from dashboard.locale import LANGUAGES, _, speaking
from dashboard.locale.formats import day
from dashboard.queries.advice.drafting import save_draft
from dashboard.queries.advice.drafts import open_draft
from tests.pages.conftest import TODAY, words
from tests.support.factories import at

ENROLLED = TODAY - timedelta(weeks=10)
LAST_WEEK = TODAY - timedelta(days=7)

REFUSAL = {
    "en": "This case does not exist, or it is not one of yours.",
    "fr": "Ce cas n’existe pas, ou n’est pas l’un des vôtres.",
}

NO_EPISODES = [
    *("", "abc", "-1", "0", "00", "1.0", "1e3", "+1", " 1", "²", "٣", "None", "true"),
    *("9" * 18, "9" * 19, "9" * 400),
    *("1; DROP TABLE registry.patient", "1' OR '1'='1", "1 UNION SELECT 1"),
    *("<script>alert(1)</script>", "../../etc/passwd", "%00", "{{7*7}}"),
]


@pytest.fixture
def case(team):
    return team.case(ENROLLED, family_name="Zwingelstein")


def test_a_cssrs_is_shown_by_its_questions_answered_yes_and_is_not_drawn(visit, case, database):
    for days, items in ((7, [1, 0, 0, 0, 0, 0]), (3, [1, 1, 1, 1, 0, 0])):
        database.assessment(case.patient, "cssrs", TODAY - timedelta(days=days), items=items)
    database.assessment(case.patient, "isi", LAST_WEEK, 12)
    remembered = {"case_details": choice("Items")}
    tab = visit("moreau", "case", episode=case.episode, remembered=remembered)
    said = words(tab)
    assert "4 (suicidal ideation with some intent to act, without specific plan)" in said
    assert f"**C-SSRS** · {day(TODAY - timedelta(days=3))} · answered yes: 1" in said
    [drawn] = tab.pills
    assert list(drawn.options) == [choice("ISI")]


def test_what_has_changed_since_the_last_review_stands_above_the_chart(visit, case, database):
    for days, total in ((20, 18), (2, 12)):
        database.assessment(case.patient, "phq9", TODAY - timedelta(days=days), total)
    assert "Since the review of" not in words(visit("moreau", "case", episode=case.episode))
    database.case_review(case, at(LAST_WEEK))
    said = words(visit("moreau", "case", episode=case.episode))
    assert "PHQ-9 18 → 12 (−6)" in said[said.index("Since the review of") :]


def refused(visit, episode, language="en", username="moreau"):
    tab = visit(username, "case", episode=episode, language=language)
    assert [one.value for one in tab.warning] == [REFUSAL[language]]
    return words(tab)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unknown_case_and_a_foreign_one_are_the_same_sentence(visit, case, database, language):
    foreign = database.team().case(ENROLLED, family_name="Fremd")
    assert refused(visit, foreign.episode, language) == refused(visit, 10**9, language)


@pytest.mark.parametrize("username", ["moreau", "roux", "petit"])
def test_an_address_that_names_no_episode_is_that_sentence_too(visit, case, username):
    unknown = refused(visit, 10**9, username=username)
    assert "Zwingelstein" not in unknown
    assert {refused(visit, episode, username=username) for episode in NO_EPISODES} == {unknown}


def test_an_address_without_an_episode_is_that_sentence_too(visit, case):
    assert [one.value for one in visit("moreau", "case").warning] == [REFUSAL["en"]]


def test_who_has_left_the_care_team_does_not_see_it_any_more(visit, case, database):
    assert "Zwingelstein" in words(visit("roux", "case", episode=case.episode))
    other = database.practitioner("nurse", family_name="Autre")
    with database.owner().begin() as connection:
        connection.execute(tables.episode.update().values(nurse_id=other))
    refused(visit, case.episode, username="roux")


@pytest.fixture
def told(database, case):
    """Return a case with something in each of its parts."""
    patient = case.patient
    for weeks, total in ((10, 18), (6, 14), (1, 9)):
        items = [total // 9 + (place < total % 9) for place in range(9)]
        taken_on = TODAY - timedelta(weeks=weeks)
        database.assessment(patient, "phq9", taken_on, total, items=items)
        database.assessment(patient, "gad7", taken_on, total // 2)
    database.add(
        tables.care_sequence,
        episode_id=case.episode,
        kind="classique",
        number=1,
        starts_on=ENROLLED,
        ends_on=ENROLLED + timedelta(days=91),
    )
    database.add(
        tables.medication,
        patient_id=patient,
        atc_code="N06AB06",
        name="sertraline",
        daily_dose_mg=Decimal(250),
        as_needed=False,
        started_on=ENROLLED,
        side_effects="nausées",
    )
    database.add(
        tables.contact,
        patient_id=patient,
        practitioner_id=case.team.nurse,
        happened_at=at(LAST_WEEK),
        kind="phone",
        attended=False,
        note="messagerie",
    )
    database.add(tables.condition, patient_id=patient, code="Z33", label="Grossesse")
    database.add(
        tables.psychosocial_care, patient_id=patient, kind="psychologist", started_on=ENROLLED
    )
    database.add(
        review.preparation,
        patient_id=patient,
        episode_id=case.episode,
        nurse_id=case.team.nurse,
        question="Faut-il augmenter ?",
        ready_at=at(TODAY - timedelta(days=1), 9),
    )
    return case


def test_it_says_who_why_and_what_is_asked(visit, told):
    said = words(visit("moreau", "case", episode=told.episode))
    assert f"Zwingelstein Camille · 43 years · F · born 2 May 1983 · no. {told.episode}" in said
    assert f"classic 1/4, ends {(ENROLLED + timedelta(days=91)).day}" in said
    assert "10 weeks" in said
    assert "pregnancy" in said
    assert "Pregnancy on sertraline" in said
    assert "Faut-il augmenter ?" in said
    assert "Consent not recorded" in said


def test_the_chart_is_there_with_its_words(visit, told):
    tab = visit("moreau", "case", episode=told.episode)
    chart, *_safety_strip = tab.get("vega_lite_chart")
    assert "PHQ-9" in str(chart.proto.spec)
    assert chart.proto.alt.startswith("PHQ-9")


PARTS = [
    # part, its content in English
    ("Reviews · 0", "No review yet. The first one that is signed will stand here."),
    ("Items", "**PHQ-9** · {last_week} · 9"),
    ("Treatments · 1", "above maximum"),
    ("Contacts · 1", "✕ missed"),
    ("Conditions and care · 2", "Z33 Grossesse · onset unknown"),
    ("All facts", "sertraline 250 mg"),
]


@pytest.mark.parametrize(("part", "said"), PARTS)
def test_each_part_is_there(visit, told, part, said):
    tab = visit("moreau", "case", episode=told.episode, remembered={"case_details": choice(part)})
    assert said.format(last_week=day(LAST_WEEK)) in words(tab)


EMPTY_PARTS = [
    ("Items", "No form with its items in this episode."),
    ("Treatments · 0", "No treatment in this episode."),
    ("Contacts · 0", "No contact in this episode."),
    ("Conditions and care · 0", "No condition and no psychosocial care recorded."),
    ("All facts", "Enrolment"),
]


@pytest.mark.parametrize(("part", "said"), EMPTY_PARTS)
def test_an_empty_part_says_so(visit, case, part, said):
    tab = visit("moreau", "case", episode=case.episode, remembered={"case_details": choice(part)})
    assert said in words(tab)


@pytest.mark.parametrize("username", ["moreau", "roux", "petit"])
def test_only_the_psychiatrist_writes(visit, told, username):
    said = words(visit(username, "case", episode=told.episode, language="fr"))
    assert ("Relire et signer" in said) is (username == "moreau")


def test_a_closed_episode_can_be_read_and_not_written(visit, team, database):
    closed = team.case(ENROLLED, family_name="Zwingelstein", status="closed", closed_on=LAST_WEEK)
    database.recommendation(closed, database.case_review(closed, at(LAST_WEEK)))
    said = words(visit("moreau", "case", episode=closed.episode))
    assert f"closed on {day(LAST_WEEK)}" in said
    assert "Revoir le sommeil" in said
    for absent in ("Preview and sign", "Amend"):
        assert absent not in said
    buttons = visit("roux", "case", episode=closed.episode).button
    assert [button.label for button in buttons] == ["Present", "Help"]


def test_previous_and_next_follow_the_list_that_it_was_opened_from(visit, team):
    first, second, third = (team.case(ENROLLED, name).episode for name in ("Un", "Deux", "Trois"))
    order = {"case_order": [third, first, second]}
    tab = visit("moreau", "case", episode=first, remembered=order)
    assert "2 / 3" in words(tab)
    tab.button(key="next_case").click().run()
    assert tab.query_params == {"episode": str(second)}
    assert "Deux Camille" in words(tab)
    assert tab.button(key="next_case").disabled
    tab.button(key="previous_case").click().run()
    tab.button(key="previous_case").click().run()
    assert "Trois Camille" in words(tab)
    assert tab.button(key="previous_case").disabled


def test_nothing_comes_after_the_chart_of_a_case_that_is_opened_until_it_is_drawn(
    visit, team, monkeypatch
):
    pauses = []
    monkeypatch.setattr(case_chart, "sleep", pauses.append)
    one, other = (team.case(ENROLLED, family_name=name) for name in ("Aubert", "Zwingelstein"))
    remembered = {"case_order": [one.episode, other.episode]}
    tab = visit("moreau", "case", episode=one.episode, remembered=remembered)
    assert len(pauses) == 1
    tab.run()
    assert len(pauses) == 1
    tab.button(key="next_case").click().run()
    assert len(pauses) == 2


def test_without_a_list_there_is_no_previous_and_no_next(visit, case):
    tab = visit("moreau", "case", episode=case.episode, remembered={"case_order": [10**9]})
    assert "next_case" not in [one.key for one in tab.button]


def test_the_first_line_of_a_draft_cannot_be_moved_up(visit, case, team):
    lines = tuple(DraftLine(one, "other", detail=one) for one in ("a", "b"))
    with acting_as(team.psychiatrist) as connection:
        save_draft(connection, open_draft(connection, case.episode), DraftReview("", lines))
    tab = visit("moreau", "case", episode=case.episode)
    assert [one.disabled for one in tab.button if one.label == "Move up"] == [True, False]


@pytest.mark.parametrize("language", LANGUAGES)
def test_seen_without_change_is_previewed_signed_and_among_the_reviews(visit, case, language):
    tab = visit("moreau", "case", episode=case.episode, language=language)
    with speaking(language):
        for label in ("Seen, no change", "Sign and send"):
            [button] = [one for one in tab.button if one.label == _(label)]
            button.click().run()
            said = words(tab)
            assert said.count(_("Seen, without change.")) == 1, label
        assert _("Signed and sent on {time}.").split("{")[0] in said
        assert tab.tabs[0].label == choice(_("Reviews") + " · 1")


def test_what_awaits_the_psychiatrist_is_answered_in_the_case(visit, case, database):
    line = database.recommendation(
        case, database.case_review(case, at(LAST_WEEK)), owner_role="psychiatrist"
    )
    tab = visit("moreau", "case", episode=case.episode)
    tab.segmented_control(key=f"answer/{line}/0/outcome").set_value("done").run()
    assert "done" in words(tab)
    with database.owner().connect() as connection:
        [answer] = connection.execute(review.answer.select()).all()
    assert (answer.recommendation_id, answer.outcome) == (line, "done")
    assert answer.practitioner_id == case.team.psychiatrist


def test_an_answer_in_the_case_can_be_undone_at_once(visit, case, database):
    line = database.recommendation(
        case, database.case_review(case, at(LAST_WEEK)), owner_role="psychiatrist"
    )
    tab = visit("moreau", "case", episode=case.episode)
    tab.segmented_control(key=f"answer/{line}/0/outcome").set_value("done").run()
    assert "Recorded: done." in words(tab)
    tab.button(key="undo_last").click().run()
    assert "Recorded: done." not in words(tab)
    with database.owner().connect() as connection:
        given = connection.execute(review.answer.select().order_by(review.answer.c.answered_at))
        assert [one.outcome for one in given] == ["done", "acknowledged"]


def test_a_review_is_amended_once_and_both_stay_readable(visit, case, database):
    signed = database.case_review(case, at(LAST_WEEK), summary="Avant")
    tab = visit("moreau", "case", episode=case.episode)
    tab.button(key=f"amend_{signed}").click().run()
    assert f"Amends the review of {day(LAST_WEEK)} 12:00" in words(tab)
    database.case_review(case, at(TODAY, 0, 1), summary="Après", supersedes=signed)
    again = visit("moreau", "case", episode=case.episode)
    said = words(again)
    assert "Avant" in said
    assert "Après" in said
    assert "superseded" in said
    assert f"amend_{signed}" not in [one.key for one in again.button]


def given_to_a_colleague(database):
    """Give all episodes to another psychiatrist."""
    colleague = database.practitioner("psychiatrist", family_name="Autre")
    with database.owner().begin() as connection:
        connection.execute(tables.episode.update().values(psychiatrist_id=colleague))


def test_amending_in_a_case_that_has_gone_to_a_colleague_says_so(visit, case, database):
    signed = database.case_review(case, at(LAST_WEEK), summary="Avant")
    tab = visit("moreau", "case", episode=case.episode)
    given_to_a_colleague(database)
    tab.button(key=f"amend_{signed}").click().run()
    assert not tab.exception
    assert "not one of yours" in words(tab)


def test_advice_of_a_review_that_was_amended_is_not_said_to_wait(visit, case, database):
    before = database.case_review(case, at(LAST_WEEK))
    database.recommendation(case, before, detail="Avant")
    assert "no answer yet" in words(visit("moreau", "case", episode=case.episode))
    database.case_review(case, at(TODAY, 0, 1), supersedes=before)
    said = words(visit("moreau", "case", episode=case.episode))
    assert "Avant" in said
    assert "no answer yet" not in said


# Since you last looked


@pytest.fixture
def days_later(database):
    """Return a function that makes all looks so far three days old."""

    def age():
        with database.owner().begin() as connection:
            connection.exec_driver_sql(
                "UPDATE review.last_look SET looked_at = looked_at - interval '3 days'"
            )

    return age


def come_in(database, told):
    """Add a score, a contact, and a drug with a raised dose: three kinds of news."""
    database.assessment(told.patient, "phq9", TODAY, 17)
    database.add(
        tables.contact,
        patient_id=told.patient,
        happened_at=at(TODAY - timedelta(days=20)),
        kind="phone",
        attended=True,
        practitioner_id=told.team.nurse,
    )
    with database.owner().begin() as connection:
        connection.execute(tables.medication.update().values(stopped_on=TODAY))
    database.add(
        tables.medication,
        patient_id=told.patient,
        atc_code="N06AB06",
        name="sertraline",
        daily_dose_mg=Decimal(200),
        as_needed=False,
        started_on=TODAY,
    )


NEWS = "PHQ-9 17, 1 contact, sertraline 250 → 200 mg"


def test_a_first_look_marks_nothing_and_says_nothing(visit, told):
    said = words(visit("moreau", "case", episode=told.episode))
    again = words(visit("moreau", "case", episode=told.episode))
    for text in (said, again):
        assert "New since" not in text
        assert "Nothing new" not in text
    assert "● new" not in said


def test_what_has_come_since_is_one_line_and_marks_that_outlive_reruns_and_other_cases(
    visit, told, database, team, days_later
):
    visit("moreau", "case", episode=told.episode)
    days_later()
    come_in(database, told)
    tab = visit("moreau", "case", episode=told.episode)
    other = team.case(ENROLLED, family_name="Autre")
    for _rerun in range(2):
        assert NEWS in words(tab)
        tab.run()
    tab.query_params["episode"] = str(other.episode)
    assert NEWS not in words(tab.run())
    tab.query_params["episode"] = str(told.episode)
    assert NEWS in words(tab.run())
    # In another window too, and after a reload.
    assert NEWS in words(visit("moreau", "case", episode=told.episode))
    days_later()
    said = words(visit("moreau", "case", episode=told.episode))
    assert "Nothing new since" in said
    assert NEWS not in said


@pytest.mark.parametrize(
    ("part", "marked"),
    [
        ("Treatments · 2", ["● new", "● changed"]),
        ("Contacts · 2", ["● new"]),
        ("All facts", ["● new", "● changed"]),
    ],
)
def test_the_tables_mark_what_is_new(visit, told, database, days_later, part, marked):
    visit("moreau", "case", episode=told.episode)
    days_later()
    come_in(database, told)
    tab = visit("moreau", "case", episode=told.episode, remembered={"case_details": choice(part)})
    assert not tab.exception
    [table] = tab.table
    assert {one for one in table.value["New"] if one} == set(marked)


def test_the_form_and_the_review_are_marked_too(visit, told, database, days_later):
    visit("moreau", "case", episode=told.episode)
    days_later()
    items = [2, 2, 2, 2, 2, 2, 2, 2, 1]
    database.assessment(told.patient, "phq9", TODAY, 17, items=items)
    colleague = database.practitioner("psychiatrist", "Adler")
    database.case_review(told, at(TODAY, 0, 1), psychiatrist_id=colleague)
    remembered = {"case_details": choice("Items")}
    tab = visit("moreau", "case", episode=told.episode, remembered=remembered)
    assert f"**PHQ-9** · {day(TODAY)} · 17 · ● new" in words(tab)
    assert "PHQ-9 17, 1 review" in words(tab)
    tab = visit("moreau", "case", episode=told.episode)
    assert "● new" in words(tab)


def test_a_case_marked_as_not_looked_at_is_marked_again(visit, told, database, days_later):
    visit("moreau", "case", episode=told.episode)
    days_later()
    come_in(database, told)
    tab = visit("moreau", "case", episode=told.episode)
    tab.button(key=f"news/{told.episode}/take_back").click().run()
    said = words(tab)
    assert NEWS in said
    assert "marked again when you next look" in said
    assert "Mark as not looked at" not in said
    days_later()
    tab = visit("moreau", "case", episode=told.episode)
    assert NEWS in words(tab)
    assert "Mark as not looked at" in words(tab)


def test_marking_a_case_that_has_gone_to_a_colleague_says_so(visit, told, database, days_later):
    visit("moreau", "case", episode=told.episode)
    days_later()
    come_in(database, told)
    tab = visit("moreau", "case", episode=told.episode)
    given_to_a_colleague(database)
    tab.button(key=f"news/{told.episode}/take_back").click().run()
    assert not tab.exception
    assert "not one of yours" in words(tab)


def test_what_one_signs_oneself_is_not_new(visit, case, days_later):
    visit("moreau", "case", episode=case.episode)
    days_later()
    tab = visit("moreau", "case", episode=case.episode)
    for label in ("Seen, no change", "Sign and send"):
        [button] = [one for one in tab.button if one.label == label]
        button.click().run()
    said = words(tab)
    assert "Nothing new since" in said
    assert "● new" not in said
