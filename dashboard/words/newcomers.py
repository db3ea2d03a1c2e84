"""Texts for new users: the first visit, the marks of the chart, and the keyboard shortcuts."""

from dashboard.clinical.caseload.need import INTERVALS, Need
from dashboard.clinical.sites.protection import STEP
from dashboard.clinical.sites.suppression import FEW, LEAST
from dashboard.locale import _
from dashboard.vocabulary import AnswerOutcome, RiskLevel, Role
from dashboard.words.advice.lines import outcome_name
from dashboard.words.advice.risk import level_name
from dashboard.words.sites.figures import hidden


def first_sentences(role: str) -> tuple[str, str, str]:
    """Return three sentences that introduce the dashboard to a new user with this role."""
    return {
        Role.PSYCHIATRIST: (
            _("All your patients are on this list, the most urgent first, with the reason."),
            _("A click or Enter opens a patient: the course on a chart, your advice beside it."),
            _("Signed advice goes to the nurse and the GP, and their answers come back to you."),
        ),
        Role.NURSE: (
            _("These are the psychiatrists’ recommendations for your patients, by urgency."),
            _("Your answers tell the psychiatrist what was done, and why something was not."),
            _("In “Prepare” you choose the patients of the next meeting and ask your questions."),
        ),
        Role.GP: (
            _("These are the psychiatrists’ recommendations for your patients, by urgency."),
            _("Your answers tell the psychiatrist what was done, and why something was not."),
            _("“Open the case” shows the course of a patient and the earlier advice."),
        ),
        Role.LEAD: (
            _("This page compares the work of your sites; it never shows a patient’s record."),
            _("Choose an indicator to see its months and its sites beside the table."),
            _("Small numbers are rounded or hidden, so that nobody can be recognised."),
        ),
    }[Role(role)]


def need_meaning(need: Need) -> str:
    """Return a sentence that lists the facts that lead to this level of need."""
    return {
        Need.HIGH: _(
            "PHQ-9 of 20 or more, item 9 scored 2 or more, question 4, 5 or 6 of the C-SSRS"
            " answered yes, a safety flag or a risk judged high."
        ),
        Need.MARKED: _("PHQ-9 or GAD-7 of 15 or more, item 9 scored 1 or a risk judged moderate."),
        Need.MODERATE: _("PHQ-9 or GAD-7 of 10 or more, or too little is known to judge."),
        Need.LOW: _("None of these."),
    }[need]


def interval_in_words(need: Need) -> str:
    """Return a text that says how often a patient with this level of need is reviewed."""
    return _("a review every {days} days", days=INTERVALS[need].days)


ANSWER_SIGNS = {
    AnswerOutcome.DONE: "✓",
    AnswerOutcome.MODIFIED: "◐",
    AnswerOutcome.DECLINED: "✕",
    AnswerOutcome.REFUSED_BY_PATIENT: "⊘",
    AnswerOutcome.ACKNOWLEDGED: "•",
    "unanswered": "○",
    "replaced": "→",
    "withdrawn": "–",
}
"""The character that is most like the symbol of each state of a recommendation on the chart."""

RISK_SIGNS = {
    RiskLevel.HIGH: "▲",
    RiskLevel.MODERATE: "◐",
    RiskLevel.LOW: "○",
    RiskLevel.NOT_ASSESSED: "✕",
}
"""The character that is most like the symbol of each level of risk below the chart."""

Marks = tuple[tuple[str, str], ...]
"""Signs, each with its meaning."""


def chart_marks() -> tuple[tuple[str, Marks], ...]:
    """Return the parts of the chart of a case: the name of each part, and its symbols."""
    return (
        (_("Scores"), _score_marks()),
        (
            _("Reviews and answers"),
            (
                ("R1", _("a signed review; below it, a symbol for each recommendation")),
                *((sign, outcome_name(state)) for state, sign in ANSWER_SIGNS.items()),
            ),
        ),
        (
            _("Contacts and treatments"),
            (
                ("| ✕", _("a contact: attended, or missed")),
                (
                    "▬",
                    _(
                        "a drug and its dose; the stronger colour: at an effective dose for 4 weeks"
                        " or more"
                    ),
                ),
                ("▼ ▲", _("a dose: below the minimum, or above the maximum")),
            ),
        ),
        (
            _("Risk of suicide, below the chart"),
            (
                ("◆", _("item 9 positive, or C-SSRS 4, 5 or 6 yes")),
                ("◇", _("C-SSRS 1, 2 or 3 yes")),
                ("○", _("a negative answer: risk not ruled out")),
                ("□", _("unknown: no absence of risk")),
                ("▬", _("a safety flag; filled: still open")),
            ),
        ),
        (
            _("Decisions about the risk, below the chart"),
            (
                *((sign, level_name(level)) for level, sign in RISK_SIGNS.items()),
                ("▽", _("day of reassessment")),
            ),
        ),
    )


