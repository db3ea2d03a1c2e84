"""The texts of a letter, in the order in which its PDF and its plain text show them.

The recommendations come before the facts on which they are based, because a GP may read only the
top of the letter.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import reduce

from dashboard.calendar import PARIS
from dashboard.clinical.instruments import INSTRUMENTS
from dashboard.clinical.medication import ANTIDEPRESSANTS
from dashboard.clinical.risk import RiskStatement
from dashboard.letters.content import (
    Advice,
    Care,
    Drug,
    LetterContent,
    Professional,
    Scores,
    Settled,
    Team,
    Undecided,
)
from dashboard.letters.scores import ScoreRow, ends, label_of, score_row, scores_in_words
from dashboard.locale import _, ngettext, pgettext, speaking
from dashboard.locale.formats import day, full_name, long_day, moment
from dashboard.vocabulary import (
    MedicationAction,
    Outcome,
    RecommendationKind,
    RiskLevel,
    Role,
    SettlementKind,
)
from dashboard.words.advice.lines import (
    daily_dose,
    equal_steps_in_words,
    recommendation_head,
    recommendation_in_words,
    summary_in_words,
)
from dashboard.words.advice.risk import level_name, reassessment_in_words
from dashboard.words.advice.settlements import origin_name
from dashboard.words.case.chart import adherence_name, care_name, sequence_name
from dashboard.words.case.remarks import missing_in_words, oddity_in_words
from dashboard.words.case.screening import answers_in_brief, answers_in_words
from dashboard.words.roles import role_name


@dataclass(frozen=True)
class Line:
    """One recommendation in words: what to do, the details, the person who does it, the due date.

    ``mine`` is true if the recipient of the letter must do it. ``number`` is None for a
    recommendation of an earlier review, because the earlier letter gave it another number.
    """

    number: int | None
    what: str
    how: tuple[str, ...]
    who: str
    due: str
    mine: bool


@dataclass(frozen=True)
class Section:
    """A part of a letter: a heading and lines of text. ``warns`` is true if it must stand out."""

    title: str
    lines: tuple[str, ...]
    warns: bool = False


@dataclass(frozen=True)
class Sheet:
    """All texts of a letter, in one language."""

    language: str
    title: str
    notice: str
    name: str
    case: str
    traits: tuple[str, ...]
    written: str
    people: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]
    advice_title: str
    advice: tuple[Line, ...]
    no_advice: str
    risk: tuple[str, ...]
    kept_title: str
    kept: tuple[Line, ...]
    ended: Section
    next_review: str
    answer: str
    answer_url: str
    summary: Section
    safety: Section
    question: Section
    monitoring: Section
    seen_title: str
    score_heads: tuple[str, ...]
    scores: tuple[ScoreRow, ...]
    score_note: str
    seen: tuple[Section, ...]
    missing: Section
    chart_caption: str
    chart_alt: str
    legal: str
    signature: str
    footer: str


def sheet_of(content: LetterContent) -> Sheet:
    """Return the texts of the letter in the language of ``content``."""
    with speaking(content.language):
        return Sheet(
            language=content.language,
            title=_("Tele-expertise advice"),
            notice=_notice(content),
            name=_name(content),
            case=_case(content),
            traits=_traits(content),
            written=_written(content),
            people=tuple(_people(content)),
            facts=tuple(_facts(content)),
            advice_title=_("Recommendations"),
            advice=tuple(_line(one, content) for one in content.advice),
            no_advice=_no_advice(content),
            risk=tuple(_decision(content)),
            kept_title=_("Kept from earlier reviews"),
            kept=tuple(_kept(one, content) for one in _settled(content, SettlementKind.KEPT)),
            ended=_ended(content),
            next_review=_next_review(content),
            answer=_("To answer without an account") if content.answer_url else "",
            answer_url=content.answer_url or "",
            summary=Section(_("Summary"), _paragraphs(summary_in_words(content.summary))),
            safety=_safety(content),
            question=_question(content),
            monitoring=Section(_("Monitoring"), tuple(_monitoring(content))),
            seen_title=_("What was seen on {day}", day=day(content.as_of)),
            score_heads=(
                _("Questionnaire"),
                _("First"),
                _("Latest"),
                _("Change"),
                _("Severity"),
                _("Trend"),
            ),
            scores=tuple(row for one in content.scores if (row := score_row(one))),
            score_note=_score_note(content),
            seen=tuple(_seen(content)),
            missing=_missing(content),
            chart_caption=_("Scores and treatment over time"),
            chart_alt=scores_in_words(content),
            legal=_(
                "Advice given on the record, without examining the patient; the decision to"
                " prescribe is the GP's."
            ),
            signature=_signature(content),
            footer=f"{_name(content)} · {_case(content)}",
        )


def _notice(content: LetterContent) -> str:
    if content.signed_at is None:
        return _("Preview: not signed, not sent.")
    if content.replaces is not None:
        return _("Amended: replaces the letter of {time}.", time=moment(content.replaces))
    return ""


def _name(content: LetterContent) -> str:
    return full_name(content.patient.family_name.upper(), content.patient.given_name)


def _case(content: LetterContent) -> str:
    return _("case {number}", number=content.case_number)


def _traits(content: LetterContent) -> tuple[str, ...]:
    who = content.patient
    born = day(who.birth_date) if who.birth_date else "?"
    traits = [
        {
            "female": pgettext("female", "born {day}", day=born),
            "male": pgettext("male", "born {day}", day=born),
        }.get(who.sex, _("born {day}", day=born)),
        ngettext("{n} year", "{n} years", who.age),
        {"female": _("F"), "male": _("M")}.get(who.sex, _("sex unknown")),
        _("INS {number}", number=who.ins) if who.ins else _("INS unknown"),
        _case(content),
    ]
    return tuple(traits)


def _written(content: LetterContent) -> str:
    if content.signed_at is None:
        return long_day(content.as_of)
    here = content.signed_at.astimezone(PARIS)
    return _("{day} at {time}", day=long_day(here.date()), time=f"{here:%H:%M}")


def _people(content: LetterContent) -> Iterator[tuple[str, str]]:
    """Yield the lines with the psychiatrist, the GP and the nurse, each as a label and a name."""
    team = content.team
    yield pgettext("letter", "From"), _signatory(team)
    yield _reader(team.gp, _("Dr {name}"), role_name(Role.GP), content)
    yield _reader(team.nurse, "{name}", role_name(Role.NURSE), content)


def _facts(content: LetterContent) -> Iterator[tuple[str, str]]:
    """Yield the lines with the site and the patient's consent, each as a label and a text."""
    if content.site:
        yield _("Site"), content.site
    yield _("Consent"), _consent(content)


