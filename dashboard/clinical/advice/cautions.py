"""Cautions about a draft, each shown with its source. A caution never prevents signing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations

from dashboard.clinical import medication as drugs
from dashboard.clinical.advice.lines import DraftLine, DraftReview
from dashboard.clinical.case.case_file import CaseFile, Condition, Treatment
from dashboard.clinical.episodes import LONG_QT_CODE, PREGNANCY_CODES
from dashboard.vocabulary import MedicationAction, RecommendationKind

VALPROATE = "N03AG01"


@dataclass(frozen=True)
class Caution:
    """A caution about one line of advice in a draft: a code, the id of the line, the source, and
    the values to show. The signatory has to confirm each caution.

    The codes, with their values in parentheses, are ``dose_above_maximum`` (drug, dose, maximum,
    age), ``contraindicated_combination`` (drug, partner), ``psychotropic_in_pregnancy`` (drug),
    ``valproate_in_pregnancy`` (drug), ``stop_in_pregnancy`` (drug), and ``not_checked`` (drug).
    ``not_checked`` means that the drug is unknown.
    """

    code: str
    line_id: str
    source: str
    facts: Mapping[str, object] = field(default_factory=dict)


def cautions(draft: DraftReview, case: CaseFile) -> tuple[Caution, ...]:
    """Return the cautions to confirm before signing ``draft``: first those about a single line of
    advice, then those about two lines.

    The advice is compared with the treatments that are current on ``case.as_of``. Current
    treatments that the draft changes or stops are ignored.
    """
    return tuple(_cautions(draft, case))


def _cautions(draft: DraftReview, case: CaseFile) -> Iterator[Caution]:
    lines = [
        line
        for line in draft.lines
        if line.kind == RecommendationKind.MEDICATION and line.drug_name.strip()
    ]
    taken = [line for line in lines if line.action != MedicationAction.STOP]
    advised = {code for line in lines for code in (line.atc_code, _replaced(line))}
    kept = [row for row in _current(case) if row.atc_code not in advised]
    for line in lines:
        if line.atc_code is None:
            yield Caution("not_checked", line.id, drugs.DOSE_SOURCE, {"drug": line.drug_name})
        elif line.action == MedicationAction.STOP:
            yield from _stopped_in_pregnancy(line, line.atc_code, case)
        else:
            yield from _dose(line, line.atc_code, case)
            yield from _with_current(line, line.atc_code, kept, case)
            yield from _in_pregnancy(line, line.atc_code, case)
        yield from _replaced_in_pregnancy(line, case)
    yield from _between_lines(taken)


def _dose(line: DraftLine, atc_code: str, case: CaseFile) -> Iterator[Caution]:
    age = case.identity.age_on(case.as_of)
    if drugs.above_maximum(atc_code, line.daily_dose_mg, age):
        maximum = drugs.ANTIDEPRESSANTS[atc_code].maximum_at(age)
        source = drugs.CITALOPRAM_SOURCE if atc_code in drugs.CITALOPRAMS else drugs.DOSE_SOURCE
        yield Caution(
            "dose_above_maximum",
            line.id,
            source,
            {"drug": line.drug_name, "dose": line.daily_dose_mg, "maximum": maximum, "age": age},
        )


def _with_current(
    line: DraftLine, atc_code: str, kept: list[Treatment], case: CaseFile
) -> Iterator[Caution]:
    partners = {row.name for row in kept if drugs.contraindicated_together(atc_code, row.atc_code)}
    if atc_code in drugs.CITALOPRAMS:
        partners |= {one.label for one in _conditions(case, (LONG_QT_CODE,))}
    for partner in sorted(partners):
        yield _combination(line, partner)


def _between_lines(taken: list[DraftLine]) -> Iterator[Caution]:
    for one, other in combinations(taken, 2):
        if drugs.contraindicated_together(one.atc_code or "", other.atc_code or ""):
            yield _combination(one, other.drug_name)


def _combination(line: DraftLine, partner: str) -> Caution:
    return Caution(
        "contraindicated_combination",
        line.id,
        drugs.CITALOPRAM_SOURCE,
        {"drug": line.drug_name, "partner": partner},
    )


def _in_pregnancy(line: DraftLine, atc_code: str, case: CaseFile) -> Iterator[Caution]:
    if _conditions(case, PREGNANCY_CODES) and drugs.is_among(atc_code, drugs.PSYCHOTROPICS):
        code = "valproate_in_pregnancy" if atc_code == VALPROATE else "psychotropic_in_pregnancy"
        yield Caution(code, line.id, drugs.PREGNANCY_SOURCE, {"drug": line.drug_name})


def _stopped_in_pregnancy(line: DraftLine, atc_code: str, case: CaseFile) -> Iterator[Caution]:
    """Yield the caution not to stop a psychotropic drug abruptly in pregnancy (CRAT 2020). There is
    no such caution for valproate.
    """
    if atc_code == VALPROATE or not drugs.is_among(atc_code, drugs.PSYCHOTROPICS):
        return
    if _conditions(case, PREGNANCY_CODES):
        yield Caution(
            "stop_in_pregnancy", line.id, drugs.PREGNANCY_SOURCE, {"drug": line.drug_name}
        )


def _replaced(line: DraftLine) -> str | None:
    """Return the ATC code of the drug that a switch replaces; None if unknown or not a switch."""
    return line.replaced_atc_code if line.action == MedicationAction.SWITCH else None


def _replaced_in_pregnancy(line: DraftLine, case: CaseFile) -> Iterator[Caution]:
    code = _replaced(line)
    if code is not None:
        replaced = replace(line, drug_name=line.replaced_drug_name, atc_code=code)
        yield from _stopped_in_pregnancy(replaced, code, case)


def _current(case: CaseFile) -> list[Treatment]:
    return [
        row
        for row in case.treatments
        if row.started_on <= case.as_of and (row.stopped_on is None or row.stopped_on > case.as_of)
    ]


def _conditions(case: CaseFile, codes: tuple[str, ...]) -> list[Condition]:
    return [
        one
        for one in case.conditions
        if one.code.startswith(codes)
        and (one.onset_on is None or one.onset_on <= case.as_of)
        and (one.resolved_on is None or one.resolved_on > case.as_of)
    ]
