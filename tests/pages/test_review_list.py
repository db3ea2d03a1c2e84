"""The review list: who is on it, in which order and why; filters; empty states."""

from datetime import timedelta

import pytest

from dashboard.components.elements.escaping import choice
from dashboard.database import acting_as
from dashboard.database.schema import registry as tables
from dashboard.locale.formats import short_day
from dashboard.queries.advice.delivering import deliver
from tests.pages.conftest import TODAY, rows_of, words
from tests.support.factories import at

TEN_WEEKS_AGO = TODAY - timedelta(weeks=10)
YESTERDAY = TODAY - timedelta(days=1)


def scored(case, *scores):
    """PHQ-9 totals, the last of them yesterday, each a month after the one before."""
    for place, total in enumerate(reversed(scores)):
        case.team.database.assessment(
            case.patient, "phq9", TODAY - timedelta(days=1 + 28 * place), total
        )


def seen(case):
    """Put the case on track: seen last week, reviewed on the day."""
    case.team.database.add(
        tables.contact,
        patient_id=case.patient,
        practitioner_id=case.team.nurse,
        happened_at=at(TODAY - timedelta(days=7)),
        kind="phone",
        attended=True,
    )
    case.team.database.case_review(
        case, at(TODAY - timedelta(days=7)), next_review_on=TODAY + timedelta(days=21)
    )


@pytest.fixture
def three(database, team):
    """Return the ids of the nurse and the site of the second of three cases.

    One is on track, one to review and one in danger. They are entered in the order opposite to
    their urgency. The second has a nurse and a site of its own.
    """
    on_track = team.case(TEN_WEEKS_AGO, family_name="Élan")
    scored(on_track, 16, 9, 6)
    seen(on_track)
    elsewhere = {
        "nurse": database.practitioner("nurse", family_name="Autre"),
        "site": database.site(name="CMS du Lac"),
    }
    to_review = team.case(
        TEN_WEEKS_AGO,
        family_name="Martin",
        nurse_id=elsewhere["nurse"],
        site_id=elsewhere["site"],
    )
    scored(to_review, 18, 17, 18)
    danger = team.case(TEN_WEEKS_AGO, family_name="Zwingelstein")
    scored(danger, 15, 14, 13)
    seen(danger)
    database.add(
        tables.flag,
        patient_id=danger.patient,
        kind="safety",
        raised_by=team.nurse,
        raised_at=at(YESTERDAY),
    )
    return elsewhere


def patients(tab):
    return [row["patient"].split()[0] for row in rows_of(tab)]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("SU", "Status of the episode unknown: “SU”"),
        (None, "Status of the episode not given"),
    ],
)
def test_an_episode_whose_status_is_unknown_stays_on_the_list_and_says_so(
    visit, database, team, status, said
):
    with database.owner().begin() as connection:
        connection.exec_driver_sql("ALTER TABLE registry.episode ALTER status DROP NOT NULL")
    scored(team.case(TEN_WEEKS_AGO, family_name="Martin", status=status), 18)
    tab = visit("moreau", "review-list")
    assert patients(tab) == ["Martin"]
    assert rows_of(tab)[0]["odd"] == [said]


def test_a_flag_of_unknown_kind_is_said_on_the_list(visit, database, team):
    case = team.case(TEN_WEEKS_AGO)
    scored(case, 18)
    database.add(
        tables.flag,
        patient_id=case.patient,
        kind="SUIC",
        raised_by=team.nurse,
        raised_at=at(YESTERDAY),
    )
    [odd] = rows_of(visit("moreau", "review-list"))[0]["odd"]
    assert odd.startswith("Kind of flag unknown: “SUIC” (")


def loaded(database, hours_ago):
    """Say in the registry that it was loaded this many hours ago, on the day that it describes."""
    with database.owner().begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE registry.loaded (as_of date, loaded_at timestamptz, source text)"
        )
        connection.exec_driver_sql(
            "INSERT INTO registry.loaded SELECT (at AT TIME ZONE 'Europe/Paris')::date, at, 'files'"
            f" FROM (SELECT now() - interval '{hours_ago} hours') AS load (at)"
        )
        connection.exec_driver_sql("GRANT SELECT ON registry.loaded TO case_review_app")


PAGES_WITH_PATIENTS = [
    ("moreau", "review-list"),
    ("moreau", "case"),
    ("moreau", "follow-up"),
    ("moreau", "meeting"),
    ("moreau", "emergency"),
    ("roux", "inbox"),
    ("roux", "prepare"),
]


@pytest.mark.parametrize(("username", "page"), PAGES_WITH_PATIENTS)
def test_a_registry_without_the_relation_says_nothing_of_its_age(visit, team, username, page):
    case = team.case(TEN_WEEKS_AGO)
    assert "Registry as of" not in words(visit(username, page, episode=case.episode))


