"""The notice that a line of advice was withdrawn."""

from dataclasses import replace
from datetime import date

from dashboard.clinical.people import Person
from dashboard.letters.withdrawal import Withdrawal, withdrawal_notice
from tests.support.export_records import identity, line

WITHDRAWN = Withdrawal(
    identity(),
    line(2),
    date(2026, 11, 2),
    Person(1, "Moreau", "Anne"),
    date(2026, 11, 5),
    "Grossesse",
)


def test_it_names_the_patient_the_line_who_withdrew_it_and_why():
    assert withdrawal_notice(WITHDRAWN, "en").split("\n\n") == [
        "Patient: Lefèvre Camille (2 May 1983)",
        "Dr Moreau Anne withdrew on 5 Nov 2026 recommendation no. 2 of the review of 2 Nov 2026:",
        "    Increase sertraline to 100 mg/day",
        "Reason: Grossesse",
        "It is not to be followed any more. The other recommendations are as they were.\n",
    ]


def test_it_is_written_in_the_language_of_its_recipient():
    assert "Augmenter sertraline" in withdrawal_notice(WITHDRAWN, "fr")


def test_without_a_birth_date_the_name_stands_alone():
    unknown = replace(WITHDRAWN, identity=identity(birth_date=None))
    assert withdrawal_notice(unknown, "en").startswith("Patient: Lefèvre Camille\n")
