"""Contradictions within the story of one generated patient, each a predicate with a name.

A predicate yields what is contradictory. It reads the rows as they are written, not the code that
makes them.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple, TypeVar

from dashboard.calendar import PARIS
from dashboard.clinical.advice.lines import SAFETY_DUE_DAYS
from dashboard.clinical.caseload.need import INTERVALS, Need
from dashboard.clinical.drug_names import is_named_in
from dashboard.clinical.medication import ADEQUATE_TRIAL_DAYS, ANTIDEPRESSANTS, age_on
from dashboard.clinical.settlements import SETTLING_OUTCOMES
from dashboard.demo import rows
from dashboard.locale import speaking
from dashboard.vocabulary import MedicationAction, RecommendationKind
from dashboard.words.advice.lines import recommendation_head, recommendation_in_words

Row = TypeVar("Row")


@dataclass(frozen=True)
class Story:
    """All rows of one patient."""

    told: list[NamedTuple]

    def of(self, kind: type[Row]) -> list[Row]:
        """Return the rows of a table."""
        return [row for row in self.told if isinstance(row, kind)]

    def drugs_on(self, day: date, codes: Iterable[str] = ("",)) -> list[rows.Medication]:
        """Return the drugs taken on a day whose codes begin so."""
        return [
            one
            for one in self.of(rows.Medication)
            if one.started_on <= day
            and (one.stopped_on is None or one.stopped_on > day)
            and one.atc_code.startswith(tuple(codes))
        ]

    def drugs_around(self, day: date) -> list[rows.Medication]:
        """Return the drugs taken on a day or on one of the two weeks before it."""
        return [
            one
            for one in self.of(rows.Medication)
            if one.started_on <= day
            and (one.stopped_on is None or one.stopped_on > day - timedelta(days=14))
        ]

    def texts(self) -> Iterator[tuple[date, str]]:
        """Yield every text that somebody has written, with its day."""
        signed = {one.id: one.signed_at.date() for one in self.of(rows.CaseReview)}
        for one in self.told:
            match one:
                case rows.Preparation():
                    yield one.asked_at.date(), f"{one.question} {one.tried}"
                case rows.CaseReview():
                    yield one.signed_at.date(), f"{one.summary} {one.risk_reason or ''}"
                case rows.Recommendation():
                    said = f"{one.detail} {one.titration or ''} {one.alternative or ''}"
                    yield signed[one.case_review_id], said
                case rows.Answer():
                    yield one.answered_at.date(), one.reason or ""
                case rows.Contact():
                    yield one.happened_at.date(), one.note or ""
                case rows.Flag():
                    yield one.raised_at.date(), one.note or ""

    def answered(self) -> Iterator[tuple[rows.Answer, rows.Recommendation]]:
        """Yield the answers with the recommendations that they answer."""
        lines = {one.id: one for one in self.of(rows.Recommendation)}
        for answer in self.of(rows.Answer):
            yield answer, lines[answer.recommendation_id]

    def role_of(self, practitioner: int) -> str:
        """Return the role of a practitioner in the patient's care."""
        episode = self.of(rows.Episode)[-1]
        known = {episode.gp_id: "gp", episode.nurse_id: "nurse"}
        return known.get(practitioner, "psychiatrist")


Contradiction = Callable[[Story], Iterator[str]]

ANTIDEPRESSANT = tuple(ANTIDEPRESSANTS)
SETTLING = tuple(one.value for one in SETTLING_OUTCOMES)
BENZODIAZEPINE = ("N05BA", "N05CD", "N05CF")


def drugs_are_refused_by_somebody_who_takes_some(story: Story) -> Iterator[str]:
    for day, said in story.texts():
        refuses = re.search("Refuse les médicaments|Ne souhaite pas de médicament", said)
        if refuses and story.drugs_on(day):
            yield f"{day}: {said}"


