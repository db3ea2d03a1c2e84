"""No part of a page that a few clicks lead to reads a typed text as Markdown.

``test_escaping_in_pages.py`` shows it for the pages as they open.
"""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.clinical.advice.lines import DraftLine, DraftReview, DraftSettlement
from dashboard.clinical.advice.settling import Owed
from dashboard.clinical.advice.standing_advice import StandingAdvice
from dashboard.clinical.meeting.agenda import Preparation
from dashboard.clinical.people import Person
from dashboard.clinical.risk import RiskStatement
from dashboard.components.elements.escaping import plain
from dashboard.vocabulary import RiskLevel, SettlementKind
from tests.components.elements.test_escaping_in_pages import formatted
from tests.support.case_files import COMPLETE, TODAY
from tests.support.export_records import SIGNED, identity, line, record

MARK = "*Qz*"
CASE = replace(
    COMPLETE,
    identity=identity(family_name=f"Lefèvre {MARK}"),
    gp=Person(3, f"Petit {MARK}", "Claude"),
)
REVIEW = record(lines=[line(detail=MARK)], risk=RiskStatement(RiskLevel.LOW, reason=MARK)).review
EARLIER = StandingAdvice(line(2, detail=MARK), REVIEW, SIGNED, date(2026, 11, 16))
DRAFT = DraftReview(
    "Stable",
    (DraftLine("a", "other", detail=MARK, owner_role="gp"),),
    settlements=(DraftSettlement(str(EARLIER.line.id), SettlementKind.WITHDRAWN, reason=MARK),),
)


def preview(case, draft, owed):
    from dashboard.components.advice.review_preview import review_preview

    review_preview(case, draft, owed)


def risk(review):
    from dashboard.components.advice.risk_line import risk_line

    risk_line(review)


def notes(preparation):
    from dashboard.components.meeting.nurse_notes import nurse_notes

    nurse_notes(preparation)


def settlements(content, owed, today):
    from dashboard.components.advice.draft_fields import DraftFields
    from dashboard.components.advice.settlement_fields import settlement_fields

    fields = DraftFields(lambda path, _value: path, str, {}, str, today)
    settlement_fields(fields, content, owed)


@pytest.mark.parametrize(
    ("part", "shown", "texts"),
    [
        # the part of a page, what it shows, and how many typed texts are among it
        (preview, (CASE, DRAFT, Owed(earlier=(EARLIER,))), 5),
        (settlements, (DRAFT, Owed(earlier=(EARLIER,)), TODAY), 1),
        (risk, (REVIEW,), 1),
        (notes, (Preparation(UUID(int=1), question=MARK, tried=MARK),), 2),
    ],
)
def test_no_typed_text_is_read_as_markdown(part, shown, texts):
    tab = AppTest.from_function(part, args=shown).run()
    assert not tab.exception, [one.message for one in tab.exception]
    read = formatted(tab)
    assert [one for one in read if MARK in one] == []
    assert "\n".join(read).count(plain(MARK)) == texts