def _signatory(team: Team) -> str:
    """Return the name of the psychiatrist who signs, and of the colleague whom this person
    covers.
    """
    who = _with_number(team.psychiatrist, _("Dr {name}"), role_name(Role.PSYCHIATRIST))
    if team.covered is None:
        return who
    covered = full_name(team.covered.family_name, team.covered.given_name)
    return _("{who} for {covered}", who=who, covered=_("Dr {name}", name=covered))


def _reader(
    one: Professional | None, pattern: str, role: str, content: LetterContent
) -> tuple[str, str]:
    if one is None:
        return _sentence(role), _("not on the record")
    mine = one.id == content.recipient.id
    label = pgettext("letter", "To") if mine else pgettext("letter", "Copy")
    return label, _with_number(one, pattern, role)


def _with_number(one: Professional, pattern: str, role: str) -> str:
    said = [pattern.format(name=full_name(one.family_name, one.given_name)), role]
    if one.rpps:
        said.append(_("RPPS {number}", number=one.rpps))
    elif one.role == Role.PSYCHIATRIST:
        said.append(_("RPPS not recorded"))
    return ", ".join(said)


def _consent(content: LetterContent) -> str:
    if content.consented_on is None:
        return _("not recorded")
    return _("given on {day}", day=day(content.consented_on))


def _line(one: Advice, content: LetterContent) -> Line:
    mine = one.owner_role == content.recipient.role
    who = role_name(one.owner_role)
    return Line(
        number=one.position,
        what=_sentence(recommendation_head(one)),
        how=tuple(_how(one)),
        who=_("{who} (you)", who=who) if mine else who,
        due=_("by {day}", day=day(one.due_on)) if one.due_on else "",
        mine=mine,
    )


def _no_advice(content: LetterContent) -> str:
    if content.advice:
        return ""
    if content.outcome == Outcome.NO_CHANGE:
        return _("Seen, without change.")
    return _("No new recommendation.")


