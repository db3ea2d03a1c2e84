"""People's actions as plain data that any process can carry out, be interrupted in, and repeat.

Each is the transaction of a click, by the same functions. A person who was not told that it was
done repeats it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from uuid import UUID

from dashboard.clinical.advice.answer_link import LinkClosed
from dashboard.clinical.advice.drafts import Draft, Seen
from dashboard.clinical.advice.lines import DraftReview
from dashboard.database import acting_as
from dashboard.delivery.sender import deliver_due
from dashboard.queries.advice.answering import answer, answer_by_link
from dashboard.queries.advice.drafting import save_draft
from dashboard.queries.advice.signing import sign
from tests.delivery.conftest import by
from tests.support.mail_server import PostOffice
from tests.support.sending_process import EVER_AGAIN, Hurried

SECONDS_TO_SEND = 5.0
"""The maximum time of sending; the lease of a letter lasts twice as long."""


@dataclass(frozen=True)
class SaveDraft:
    """The saving of typed text by the form."""

    psychiatrist: int
    draft: Draft
    content: DraftReview

    def do(self) -> str:
        with acting_as(self.psychiatrist) as connection:
            return save_draft(connection, self.draft, self.content).draft.content.summary


@dataclass(frozen=True)
class Sign:
    """The signing of the previewed draft by the psychiatrist."""

    psychiatrist: int
    draft: Draft
    seen: Seen
    today: date

    def do(self) -> str:
        transaction = partial(acting_as, self.psychiatrist)
        return str(sign(transaction, self.draft, self.seen, self.today).id)


@dataclass(frozen=True)
class AnswerLine:
    """The nurse answers a line of advice."""

    nurse: int
    line: UUID
    outcome: str
    reason: str
    key: UUID

    def do(self) -> str:
        with acting_as(self.nurse) as connection:
            return answer(connection, self.line, self.outcome, self.reason, self.key).outcome


@dataclass(frozen=True)
class AnswerByLink:
    """The GP answers by the link of the letter; a used link says that it was recorded."""

    gp: int
    link: UUID
    given: Mapping[UUID, tuple[str, str]]

    def do(self) -> str:
        try:
            with acting_as(self.gp) as connection:
                answer_by_link(connection, self.link, self.given)
        except LinkClosed as closed:
            if closed.why != "used":
                raise
        return "recorded"


@dataclass(frozen=True)
class SendLetters:
    """The sender goes through the outbox once."""

    port: int

    def do(self) -> str:
        transport = Hurried("127.0.0.1", self.port, "none", timeout=5.0, seconds=SECONDS_TO_SEND)
        done = deliver_due(replace(by(PostOffice(self.port)), transport=transport), EVER_AGAIN)
        return f"{done.sent} sent"


Order = SaveDraft | Sign | AnswerLine | AnswerByLink | SendLetters
