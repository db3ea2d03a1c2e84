"""Letters in the outbox: from the signature to the settlement of those that failed."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from dashboard.calendar import today
from dashboard.clinical.advice.drafts import NotYours
from dashboard.clinical.advice.follow_up import NoLongerInCare
from dashboard.clinical.delivery import Failure
from dashboard.database import acting_as
from dashboard.database.schema import review
from dashboard.queries.advice.delivering import deliver, send_again, settle
from dashboard.queries.case.case_file import open_case
from dashboard.queries.case.deliveries import failed_deliveries
from dashboard.vocabulary import ToldBy
from tests.support.factories import at

TODAY = today()
SIGNED = at(TODAY - timedelta(days=1))


@pytest.fixture
def case(database):
    return database.team().case(TODAY - timedelta(weeks=12))


@pytest.fixture
def signed(database, case):
    """Return a review to a nurse with an address and a GP without one."""
    run(database, "UPDATE registry.practitioner SET secure_email = 'n@x.fr' WHERE role = 'nurse'")
    return sign(database, case)


def sign(database, case, **values):
    signed = database.case_review(case, SIGNED, **values)
    database.recommendation(case, signed, owner_role="gp")
    with acting_as(case.team.psychiatrist) as connection:
        deliver(connection, case.patient, signed, (case.team.nurse, case.team.gp))
    return signed


def run(database, statement):
    with database.owner().begin() as connection:
        result = connection.exec_driver_sql(statement)
        return result.mappings().all() if result.returns_rows else []


def mails(database):
    found = run(database, "SELECT * FROM review.delivery WHERE channel = 'mail'")
    return {row["recipient_id"]: row for row in found}


def failed(practitioner):
    with acting_as(practitioner) as connection:
        return failed_deliveries(connection)


def test_what_can_be_sent_is_queued_and_what_cannot_is_work_at_once(database, case, signed):
    to = mails(database)
    nurse, gp = to[case.team.nurse], to[case.team.gp]
    assert (nurse["state"], nurse["attempts"], nurse["error"]) == ("queued", 0, None)
    assert nurse["next_attempt_at"] == nurse["queued_at"]
    assert (gp["state"], gp["error"], gp["next_attempt_at"]) == ("failed", "no_address", None)


def test_a_letter_to_a_nurse_who_has_left_is_work_for_a_person(database, case):
    run(
        database,
        "UPDATE registry.practitioner SET secure_email = 'a@x.fr', active = role <> 'nurse'",
    )
    sign(database, case)
    to = mails(database)
    assert (to[case.team.nurse]["state"], to[case.team.nurse]["error"]) == ("failed", "inactive")
    assert to[case.team.gp]["state"] == "queued"


@pytest.mark.parametrize("address", ["''", "'  '", "NULL"])
def test_an_empty_address_is_none(database, case, address):
    run(database, f"UPDATE registry.practitioner SET secure_email = {address}")
    sign(database, case)
    assert {row["error"] for row in mails(database).values()} == {"no_address"}


def test_whoever_is_nurse_and_gp_at_once_gets_one_letter(database, case):
    run(database, f"UPDATE registry.practitioner SET secure_email = 'a{case.team.gp}@x.fr'")
    signed = database.case_review(case, SIGNED)
    with acting_as(case.team.psychiatrist) as connection:
        deliver(connection, case.patient, signed, (case.team.gp, case.team.gp))
    assert len(mails(database)) == 1


# Work for a person.


@pytest.mark.parametrize("who", ["psychiatrist", "nurse"])
def test_the_psychiatrist_and_the_nurse_are_told_what_did_not_leave(database, case, signed, who):
    (one,) = failed(getattr(case.team, who))
    assert one.case_review_id == signed
    assert one.episode_id == case.episode
    assert one.identity.patient_id == case.patient
    assert one.delivery.recipient.id == case.team.gp
    assert one.delivery.failure == Failure("no_address")
    assert one.can_be_sent is False
    (log,) = run(database, "SELECT action FROM review.access_log")
    assert log["action"] == "failed_deliveries_opened"


def test_nobody_else_is_told(database, case, signed):
    for who in (
        case.team.gp,
        database.practitioner("psychiatrist"),
        database.practitioner("nurse"),
    ):
        assert failed(who) == []


def test_whoever_covers_for_them_is_told(database, case, signed):
    colleague = database.practitioner("psychiatrist")
    database.add(
        review.cover,
        covering_id=colleague,
        covered_id=case.team.psychiatrist,
        starts_on=date(2020, 1, 1),
        ends_on=date(2099, 1, 1),
    )
    (one,) = failed(colleague)
    with acting_as(colleague) as connection:
        settle(connection, one.delivery.id, "phone")
    assert failed(case.team.nurse) == []


def test_a_review_that_has_been_amended_is_no_work_any_more(database, case, signed):
    sign(database, case, supersedes=signed)
    assert [one.case_review_id for one in failed(case.team.nurse)] != [signed]
    assert len(failed(case.team.nurse)) == 1


def test_after_the_address_is_there_it_is_sent_again_as_the_same_message(database, case, signed):
    before = mails(database)[case.team.gp]
    run(database, "UPDATE registry.practitioner SET secure_email = 'g@x.fr' WHERE role = 'gp'")
    (one,) = failed(case.team.nurse)
    assert one.lacks_letter
    assert not one.can_be_sent
    database.letter(case, signed)
    (one,) = failed(case.team.nurse)
    assert one.can_be_sent
    assert not one.lacks_letter
    with acting_as(case.team.nurse) as connection:
        send_again(connection, one.delivery.id)
    after = mails(database)[case.team.gp]
    assert (after["state"], after["attempts"], after["error"]) == ("queued", 0, None)
    assert after["next_attempt_at"] is not None
    assert (after["id"], after["message_id"]) == (before["id"], before["message_id"])
    assert failed(case.team.nurse) == []


@pytest.mark.parametrize(
    "leaves",
    ["registry.episode SET gp_id = nurse_id", "registry.practitioner SET active = role <> 'gp'"],
    ids=["has lost the case", "has left"],
)
def test_a_letter_is_not_sent_again_to_a_gp_who(database, case, signed, leaves):
    run(database, "UPDATE registry.practitioner SET secure_email = 'g@x.fr' WHERE role = 'gp'")
    database.letter(case, signed)
    run(database, f"UPDATE {leaves}")
    (one,) = failed(case.team.nurse)
    assert (one.recipient_left, one.can_be_sent) == (True, False)
    with pytest.raises(NoLongerInCare), acting_as(case.team.nurse) as connection:
        send_again(connection, one.delivery.id)
    assert mails(database)[case.team.gp]["state"] == "failed"


def test_what_is_sent_already_is_not_sent_again(database, case, signed):
    run(database, "UPDATE review.delivery SET state = 'sent', sent_at = now(), error = NULL")
    (sent,) = run(
        database,
        f"SELECT id FROM review.delivery WHERE recipient_id = {case.team.gp} AND channel = 'mail'",
    )
    with acting_as(case.team.nurse) as connection:
        send_again(connection, sent["id"])
        settle(connection, sent["id"], "phone")
    after = mails(database)[case.team.gp]
    assert (after["state"], after["settled_at"]) == ("sent", None)


@pytest.mark.parametrize("how", ToldBy)
def test_a_recipient_who_was_told_otherwise_is_no_work_any_more(database, case, signed, how):
    (one,) = failed(case.team.psychiatrist)
    with acting_as(case.team.nurse) as connection:
        settle(connection, one.delivery.id, how)
    row = mails(database)[case.team.gp]
    assert (row["state"], row["settled_by"], row["settled_how"]) == ("failed", case.team.nurse, how)
    assert failed(case.team.psychiatrist) == []
    # The first settlement remains, and nothing is sent after it.
    with acting_as(case.team.psychiatrist) as connection:
        settle(connection, one.delivery.id, "post")
        send_again(connection, one.delivery.id)
    assert mails(database)[case.team.gp] == row
    actions = run(database, "SELECT action, detail FROM review.access_log ORDER BY at DESC")
    assert [log["detail"] for log in actions if log["action"] == "delivery_settled"] == [
        {"delivery_id": str(one.delivery.id), "how": how}
    ]


def test_there_is_no_other_way_of_being_told(case):
    with acting_as(case.team.nurse) as connection, pytest.raises(ValueError, match="pigeon"):
        settle(connection, uuid4(), "pigeon")


def test_only_the_psychiatrist_and_the_nurse_see_to_it(database, case, signed):
    (one,) = failed(case.team.nurse)
    for who in (case.team.gp, database.practitioner("nurse"), None):
        for act in (
            lambda c: send_again(c, one.delivery.id),
            lambda c: settle(c, one.delivery.id, "post"),
        ):
            with pytest.raises(NotYours), acting_as(who) as connection:
                act(connection)


# In the case.


def reviews_of(case):
    with acting_as(case.team.psychiatrist) as connection:
        return open_case(connection, case.episode, as_of=TODAY).reviews


def test_each_review_says_what_became_of_it_for_each_recipient(database, case, signed):
    ((nurse, gp),) = [one.deliveries for one in reviews_of(case)]
    assert (nurse.role, nurse.channel, nurse.state) == ("nurse", "mail", "queued")
    assert (gp.role, gp.state, gp.failure) == ("gp", "failed", Failure("no_address"))
    assert gp.needs_someone
    assert nurse.answered_at is gp.answered_at is None


def test_the_last_mail_counts_and_an_answer_is_told(database, case, signed):
    run(
        database,
        "UPDATE review.delivery SET state = 'sent', sent_at = now() WHERE channel = 'mail'",
    )
    database.add(
        review.delivery,
        patient_id=case.patient,
        case_review_id=signed,
        recipient_id=case.team.gp,
        channel="mail",
        reminder=1,
        state="queued",
        message_id="<2@x>",
        attempts=2,
        error="deferred 451 later",
    )
    (line,) = run(database, "SELECT id FROM review.recommendation")
    database.add(
        review.answer,
        patient_id=case.patient,
        recommendation_id=line["id"],
        practitioner_id=case.team.gp,
        outcome="done",
        answered_at=at(TODAY),
    )
    nurse, gp = reviews_of(case)[0].deliveries
    assert (gp.reminder, gp.state, gp.attempts) == (1, "queued", 2)
    assert gp.failure == Failure("deferred", "451 later")
    assert gp.answered_at == at(TODAY)
    assert (nurse.reminder, nurse.state, nurse.answered_at) == (0, "sent", None)


def test_a_review_of_before_there_was_mail_is_in_the_inbox(database, case):
    signed = database.case_review(case, SIGNED)
    database.add(
        review.delivery,
        patient_id=case.patient,
        case_review_id=signed,
        recipient_id=case.team.gp,
        channel="inbox",
        state="sent",
        message_id="<1@x>",
        sent_at=SIGNED,
    )
    ((gp,),) = [one.deliveries for one in reviews_of(case)]
    assert (gp.channel, gp.state, gp.sent_at) == ("inbox", "sent", SIGNED)


def test_a_recipient_who_is_not_in_the_registry_any_more_is_shown_without_a_name(database, case):
    signed = database.case_review(case, SIGNED)
    with acting_as(case.team.psychiatrist) as connection:
        deliver(connection, case.patient, signed, (999_999,))
    ((gone,),) = [one.deliveries for one in reviews_of(case)]
    assert (gone.recipient, gone.role, gone.failure) == (None, "", Failure("no_address"))