def _decision(content: LetterContent) -> Iterator[str]:
    """Yield the sentences about the risk of suicide: its level, what is done, and the
    reassessment.
    """
    risk = content.risk
    if risk is None:
        return
    statement = RiskStatement(RiskLevel(risk.level), risk.reassess_on, risk.reason)
    yield _sentence(_("{text}.", text=level_name(statement.level)))
    if not statement.is_decision:
        return
    done = _references(content, RecommendationKind.SAFETY)
    if done:
        yield _("What is done: {advice}.", advice=_joined(done))
    elif risk.reason:
        yield _("What is done: {advice}.", advice=risk.reason.rstrip(" ."))
    yield reassessment_in_words(statement)


def _joined(texts: list[str]) -> str:
    """Return the texts as one text, with semicolons between them."""
    return reduce(lambda first, then: _("{first}; {then}", first=first, then=then), texts)


def _references(content: LetterContent, kind: RecommendationKind) -> list[str]:
    """Return texts such as "see recommendation 2" for the new and the kept recommendations of a
    kind.
    """
    numbers = _numbers(content, kind)
    found = [_("see recommendation {numbers}", numbers=numbers)] if numbers else []
    kept = [one for one in _settled(content, SettlementKind.KEPT) if one.advice.kind == kind]
    return [*found, *(_("see {origin}, which is kept", origin=_origin(one)) for one in kept)]


def _settled(content: LetterContent, *kinds: str) -> list[Settled]:
    return [one for one in content.settled if one.kind in kinds]


def _origin(one: Settled) -> str:
    return origin_name(one.advice.position, one.given_on)


def _kept(one: Settled, content: LetterContent) -> Line:
    line = _line(one.advice, content)
    return replace(line, number=None, how=(*line.how, _sentence(_origin(one))))


def _ended(content: LetterContent) -> Section:
    """Return the part of the letter that lists replaced and withdrawn recommendations.

    They are listed because the reader may know them from an earlier letter.
    """
    lines = (
        _ended_line(one)
        for one in _settled(content, SettlementKind.REPLACED, SettlementKind.WITHDRAWN)
    )
    return Section(_("Not wanted any more"), tuple(lines), warns=True)


def _ended_line(one: Settled) -> str:
    what = f"{_sentence(recommendation_in_words(one.advice))} ({_origin(one)})"
    if one.kind == SettlementKind.WITHDRAWN:
        end = _("withdrawn")
        end = _("{text}: {detail}", text=end, detail=one.reason) if one.reason else end
    elif one.replaced_by is None:
        end = _("replaced")
    else:
        end = _("replaced by recommendation {number}", number=one.replaced_by)
    return _("{advice}: {end}", advice=what, end=end)


def _how(one: Advice) -> Iterator[str]:
    if steps := equal_steps_in_words(one):
        yield _sentence(steps)
    elif one.titration:
        yield _("Steps: {detail}", detail=one.titration)
    if one.detail and one.kind != RecommendationKind.OTHER:
        yield one.detail
    if one.alternative:
        yield _("If it does not work: {alternative}", alternative=one.alternative)


def _next_review(content: LetterContent) -> str:
    if content.next_review_on is None:
        return _("No next review is set.")
    return _("Next review on {day}", day=long_day(content.next_review_on))


def _safety(content: LetterContent) -> Section:
    lines = [
        *_agreed_safety(content),
        *_risk(content),
        _("Immediate danger: call 15 (SAMU)."),
        _(
            "Suicidal thoughts: 3114, the national suicide prevention number, free of charge,"
            " day and night."
        ),
    ]
    return Section(_("Safety, and when to call"), tuple(lines), warns=True)


def _agreed_safety(content: LetterContent) -> Iterator[str]:
    if content.safety_flag_since is not None:
        since = day(content.safety_flag_since.astimezone(PARIS).date())
        yield _("Safety flag open since {day}.", day=since)
    if content.safety_plan_on is not None:
        yield _("Safety plan on the record, of {day}.", day=day(content.safety_plan_on))
    lines = _references(content, RecommendationKind.SAFETY)
    if lines:
        yield _("Safety plan: {advice}.", advice=_joined(lines))
    else:
        yield _("This advice sets no safety plan of its own.")


