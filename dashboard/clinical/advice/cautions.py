"""Cautions about a draft: limits of drugs, each with its source, and contradictions between the
advice and the patient's treatments. The signatory can sign all the same, but has to confirm each
caution.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import combinations, product

from dashboard.clinical import medication as drugs
from dashboard.clinical.advice.lines import DraftLine, DraftReview
from dashboard.clinical.advice.settling import (
    Order,
    Owed,
    completed,
    kept_lines,
    order_one_drug,
)
from dashboard.clinical.case.case_file import CaseFile, Condition, Recommendation, Treatment
from dashboard.clinical.case.missing import is_current
from dashboard.clinical.drug_names import is_named_in, is_same_drug, without_accents
from dashboard.clinical.episodes import LONG_QT_CODE, PREGNANCY_CODES
from dashboard.vocabulary import AnswerOutcome, MedicationAction, RecommendationKind

VALPROATE = "N03AG01"

OF_A_CURRENT_DRUG = (
    MedicationAction.INCREASE,
    MedicationAction.DECREASE,
    MedicationAction.STOP,
    MedicationAction.CONTINUE,
)
"""The actions that presuppose that the patient takes the drug."""

OF_A_NEW_DRUG = (MedicationAction.START, MedicationAction.SWITCH)
"""The actions that presuppose that the patient does not take the drug."""

FAILURE_STEMS = (
    "ineffic",
    "ineffec",
    "manque d efficac",
    "absence d efficac",
    "efficacite insuffisante",
    "pas efficace",
    "peu efficace",
    "echec",
    "sans effet",
    "pas d effet",
    "absence d effet",
    "non reponse",
    "pas de reponse",
    "absence de reponse",
    "reponse insuffisante",
    "no effect",
    "not effective",
    "lack of effic",
    "no response",
    "non response",
    "insufficient response",
    "indesirable",
    "side effect",
    "adverse",
    "intoleran",
    "mal tolere",
    "mauvaise tolerance",
    "mal supporte",
    "not tolerated",
    "poorly tolerated",
    "allerg",
)
"""Parts of the reasons by which a registry says that a drug was stopped because it did not work or
was not tolerated. The column is free text in French or English. The parts are without accents, and
have a space in place of each hyphen and apostrophe.
"""

SIDE_EFFECT_STEMS = (
    "nause",
    "vomi",
    "diarrh",
    "bouche seche",
    "dry mouth",
    "cephal",
    "headache",
    "vertig",
    "dizz",
    "somnol",
    "drows",
    "sedati",
    "sueur",
    "sweat",
    "trembl",
    "tremor",
    "sexuel",
    "sexual",
    "libido",
    "prise de poids",
    "weight gain",
    "agitation",
    "virage",
    "hypoman",
    "eruption",
    "rash",
    "hyponatr",
    "saignement",
    "bleeding",
    "tensionnel",
    "hypertens",
    "hypotens",
    "blood pressure",
    "palpitation",
    "allongement du qt",
    "qt prolong",
    "convuls",
    "seizure",
    "serotoninerg",
    "serotonin syndrome",
)
"""Parts of the names of side effects by which a registry says the same: the common and the severe
ones in the product information of antidepressants (base de données publique des médicaments).
"""


@dataclass(frozen=True)
class Caution:
    """A caution about one line of advice in a draft: a code, the id of the line, the source, and
    the values to show. The signatory has to confirm each caution.

    The codes, with their values in parentheses, are:

    - ``dose_above_maximum`` (drug, dose, maximum, age);
    - ``contraindicated_combination`` (drug, partner);
    - ``psychotropic_in_pregnancy``, ``valproate_in_pregnancy``, ``stop_in_pregnancy`` (drug);
    - ``not_checked`` (drug): the drug is unknown;
    - ``not_taken`` (drug): the line presupposes a drug that is not among the current treatments;
    - ``taken_already`` (drug): the line starts a drug that is a current treatment;
    - ``second_of_class`` (drug, shared, partner, dose): the line adds an antidepressant of the
      class ``shared`` (see ``medication.shared_class``) to the current ``partner``, and no line
      says what becomes of the partner; or another line adds ``partner`` as well: one of the draft,
      an earlier one that the draft keeps, or an earlier one that was answered "done";
    - ``failed_before``, ``alternative_failed_before`` (drug, stopped_on, reason): the drug that the
      line adds, or one that its alternative names, was stopped for ``reason``, during the episode
      or before it.

    ``source`` is None for a caution that only compares the draft with the registry.
    """

    code: str
    line_id: str
    source: str | None
    facts: Mapping[str, object] = field(default_factory=dict)


def cautions(draft: DraftReview, case: CaseFile, owed: Owed) -> tuple[Caution, ...]:
    """Return the cautions to confirm before signing ``draft``: first those about a single line of
    advice, then those about two lines.

    The advice is compared with the treatments that are current on ``case.as_of``, and with two
    kinds of lines of earlier reviews: those that the draft keeps, and those that were answered
    "done" and that the registry may not show yet. Current treatments that the draft changes or
    stops are ignored. ``owed`` holds the open lines of earlier reviews.
    """
    kept = [one.line for one in kept_lines(completed(draft, owed), owed)]
    return tuple(_cautions(draft, case, [*kept, *_carried_out(draft, case)]))


def _carried_out(draft: DraftReview, case: CaseFile) -> Iterator[Recommendation]:
    """Yield the earlier lines that were answered "done" and whose drug may still be taken.

    Leave out a drug that the registry says was stopped on the day of the review or later. Leave out
    a drug that another line ended, if that line was answered "done" later. Leave out a drug of
    which the draft says what becomes of it.
    """
    done = [
        (line, line.decision.answered_at, review.signed_on)
        for review in case.reviews
        for line in review.recommendations
        if line.decision is not None and line.decision.outcome == AnswerOutcome.DONE
    ]
    for line, at, signed_on in done:
        stopped = any(
            row.stopped_on is not None and row.stopped_on >= signed_on and _is_of(line, row)
            for row in case.treatments
        )
        ended = any(later > at and _ends(other, line) for other, later, _day in done)
        concerned = any(order_one_drug(one, line) or _replaces(one, line) for one in draft.lines)
        if not (stopped or ended or concerned):
            yield line


def _ends(order: Order, line: Recommendation) -> bool:
    """Return whether ``order`` stops or replaces the drug of ``line``."""
    stops = order.action == MedicationAction.STOP and order_one_drug(order, line)
    return stops or _replaces(order, line)


def _replaces(order: Order, line: Recommendation) -> bool:
    replaced = (order.replaced_drug_name or "").strip()
    code = order.replaced_atc_code if isinstance(order, DraftLine) else None
    return order.action == MedicationAction.SWITCH and is_same_drug(
        replaced, code, line.drug_name or "", line.atc_code
    )


def _cautions(
    draft: DraftReview, case: CaseFile, earlier: list[Recommendation]
) -> Iterator[Caution]:
    lines = [
        line
        for line in draft.lines
        if line.kind == RecommendationKind.MEDICATION and line.drug_name.strip()
    ]
    taken = [line for line in lines if line.action != MedicationAction.STOP]
    current = [row for row in case.treatments if is_current(row, case.as_of)]
    kept = [row for row in current if not any(_is_about(line, row) for line in lines)]
    for line in lines:
        yield from _against_the_current(line, current)
        yield from _second_of_class(line, current, kept)
        yield from _failed_before(line, case, current)
        if line.atc_code is None:
            yield Caution("not_checked", line.id, drugs.DOSE_SOURCE, {"drug": line.drug_name})
        elif line.action == MedicationAction.STOP:
            yield from _stopped_in_pregnancy(line, line.atc_code, case)
        else:
            yield from _dose(line, line.atc_code, case)
            yield from _with_current(line, line.atc_code, kept, case)
            yield from _in_pregnancy(line, line.atc_code, case)
        yield from _replaced_in_pregnancy(line, case)
    yield from _between_lines(taken, current)
    yield from _beside_earlier_lines(taken, earlier, current)


def _is_about(line: DraftLine, row: Treatment) -> bool:
    """Return whether the line says what becomes of the treatment ``row``: it names its drug, or
    replaces it.
    """
    return _is_of(line, row) or (
        line.action == MedicationAction.SWITCH
        and is_same_drug(
            line.replaced_drug_name, line.replaced_atc_code, row.name, row.atc_code or None
        )
    )


def _is_of(line: Order, row: Treatment) -> bool:
    return is_same_drug(line.drug_name or "", line.atc_code, row.name, row.atc_code or None)


def _against_the_current(line: DraftLine, current: list[Treatment]) -> Iterator[Caution]:
    """Yield the cautions about an action that does not fit the current treatments."""
    taken = [row for row in current if _is_of(line, row)]
    if line.action in OF_A_CURRENT_DRUG and not taken:
        yield Caution("not_taken", line.id, None, {"drug": line.drug_name})
    if line.action in OF_A_NEW_DRUG and taken:
        yield Caution("taken_already", line.id, None, {"drug": line.drug_name})
    replaced = line.replaced_drug_name.strip()
    if line.action == MedicationAction.SWITCH and replaced:
        outgoing = replace(line, drug_name=replaced, atc_code=line.replaced_atc_code)
        if not any(_is_of(outgoing, row) for row in current):
            yield Caution("not_taken", line.id, None, {"drug": replaced})


def _second_of_class(
    line: DraftLine, current: list[Treatment], kept: list[Treatment]
) -> Iterator[Caution]:
    """Yield a caution for each current antidepressant of the same class as the antidepressant that
    the line adds, unless a line of the draft says what becomes of it (``kept`` are the others).
    """
    for row in kept if _adds(line, current) else ():
        yield from _of_one_class(line, row.atc_code, row.name, row.daily_dose_mg)


def _of_one_class(
    line: DraftLine, atc_code: str | None, partner: str, dose: Decimal | None
) -> Iterator[Caution]:
    shared = drugs.shared_class(line.atc_code or "", atc_code or "")
    if shared is not None:
        facts = {"drug": line.drug_name, "shared": shared, "partner": partner, "dose": dose}
        yield Caution("second_of_class", line.id, None, facts)


def _adds(line: Order, current: list[Treatment]) -> bool:
    """Return whether the line adds its drug to the current treatments."""
    leaves = (None, MedicationAction.STOP)
    return line.action not in leaves and not any(_is_of(line, row) for row in current)


def _failed_before(line: DraftLine, case: CaseFile, current: list[Treatment]) -> Iterator[Caution]:
    """Yield the cautions that the drug that the line adds, or one that its alternative names, was
    stopped before because it did not work or was not tolerated. Only the last time counts.
    """
    before = (*case.earlier_treatments, *case.treatments)
    failed = {row.atc_code or row.name: row for row in before if _has_failed(row, case)}
    for row in failed.values():
        facts = {"drug": row.name, "stopped_on": row.stopped_on, "reason": row.stop_reason}
        if _adds(line, current) and _is_of(line, row):
            yield Caution("failed_before", line.id, None, facts)
        if is_named_in(line.alternative, row.name, row.atc_code or None):
            yield Caution("alternative_failed_before", line.id, None, facts)


def _has_failed(row: Treatment, case: CaseFile) -> bool:
    reason = " ".join(re.findall(r"\w+", without_accents(row.stop_reason or "")))
    has_ended = row.stopped_on is not None and row.stopped_on <= case.as_of
    return has_ended and any(stem in reason for stem in (*FAILURE_STEMS, *SIDE_EFFECT_STEMS))


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


def _between_lines(taken: list[DraftLine], current: list[Treatment]) -> Iterator[Caution]:
    for one, other in combinations(taken, 2):
        added = one.atc_code != other.atc_code and all(_adds(it, current) for it in (one, other))
        if added:
            yield from _of_one_class(other, one.atc_code, one.drug_name, one.daily_dose_mg)
        if drugs.contraindicated_together(one.atc_code or "", other.atc_code or ""):
            yield _combination(one, other.drug_name)


def _beside_earlier_lines(
    taken: list[DraftLine], earlier: list[Recommendation], current: list[Treatment]
) -> Iterator[Caution]:
    """Yield the cautions between a line of the draft and an earlier line that adds a drug. The
    other earlier lines concern current treatments, which are compared with the draft in any case.
    """
    adding = [
        line
        for line in earlier
        if line.kind == RecommendationKind.MEDICATION and _adds(line, current)
    ]
    for line, kept in product(taken, adding):
        partner = kept.drug_name or ""
        if line.atc_code != kept.atc_code and _adds(line, current):
            yield from _of_one_class(line, kept.atc_code, partner, kept.daily_dose_mg)
        if drugs.contraindicated_together(line.atc_code or "", kept.atc_code or ""):
            yield _combination(line, partner)


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


def _conditions(case: CaseFile, codes: tuple[str, ...]) -> list[Condition]:
    return [
        one
        for one in case.conditions
        if one.code.startswith(codes)
        and (one.onset_on is None or one.onset_on <= case.as_of)
        and (one.resolved_on is None or one.resolved_on > case.as_of)
    ]
