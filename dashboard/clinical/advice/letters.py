"""The letters that are stored with a signed review, as plain data."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Letter:
    """The letter to one recipient. ``pdf`` holds the exact bytes that were made at signing."""

    case_review_id: UUID
    language: str
    plain_text: str
    pdf: bytes
    file_name: str
    made_at: datetime