def _numbers(content: LetterContent, kind: str) -> str:
    return ", ".join(str(one.position) for one in content.advice if one.kind == kind)


def _risk(content: LetterContent) -> Iterator[str]:
    """Yield a sentence with the latest answer of each questionnaire about suicidal thoughts, and
    one with the graver answers before it that no risk decision has followed.

    If no such questionnaire was filled in, yield a sentence that the risk is unknown.
    """
    for scores in content.scores:
        if scores.risk_day is not None:
            yield _risk_answer(scores)
        elif not INSTRUMENTS[scores.instrument].has_severity:
            yield _answers(scores)
    undecided = [_undecided(scores, one) for scores in content.scores for one in scores.undecided]
    if undecided:
        yield _("No risk decision before this review: {answers}.", answers=_joined(undecided))
    if not any(one.risk_day or one.answered_on for one in content.scores):
        yield _("Suicidal thoughts: no questionnaire has asked about them; the risk is unknown.")


def _risk_answer(scores: Scores) -> str:
    about = {
        "name": label_of(scores),
        "day": day(scores.risk_day) if scores.risk_day else "",
        "answer": scores.risk_answer,
    }
    # A letter that is already stored can have an answer below 0, which is none.
    if scores.risk_answer is None or scores.risk_answer < 0:
        unknown = _("Suicidal thoughts, {name} of {day}: not known, which does not exclude a risk.")
        return unknown.format(**about)
    if 0 < scores.risk_answer < INSTRUMENTS[scores.instrument].ideation_from:
        below = _(
            "Suicidal thoughts, {name} of {day}: answer {answer}, below fleeting thoughts, which"
            " does not exclude a risk."
        )
        return below.format(**about)
    if scores.risk_answer > 0:
        present = _("Suicidal thoughts, {name} of {day}: present (answer {answer}).")
        return present.format(**about)
    none = _("Suicidal thoughts, {name} of {day}: none reported, which does not exclude a risk.")
    return none.format(**about)


def _answers(scores: Scores) -> str:
    """Return a sentence with the questions answered yes in a questionnaire without a severity."""
    # The content of an old letter was stored without answers. Such a letter refers to the record.
    words = (
        answers_in_words(scores.instrument, scores.answers)
        if scores.answered_on
        else _("see the record")
    )
    on = scores.answered_on or scores.points[-1].day
    return _("{name} of {day}: {answers}.", name=label_of(scores), day=day(on), answers=words)


def _undecided(scores: Scores, earlier: Undecided) -> str:
    about = {"name": label_of(scores), "day": day(earlier.day)}
    if earlier.risk_answer is None:
        answers = answers_in_brief(scores.instrument, earlier.answers)
        return _("{name} of {day}, {answers}", answers=answers, **about)
    if earlier.risk_answer < INSTRUMENTS[scores.instrument].ideation_from:
        below = _("{name} of {day}, suicidal thoughts: answer {answer}, below fleeting thoughts")
        return below.format(answer=earlier.risk_answer, **about)
    present = _("{name} of {day}, suicidal thoughts present (answer {answer})")
    return present.format(answer=earlier.risk_answer, **about)


def _question(content: LetterContent) -> Section:
    nurse = content.team.nurse
    present = full_name(nurse.family_name, nurse.given_name) if nurse else ""
    asker = ", ".join(dict.fromkeys(one.by or present for one in content.questions))
    lines = [part for one in content.questions for part in _paragraphs(one.text)]
    if not content.questions:
        return Section(_("Request"), (_("Weekly case review, without a written question."),))
    at = moment(max(one.at for one in content.questions))
    return Section(_("Question of {name}, {time}", name=asker, time=at), tuple(lines))


def _monitoring(content: LetterContent) -> Iterator[str]:
    every = content.phq9_every_days
    yield _("PHQ-9 with its item on suicidal thoughts every {n} days.", n=every)
    for name, watch in _watched(content).items():
        yield _("{drug}: {what}", drug=name, what=watch)
    investigations = _references(content, RecommendationKind.INVESTIGATION)
    if investigations:
        yield _("Investigations: {advice}.", advice=_joined(investigations))