def _score_marks() -> Marks:
    return (
        ("●", _("a score; a hollow dot: prorated, or a total without item scores")),
        ("◇", _("around a score: its item on suicidal thoughts is positive")),
        ("□ △", _("a questionnaire without a valid score, or with too few answers for one")),
        ("!", _("a total that differs from its items")),
        ("|", _("the measurement error of the PHQ-9: a smaller change may be due to chance")),
        ("╌ ┈", _("the lines of response and of remission")),
        ("▒", _("the ranges of severity: the stronger the colour, the more severe")),
    )


def lead_pages() -> tuple[tuple[str, Marks], ...]:
    """Return the parts of the pages of a medical lead: the name of each part, and its words."""
    return (
        (
            _("Programme"),
            (
                (
                    _("Overview"),
                    _(
                        "a row for each indicator; a click shows its months, its sites, its"
                        " definition and its source"
                    ),
                ),
                (
                    _("Of all"),
                    _(
                        "the rate with those not measured counted as failures; “of those measured”"
                        " leaves them out"
                    ),
                ),
                (_("Change"), _("the difference from the period of the same length before")),
                (
                    _("Signal"),
                    _(
                        "the months have changed more than chance explains: six or more on one side"
                        " of their median, or too few crossings of it"
                    ),
                ),
                (
                    _("Sites outside"),
                    _("the sites outside the limits, of the sites with enough patients to judge"),
                ),
                (_("Sites"), _("every rate of every site, side by side; never a ranking")),
                (
                    _("One site"),
                    _("open work, caseloads, waiting times, and what became of those referred"),
                ),
                (
                    _("Forecast and tariff"),
                    _("enrolment, sequences and tariff, against the plan of the experiment"),
                ),
            ),
        ),
        (_("The marks of the charts"), _site_marks()),
        (
            _("Small numbers"),
            (
                (
                    hidden(),
                    _("fewer than {least} cases, so that nobody can be recognised", least=LEAST),
                ),
                ("*", _("fewer than {few} cases: too few to judge", few=FEW)),
                (
                    _("steps of {step}", step=STEP),
                    _("counts are rounded; every view and file has the same rounded counts"),
                ),
            ),
        ),
        (
            _("Access"),
            (
                (
                    _("Who opened this record"),
                    _("type a case number to see who opened it, when and why; never the record"),
                ),
                (
                    _("Emergency accesses"),
                    _("records of other teams’ patients, opened for an hour with a reason"),
                ),
                (_("Unusual access"), _("accesses to ask about; they may be right")),
            ),
        ),
        (
            _("Accounts"),
            (
                (
                    _("Invite"),
                    _("sends a link, valid once, with which the person chooses a password"),
                ),
                (_("Lock"), _("ends every sign-in of the person, until you unlock the account")),
            ),
        ),
    )


def _site_marks() -> Marks:
    return (
        ("●", _("a site")),
        ("○", _("a site with too few cases to judge: never counted as outside the limits")),
        (
            "◆",
            _(
                "a site outside the 95 % limits: by chance alone 5 of 100 sites are there, so ask"
                " why before you judge"
            ),
        ),
        ("|", _("the rate of the programme")),
        ("▬", _("the 95 % limits of a site: wider for fewer patients")),
        ("╌ ─", _("the funnel: the 95 % limits, and the 99.8 % limits")),
        ("┈", _("a target of others, such as New York’s")),
    )


def list_keys() -> tuple[tuple[str, str], ...]:
    """Return the keyboard shortcuts of the review list, each with its effect."""
    return (
        ("↓ ↑", _("next row, previous row")),
        (_("Enter"), _("open the patient of the row")),
        (_("Space"), _("show or hide the whole row")),
        ("/", _("search a name; Enter then opens the first patient found")),
        ("?", _("this help")),
    )


def case_keys() -> tuple[tuple[str, str], ...]:
    """Return the keyboard shortcuts of the page of a case, each with its effect."""
    return (
        ("J K", _("next case, previous case")),
        ("R", _("add a recommendation")),
        ("N", _("seen, no change")),
        (_("Ctrl + Enter"), _("preview, then sign and next")),
        ("[ ]", _("previous tab, next tab")),
        ("?", _("show these keys")),
        ("Alt + P", _("present: hide or show names")),
    )
