"""The state of a recommendation on a day, the change of the scores since, and the order."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from dashboard.clinical.advice.follow_up import (
    AWAITED,
    STATES,
    DeliveryFact,
    FollowedLine,
    FollowedReview,
    Recipient,
    ScoreSince,
    addressee,
    counts,
    in_order,
    list_of,
    score_since,
    state_of,
    with_lines,
)
from dashboard.clinical.case.case_file import Answer, Recommendation
from dashboard.clinical.deidentification import deidentified
from dashboard.clinical.episodes import DatedScore
from dashboard.clinical.people import Identity, Person
from dashboard.clinical.settlements import SETTLING_OUTCOMES

TODAY = date(2026, 11, 24)
GP = Person(3, "Petit", "Claude")


def days_ago(number):
    return TODAY - timedelta(days=number)


def line(*outcomes, due=None, owner="gp", answered=1):
    at = datetime(2026, 11, 10, 12, tzinfo=ZoneInfo("Europe/Paris"))
    return Recommendation(
        id=uuid4(),
        position=1,
        kind="other",
        action=None,
        atc_code=None,
        drug_name=None,
        daily_dose_mg=None,
        titration=None,
        detail="ECG",
        alternative=None,
        owner_role=owner,
        due_on=due,
        answers=tuple(
            Answer(uuid4(), GP, outcome, None, at + timedelta(days=answered + number))
            for number, outcome in enumerate(outcomes)
        ),
    )


def sending(state="sent", queued=5, channel="mail", reminder=0):
    return DeliveryFact(uuid4(), channel, reminder, state, days_ago(queued))


def sent(*deliveries):
    return Recipient(GP, "gp", deliveries)


ARRIVED = sent(sending(channel="inbox"), sending())
FAILED = sent(sending(channel="inbox"), sending("failed"))
YESTERDAY, TOMORROW = days_ago(1), days_ago(-1)


@pytest.mark.parametrize(
    ("advice", "recipient", "state"),
    [
        (line(), ARRIVED, "unanswered"),
        (line(), None, "unanswered"),
        (line(due=TODAY), ARRIVED, "unanswered"),
        (line(due=TOMORROW), ARRIVED, "unanswered"),
        (line(due=YESTERDAY), ARRIVED, "overdue"),
        (line(due=YESTERDAY), None, "overdue"),
        (line("acknowledged"), ARRIVED, "acknowledged"),
        (line("acknowledged", due=YESTERDAY), ARRIVED, "overdue"),
        (line("done", due=YESTERDAY), ARRIVED, "done"),
        (line("modified"), ARRIVED, "modified"),
        (line("declined"), ARRIVED, "declined"),
        (line("refused_by_patient"), ARRIVED, "refused_by_patient"),
        # The latest answer counts, whichever it is.
        (line("declined", "done"), ARRIVED, "done"),
        (line("done", "acknowledged", due=YESTERDAY), ARRIVED, "overdue"),
        # A mail that failed, unless there is an answer, which shows that it arrived.
        (line(), FAILED, "not_delivered"),
        (line(due=YESTERDAY), FAILED, "not_delivered"),
        (line("acknowledged"), FAILED, "acknowledged"),
        (line("done"), FAILED, "done"),
        (line(), sent(sending("queued", queued=0)), "unanswered"),
        (line(), sent(sending("queued", queued=1)), "not_delivered"),
        # The latest mail counts: sent again, and arrived; or a reminder that did not.
        (line(), sent(sending("failed", queued=9), sending(reminder=1)), "unanswered"),
        (line(), sent(sending(queued=9), sending("failed", reminder=1)), "not_delivered"),
        # An entry in the inbox says nothing of the mail.
        (line(), sent(sending("failed"), sending(channel="inbox")), "not_delivered"),
        # A notice that another recommendation was withdrawn is not this advice.
        (line(), sent(sending("failed", reminder=-1), sending(channel="inbox")), "unanswered"),
    ],
)
def test_the_first_that_holds_is_the_state(advice, recipient, state):
    assert state_of(advice, recipient, TODAY) == state


FORMER = Recipient(Person(9, "Ancien", "Claude"), "gp", (sending(reminder=-1), sending("failed")))
SUCCESSOR = sent(sending(reminder=-1))


@pytest.mark.parametrize(
    ("recipients", "role", "found"),
    [
        ((FORMER, SUCCESSOR), "gp", FORMER),
        ((SUCCESSOR, FORMER), "gp", FORMER),
        ((SUCCESSOR,), "gp", None),
        ((FORMER,), "nurse", None),
    ],
)
def test_the_advice_was_sent_to_whom_the_letter_was_sent_not_only_a_notice(recipients, role, found):
    assert addressee(recipients, role) is found


def test_the_states_that_wait_are_those_that_no_answer_settles():
    assert set(STATES) - set(AWAITED) == {*SETTLING_OUTCOMES, "replaced", "withdrawn"}


def taken(*scores):
    return [DatedScore(days_ago(ago), value) for ago, value in scores]


@pytest.mark.parametrize(
    ("scores", "before", "latest", "change"),
    [
        ([], None, None, None),
        ([(30, 17)], 17, None, None),
        ([(5, 12)], None, 12, None),
        ([(30, 17), (5, 12)], 17, 12, -5),
        ([(40, 20), (30, 17), (5, 12), (1, 9)], 17, 9, -8),
        ([(30, 8), (1, 8)], 8, 8, 0),
        ([(30, 8), (1, 0)], 8, 0, -8),
        # Taken on the day of the advice: it was there.
        ([(10, 17)], 17, None, None),
        ([(10, 17), (9, 15)], 17, 15, -2),
    ],
)
def test_the_change_is_from_the_score_before_the_advice_to_the_latest(
    scores, before, latest, change
):
    since = score_since(taken(*scores), days_ago(10))
    values = tuple(one and one.value for one in (since.before, since.latest))
    assert (*values, since.change) == (before, latest, change)


def test_no_score_is_no_change_and_not_zero():
    assert ScoreSince(None, None).change is None


@pytest.mark.parametrize(("reminded", "allowed"), [((), None), ((9,), -2), ((20, 3), 4)])
def test_the_next_reminder_is_a_week_after_the_last(reminded, allowed):
    letter = sending(queued=30)
    mails = [sending(queued=ago, reminder=n) for n, ago in enumerate(reminded, 1)]
    expected = None if allowed is None else days_ago(-allowed)
    assert sent(letter, *mails).may_be_reminded_on() == expected


def review(*states, signed=10, due=None, answered=1, number=1):
    lines = tuple(
        FollowedLine(
            line(*([state] if state in SETTLING_OUTCOMES else []), due=due, answered=answered),
            state,
        )
        for state in states
    )
    return FollowedReview(
        id=UUID(int=number),
        episode_id=number,
        identity=Identity(number, "Lefèvre", "Camille", date(1983, 5, 2), "female", None, None),
        nurse=None,
        site_id=1,
        site="MSP",
        psychiatrist_id=5,
        signed_by=None,
        signed_at=datetime.combine(days_ago(signed), datetime.min.time(), ZoneInfo("Europe/Paris")),
        signed_on=days_ago(signed),
        lines=lines,
    )


@pytest.mark.parametrize(
    ("role", "practitioner", "found"),
    [("psychiatrist", 5, [1, 2]), ("psychiatrist", 6, []), ("nurse", 6, [2]), ("nurse", 5, [])],
)
def test_a_list_has_the_reviews_of_one_psychiatrists_or_nurses_patients(role, practitioner, found):
    reviews = [
        review("done", signed=1, number=1),
        replace(review("done", signed=1, number=2), nurse=Person(6, "Lopez", "Anne")),
    ]
    assert [one.episode_id for one in list_of(reviews, role, practitioner)] == found


def test_what_needs_somebody_first_comes_first():
    wanted = [
        review("not_delivered", signed=20),
        review("done", "not_delivered", signed=1),
        review("overdue", signed=3, due=days_ago(9)),
        review("overdue", signed=90, due=days_ago(2)),
        review("unanswered", signed=9),
        review("unanswered", signed=2),
        review("acknowledged", signed=50),
        review("declined", signed=50, answered=12),
        review("declined", signed=50, answered=3),
        review("refused_by_patient"),
        review("modified"),
        review("done"),
    ]
    assert in_order(reversed(wanted)) == wanted


def test_two_alike_keep_their_order():
    alike = [review("done", number=number) for number in (1, 2, 3)]
    assert in_order(reversed(alike)) == alike


def test_every_state_is_counted_the_empty_ones_too():
    found = counts([review("done", "overdue"), review("done")])
    assert found == dict.fromkeys(STATES, 0) | {"done": 2, "overdue": 1}


def test_a_review_without_a_line_left_is_left_out():
    one = review("done", "overdue")
    assert with_lines(one, one.lines[1:]).lines == one.lines[1:]
    assert with_lines(one, ()) is None


def test_what_is_awaited_of_whom():
    one = review("done", "overdue", "unanswered")
    assert (one.awaited_of("gp"), one.awaited_of("nurse")) == (2, 0)


def test_on_a_shared_screen_the_name_is_initials_wherever_it_stands():
    named = replace(line(), detail="Appeler Camille Lefèvre, née le 02/05/1983")
    whole = replace(review("overdue"), lines=(FollowedLine(named, "overdue"),))
    (shown,) = deidentified([whole], TODAY)
    assert "Lefèvre" not in repr(shown)
    assert "1983" not in repr(shown)
    assert (shown.identity.family_name, shown.identity.age) == ("L.", 43)
    assert shown.lines[0].state == "overdue"
