"""The delivery of a letter to its recipient."""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dashboard.clinical.people import Identity, Person
from dashboard.vocabulary import DeliveryState

FAILURES = (
    "no_address",
    "inactive",
    "not_in_care",
    "superseded",
    "bad_address",
    "no_letter",
    "no_account",
    "no_link",
    "expired",
    "unsendable",
    "refused",
    "deferred",
    "unreachable",
    "timeout",
    "dropped",
    "interrupted",
    "encryption",
    "authentication",
    "folder",
)
"""Codes of the reasons why a letter was not sent. ``dashboard.words`` has a sentence for each
code.
"""

UNCLEAR = ("dropped", "timeout", "interrupted")
"""The codes of failures after which it is unknown whether the letter has arrived."""

LONGEST_REPLY = 160
"""Longest reply of a mail server that is kept, in characters."""


@dataclass(frozen=True)
class Failure:
    """The reason why an attempt to send a letter failed: a code, and the mail server's reply
    without mail addresses.
    """

    code: str
    reply: str = ""

    @property
    def address_is_unknown(self) -> bool:
        """Whether the mail server said that the address does not exist, with an enhanced status
        code 5.1.x (RFC 3463).
        """
        return self.code == "refused" and re.search(r"\b5\.1\.\d", self.reply) is not None

    def __str__(self) -> str:
        return f"{self.code} {self.reply}".strip()

    @classmethod
    def read(cls, stored: str | None) -> "Failure | None":
        """Return the failure from the text ``stored``, which was made by ``str(failure)``. An
        unknown code is read as ``unsendable``. Return None if there is no text.
        """
        if not stored:
            return None
        code, _, reply = stored.partition(" ")
        return cls(code if code in FAILURES else "unsendable", reply)


@dataclass(frozen=True)
class Delivery:
    """One delivery of a case review to one recipient. In a ``CaseReview``, it is the mail with the
    highest ``reminder``, or the entry in the inbox if no mail was made.

    ``reminder`` is 0 for the letter, counts the reminders from 1, and is negative for a notice of a
    withdrawal. ``answered_at`` is the time when the recipient first answered a recommendation that
    the review gave.
    """

    id: UUID
    recipient: Person | None
    role: str
    channel: str
    reminder: int
    state: str
    attempts: int
    queued_at: datetime
    next_attempt_at: datetime | None = None
    sent_at: datetime | None = None
    transport: str | None = None
    failure: Failure | None = None
    settled_by: Person | None = None
    settled_how: str | None = None
    settled_at: datetime | None = None
    answered_at: datetime | None = None

    @property
    def needs_someone(self) -> bool:
        """Whether the delivery failed, and nobody has informed the recipient in another way yet. A
        letter that was not sent because its review was amended needs nobody.
        """
        replaced = self.failure is not None and self.failure.code == "superseded"
        return self.state == DeliveryState.FAILED and self.settled_at is None and not replaced


@dataclass(frozen=True)
class FailedDelivery:
    """A failed delivery about which nothing has been done yet. The psychiatrist or the nurse has to
    inform the recipient in another way or send the letter again.
    """

    delivery: Delivery
    identity: Identity
    episode_id: int
    case_review_id: UUID
    signed_at: datetime
    lacks_letter: bool
    """Whether the letter to send was not stored with the review. Always False for a reminder, which
    has no letter.
    """
    recipient_left: bool
    """Whether the recipient may no longer get this mail: this person has left according to the
    registry, or is no longer the nurse or the GP of the patient. A former nurse or GP still gets a
    notice of a withdrawal.
    """
    can_be_sent: bool
    """Whether the mail can be sent again: there is a mail address, no letter is lacking, and the
    recipient may still get it.
    """
    covered: Person | None = None
    """The colleague whom the reader covers for this patient. None if the patient is the reader's
    own.
    """


def without_addresses(reply: str) -> str:
    """Return a mail server's reply without mail addresses, on one line of at most ``LONGEST_REPLY``
    characters.
    """
    words = re.sub(r"[^\s<>\"'(),;:]*@[^\s<>\"'(),;:]*", "…", reply).split()
    seen = "".join(letter for letter in " ".join(words) if letter.isprintable())
    return seen if len(seen) <= LONGEST_REPLY else seen[: LONGEST_REPLY - 1] + "…"
