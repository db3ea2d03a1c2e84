"""Two properties of the list: no alert of suicide is lost, and worse is never further down."""

from hypothesis import assume, example, given
from hypothesis import strategies as st

from dashboard.clinical.caseload.need import Need
from dashboard.clinical.caseload.ranking import Ranked, ranked
from dashboard.clinical.caseload.rules import Tier, reasons
from tests.support.stories import day, episode_on

OF_SUICIDE = {"suicidal_ideation", "suicide_risk_screen", "ideation_screened", "safety_flag"}

ALERTS = st.sampled_from(
    [
        "50 PHQ-9 4, item 9 = 2",
        "50 PHQ-9 items - - - - - - - - 3",
        "40 PHQ-9 4, item 9 = 0\n50 PHQ-9 4, item 9 = 1",
        "50 C-SSRS items - - - 1 - -",
        "50 C-SSRS items 0 0 0 0 0 1",
        "50 flag safety",
    ]
)
DAYS_AFTER = st.integers(50, 120)
WHAT_DECIDES_NOTHING = st.sampled_from(
    [
        "PHQ-9 0, item 9 = 0",
        "PHQ-9 4, item 9 = 1",
        "PHQ-9 3",
        "GAD-7 0",
        "C-SSRS items 0 0 0 0 0 0",
        "C-SSRS items - - - - - -",
        "review",
        "review next 300",
        "contact attended",
        "question",
        "status relapse_prevention",
        "flag discussion",
    ]
)
LATER = st.lists(st.builds("{0} {1}".format, DAYS_AFTER, WHAT_DECIDES_NOTHING), max_size=8)
EARLIER = st.lists(
    st.builds(
        "{0} {1}".format,
        st.integers(0, 39),
        st.sampled_from(["review risk high until 45", "review risk low", "PHQ-9 20, item 9 = 3"]),
    ),
    max_size=3,
)


def story_of(*lines: str) -> str:
    return "\n".join(line for line in lines if line)


def alerts_on(today: int, *lines: str) -> set[str]:
    found = reasons(episode_on(story_of(*lines), today), day(today))
    return {reason.rule.id for reason in found} & OF_SUICIDE


@given(alert=ALERTS, earlier=EARLIER, later=LATER, today=st.integers(50, 400))
@example(alert="50 flag safety", earlier=[], later=["50 review"], today=50)
@example(alert="50 PHQ-9 4, item 9 = 2", earlier=[], later=["50 review"], today=50)
def test_no_alert_of_suicide_ends_without_a_risk_decision_or_a_clearing(
    alert, earlier, later, today
):
    assert alerts_on(today, *earlier, alert, *later)


@given(alert=ALERTS, later=LATER, today=st.integers(121, 127))
def test_a_risk_decision_ends_every_alert_for_a_week(alert, later, today):
    assert not alerts_on(today, alert, *later, "121 review risk low")


@given(later=LATER, today=st.integers(121, 400))
def test_a_cleared_flag_is_no_alert_any_more(later, today):
    without = alerts_on(today, *later)
    assert alerts_on(today, "50..121 flag safety", *later) == without


# Adding a worse fact

LAST_FORM = 90
SAME = st.lists(
    st.builds(
        "{0} {1}".format,
        st.integers(0, 99),
        st.sampled_from(
            [
                "PHQ-9 21, item 9 = 0",
                "PHQ-9 12, item 9 = 0",
                "PHQ-9 4, item 9 = 0",
                "GAD-7 12",
                "review",
                "review next 95",
                "review next 300",
                "review risk low",
                "review risk moderate until 99",
                "contact attended",
                "contact missed",
                "question",
                "flag discussion",
                "advice A due 60",
                "status relapse_prevention",
                "drug diazepam (N05BA01) 5 mg",
                "drug sertraline (N06AB06) 25 mg",
                "drug sertraline (N06AB06) 300 mg",
            ]
        ),
    ),
    max_size=8,
)
TOTALS = st.integers(0, 26)


def listed(better: str, worse: str) -> tuple[Ranked, Ranked]:
    """Return both on day 100, the better first; by its id alone the worse would come last."""
    order = ranked([episode_on(better, 100, 1), episode_on(worse, 100, 2)], day(100))
    one, other = sorted(order, key=lambda place: place.episode.episode_id)
    return one, other


def is_known_to_be_well(place: Ranked) -> bool:
    """Return whether the place is due only to doing well, or to a low need reviewed long ago.

    To step down stands above nothing due, and ``long_unreviewed`` does not apply to a moderate need
    (docs/review_list.md): there a worse fact can lower a place.
    """
    held = {reason.rule.id for reason in place.reasons if reason.tier <= Tier.FOLLOW_UP}
    return place.place.needed.level is Need.LOW and held <= {"long_unreviewed"}


@given(same=SAME, total=TOTALS, more=st.integers(1, 27))
def test_a_higher_last_phq9_never_lowers_a_place(same, total, more):
    assume(total + more <= 27)
    form = f"{LAST_FORM} PHQ-9 {{}}, item 9 = 0"
    kept = [line for line in same if "PHQ-9" not in line or int(line.split()[0]) < LAST_FORM]
    better, worse = listed(
        story_of(*kept, form.format(total)), story_of(*kept, form.format(total + more))
    )
    assume(not is_known_to_be_well(better))
    assert worse_is_not_lower(better, worse)


WORSE = st.sampled_from(
    [
        ("90 PHQ-9 9, item 9 = 0", "90 PHQ-9 9, item 9 = 1"),
        ("90 PHQ-9 9, item 9 = 0", "90 PHQ-9 9, item 9 = 2"),
        ("90 PHQ-9 9, item 9 = 1", "90 PHQ-9 9, item 9 = 2"),
        ("", "95 flag safety"),
        ("", "95 C-SSRS items 0 0 0 1 0 0"),
        ("95 C-SSRS items 1 0 0 0 0 0", "95 C-SSRS items 1 0 0 0 0 1"),
    ]
)


@given(same=SAME, worse=WORSE)
@example(
    same=["0 GAD-7 12", "45 review"], worse=("90 PHQ-9 9, item 9 = 0", "90 PHQ-9 9, item 9 = 1")
)
def test_a_sign_of_suicide_never_lowers_a_place(same, worse):
    without, sign = worse
    better, other = listed(story_of(*same, without), story_of(*same, sign))
    assume(not is_known_to_be_well(better))
    assert worse_is_not_lower(better, other)


def worse_is_not_lower(better: Ranked, worse: Ranked) -> bool:
    """Return whether the worse one stands above, or only its id puts it second."""
    return worse.rank < better.rank or key_of(worse) == key_of(better)


def key_of(place: Ranked) -> tuple[object, ...]:
    """Return what decides the place, but for the id: the need and the since in tiers 0 to 2."""
    decided, latest = place.place, place.episode.latest
    within = decided.lateness, None
    if decided.lateness is None:
        within = decided.counted, decided.since
    return place.tier, *within, latest and latest.value