def a_question_about_an_antidepressant_that_is_not_taken(story: Story) -> Iterator[str]:
    about = "l’antidépresseur|augmenter la dose|molécule|sous traitement|traitement bien pris"
    for one in story.of(rows.Preparation):
        asks = re.search(f"{about}|l’augmentation", one.question)
        if asks and not story.drugs_on(one.asked_at.date(), ANTIDEPRESSANT):
            yield one.question


def a_question_about_starting_an_antidepressant_that_is_taken(story: Story) -> Iterator[str]:
    for one in story.of(rows.Preparation):
        asks = re.search("proposer un antidépresseur|ajouter un traitement", one.question)
        if asks and story.drugs_on(one.asked_at.date(), ANTIDEPRESSANT):
            yield one.question


def a_question_about_a_benzodiazepine_that_is_not_taken(story: Story) -> Iterator[str]:
    for one in story.of(rows.Preparation):
        asks = "Benzodiazépine" in one.question
        if asks and not story.drugs_on(one.asked_at.date(), BENZODIAZEPINE):
            yield one.question


def a_question_about_an_increase_that_was_not_made(story: Story) -> Iterator[str]:
    for one in story.of(rows.Preparation):
        day = one.asked_at.date()
        if "depuis l’augmentation" in one.question and not any(
            earlier.atc_code == drug.atc_code
            and earlier.stopped_on == drug.started_on
            and (earlier.daily_dose_mg or 0) < (drug.daily_dose_mg or 0)
            for drug in story.drugs_on(day, ANTIDEPRESSANT)
            for earlier in story.of(rows.Medication)
        ):
            yield one.question


def a_stop_is_told_that_did_not_happen(story: Story) -> Iterator[str]:
    for day, said in story.texts():
        told = re.search("depuis l’arrêt du traitement|Traitement interrompu", said)
        if told and not any(
            one.stopped_on is not None and one.stopped_on <= day
            for one in story.of(rows.Medication)
        ):
            yield f"{day}: {said}"


def adherence_is_doubted_where_no_drug_is_taken(story: Story) -> Iterator[str]:
    about = "[Oo]bservance|Effets indésirables rapportés|optimisation du traitement|dose,"
    for day, said in story.texts():
        if re.search(about, said) and not story.drugs_around(day):
            yield f"{day}: {said}"


def ideation_is_told_that_no_form_shows(story: Story) -> Iterator[str]:
    about = "Item 9 positif, plan|Idées suicidaires exprimées|Idées noires exprimées"
    for day, said in story.texts():
        if not re.search(about, said):
            continue
        forms = [
            one
            for one in story.of(rows.Assessment)
            if one.instrument == "phq9" and one.taken_on <= day and one.items is not None
        ]
        answers = [one.items[8] for one in forms if one.items and len(one.items) > 8]
        if not any(answers):
            yield f"{day}: {said}"


def a_pensioner_is_said_to_work(story: Story) -> Iterator[str]:
    about = "travail(?!lé|ler)|professionnel persistant|garde d’enfant"
    born = story.of(rows.Patient)[0].birth_date
    for day, said in story.texts():
        if re.search(about, said) and age_on(born, day) >= 67 and "à travailler" not in said:
            yield f"{day}: {said}"


def a_flag_from_outside_every_episode(story: Story) -> Iterator[str]:
    for flag in story.of(rows.Flag):
        day = flag.raised_at.astimezone(PARIS).date()
        if not any(
            episode.enrolled_on <= day <= (episode.closed_on or day)
            for episode in story.of(rows.Episode)
        ):
            yield f"{day}: {flag.note}"


def a_prescription_made_by_somebody_else_than_the_gp(story: Story) -> Iterator[str]:
    for answer, _line in story.answered():
        prescribes = re.match(
            "Ordonnance faite|Vu en consultation|Arrêt prescrit", answer.reason or ""
        )
        if prescribes and story.role_of(answer.practitioner_id) != "gp":
            yield str(answer.reason)


