"""Cover: handing a list over, ending it, and the second list of the covering colleague."""

from datetime import timedelta

import pytest

from dashboard.components.elements.escaping import choice
from dashboard.database.schema import registry, review
from dashboard.locale import LANGUAGES, _, speaking
from dashboard.locale.formats import day, short_day
from tests.pages.conftest import TODAY, rows_of, words
from tests.support.factories import at

ENROLLED = TODAY - timedelta(weeks=10)
NEXT_WEEK = TODAY + timedelta(days=7)


@pytest.fixture
def colleague(database):
    return database.practitioner("psychiatrist", "Adler")


@pytest.fixture
def cover(database, team):
    """Return a function that adds a cover: ``cover(covered, covering, first, last)``.

    The days are counted from today.
    """

    def add(covered, covering, first=-1, last=7, **values):
        return database.add(
            review.cover,
            covered_id=covered,
            covering_id=covering,
            starts_on=TODAY + timedelta(days=first),
            ends_on=TODAY + timedelta(days=last),
            **values,
        )

    return add


@pytest.fixture
def two_lists(database, team, colleague, cover):
    """Return two cases of the psychiatrist's, and one of the colleague who is covered."""
    mine = [team.case(ENROLLED, name) for name in ("Aubert", "Brun")]
    theirs = team.case(ENROLLED, "Zola", psychiatrist_id=colleague)
    cover(colleague, team.psychiatrist)
    return mine, theirs


def made(database):
    with database.owner().connect() as connection:
        rows = connection.execute(review.cover.select()).all()
    return [(row.covered_id, row.covering_id, row.starts_on, row.ends_on) for row in rows]


def hand_over(tab, colleague=None, first=None, last=None):
    if colleague is not None:
        tab.selectbox[0].set_value(colleague)
    for field, value in zip(tab.date_input, (first, last), strict=True):
        if value is not None:
            field.set_value(value)
    tab.button(key="cover/hand_over").click()
    return tab.run()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("username", ["moreau", "roux"])
def test_without_a_cover_it_says_so(visit, team, colleague, username, language):
    with speaking(language):
        assert _("Nobody. Your list is yours alone.") in words(
            visit(username, "cover", language=language)
        )


def test_a_list_is_handed_over_and_taken_back(visit, team, database, colleague):
    tab = visit("moreau", "cover")
    hand_over(tab, colleague, TODAY, NEXT_WEEK)
    said = words(tab)
    assert "Handed over." in said
    assert f"**Adler Claude** · now, until {day(NEXT_WEEK)} included" in said
    assert made(database) == [(team.psychiatrist, colleague, TODAY, NEXT_WEEK)]
    [end] = [one for one in tab.button if one.label == "End now"]
    end.click().run()
    assert "Nobody. Your list is yours alone." in words(tab)
    assert "Handed over." not in words(tab)


REFUSED = [
    # colleague, first and last day from today, expected words
    (False, 0, 7, "Choose a colleague."),
    (True, 7, 0, "The last day is before the first."),
    (True, 8, 9, "This colleague already covers you on some of these days."),
]


@pytest.mark.parametrize(("chosen", "first", "last", "said"), REFUSED)
def test_what_cannot_be_is_not_made_and_says_why(
    visit, team, database, colleague, cover, chosen, first, last, said
):
    cover(team.psychiatrist, colleague, 9, 12)
    before = made(database)
    tab = visit("moreau", "cover")
    hand_over(
        tab,
        colleague if chosen else None,
        TODAY + timedelta(days=first),
        TODAY + timedelta(days=last),
    )
    assert [one.value for one in tab.error] == [said]
    assert made(database) == before


def test_a_colleague_who_cannot_sign_in_or_whose_list_one_has_is_told(
    visit, team, database, colleague, cover
):
    cover(colleague, team.psychiatrist)
    tab = visit("moreau", "cover")
    tab.selectbox[0].set_value(colleague).run()
    said = words(tab)
    assert "This colleague has no account yet" in said
    assert "On some of these days you cover Adler Claude. That does not pass on." in said


def test_what_is_to_come_is_there_and_what_is_past_or_ended_is_not(
    visit, team, database, colleague, cover
):
    cover(team.psychiatrist, colleague, 3, 9)
    cover(team.psychiatrist, colleague, -9, -1)
    cover(team.psychiatrist, colleague, -2, 5, withdrawn_at=at(TODAY, 0, 1))
    said = words(visit("moreau", "cover"))
    first, last = (day(TODAY + timedelta(days=number)) for number in (3, 9))
    assert f"from {first} to {last} included" in said
    assert said.count("Adler") == 1
    assert "Cancel" in said


def test_a_nurse_hands_her_list_to_a_nurse(visit, team, database):
    other = database.practitioner("nurse", "Adler")
    tab = visit("roux", "cover")
    assert len(tab.selectbox[0].options) == 1
    hand_over(tab, other)
    assert made(database) == [(team.nurse, other, TODAY, TODAY + timedelta(days=13))]


def test_without_a_colleague_there_is_nobody_to_hand_over_to(visit, team):
    tab = visit("moreau", "cover")
    assert not tab.selectbox
    assert "The registry knows no other colleague of your role." in words(tab)


# The second list


def shown(tab):
    """Return the ranks and the names on the list."""
    return [(row["rank"], row["patient"].split()[0]) for row in rows_of(tab)]


