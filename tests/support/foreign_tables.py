"""A hospital's own tables, as docs/connecting.md has them, filled from a reference registry."""

import re
from collections.abc import Iterable

from sqlalchemy import Connection

from tests.support.repository import ROOT

DOCUMENT = (ROOT / "docs" / "connecting.md").read_text()

AFTER_FIRST_INIT = ("rights", "policies", "indexes")
"""The blocks that need the role and the functions that the first ``init`` makes."""


def statements_of(block: str) -> list[str]:
    """Return the statements of one block of the document, such as ``views``."""
    (sql,) = re.findall(rf"```sql {block}\n(.*?)```", DOCUMENT, re.DOTALL)
    return [statement.strip() for statement in sql.split(";\n") if statement.strip()]


def run(connection: Connection, statements: Iterable[str]) -> None:
    """Run these statements unchanged."""
    for statement in statements:
        connection.exec_driver_sql(statement.replace("%", "%%"))


def run_block(connection: Connection, block: str) -> None:
    """Run one block of the document, in the database where it is."""
    name = connection.exec_driver_sql("SELECT quote_ident(current_database())").scalar_one()
    run(
        connection,
        (one.replace("DATABASE hospital", f"DATABASE {name}") for one in statements_of(block)),
    )


def move_behind_views(connection: Connection) -> None:
    """Put what the reference registry holds into the hospital's tables, with views over them.

    The reference registry stays as schema ``reference``, which the application may not use.
    """
    run(
        connection,
        (
            "ALTER SCHEMA registry RENAME TO reference",
            "REVOKE ALL ON SCHEMA reference FROM case_review_app",
            "REVOKE ALL ON ALL TABLES IN SCHEMA reference FROM case_review_app",
        ),
    )
    run_block(connection, "tables")
    fill_from(connection, "reference")
    run_block(connection, "views")


def fill_from(connection: Connection, schema: str) -> None:
    """Write what a registry in this schema holds into the hospital's tables."""
    for table, columns in _FILLED.items():
        source = _SOURCES[table]
        run(connection, [f"INSERT INTO dossier.{table} SELECT {columns} FROM {schema}.{source}"])


def _coded(column: str, codes: dict[str, str]) -> str:
    cases = " ".join(f"WHEN '{ours}' THEN '{theirs}'" for ours, theirs in codes.items())
    return f"CASE {column} {cases} ELSE {column} END"


def _yes(column: str) -> str:
    return f"CASE WHEN {column} THEN 'O' ELSE 'N' END"


_LOCAL = "{0} AT TIME ZONE 'Europe/Paris'"

_SOURCES = {
    "structure": "site",
    "professionnel": "practitioner",
    "affectation": "practitioner_site",
    "usager": "patient",
    "suivi": "episode",
    "sequence_soins": "care_sequence",
    "questionnaire": "assessment",
    "rendez_vous": "contact",
    "traitement": "medication",
    "accompagnement": "psychosocial_care",
    "antecedent": "condition",
    "alerte": "flag",
}

