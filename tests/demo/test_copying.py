"""The text that COPY reads."""

from datetime import date, datetime

from dashboard.calendar import PARIS
from dashboard.demo.copying import block_of
from dashboard.demo.rows import Assessment, CareSequence, Contact


def test_absent_values_lists_days_and_instants_are_written_as_postgresql_reads_them():
    at = datetime(2026, 11, 18, 9, 5, tzinfo=PARIS)
    block = block_of(
        [
            Assessment(1, 2, "phq9", date(2026, 11, 18), None, [2, None, 0], 7),
            Contact(3, 2, at, "clinic", True, 40, 7, "Été : « va bien »"),
        ]
    )
    assert block[Assessment].decode() == "1\t2\tphq9\t2026-11-18\t\\N\t{2,NULL,0}\t7\n"
    assert block[Contact].decode() == (
        "3\t2\t2026-11-18 09:05:00+01:00\tclinic\tTrue\t40\t7\tÉté : « va bien »\n"
    )


def test_rows_are_gathered_by_table_in_an_order_in_which_they_can_be_written():
    sequence = CareSequence(1, 2, "leger", 1, date(2026, 1, 1), date(2026, 3, 31))
    form = Assessment(1, 2, "phq9", date(2026, 1, 1), 3, None, None)
    block = block_of([form, sequence, form])
    assert list(block) == [CareSequence, Assessment]
    assert block[Assessment].count(b"\n") == 2
