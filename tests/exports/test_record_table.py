"""The CSV of the records: every column, and nothing that a spreadsheet would compute."""

import csv
import io
import re
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.clinical.advice.tele_expertise import Incident, Request, Sending
from dashboard.clinical.people import Person
from dashboard.clinical.risk import RiskStatement
from dashboard.exports.record_table import COLUMNS, harmless, record_table
from dashboard.vocabulary import RiskLevel
from tests.support.export_records import SIGNED, earlier, identity, line, record
from tests.support.repository import ROOT

DOCUMENT = ROOT / "docs" / "tele_expertise.md"


def rows(*records, delimiter=";"):
    text = record_table(records).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def test_one_row_says_what_the_law_asks_for():
    ready = SIGNED - timedelta(days=4)
    whole = record(
        request=Request(UUID(int=5), 2, "Que faire ?", ready, ready.date()),
        lines=[line(1), line(2, answers=())],
        sendings=(
            Sending(2, "inbox", 0, "sent", SIGNED, SIGNED),
            Sending(3, "mail", 0, "sent", SIGNED, SIGNED + timedelta(minutes=2)),
        ),
        incidents=(Incident(UUID(int=6), Person(2, "Roux", "Nadia"), "Visio coupée", SIGNED),),
        risk=RiskStatement(RiskLevel.MODERATE, date(2026, 11, 16)),
        earlier=(earlier(5, "kept"), earlier(6, "replaced"), earlier(7, "replaced")),
    )
    assert rows(whole) == [
        {
            "review_id": str(UUID(int=9)),
            "episode_id": "4101",
            "patient_id": "41",
            "family_name": "Lefèvre",
            "given_name": "Camille",
            "birth_date": "1983-05-02",
            "ins": "283057812345678",
            "site": "MSP du Parc",
            "consented_on": "2026-09-01",
            "requested_at": "2026-10-29T14:00:00+01:00",
            "requested_by": "Roux Nadia",
            "requested_by_rpps": "",
            "request": "Que faire ?",
            "signed_at": "2026-11-02T14:00:00+01:00",
            "signed_by": "Moreau Anne",
            "signed_by_rpps": "99000000007",
            "answer_days": "4",
            "answer_time": "met",
            "amends": "",
            "amended_by": "",
            "risk_level": "moderate",
            "risk_reassess_on": "2026-11-16",
            "recommendations": "2",
            "kept": "1",
            "replaced": "2",
            "withdrawn": "0",
            "nurse": "Roux Nadia",
            "nurse_rpps": "",
            "gp": "Petit Claude",
            "gp_rpps": "99000000063",
            "sent_at": "2026-11-02T14:02:00+01:00",
            "sent_to": "Roux Nadia | Petit Claude",
            "answered_at": "2026-11-04T14:00:00+01:00",
            "incidents": "2026-11-02T14:00:00+01:00 Visio coupée",
        }
    ]


def test_what_is_not_there_is_an_empty_cell():
    (row,) = rows(record(consented_on=None, who=identity(ins=None), professionals=()))
    empty = {name for name, cell in row.items() if cell == ""}
    assert {
        "consented_on",
        "ins",
        "requested_at",
        "answer_days",
        "sent_at",
        "gp",
        "risk_level",
    } <= empty
    assert row["answer_time"] == "no_request"
    assert row["recommendations"] == "0"


def test_without_records_the_columns_stand_there():
    assert record_table([]).decode("utf-8-sig").strip().split(";") == list(COLUMNS)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+33 6", "'+33 6"),
        ("-5", "'-5"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "\t'=1"),
        (" \n=1", " \n'=1"),
        ("\u200b=1", " '=1"),
        ("\x00=1", " '=1"),
        ('"=1', "\"'=1"),
        ("＝1+1", "'＝1+1"),
        # The end of a cell for a program that takes another separator.
        ("a;=1", "a;'=1"),
        ("a,@x", "a,'@x"),
        ("a\n-1", "a\n'-1"),
        # Left as they are.
        ("O'Brien", "O'Brien"),
        ("Lefèvre-Dubois", "Lefèvre-Dubois"),
        ("PHQ-9 17 = 12", "PHQ-9 17 = 12"),
        ("كمال", "كمال"),
        ("", ""),
    ],
)
def test_a_cell_that_would_be_a_formula_begins_with_an_apostrophe(typed, written):
    assert harmless(typed) == written


texts = st.text(st.characters(codec="utf-8") | st.sampled_from("=+-@;,\t\r\n\"' "), max_size=40)


@given(texts, texts, texts)
def test_whatever_was_typed_no_cell_is_a_formula_and_no_row_is_lost(name, question, incident):
    one = record(
        who=identity(family_name=name),
        request=Request(UUID(int=5), 2, question, SIGNED, SIGNED.date()),
        incidents=(Incident(UUID(int=6), None, incident, SIGNED),),
    )
    for delimiter in (";", ",", "\t"):
        text = record_table([one, one]).decode("utf-8-sig")
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            assert not [cell for cell in row if re.match(r"[\s\"]*[=+\-@]", cell)]
    read = rows(one, one)
    assert len(read) == 2
    assert set(read[0]) == set(COLUMNS)
    assert read[0]["episode_id"] == "4101"


def test_every_column_is_documented_in_its_order():
    documented = re.findall(r"^\| `(\w+)` \|", DOCUMENT.read_text(), re.MULTILINE)
    assert documented == list(COLUMNS)


def test_a_notice_of_a_withdrawal_is_not_the_letter():
    one = record(
        sendings=(
            Sending(3, "mail", -1, "sent", SIGNED, SIGNED),
            Sending(2, "mail", 0, "sent", SIGNED, SIGNED),
        )
    )
    assert rows(one)[0]["sent_to"] == "Roux Nadia"


def test_an_amendment_names_what_it_amends_and_is_named_by_it():
    amended = record(supersedes=UUID(int=8))
    assert rows(amended)[0]["amends"] == str(UUID(int=8))
    first = replace(amended, review=replace(amended.review, superseded_by=UUID(int=10)))
    assert rows(first)[0]["amended_by"] == str(UUID(int=10))
    assert rows(replace(amended, sendings=()))[0]["sent_to"] == ""