_FILLED = {
    "structure": "id, name, department::smallint, "
    + _coded(
        "kind",
        {"msp": "MSP", "centre_sante": "CDS", "cabinet_groupe": "CGR", "cabinet_isole": "CIS"},
    )
    + ", opened_on",
    "professionnel": "id, family_name, given_name, "
    + _coded("role", {"psychiatrist": "PSY", "nurse": "IDE", "gp": "MED", "lead": "DIR"})
    + f", rpps, secure_email, {_yes('active')}",
    "affectation": "practitioner_id, site_id",
    "usager": "id, family_name, given_name, birth_date, "
    + _coded("sex", {"female": "F", "male": "M", "unknown": "I"})
    + ", ins, phone",
    "suivi": "id, patient_id, site_id, gp_id, nurse_id, psychiatrist_id, referred_on, consented_on,"
    " enrolled_on, "
    + _coded("status", {"active": "AC", "relapse_prevention": "PR", "closed": "CL"})
    + ", closed_on, "
    + _coded(
        "closed_reason",
        {
            "completed": "FIN",
            "referred_to_specialist": "SPE",
            "lost": "PDV",
            "refused": "REF",
            "moved": "DEM",
            "deceased": "DCD",
            "other": "AUT",
        },
    )
    + ", problem, diagnosis_code, diagnosis_label",
    "sequence_soins": f"id, episode_id, {_coded('kind', {'leger': 'L', 'classique': 'C'})},"
    " number, starts_on, ends_on",
    "questionnaire": "id, patient_id, "
    + _coded("instrument", {"phq9": "PHQ-9", "gad7": "GAD-7", "cssrs": "C-SSRS"})
    + ", taken_on, total, array_to_string(items, ';', ''), recorded_by",
    "rendez_vous": f"id, patient_id, {_LOCAL.format('happened_at')}, "
    + _coded("kind", {"clinic": "C", "phone": "T", "video": "V", "home": "D"})
    + f", {_yes('attended')}, minutes, practitioner_id, note",
    "traitement": "id, patient_id, atc_code, name, daily_dose_mg, "
    + _yes("as_needed")
    + ", started_on, stopped_on, stop_reason, "
    + _coded("adherence", {"good": "B", "partial": "P", "poor": "M", "unknown": "I"})
    + ", side_effects",
    "accompagnement": "id, patient_id, "
    + _coded(
        "kind",
        {
            "behavioural_activation": "ACO",
            "problem_solving": "REP",
            "psychologist": "PSY",
            "support_group": "GRP",
            "social_service": "SOC",
            "other": "AUT",
        },
    )
    + ", started_on, ended_on, sessions, note",
    "antecedent": "id, patient_id, code, label, onset_on, resolved_on",
    "alerte": f"id, patient_id, {_coded('kind', {'safety': 'S', 'discussion': 'D'})}, raised_by,"
    f" {_LOCAL.format('raised_at')}, note, cleared_by, {_LOCAL.format('cleared_at')}",
}


A_FEW_ROWS = (
    "INSERT INTO dossier.structure VALUES (1, 'MSP du Parc', 78, 'MSP', '2023-09-04')",
    "INSERT INTO dossier.professionnel VALUES"
    " (11, 'Moreau', 'Anne', 'PSY', '10000000001', 'moreau@hopital.example', 'O'),"
    " (12, 'Roux', 'Luc', 'IDE', '10000000002', 'roux@hopital.example', 'O'),"
    " (13, 'Petit', 'Jean', 'MED', '10000000003', 'petit@hopital.example', 'O'),"
    " (14, 'Garnier', 'Eve', 'DIR', NULL, NULL, 'O'),"
    " (21, 'Autre', 'Psychiatre', 'PSY', '10000000004', NULL, 'O')",
    "INSERT INTO dossier.affectation VALUES (12, 1), (13, 1)",
    "INSERT INTO dossier.usager VALUES"
    " (101, 'Lefèvre', 'Camille', '1983-05-02', 'F', NULL, NULL),"
    " (102, 'Durand', 'Paul', '1970-01-01', 'M', NULL, NULL)",
    "INSERT INTO dossier.suivi VALUES"
    " (1001, 101, 1, 13, 12, 11, '2026-08-20', '2026-08-25', '2026-09-01', 'AC', NULL, NULL,"
    "  'Épisode dépressif', 'F32.1', 'Épisode dépressif moyen'),"
    " (1002, 102, 1, 13, 12, 21, '2026-08-20', '2026-08-25', '2026-09-01', 'CL', '2026-10-01',"
    "  'FIN', 'Anxiété', NULL, NULL)",
    "INSERT INTO dossier.sequence_soins VALUES (1, 1001, 'C', 1, '2026-09-01', '2026-12-01')",
    "INSERT INTO dossier.questionnaire VALUES"
    " (1, 101, 'PHQ-9', '2026-09-01', 14, '2;2;2;1;2;2;1;2;0', 12),"
    " (2, 101, 'PHQ-9', '2026-10-01', 16, '2;2;2;1;2;2;1;2;2', 12)",
    "INSERT INTO dossier.rendez_vous VALUES (1, 101, '2026-10-25 10:30', 'C', 'O', 30, 12, NULL)",
    "INSERT INTO dossier.traitement VALUES"
    " (1, 101, 'N06AB06', 'sertraline', 50, 'N', '2026-09-01', NULL, NULL, 'B', NULL)",
    "INSERT INTO dossier.accompagnement VALUES (1, 101, 'ACO', '2026-09-08', NULL, 3, NULL)",
    "INSERT INTO dossier.antecedent VALUES (1, 101, 'E03.9', 'Hypothyroïdie', NULL, NULL)",
    "INSERT INTO dossier.alerte VALUES (1, 101, 'D', 12, '2026-10-01 09:00', NULL, NULL, NULL)",
)
"""A psychiatrist with an open case, another with a closed one, in the hospital's own words."""