def a_refusal_of_the_gp_told_by_the_nurse(story: Story) -> Iterator[str]:
    for answer, line in story.answered():
        told = answer.outcome in ("declined", "modified") and line.owner_role == "gp"
        if told and story.role_of(answer.practitioner_id) == "nurse":
            yield str(answer.reason)


def an_answer_about_something_else(story: Story) -> Iterator[str]:
    topics = {
        "prise de sang|Bilan récent": ("investigation", "NFS"),
        "ECG|QTc|[Tt]racé|cardiologue": ("investigation|medication", "ECG"),
        "[Rr]empli": ("investigation", "MDQ|AUDIT"),
        "poids|Tension|se peser": ("investigation", "tension"),
        "molécule": ("medication", ""),
        "dose|Augmentation|comprimé|le soir": ("medication", ""),
        "plan de sécurité|[Ii]dées": ("safety", ""),
        "séances|Séances": ("psychotherapy", ""),
    }
    for answer, line in story.answered():
        for said, (kind, detail) in topics.items():
            if not re.search(said, answer.reason or ""):
                continue
            is_about_dose = line.action == MedicationAction.DECREASE
            about = "" if is_about_dose else detail
            if not re.fullmatch(kind, line.kind) or not re.search(about, line.detail):
                yield f"{line.kind} {line.detail}: {answer.reason}"


def a_slower_increase_of_something_that_is_not_increased(story: Story) -> Iterator[str]:
    for answer, line in story.answered():
        if "Augmentation" in (answer.reason or "") and line.action != MedicationAction.INCREASE:
            yield f"{line.action}: {answer.reason}"


def a_safety_line_done_without_a_finding(story: Story) -> Iterator[str]:
    for answer, line in story.answered():
        done = line.kind == RecommendationKind.SAFETY and answer.outcome == "done"
        if done and not answer.reason:
            yield line.detail


def a_detail_that_repeats_the_action(story: Story) -> Iterator[str]:
    with speaking("fr"):
        for line in story.of(rows.Recommendation):
            if line.kind == RecommendationKind.OTHER:
                continue
            head = re.findall(r"\w+", recommendation_head(line).casefold())
            words = re.findall(r"\w+", line.detail.casefold())
            if words[:1] == head[:1] or _share_three(head, words):
                yield f"{' '.join(head)}: {line.detail}"


def _share_three(head: list[str], words: list[str]) -> bool:
    triples = {tuple(words[place : place + 3]) for place in range(len(words) - 2)}
    return any(tuple(head[place : place + 3]) in triples for place in range(len(head) - 2))


def advice_that_does_not_fit_the_drugs_taken(story: Story) -> Iterator[str]:
    signed = {one.id: one.signed_at.date() for one in story.of(rows.CaseReview)}
    changes = ("increase", "decrease", "continue", "stop")
    for line in story.of(rows.Recommendation):
        if line.kind != RecommendationKind.MEDICATION or line.atc_code is None:
            continue
        day = signed[line.case_review_id]
        taken = {one.atc_code for one in story.drugs_around(day)}
        if line.action in changes and line.atc_code not in taken:
            yield f"{day}: {line.action} {line.drug_name}"
        if line.action == "switch" and line.replaced_atc_code not in taken:
            yield f"{day}: switch from {line.replaced_drug_name}"


def an_alternative_that_is_a_sentence_about_itself(story: Story) -> Iterator[str]:
    """Yield alternatives that do not read well after "if it does not work"."""
    for line in story.of(rows.Recommendation):
        if re.match("Si |En cas d|À défaut|Sans réponse", line.alternative or ""):
            yield str(line.alternative)


def a_nurse_is_called_infirmier(story: Story) -> Iterator[str]:
    for day, said in story.texts():
        if re.search(r"\binfirmi(er|ère)s?\b", said, re.IGNORECASE):
            yield f"{day}: {said}"