def test_without_a_cover_there_is_one_list(visit, team):
    team.case(ENROLLED, "Aubert")
    tab = visit("moreau", "review-list")
    assert not tab.segmented_control
    assert shown(tab) == [(1, "Aubert")]


def test_whoever_covers_has_a_second_list_ranked_on_its_own(visit, team, colleague, two_lists):
    tab = visit("moreau", "review-list")
    [lists] = tab.segmented_control
    assert lists.options == [choice("My list"), choice(f"Dr Adler until {short_day(NEXT_WEEK)}")]
    assert shown(tab) == [(1, "Aubert"), (2, "Brun")]
    assert "list" not in tab.query_params
    lists.set_value(colleague).run()
    assert shown(tab) == [(1, "Zola")]
    assert tab.query_params["list"] == str(colleague)
    tab.segmented_control[0].set_value(team.psychiatrist).run()
    assert shown(tab) == [(1, "Aubert"), (2, "Brun")]
    assert "list" not in tab.query_params


ADDRESSES = ["999999999", "", "x", "-1", "1; DROP TABLE review.cover"]


def test_the_address_names_the_list(visit, team, colleague, two_lists):
    assert shown(visit("moreau", "review-list", list=colleague)) == [(1, "Zola")]
    for named in ADDRESSES:
        assert shown(visit("moreau", "review-list", list=named)) == [(1, "Aubert"), (2, "Brun")]
    # A link to a list takes precedence over an earlier choice.
    tab = visit("moreau", "review-list", list=colleague, remembered={"list": team.psychiatrist})
    assert shown(tab) == [(1, "Zola")]


def test_a_list_that_is_covered_no_more_gives_way_to_ones_own(
    visit, team, database, colleague, two_lists
):
    tab = visit("moreau", "review-list", list=colleague)
    with database.owner().begin() as connection:
        connection.execute(review.cover.update().values(withdrawn_at=at(TODAY, 0, 1)))
    tab.run()
    assert shown(tab) == [(1, "Aubert"), (2, "Brun")]


def test_the_case_says_in_whose_place_and_is_gone_on_the_day_after(
    visit, team, database, colleague, two_lists
):
    _mine, theirs = two_lists
    said = words(visit("moreau", "case", episode=theirs.episode))
    assert "Zola" in said
    assert "for Dr Adler" in said
    with database.owner().begin() as connection:
        yesterday = TODAY - timedelta(days=1)
        connection.execute(review.cover.update().values(starts_on=yesterday, ends_on=yesterday))
    tab = visit("moreau", "case", episode=theirs.episode)
    assert [one.value for one in tab.warning] == [
        "This case does not exist, or it is not one of yours."
    ]
    assert "Zola" not in words(tab)


def test_a_review_says_who_signed_it_and_in_whose_place(
    visit, team, database, colleague, two_lists
):
    _mine, theirs = two_lists
    signed = database.case_review(theirs, at(TODAY, 0, 1), covered_id=colleague)
    line = database.recommendation(theirs, signed)
    for username in ("moreau", "roux"):
        said = words(visit(username, "case", episode=theirs.episode))
        assert "Dr Psychiatrist for Dr Adler" in said
    inbox = visit("roux", "inbox", remembered={f"inbox/{line}/line": True})
    assert "Dr Psychiatrist Claude for Dr Adler Claude" in words(inbox)


def test_the_inbox_of_a_nurse_who_covers_says_for_whom(visit, team, database, cover):
    other = database.practitioner("nurse", "Adler")
    for name, nurse in (("Aubert", team.nurse), ("Zola", other)):
        case = team.case(ENROLLED, name, nurse_id=nurse)
        database.recommendation(case, database.case_review(case, at(TODAY - timedelta(days=3))))
    before = words(visit("roux", "inbox"))
    assert "Aubert" in before
    assert "Zola" not in before
    cover(other, team.nurse)
    after = words(visit("roux", "inbox"))
    assert "Zola" in after
    assert after.count("for Nurse Adler") == 1


def test_a_safety_case_of_who_is_covered_is_counted_on_the_tab_and_marked_in_ones_own_list(
    visit, team, database, colleague, two_lists
):
    _mine, theirs = two_lists
    tab = visit("moreau", "review-list")
    calm = f"Dr Adler until {short_day(NEXT_WEEK)}"
    assert choice(calm) in tab.button_group[0].options
    raise_flag(database, theirs)
    tab.run()
    assert f"{choice(calm)} · :red[**safety 1**]" in tab.button_group[0].options
    assert shown(tab) == [(1, "Zola"), (2, "Aubert"), (3, "Brun")]
    first, second, _third = rows_of(tab)
    assert first["for"] == "for Dr Adler"
    assert first["why"][0][1].startswith("Safety flag raised")
    assert second["for"] == ""


def test_a_list_that_is_looked_at_stays_when_its_counts_change(
    visit, team, database, colleague, two_lists
):
    _mine, theirs = two_lists
    tab = visit("moreau", "review-list")
    tab.button_group(key="list").set_value(colleague).run()
    assert shown(tab) == [(1, "Zola")]
    raise_flag(database, theirs)
    assert shown(tab.run()) == [(1, "Zola")]
    assert rows_of(tab)[0]["for"] == ""


def raise_flag(database, case):
    database.add(
        registry.flag,
        patient_id=case.patient,
        kind="safety",
        raised_by=case.team.nurse,
        raised_at=at(TODAY, 0),
    )
