"""Texts for new users: the first visit, the marks of the chart, and the keyboard shortcuts."""

from dashboard.clinical.caseload.need import INTERVALS, Need
from dashboard.locale import _
from dashboard.vocabulary import Role


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
            "PHQ-9 of 20 or more, item 9 of 2 or more, question 4, 5 or 6 of the C-SSRS answered"
            " yes, a safety flag or a risk judged high."
        ),
        Need.MARKED: _("PHQ-9 or GAD-7 of 15 or more, item 9 of 1 or a risk judged moderate."),
        Need.MODERATE: _("PHQ-9 or GAD-7 of 10 or more, or too little is known to judge."),
        Need.LOW: _("None of these."),
    }[need]


def interval_in_words(need: Need) -> str:
    """Return a text that says how often a patient with this level of need is reviewed."""
    return _("a review every {days} days", days=INTERVALS[need].days)


def chart_marks() -> tuple[tuple[str, str], ...]:
    """Return the symbols in the chart of a case, each with its meaning."""
    return (
        ("●", _("a score; a hollow dot: prorated, or a total without item scores")),
        ("◆", _("a score whose item on suicidal thoughts is positive")),
        ("□ △", _("a questionnaire without a valid score, or with too few answers for one")),
        ("!", _("a total that differs from its items")),
        ("┊", _("the measurement error of the PHQ-9: a smaller change may be due to chance")),
        ("╌ ┈", _("the lines of response and of remission")),
        ("▒", _("the ranges of severity: the darker, the more severe")),
        ("R1", _("a signed review, with the answers to its recommendations")),
        ("✓ ● ○", _("a recommendation: done, read, or without an answer")),
        ("⊘", _("a recommendation refused by the patient")),
        ("| ×", _("a contact: attended, or missed")),
        ("▬", _("a drug and its dose; dark: at an effective dose for 4 weeks or more")),
        ("▾ ▴", _("a dose: below the minimum, or above the maximum")),
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