def activation_is_continued_that_was_not_begun(story: Story) -> Iterator[str]:
    signed = {one.id: one.signed_at.date() for one in story.of(rows.CaseReview)}
    begun = [
        one.started_on
        for one in story.of(rows.PsychosocialCare)
        if one.kind == "behavioural_activation"
    ]
    for line in story.of(rows.Recommendation):
        day = signed[line.case_review_id]
        if line.detail.startswith("Poursuivre l’activation") and not any(on <= day for on in begun):
            yield f"{day}: {line.detail}"


def a_safety_line_is_not_due_in_two_days(story: Story) -> Iterator[str]:
    signed = {one.id: one.signed_at.date() for one in story.of(rows.CaseReview)}
    for line in story.of(rows.Recommendation):
        if line.kind == RecommendationKind.SAFETY:
            given = signed[line.case_review_id]
            if line.due_on != given + timedelta(days=SAFETY_DUE_DAYS):
                yield f"{given}: {line.due_on}"


def a_safety_line_that_is_not_done_for_weeks(story: Story) -> Iterator[str]:
    """Yield open safety lines that were given more than two weeks before the last day."""
    ended = {one.recommendation_id for one in story.of(rows.Settlement) if one.kind != "kept"}
    ended |= {one.recommendation_id for one in story.of(rows.Answer) if one.outcome in SETTLING}
    superseded = {one.supersedes for one in story.of(rows.CaseReview)}
    given = {one.id: one.signed_at.date() for one in story.of(rows.CaseReview)}
    closed_on = story.of(rows.Episode)[-1].closed_on
    last = closed_on or max(day for day, _said in story.texts())
    for line in story.of(rows.Recommendation):
        is_open = line.id not in ended and line.case_review_id not in superseded
        if line.kind == RecommendationKind.SAFETY and is_open:
            day = given[line.case_review_id]
            if (last - day).days > 14:
                yield f"{day}: {line.detail}"


def an_alternative_that_is_taken_or_has_failed(story: Story) -> Iterator[str]:
    signed = {one.id: one.signed_at.date() for one in story.of(rows.CaseReview)}
    for line in story.of(rows.Recommendation):
        day = signed[line.case_review_id]
        failed = [
            one
            for one in story.of(rows.Medication)
            if one.stop_reason in ("inefficacité", "effets indésirables")
            and one.stopped_on is not None
            and one.stopped_on <= day
        ]
        for drug in (*failed, *story.drugs_on(day)):
            if is_named_in(line.alternative or "", drug.name, drug.atc_code):
                yield f"{day}: {line.alternative}"


def a_short_treatment_is_told_that_is_long(story: Story) -> Iterator[str]:
    for day, said in story.texts():
        if "Durée de traitement encore courte" not in said:
            continue
        for drug in story.drugs_on(day, ANTIDEPRESSANT):
            since = min(
                one.started_on
                for one in story.of(rows.Medication)
                if one.atc_code == drug.atc_code and one.started_on <= day
            )
            if (day - since).days >= ADEQUATE_TRIAL_DAYS:
                yield f"{day}: {drug.name} since {since}"


def an_old_score_is_told_as_the_present_one(story: Story) -> Iterator[str]:
    """Yield scores in summaries, without their day, that are older than 30 days."""
    told = re.compile(r"(PHQ-9|GAD-7) (?:\d+ → )?(\d+)(?: en \d+ semaines?)?( \(du)?")
    for one in story.of(rows.CaseReview):
        day = one.signed_at.date()
        for name, score, has_day in told.findall(one.summary):
            lately = [
                form
                for form in story.of(rows.Assessment)
                if form.instrument == name.replace("-", "").casefold()
                and day - timedelta(days=30) < form.taken_on <= day
            ]
            if not lately and not has_day:
                yield f"{day}: {name} {score}"


def a_next_review_later_than_the_need_asks(story: Story) -> Iterator[str]:
    for one in story.of(rows.CaseReview):
        day = one.signed_at.date()
        if one.next_review_on and (one.next_review_on - day).days > _days_by_need(story, one, day):
            yield f"{day}: {one.next_review_on}"


