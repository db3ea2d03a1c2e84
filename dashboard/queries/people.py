"""Conversion of database rows to patients and practitioners."""

from typing import Any

from sqlalchemy import Row

from dashboard.clinical.people import Identity, Person


def identity_of(row: Row[Any]) -> Identity:
    """Return a patient, from a row with ``patient_id`` and the columns of ``registry.patient``."""
    return Identity(
        row.patient_id,
        row.family_name,
        row.given_name,
        row.birth_date,
        row.sex,
        row.ins,
        row.phone,
    )


def identity_without_numbers(row: Row[Any]) -> Identity:
    """Return a patient without health number (INS) and phone number.

    Use this for rows that lack these two columns.
    """
    return Identity(
        row.patient_id, row.family_name, row.given_name, row.birth_date, row.sex, None, None
    )


def person_of(number: int | None, family_name: str | None, given_name: str | None) -> Person | None:
    """Return a practitioner; None if the id or the family name is missing."""
    if number is None or family_name is None:
        return None
    return Person(number, family_name, given_name or "")