@pytest.mark.parametrize(("username", "page"), PAGES_WITH_PATIENTS)
def test_a_fresh_registry_says_its_age_quietly(visit, database, team, username, page):
    case = team.case(TEN_WEEKS_AGO)
    loaded(database, 0)
    tab = visit(username, page, episode=case.episode)
    assert any(one.value.startswith("Registry as of ") for one in tab.caption)
    assert not any("Registry" in one.value for one in tab.warning)


@pytest.mark.parametrize(("username", "page"), PAGES_WITH_PATIENTS)
def test_an_old_registry_is_a_warning(visit, database, team, username, page):
    case = team.case(TEN_WEEKS_AGO)
    loaded(database, 49)
    tab = visit(username, page, episode=case.episode)
    assert any(one.value.startswith("Registry as of ") for one in tab.warning)


def test_the_most_urgent_is_first_and_each_says_why(visit, three):
    tab = visit("moreau", "review-list")
    assert patients(tab) == ["Zwingelstein", "Martin", "Élan"]
    rows = rows_of(tab)
    assert [row["rank"] for row in rows] == [1, 2, 3]
    assert [row["tier"] for row in rows] == [0, 2, 5]
    assert rows[0]["why"][0][1].startswith(f"Safety flag raised on {short_day(YESTERDAY)}")
    assert rows[1]["why"][0][1].startswith("Never reviewed")
    assert rows[1]["place"].startswith("2nd: to review, marked need (PHQ-9 18), moved up one level")
    assert rows[2]["why"] == []
    assert [row["phq9"] for row in rows] == [13, 18, 6]
    assert [row["phq9_change"] for row in rows] == ["−2", "0", "−10"]
    assert "3 patients" in words(tab)


def test_the_tiers_are_counted(visit, three):
    [tiers] = visit("moreau", "review-list").pills
    counted = ("0 safety · 1", "1 owed · 0", "2 to review · 1")
    counted += ("3 to follow · 0", "4 step down · 0", "5 nothing due · 1")
    assert tiers.options == list(map(choice, counted))


def test_in_french(visit, three):
    tab = visit("moreau", "review-list", language="fr")
    assert tab.pills[0].options[0] == choice("0 sécurité · 1")
    assert rows_of(tab)[0]["why"][0][1].startswith(f"Signalement de sécurité du {YESTERDAY:%d/%m}")


def test_a_list_shows_the_patients_of_its_reader_alone(visit, three, database):
    database.team().case(TEN_WEEKS_AGO, family_name="Étranger")
    assert patients(visit("moreau", "review-list")) == ["Zwingelstein", "Martin", "Élan"]
    assert patients(visit("roux", "review-list")) == ["Zwingelstein", "Élan"]


FILTERS = [
    # in the address, on the list
    ({"tier": "0"}, ["Zwingelstein"]),
    ({"tier": ["0", "5"]}, ["Zwingelstein", "Élan"]),
    ({"rule": "safety_flag"}, ["Zwingelstein"]),
    ({"tier": "5", "rule": "safety_flag"}, []),
    # An unknown tier, rule or id is ignored as a filter.
    ({"tier": "<script>alert(1)</script>"}, ["Zwingelstein", "Martin", "Élan"]),
    ({"tier": "9", "nurse": "999999999", "site": "-1", "rule": "x"}, None),
    ({"tier": ["0", "'; DROP TABLE registry.patient"]}, ["Zwingelstein"]),
    ({"name": "Martin", "searched_name": "Martin"}, None),
]


@pytest.mark.parametrize(("address", "expected"), FILTERS)
def test_the_address_names_the_filters(visit, three, address, expected):
    tab = visit("moreau", "review-list", **address)
    assert patients(tab) == (["Zwingelstein", "Martin", "Élan"] if expected is None else expected)


@pytest.mark.parametrize("key", ["nurse", "site"])
def test_a_nurse_and_a_site_are_named_by_id(visit, three, key):
    tab = visit("moreau", "review-list", **{key: three[key]})
    assert patients(tab) == ["Martin"]
    assert "1 of 3 patients" in words(tab)


def test_what_is_chosen_stands_in_the_address_by_id(visit, three, team):
    tab = visit("moreau", "review-list")
    tab.pills[0].set_value([0]).run()
    tab.multiselect(key="nurse").set_value([team.nurse]).run()
    assert patients(tab) == ["Zwingelstein"]
    assert tab.query_params == {"tier": "0", "nurse": str(team.nurse)}


@pytest.mark.parametrize("typed", ["elan", "ÉLAN", "Élan C", "camille"])
def test_a_name_is_searched_without_accents_and_never_in_the_address(visit, three, typed):
    tab = visit("moreau", "review-list")
    tab.text_input(key="searched_name").set_value(typed).run()
    assert "Élan" in patients(tab)
    assert ("Martin" in patients(tab)) is (typed == "camille")
    assert tab.query_params == {}