def _days_by_need(story: Story, review: rows.CaseReview, day: date) -> int:
    """Return the interval to the next review by the clear facts of the need."""
    forms = [one for one in story.of(rows.Assessment) if one.taken_on <= day]
    last = {one.instrument: one for one in forms}
    phq9 = last["phq9"].total if "phq9" in last else None
    answers = [one.items[8] for one in forms if one.instrument == "phq9" and one.items]
    item9 = answers[-1] if answers else None
    is_flagged = any(
        one.kind == "safety"
        and one.raised_at.date() <= day
        and (one.cleared_at is None or one.cleared_at.date() > day)
        for one in story.of(rows.Flag)
    )
    if (phq9 or 0) >= 20 or (item9 or 0) >= 2 or is_flagged or review.risk_level == "high":
        return INTERVALS[Need.HIGH].days
    if (phq9 or 0) >= 10 or item9 == 1 or review.risk_level == "moderate":
        return INTERVALS[Need.MARKED].days
    return INTERVALS[Need.LOW].days


def a_drug_well_taken_that_is_taken_in_part(story: Story) -> Iterator[str]:
    for one in story.of(rows.Preparation):
        if "bien pris" in one.question and any(
            drug.adherence in ("partial", "poor")
            for drug in story.drugs_on(one.asked_at.date(), ANTIDEPRESSANT)
        ):
            yield one.question


def a_straight_apostrophe(story: Story) -> Iterator[str]:
    labels = [one.problem for one in story.of(rows.Episode)]
    labels += [one.label for one in story.of(rows.Condition)]
    for said in (*labels, *(said for _day, said in story.texts())):
        if "'" in said or re.search(r"\bEpisode", said):
            yield said


def a_line_of_advice_with_two_colons(story: Story) -> Iterator[str]:
    """Yield lines that read as a list of labels: "a: b: C", or that end with a full stop."""
    with speaking("fr"):
        for line in story.of(rows.Recommendation):
            said = recommendation_in_words(line)
            if max(map(said.split("; en cas d")[0].count, (" :", "\N{NO-BREAK SPACE}:"))) > 1:
                yield said
            if said.endswith("."):
                yield said


CONTRADICTIONS: tuple[Contradiction, ...] = (
    a_safety_line_is_not_due_in_two_days,
    a_safety_line_that_is_not_done_for_weeks,
    an_alternative_that_is_taken_or_has_failed,
    a_short_treatment_is_told_that_is_long,
    an_old_score_is_told_as_the_present_one,
    a_next_review_later_than_the_need_asks,
    a_drug_well_taken_that_is_taken_in_part,
    a_straight_apostrophe,
    a_line_of_advice_with_two_colons,
    drugs_are_refused_by_somebody_who_takes_some,
    a_question_about_an_antidepressant_that_is_not_taken,
    a_question_about_starting_an_antidepressant_that_is_taken,
    a_question_about_a_benzodiazepine_that_is_not_taken,
    a_question_about_an_increase_that_was_not_made,
    a_stop_is_told_that_did_not_happen,
    adherence_is_doubted_where_no_drug_is_taken,
    ideation_is_told_that_no_form_shows,
    a_pensioner_is_said_to_work,
    a_flag_from_outside_every_episode,
    a_prescription_made_by_somebody_else_than_the_gp,
    a_refusal_of_the_gp_told_by_the_nurse,
    an_answer_about_something_else,
    a_slower_increase_of_something_that_is_not_increased,
    a_safety_line_done_without_a_finding,
    a_detail_that_repeats_the_action,
    advice_that_does_not_fit_the_drugs_taken,
    an_alternative_that_is_a_sentence_about_itself,
    a_nurse_is_called_infirmier,
    activation_is_continued_that_was_not_begun,
)
"""The table of contradictions."""
