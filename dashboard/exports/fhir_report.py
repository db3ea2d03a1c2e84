"""One téléexpertise as a FHIR R4 document: a ``Bundle`` that begins with a ``Composition``.

Identifiers follow the French core guide (hl7.fr): INS ``urn:oid:1.2.250.1.213.1.4.8``, RPPS
``https://rpps.esante.gouv.fr``. Scores of PHQ-9 and GAD-7 have a LOINC code. Drugs have their ATC
code. The same record always gives the same ids, because they are derived from the id of the review.

The tests validate the bundle with the R4B models of ``fhir.resources``, which has no R4 models. For
the resources used here, R4 and R4B are the same (hl7.org/fhir/R4B/diff.html).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid5

from dashboard.calendar import PARIS
from dashboard.clinical.advice.tele_expertise import EarlierAdvice, Professional, Report, Request
from dashboard.clinical.case.case_file import Assessment, Recommendation, Treatment
from dashboard.clinical.settlements import LineEnd
from dashboard.locale import _, language
from dashboard.locale.formats import day, full_name, moment, number
from dashboard.vocabulary import InstrumentCode, RecommendationKind, Role, SettlementKind, Sex
from dashboard.words.advice.lines import kind_name, recommendation_in_words, summary_in_words
from dashboard.words.advice.risk import level_name, reassessment_in_words, risk_in_words
from dashboard.words.advice.settlements import earlier_in_words, end_in_words
from dashboard.words.case.screening import answers_in_words
from dashboard.words.roles import role_name

Resource = dict[str, Any]

LOINC = "http://loinc.org"
SCORE_CODES: Mapping[str, str] = MappingProxyType(
    {InstrumentCode.PHQ9: "44261-6", InstrumentCode.GAD7: "70274-6"}
)
"""LOINC codes of total scores. A questionnaire without a code appears in the document by name
only.
"""

CONSULT_NOTE = "11488-4"
"""LOINC code for the type of the document: consult note."""

_INS = "urn:oid:1.2.250.1.213.1.4.8"
_RPPS = "https://rpps.esante.gouv.fr"
_ATC = "http://www.whocc.no/atc"
_UNITS = "http://unitsofmeasure.org"
_RISK = "http://terminology.hl7.org/CodeSystem/risk-probability"
_SURVEY = "http://terminology.hl7.org/CodeSystem/observation-category"


def fhir_report(report: Report) -> bytes:
    """Return the report as a FHIR document in JSON, in the current language."""
    return json.dumps(report_bundle(report), ensure_ascii=False, indent=1).encode()


def report_bundle(report: Report) -> Resource:
    """Return the report as a FHIR document, in dictionaries and lists."""
    return _Document(report).bundle()


@dataclass(frozen=True)
class _Entries:
    """FHIR resources of a report by subject, except the composition and the patient."""

    people: list[Resource]
    request: list[Resource]
    observations: list[Resource]
    statements: list[Resource]
    risk: list[Resource]
    advice: list[Resource]
    earlier: list[Resource]

    def all(self) -> list[Resource]:
        """Return the resources in the order of the bundle."""
        clinical = [*self.request, *self.observations, *self.statements, *self.risk]
        return [*self.people, *clinical, *self.advice, *self.earlier]


class _Document:
    """The FHIR resources of one report, with their references to each other."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.record = report.record
        self.review = report.record.review
        self.patient = self._reference("patient")

    def bundle(self) -> Resource:
        asked, risk = self.record.request, self._risk()
        entries = _Entries(
            people=[self._practitioner(one) for one in self.record.professionals],
            request=[self._request(asked)] if asked else [],
            observations=[one for one in map(self._observation, self.report.assessments) if one],
            statements=[self._statement(one) for one in self.report.treatments],
            risk=[risk] if risk else [],
            advice=[self._advice(one) for one in self.review.recommendations],
            earlier=[self._earlier(one) for one in self.record.earlier],
        )
        resources = [self._composition(entries), self._patient(), *entries.all()]
        bundle: Resource = _pruned(
            {
                "resourceType": "Bundle",
                "id": self._id("bundle"),
                "identifier": {
                    "system": "urn:ietf:rfc:3986",
                    "value": f"urn:uuid:{self.review.id}",
                },
                "type": "document",
                "timestamp": _instant(self.review.signed_at),
                "entry": [
                    {"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in resources
                ],
            }
        )
        return bundle

    def _id(self, what: str) -> str:
        return str(uuid5(self.review.id, what))

    def _reference(self, what: str) -> dict[str, str]:
        return {"reference": f"urn:uuid:{self._id(what)}"}

    def _person(self, practitioner_id: int | None) -> dict[str, str] | None:
        known = {one.id for one in self.record.professionals}
        if practitioner_id not in known:
            return None
        return self._reference(f"practitioner {practitioner_id}")

    def _psychiatrist(self) -> dict[str, str] | None:
        signed = self.record.professional(Role.PSYCHIATRIST)
        return self._person(signed.id) if signed else None

    def _composition(self, entries: "_Entries") -> Resource:
        by = self._psychiatrist()
        return {
            "resourceType": "Composition",
            "id": self._id("composition"),
            "language": language(),
            "identifier": _named(self.review.id),
            "status": "final",
            "type": {
                "coding": [{"system": LOINC, "code": CONSULT_NOTE, "display": "Consult note"}],
                "text": _("Tele-expertise advice"),
            },
            "subject": self.patient,
            "date": _instant(self.review.signed_at),
            "author": [by or {"display": _("Not on the record")}],
            "title": _("Tele-expertise advice"),
            "attester": [
                {"mode": "professional", "time": _instant(self.review.signed_at), "party": by}
            ],
            "relatesTo": self._replaced(),
            "section": list(self._sections(entries)),
        }

    def _replaced(self) -> list[Resource] | None:
        if self.review.supersedes is None:
            return None
        return [{"code": "replaces", "targetIdentifier": _named(self.review.supersedes)}]

    def _sections(self, entries: "_Entries") -> Iterator[Resource | None]:
        record = self.record
        consented = record.consented_on
        yield _section(_("Amendment"), [self._amended()])
        yield _section(
            _("Consent"),
            [_("given on {day}", day=day(consented)) if consented else _("not recorded")],
        )
        people = map(_professional_in_words, record.professionals)
        yield _section(_("Professionals"), people, entries.people)
        if record.request is not None:
            yield _section(_("Request"), [record.request.question], entries.request)
        scores = map(_score_in_words, self.report.assessments)
        yield _section(_("Scores"), scores, entries.observations)
        treatments = map(_treatment_in_words, self.report.treatments)
        yield _section(_("Current treatment"), treatments, entries.statements)
        yield _section(_("Summary"), summary_in_words(self.review.summary).splitlines())
        yield _section(_("Risk decision"), self._risk_in_words(), entries.risk)
        advice = map(_line_in_words, self.review.recommendations)
        yield _section(_("Recommendations"), advice, entries.advice)
        earlier = map(earlier_in_words, record.earlier)
        yield _section(_("Earlier advice"), earlier, entries.earlier)
        yield _section(
            _("Technical incidents"),
            [f"{moment(one.noted_at)} · {one.description}" for one in record.incidents],
        )
        yield _section(
            _("Scope of this advice"),
            [
                _(
                    "Advice given on the record, without examining the patient; the decision to"
                    " prescribe is the GP's."
                )
            ],
        )

    def _amended(self) -> str:
        """Return a sentence that says that a later review replaces this one.

        The text is empty if the review was not amended.
        """
        if self.review.superseded_by is None:
            return ""
        return _("This review was amended: a later review replaces it.")

    def _patient(self) -> Resource:
        who = self.record.identity
        return {
            "resourceType": "Patient",
            "id": self._id("patient"),
            "identifier": [{"system": _INS, "value": _told(who.ins)}] if _told(who.ins) else None,
            "name": [_human_name(who.family_name, who.given_name)],
            "gender": who.sex if who.sex in (Sex.FEMALE, Sex.MALE) else "unknown",
            "birthDate": _day(who.birth_date),
        }

    def _practitioner(self, one: Professional) -> Resource:
        number_ = _told(one.rpps)
        return {
            "resourceType": "Practitioner",
            "id": self._id(f"practitioner {one.id}"),
            "identifier": [{"system": _RPPS, "value": number_}] if number_ else None,
            "name": [_human_name(one.family_name, one.given_name)],
            "qualification": [{"code": {"text": role_name(one.role)}}],
        }

    def _request(self, request: Request) -> Resource:
        by = self._psychiatrist()
        return {
            "resourceType": "ServiceRequest",
            "id": self._id("request"),
            "status": "completed",
            "intent": "order",
            "code": {"text": _("Tele-expertise")},
            "subject": self.patient,
            "authoredOn": _instant(request.ready_at),
            "requester": self._person(request.nurse_id),
            "performer": [by] if by else None,
            "reasonCode": [{"text": _told(request.question)}] if _told(request.question) else None,
        }

    def _observation(self, form: Assessment) -> Resource | None:
        value = _value(form)
        if value is None:
            return None
        code = SCORE_CODES.get(form.instrument)
        return {
            "resourceType": "Observation",
            "id": self._id(f"assessment {form.id}"),
            "status": "final",
            "category": [{"coding": [{"system": _SURVEY, "code": "survey"}]}],
            "code": {
                "coding": [{"system": LOINC, "code": code}] if code else None,
                "text": _told(form.label),
            },
            "subject": self.patient,
            "effectiveDateTime": _day(form.taken_on),
            **value,
            "note": [{"text": _("prorated")}] if _is_prorated(form) else None,
        }

    def _statement(self, one: Treatment) -> Resource:
        code = "".join(one.atc_code.split())
        return {
            "resourceType": "MedicationStatement",
            "id": self._id(f"medication {one.id}"),
            "status": "active",
            "medicationCodeableConcept": {
                "coding": [{"system": _ATC, "code": _told(code)}] if _told(code) else None,
                "text": _told(one.name) or "?",
            },
            "subject": self.patient,
            "effectivePeriod": {"start": _day(one.started_on)},
            "dosage": [_dosage(one)],
        }

    def _risk_in_words(self) -> list[str]:
        risk = self.review.risk
        return [] if risk is None else [f"{risk_in_words(risk)}.", risk.reason]

    def _risk(self) -> Resource | None:
        """Return the risk decision; None if the review has no risk decision."""
        risk = self.review.risk
        if risk is None or not risk.is_decision:
            return None
        by = self._psychiatrist()
        safety = [
            recommendation_in_words(line)
            for line in self.review.recommendations
            if line.kind == RecommendationKind.SAFETY
        ]
        return {
            "resourceType": "RiskAssessment",
            "id": self._id("risk"),
            "status": "final",
            "subject": self.patient,
            "occurrenceDateTime": _instant(self.review.signed_at),
            "performer": by,
            "prediction": [
                {
                    "outcome": {"text": _("Suicide")},
                    "qualitativeRisk": {
                        "coding": [{"system": _RISK, "code": risk.level.value}],
                        "text": level_name(risk.level),
                    },
                }
            ],
            "mitigation": _told("; ".join(safety) or risk.reason),
            "note": [
                {"text": words} for words in (reassessment_in_words(risk), self._amended()) if words
            ],
        }

    def _advice(self, line: Recommendation) -> Resource:
        ended = _told(_end_in_words(line))
        replaced = [
            one
            for one in self.record.earlier
            if one.replaced_by is not None and one.replaced_by.id == line.id
        ]
        return {
            **self._communication(line, line.due_on),
            "replaces": [
                {"reference": f"urn:uuid:{self._id(f'recommendation {one.line.id}')}"}
                for one in replaced
            ],
            "status": "revoked" if ended else "active",
            "statusReason": {"text": ended} if ended else None,
            "authoredOn": _instant(self.review.signed_at),
        }

    def _earlier(self, one: EarlierAdvice) -> Resource:
        """Return a recommendation of an earlier review, with its settlement by this review.

        It is active if this review keeps it and nothing has ended it since.
        """
        kept, ended = one.kind is SettlementKind.KEPT, _end_in_words(one.line)
        words = earlier_in_words(one)
        return {
            **self._communication(one.line, one.due_on),
            "status": "active" if kept and not ended else "revoked",
            "statusReason": {
                "text": _told(f"{words} ({ended})" if kept and ended else words) or "?"
            },
            "authoredOn": _day(one.given_on),
        }

    def _communication(self, line: Recommendation, due_on: date | None) -> Resource:
        by, owner = self._psychiatrist(), self.record.professional(line.owner_role)
        recipient = self._person(owner.id) if owner else None
        return {
            "resourceType": "CommunicationRequest",
            "id": self._id(f"recommendation {line.id}"),
            "basedOn": [self._reference("request")] if self.record.request else None,
            "category": [{"text": kind_name(line.kind)}],
            "subject": self.patient,
            "payload": [{"contentString": _told(recommendation_in_words(line)) or "?"}],
            "occurrenceDateTime": _day(due_on),
            "requester": by,
            "recipient": [recipient] if recipient else None,
        }


def _line_in_words(line: Recommendation) -> str:
    """Return a recommendation in words. The words say so if it was replaced or withdrawn, or if its
    review was amended.
    """
    words, ended = recommendation_in_words(line), _end_in_words(line)
    return f"{words} ({ended})" if ended else words


def _end_in_words(line: Recommendation) -> str:
    """Return a text that says how a recommendation was replaced or withdrawn, or that its review
    was amended. The text is empty otherwise.
    """
    if line.course is not None and line.course.end is LineEnd.SUPERSEDED:
        return _("superseded")
    return end_in_words(line)


def _section(
    title: str, paragraphs: Iterable[str], entries: Iterable[Resource] = ()
) -> Resource | None:
    """Return a section of the document; None if the section would have no text."""
    said = [told for one in paragraphs if (told := _told(one))]
    if not said:
        return None
    written = "".join(f"<p>{escape(one, quote=False)}</p>" for one in said)
    return {
        "title": title,
        "text": {
            "status": "generated",
            "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{written}</div>',
        },
        "entry": [{"reference": f"urn:uuid:{one['id']}"} for one in entries],
    }


def _value(form: Assessment) -> Resource | None:
    """Return the valid score of a filled-in questionnaire; None if there is no valid score.

    For a questionnaire without a severity, return its answers as text; None if there is no answer.
    """
    if not form.has_severity:
        answers = answers_in_words(form.instrument, form.items)
        return {"valueString": answers} if form.has_answer else None
    return None if form.score is None else {"valueQuantity": _quantity(form.score.value, "{score}")}


def _is_prorated(form: Assessment) -> bool:
    return form.score is not None and form.score.origin == "prorated"


def _professional_in_words(one: Professional) -> str:
    number_ = _("RPPS {number}", number=one.rpps) if one.rpps else _("RPPS not recorded")
    return f"{full_name(one.family_name, one.given_name)} · {role_name(one.role)} · {number_}"


def _score_in_words(form: Assessment) -> str:
    if not form.has_severity:
        answers = answers_in_words(form.instrument, form.items)
        return f"{form.label}, {answers} · {day(form.taken_on)}" if form.has_answer else ""
    if form.score is None:
        return ""
    prorated = f" ({_('prorated')})" if _is_prorated(form) else ""
    return f"{form.label} {form.score.value}{prorated} · {day(form.taken_on)}"


def _treatment_in_words(one: Treatment) -> str:
    return f"{one.name} · {_dose_in_words(one)} · {_('since {day}', day=day(one.started_on))}"


def _dose_in_words(one: Treatment) -> str:
    if one.daily_dose_mg is None:
        return _("as needed") if one.as_needed else _("dose not recorded")
    dose = _("{dose} mg/day", dose=number(one.daily_dose_mg))
    return f"{dose} {_('as needed')}" if one.as_needed else dose


def _dosage(one: Treatment) -> Resource:
    rate = None
    if one.daily_dose_mg is not None:
        rate = {
            "numerator": _quantity(float(one.daily_dose_mg), "mg"),
            "denominator": _quantity(1, "d"),
        }
    return {
        "text": _dose_in_words(one),
        "asNeededBoolean": True if one.as_needed else None,
        "doseAndRate": [{"rateRatio": rate}] if rate else None,
    }


def _named(review_id: UUID) -> Resource:
    return {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{review_id}"}


def _quantity(value: float, unit: str) -> Resource:
    return {"value": value, "unit": unit, "system": _UNITS, "code": unit}


def _human_name(family_name: str, given_name: str) -> Resource:
    given = _told(given_name)
    return {"family": _told(family_name) or "?", "given": [given] if given else None}


def _instant(value: datetime) -> str:
    return value.astimezone(PARIS).isoformat(timespec="milliseconds")


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _told(words: str | None) -> str | None:
    """Return the text without characters that FHIR and XHTML forbid; None if no character is
    left.
    """
    kept = "".join(letter for letter in words or "" if _is_allowed(letter))
    return kept.strip() or None


def _is_allowed(letter: str) -> bool:
    """Return whether the document may contain this character.

    XML 1.0 allows no control characters below U+0020 except the tab and line ends. Other control
    characters are left out too.
    """
    point = ord(letter)
    if point < 0x20:
        return letter in "\t\n\r"
    return not (0x7F <= point < 0xA0 or 0xD800 <= point < 0xE000 or point & 0xFFFE == 0xFFFE)


def _pruned(value: Any) -> Any:
    """Return the data without None, empty lists and empty objects, which FHIR does not allow."""
    if isinstance(value, dict):
        kept = {name: _pruned(one) for name, one in value.items()}
        return {name: one for name, one in kept.items() if one not in (None, [], {})}
    if isinstance(value, list):
        return [one for one in map(_pruned, value) if one not in (None, [], {})]
    return value