def _watched(content: LetterContent) -> dict[str, str]:
    """Return the necessary monitoring by name of drug, such as an electrocardiogram.

    The drugs are the antidepressants that the patient takes or that the letter advises. Drugs that
    the letter advises to stop or to replace are left out. Source: docs/domain.md, section 4.
    """
    kept = [one.advice for one in _settled(content, SettlementKind.KEPT)]
    advice = (*content.advice, *kept)
    stopped = {one.atc_code for one in advice if one.action == MedicationAction.STOP}
    stopped |= {one.replaced_atc_code for one in advice}
    taken = [one.atc_code for one in content.drugs if one.current]
    advised = [one.atc_code for one in advice if one.kind == RecommendationKind.MEDICATION]
    words = {
        "qt": _("electrocardiogram, QT interval"),
        "blood_pressure": _("blood pressure"),
        "weight": _("weight"),
        "liver": _("liver tests"),
    }
    return {
        drug.name: words[drug.watch]
        for code in dict.fromkeys([*taken, *advised])
        if (drug := ANTIDEPRESSANTS.get(code or "")) and drug.watch and code not in stopped
    }


def _score_note(content: LetterContent) -> str:
    solid = all(one.solid for scores in content.scores for one in ends(scores))
    return "" if solid else _("* without all of its items")


def _seen(content: LetterContent) -> Iterator[Section]:
    drugs = [_drug(one, content) for one in content.drugs if one.current]
    yield Section(_("Current treatment"), tuple(drugs) or (_("No drug on the record."),))
    cares = [_care(one) for one in content.cares if one.ended_on is None]
    if cares:
        yield Section(_("Other care"), tuple(cares))
    yield Section(pgettext("letter", "Record"), tuple(_record(content)))


def _drug(one: Drug, content: LetterContent) -> str:
    dose = _("dose unknown") if one.daily_dose_mg is None else daily_dose(one.daily_dose_mg)
    if one.as_needed:
        dose = _("as needed") if one.daily_dose_mg is None else f"{dose} {_('as needed')}"
    weeks = max((content.as_of - one.started_on).days, 0) // 7
    length = ngettext("{n} week", "{n} weeks", weeks)
    since = _("since {day} ({length})", day=day(one.started_on), length=length)
    said = [f"{one.name} {dose}", since]
    if one.adherence and not one.as_needed:
        said.append(_("adherence {adherence}", adherence=adherence_name(one.adherence)))
    if one.side_effects:
        said.append(_("side effects: {effects}", effects=one.side_effects))
    return ", ".join(said)


def _care(one: Care) -> str:
    said = [care_name(one.kind), _("since {day}", day=day(one.started_on))]
    if one.sessions:
        said.append(ngettext("{n} session", "{n} sessions", one.sessions))
    return ", ".join(said)


def _record(content: LetterContent) -> Iterator[str]:
    diagnosis = " ".join(filter(None, (content.diagnosis_code, content.diagnosis_label)))
    known = [content.problem, diagnosis]
    if any(known):
        yield _("Problem: {problem}", problem=" · ".join(filter(None, known)))
    if content.conditions:
        yield _("Conditions: {conditions}", conditions=", ".join(content.conditions))
    followed = _("followed since {day}", day=day(content.enrolled_on))
    if content.sequence is not None:
        named = f"{sequence_name(content.sequence.kind)} {content.sequence.number}"
        until = day(content.sequence.ends_on)
        followed = f"{followed}, {_('sequence {name} until {day}', name=named, day=until)}"
    yield _sentence(followed)
    if content.last_contact is not None:
        yield _("Last contact kept: {day}", day=day(content.last_contact))


def _missing(content: LetterContent) -> Section:
    lines = [
        *(missing_in_words(one) for one in content.missing),
        *(oddity_in_words(one) for one in content.oddities),
    ]
    nothing = _("Nothing that the record should hold is missing.")
    return Section(_("What was missing"), tuple(lines) or (nothing,), warns=bool(lines))


def _signature(content: LetterContent) -> str:
    if content.signed_at is None:
        return _("Not signed")
    who = content.team.psychiatrist
    return _(
        "Signed electronically by Dr {name} on {time} (Paris time)",
        name=full_name(who.family_name, who.given_name),
        time=moment(content.signed_at),
    )


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _sentence(text: str) -> str:
    """Return the text with its first letter in upper case. The other letters are unchanged."""
    return text[:1].upper() + text[1:]
