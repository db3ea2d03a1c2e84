"""The relations and columns of the schema ``registry`` that the dashboard needs.

In production, the registry's owner provides them as tables or as views. The definitions here have
three uses: queries are written with them, ``contract`` compares a registry with them, and the
demonstration and the tests create them as tables (the reference registry).

The tables have no constraints except types, keys and NOT NULL, so that they accept other wrong
values. The pages show such a row with a warning.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY

metadata = MetaData(schema="registry")


def _id() -> Column[int]:
    return Column("id", BigInteger, primary_key=True, autoincrement=False)


def _refers(name: str, target: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, ForeignKey(f"registry.{target}.id"), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, Text, nullable=nullable)


def _day(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, Date, nullable=nullable)


def _instant(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _care_team(column: str) -> Index:
    """Return an index of ``episode`` on ``column``, which also has the ids of the rest of the care
    team, of the patient and of the episode.

    PostgreSQL can then find out who may see an episode by reading only the index.
    """
    others = [name for name in ("psychiatrist_id", "nurse_id", "gp_id") if name != column]
    return Index(
        f"episode_{column.removesuffix('_id')}",
        column,
        postgresql_include=[*others, "patient_id", "id"],
    )


site = Table(
    "site",
    metadata,
    _id(),
    _text("name"),
    _text("department"),
    _text("kind"),
    _day("opened_on"),
)

practitioner = Table(
    "practitioner",
    metadata,
    _id(),
    _text("role"),
    _text("family_name"),
    _text("given_name"),
    _text("rpps", nullable=True),
    _text("secure_email", nullable=True),
    Column("active", Boolean, nullable=False),
)

practitioner_site = Table(
    "practitioner_site",
    metadata,
    Column("practitioner_id", BigInteger, ForeignKey("registry.practitioner.id"), primary_key=True),
    Column("site_id", BigInteger, ForeignKey("registry.site.id"), primary_key=True),
)

patient = Table(
    "patient",
    metadata,
    _id(),
    _text("family_name"),
    _text("given_name"),
    _day("birth_date"),
    _text("sex"),
    _text("ins", nullable=True),
    _text("phone", nullable=True),
)

episode = Table(
    "episode",
    metadata,
    _id(),
    _refers("patient_id", "patient"),
    _refers("site_id", "site"),
    _refers("gp_id", "practitioner"),
    _refers("nurse_id", "practitioner"),
    _refers("psychiatrist_id", "practitioner"),
    _day("referred_on"),
    _day("consented_on", nullable=True),
    _day("enrolled_on"),
    _text("status"),
    _day("closed_on", nullable=True),
    _text("closed_reason", nullable=True),
    _text("problem"),
    _text("diagnosis_code", nullable=True),
    _text("diagnosis_label", nullable=True),
    Index("episode_patient", "patient_id"),
    Index("episode_site", "site_id"),
    _care_team("gp_id"),
    _care_team("nurse_id"),
    _care_team("psychiatrist_id"),
)

care_sequence = Table(
    "care_sequence",
    metadata,
    _id(),
    _refers("episode_id", "episode"),
    _text("kind"),
    Column("number", Integer, nullable=False),
    _day("starts_on"),
    _day("ends_on"),
    Index("care_sequence_episode", "episode_id", "starts_on"),
)

assessment = Table(
    "assessment",
    metadata,
    _id(),
    _refers("patient_id", "patient"),
    _text("instrument"),
    _day("taken_on"),
    Column("total", Integer, nullable=True),
    Column("items", ARRAY(SmallInteger), nullable=True),
    _refers("recorded_by", "practitioner", nullable=True),
)
Index(
    "assessment_patient_instrument",
    assessment.c.patient_id,
    assessment.c.instrument,
    assessment.c.taken_on.desc(),
    assessment.c.id.desc(),
    postgresql_include=["total"],
)

contact = Table(
    "contact",
    metadata,
    _id(),
    _refers("patient_id", "patient"),
    _instant("happened_at"),
    _text("kind"),
    Column("attended", Boolean, nullable=False),
    Column("minutes", Integer, nullable=True),
    _refers("practitioner_id", "practitioner"),
    _text("note", nullable=True),
)
Index(
    "contact_patient",
    contact.c.patient_id,
    contact.c.happened_at.desc(),
    contact.c.id.desc(),
    postgresql_include=["attended"],
)

medication = Table(
    "medication",
    metadata,
    _id(),
    _refers("patient_id", "patient"),
    _text("atc_code"),
    _text("name"),
    Column("daily_dose_mg", Numeric, nullable=True),
    Column("as_needed", Boolean, nullable=False),
    _day("started_on"),
    _day("stopped_on", nullable=True),
    _text("stop_reason", nullable=True),
    _text("adherence", nullable=True),
    _text("side_effects", nullable=True),
    Index("medication_patient", "patient_id", "started_on"),
)

psychosocial_care = Table(
    "psychosocial_care",
    metadata,
    _id(),
    _refers("patient_id", "patient"),
    _text("kind"),
    _day("started_on"),
    _day("ended_on", nullable=True),
    Column("sessions", Integer, nullable=True),
    _text("note", nullable=True),
    Index("psychosocial_care_patient", "patient_id", "started_on"),
)

condition = Table(
    "condition",
    metadata,
    _id(),
    _refers("patient_id", "patient"),
    _text("code"),
    _text("label"),
    _day("onset_on", nullable=True),
    _day("resolved_on", nullable=True),
    Index("condition_patient", "patient_id"),
)

flag = Table(
    "flag",
    metadata,
    _id(),
    _refers("patient_id", "patient"),
    _text("kind"),
    _refers("raised_by", "practitioner"),
    _instant("raised_at"),
    _text("note", nullable=True),
    _refers("cleared_by", "practitioner", nullable=True),
    _instant("cleared_at", nullable=True),
    Index("flag_patient", "patient_id"),
)
