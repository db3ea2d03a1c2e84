"""Mapping of rows to patients and practitioners."""

from typing import Any

from sqlalchemy import Row

from dashboard.clinical.people import Identity, Person


def identity_of(row: Row[Any]) -> Identity:
    """Return a patient, from a row with the traits of ``registry.patient`` and ``patient_id``."""
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
    """Return a patient as ``identity_of``, for a list that reads neither INS nor phone number."""
    return Identity(
        row.patient_id, row.family_name, row.given_name, row.birth_date, row.sex, None, None
    )


def person_of(number: int | None, family_name: str | None, given_name: str | None) -> Person | None:
    """Return a practitioner by name; None where the row joins no practitioner."""
    if number is None or family_name is None:
        return None
    return Person(number, family_name, given_name or "")
