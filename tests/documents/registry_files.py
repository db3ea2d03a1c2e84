"""The registry of two patients as CSV files, with the numbers that the documents name."""

from collections.abc import Iterator
from datetime import timedelta

from dashboard.calendar import today

PSYCHIATRIST, NURSE, GP = 12, 13, 14
PATIENT, EPISODE = 1287, 2041
ANOTHER_PATIENT, ANOTHER_EPISODE = 1288, 2042


def registry_files() -> Iterator[tuple[str, str]]:
    """Yield name and content of each file, for ``import``."""
    day = today()
    enrolled = day - timedelta(days=90)
    yield "site.csv", f"id,name,department,kind,opened_on\n1,MSP du Parc,78,msp,{enrolled}\n"
    yield (
        "practitioner.csv",
        "id,role,family_name,given_name,rpps,secure_email,active\n"
        f"{PSYCHIATRIST},psychiatrist,Moreau,Anne,,psychiatrist@example.fr,true\n"
        f"{NURSE},nurse,Claude,Paul,,nurse@example.fr,true\n"
        f"{GP},gp,Petit,Luc,,gp@example.fr,true\n",
    )
    yield (
        "practitioner_site.csv",
        f"practitioner_id,site_id\n{PSYCHIATRIST},1\n{NURSE},1\n{GP},1\n",
    )
    yield (
        "patient.csv",
        "id,family_name,given_name,birth_date,sex,ins,phone\n"
        f"{PATIENT},Exemple,Camille,1983-05-02,female,,\n"
        f"{ANOTHER_PATIENT},Exemple,Claude,1971-11-23,male,,\n",
    )
    yield (
        "episode.csv",
        "id,patient_id,site_id,gp_id,nurse_id,psychiatrist_id,referred_on,consented_on,enrolled_on,"
        "status,closed_on,closed_reason,problem,diagnosis_code,diagnosis_label\n"
        + "".join(
            f"{episode},{patient},1,{GP},{NURSE},{PSYCHIATRIST},{enrolled},{enrolled},{enrolled},"
            "active,,,Episode dépressif,,\n"
            for episode, patient in ((EPISODE, PATIENT), (ANOTHER_EPISODE, ANOTHER_PATIENT))
        ),
    )
    yield (
        "assessment.csv",
        "id,patient_id,instrument,taken_on,total,items,recorded_by\n"
        f"1,{PATIENT},PHQ-9,{enrolled},15,,{NURSE}\n2,{PATIENT},PHQ-9,{day},13,,{NURSE}\n",
    )
