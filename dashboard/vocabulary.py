"""The fixed lists of words that the database holds and the program compares, each written once.

A member is a ``str`` and equals the word that is stored, so it goes into SQL parameters and JSON
as it is. The order of members is the order in which they are offered.
"""

from enum import StrEnum


class Role(StrEnum):
    """The roles of ``registry.practitioner``."""

    PSYCHIATRIST = "psychiatrist"
    NURSE = "nurse"
    GP = "gp"
    LEAD = "lead"


CARE_TEAM = (Role.PSYCHIATRIST, Role.NURSE, Role.GP)
"""The roles that treat patients."""

PAIR = (Role.PSYCHIATRIST, Role.NURSE)
"""The roles that hold a meeting, follow advice up and cover colleagues."""

OWNER_ROLES = (Role.GP, Role.NURSE, Role.PSYCHIATRIST)
"""The roles to which a recommendation may be addressed."""

LETTER_ROLES = (Role.GP, Role.NURSE)
"""The roles that receive the letter of a review."""


class ChosenBy(StrEnum):
    """The ways in which a case comes onto the agenda of a meeting."""

    RULE = "rule"
    NURSE = "nurse"
    DEFERRED = "deferred"