@pytest.mark.parametrize("typed", ["Nobody", "%", "_", ".*", "' OR true --", "\\", "*" * 500])
def test_a_search_is_for_what_was_typed(visit, three, typed):
    tab = visit("moreau", "review-list")
    tab.text_input(key="searched_name").set_value(typed).run()
    assert patients(tab) == []
    assert "No patient matches these filters." in words(tab)
    assert "0 of 3 patients" in words(tab)


@pytest.mark.parametrize("username", ["moreau", "roux"])
def test_an_empty_list_says_when_somebody_will_be_on_it(visit, team, username):
    tab = visit(username, "review-list")
    assert rows_of(tab) == []
    assert "Patients appear here on the day they are enrolled." in words(tab)


def test_who_is_enrolled_tomorrow_or_closed_is_not_on_the_list(visit, team):
    team.case(TODAY + timedelta(days=1), family_name="Demain")
    team.case(TEN_WEEKS_AGO, family_name="Close", status="closed", closed_on=TODAY)
    team.case(TODAY, family_name="Aujourdhui")
    assert patients(visit("moreau", "review-list")) == ["Aujourdhui"]


def test_the_next_run_shows_what_there_is_then(visit, three, database):
    tab = visit("moreau", "review-list")
    before = rows_of(tab)
    assert rows_of(tab.run()) == before

    with database.owner().begin() as owner:
        owner.exec_driver_sql(
            "UPDATE registry.flag SET cleared_at = now() - interval '1 day', cleared_by = raised_by"
        )
        owner.exec_driver_sql(
            "UPDATE registry.patient SET family_name = 'Brun' WHERE id IN"
            " (SELECT patient_id FROM registry.flag)"
        )
    tab.run()
    assert {row["patient"].split()[0]: row["rank"] for row in rows_of(tab)} == {
        "Martin": 1,
        "Brun": 2,
        "Élan": 3,
    }

    tab.session_state["language"] = "fr"
    assert rows_of(tab.run())[0]["under"].startswith("43 ans")


def test_who_is_less_urgent_than_before_stays_in_place_until_the_list_is_sorted(
    visit, three, database
):
    tab = visit("moreau", "review-list")
    with database.owner().begin() as owner:
        owner.exec_driver_sql(
            "UPDATE registry.flag SET cleared_at = now() - interval '1 day', cleared_by = raised_by"
        )
    tab.run()
    assert patients(tab) == ["Zwingelstein", "Martin", "Élan"]
    assert [row["rank"] for row in rows_of(tab)] == [2, 1, 3]
    tab.button(key="sort_again").click().run()
    assert patients(tab) == ["Martin", "Zwingelstein", "Élan"]


def test_no_letter_that_cannot_be_seen_reaches_the_table(visit, database, team):
    """Check it because one of them would reverse a name, which may then be another patient's."""
    turned = "Mar\u202etin\u200b"
    nurse = database.practitioner("nurse", family_name=turned)
    site = database.site(name=turned)
    team.case(TEN_WEEKS_AGO, family_name=turned, nurse_id=nurse, site_id=site)
    [row] = rows_of(visit("moreau", "review-list"))
    assert row["patient"] == "Martin Camille"
    assert (row["nurse"], row["site"]) == ("Martin", "Martin")


@pytest.mark.parametrize("page", ["review-list", "case"])
def test_a_registry_that_loses_a_column_while_people_work_gives_a_sentence(
    visit, database, team, page
):
    case = team.case(TEN_WEEKS_AGO)
    with database.owner().begin() as connection:
        connection.exec_driver_sql("ALTER TABLE registry.assessment DROP COLUMN items CASCADE")
    tab = visit("moreau", page, episode=case.episode)
    assert [one.value for one in tab.error] == [
        "The registry has changed, and this page cannot read it. Nothing is lost."
    ]
    assert not tab.exception


def test_a_reason_that_an_earlier_one_contains_is_marked(visit, three):
    why = rows_of(visit("moreau", "review-list"))[1]["why"]
    course = next(text for _tier, text, _again in why if text.startswith("Weeks 8 to 12: "))
    repeated = [text for _tier, text, again in why if again]
    assert repeated == [course.removeprefix("Weeks 8 to 12: ")]


def test_a_row_warns_of_a_letter_that_was_not_delivered(visit, database, team):
    case = team.case(TEN_WEEKS_AGO)
    signed = database.case_review(case, at(YESTERDAY))
    with acting_as(team.psychiatrist) as connection:
        deliver(connection, case.patient, signed, (team.gp,))
    with database.owner().begin() as owner:
        owner.exec_driver_sql("UPDATE review.delivery SET state = 'failed', error = 'refused'")
    (row,) = rows_of(visit("moreau", "review-list"))
    assert row["undelivered"] == f"letter of {short_day(YESTERDAY)} not delivered"
