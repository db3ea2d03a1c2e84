"""Drugs by international name (DCI), with their ATC codes (WHO ATC/DDD index).

A line of advice can be checked against the rules only if the code of its drug is known. This module
has the antidepressants of docs/domain.md and usual drugs of the classes that the rules concern.
Users can also write any other name; the interface then says that the drug is not checked.
"""

import re
from collections.abc import Mapping

from dashboard.clinical.medication import ANTIDEPRESSANTS
from dashboard.clinical.people import folded

OTHER_DRUGS: Mapping[str, str] = {
    "alprazolam": "N05BA12",
    "amiodarone": "C01BD01",
    "amisulpride": "N05AL05",
    "aripiprazole": "N05AX12",
    "bromazépam": "N05BA08",
    "buspirone": "N05BE01",
    "carbamazépine": "N03AF01",
    "clobazam": "N05BA09",
    "clozapine": "N05AH02",
    "cyamémazine": "N05AA06",
    "diazépam": "N05BA01",
    "halopéridol": "N05AD01",
    "hydroxyzine": "N05BB01",
    "imipramine": "N06AA02",
    "lamotrigine": "N03AX09",
    "lithium": "N05AN01",
    "lorazépam": "N05BA06",
    "lormétazépam": "N05CD06",
    "loxapine": "N05AH01",
    "mélatonine": "N05CH01",
    "olanzapine": "N05AH03",
    "oxazépam": "N05BA04",
    "prazépam": "N05BA11",
    "quétiapine": "N05AH04",
    "rispéridone": "N05AX08",
    "tiapride": "N05AL03",
    "valproate": "N03AG01",
    "zolpidem": "N05CF02",
    "zopiclone": "N05CF01",
}

DRUG_NAMES: tuple[str, ...] = (
    *sorted(drug.name for drug in ANTIDEPRESSANTS.values()),
    *OTHER_DRUGS,
)
"""The drug names that forms offer, the antidepressants first."""


def atc_code_of(name: str, also: Mapping[str, str] | None = None) -> str | None:
    """Return the ATC code of the drug ``name``, or None if it is unknown. Accents and capitals do
    not matter.

    ``also`` gives the ATC codes of further drugs by name, such as the patient's own treatment.
    """
    further = {without_accents(key): code for key, code in (also or {}).items()}
    return {**further, **_CODES}.get(without_accents(name))


def is_same_drug(name: str, atc_code: str | None, other: str, other_code: str | None) -> bool:
    """Return whether two drugs, each given by its name and its ATC code if known, are the same: the
    codes or the names are equal. Accents and capitals do not matter.
    """
    if atc_code is not None and atc_code == other_code:
        return True
    return bool(without_accents(name)) and without_accents(name) == without_accents(other)


def is_named_in(text: str, name: str, atc_code: str | None) -> bool:
    """Return whether ``text`` names the drug ``name``, by this name or by another name of its ATC
    code. Accents and capitals do not matter.
    """
    names = {
        without_accents(name),
        *(known for known, code in _CODES.items() if code == atc_code),
    } - {""}
    words = without_accents(text)
    return any(re.search(rf"(?<!\w){re.escape(one)}(?!\w)", words) for one in names)


def without_accents(text: str) -> str:
    """Return ``text`` in lower case, without accents, and with single spaces between words."""
    return " ".join(folded(text).split())


_CODES: Mapping[str, str] = {
    without_accents(name): code
    for name, code in (
        *((drug.name, drug.atc_code) for drug in ANTIDEPRESSANTS.values()),
        ("venlafaxine", "N06AX16"),
        *OTHER_DRUGS.items(),
    )
}
