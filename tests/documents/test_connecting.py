"""From a bare PostgreSQL with a hospital's own tables to a signed review and its letter.

docs/connecting.md and docs/installing.md are followed together, on a machine of its own; then the
machine is lost, and restored with the policies on the hospital's tables.
"""

import pytest

from tests.documents.blocks import blocks
from tests.documents.conftest import (
    connect_gateway,
    install,
    letters_to,
    lose_and_restore,
    only,
    reviews,
    sign,
    until,
    well,
)
from tests.documents.machine import Machine
from tests.support.foreign_tables import A_FEW_ROWS

pytestmark = pytest.mark.thorough

PSYCHIATRIST, ANOTHER_PSYCHIATRIST = 11, 21
EPISODE = 2041

IN_NO_DANGER = (
    "INSERT INTO dossier.usager VALUES (1287, 'Exemple', 'Camille', '1983-05-02', 'F', NULL, NULL)",
    "INSERT INTO dossier.suivi VALUES (2041, 1287, 1, 13, 12, 11, '2026-08-20', '2026-08-25',"
    " '2026-09-01', 'AC', NULL, NULL, 'Épisode dépressif', 'F32.1', 'Épisode dépressif moyen')",
)


def as_administrator(machine: Machine, sql: str, role: str = "postgres") -> str:
    """Run these statements in the hospital's database, as this role; what they say."""
    machine.write("/root/statements.sql", f"SET ROLE {role};\n{sql}")
    psql = "psql --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 hospital"
    return machine.run(f"runuser --user postgres -- {psql} < /root/statements.sql")


def connect(machine: Machine, part: str, role: str = "postgres") -> None:
    """Follow a part of docs/connecting.md."""
    as_administrator(machine, only("docs/connecting.md", part).text, role)


@pytest.fixture(scope="module")
def machine(bare_machine, wheel):
    """Return a machine on which both documents were followed, over the tables of a hospital."""
    connect_gateway(bare_machine)
    bare_machine.run("cd / && runuser --user postgres -- createdb hospital")
    connect(bare_machine, "tables")
    as_administrator(bare_machine, ";\n".join((*A_FEW_ROWS, *IN_NO_DANGER)) + ";")
    connect(bare_machine, "owner")
    connect(bare_machine, "views", "case_review_owner")

    def between(purpose: str | None) -> None:
        if purpose == "again":
            for part in ("rights", "policies", "indexes"):
                connect(bare_machine, part)

    install(bare_machine, wheel, "with-registry", between)
    return bare_machine


def test_a_review_of_a_patient_of_the_hospital_is_signed_and_its_letter_leaves(machine):
    assert well(machine) == "ok"
    sign(machine, PSYCHIATRIST, EPISODE, "gp")
    until(lambda: bool(letters_to(machine, "petit@hopital.example")))
    [letter] = letters_to(machine, "petit@hopital.example")
    assert "Revoir dans un mois" in letter
    assert "EXEMPLE" in letter.upper()


def seen_by(machine: Machine, practitioner: int) -> int:
    """Return how many patients the application sees for this practitioner."""
    identity = f"SET case_review.practitioner = '{practitioner}'"
    counted = f"{identity}; SELECT count(*) FROM registry.patient;"
    return int(as_administrator(machine, counted, "case_review_app"))


def test_a_server_that_is_lost_gets_the_hospitals_policies_back(machine):
    machine.run("install --directory --mode=0700 /var/backups/case-review")
    before = [seen_by(machine, one) for one in (PSYCHIATRIST, ANOTHER_PSYCHIATRIST, 0)]
    lose_and_restore(machine)
    assert well(machine) == "ok"
    assert [seen_by(machine, one) for one in (PSYCHIATRIST, ANOTHER_PSYCHIATRIST, 0)] == before
    assert before == [2, 1, 0]
    assert reviews(machine) == 1


def test_every_statement_of_the_document_is_followed_here_or_for_the_copy_by_its_own_tests():
    parts = [block.purpose for block in blocks("docs/connecting.md") if block.language == "sql"]
    assert parts == ["tables", "owner", "views", "rights", "policies", "indexes", "copy"]
