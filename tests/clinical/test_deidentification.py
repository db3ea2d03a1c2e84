"""The content of a shared screen: a table of cases, and properties for any name and text."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.clinical.advice.drafts import seen_in
from dashboard.clinical.advice.inbox import Received
from dashboard.clinical.advice.lines import DraftLine, DraftReview
from dashboard.clinical.case.case_file import (
    Answer,
    CaseReview,
    Flag,
    PsychosocialCare,
    Question,
    Recommendation,
)
from dashboard.clinical.caseload.ranking import Place, ranked
from dashboard.clinical.caseload.rules import Reason
from dashboard.clinical.deidentification import (
    PARTICLES,
    TAKEN_OUT,
    AsWritten,
    deidentified,
    initials,
    mask_for,
    mask_of,
    masked,
    plain_letters,
    presented_identity,
)
from dashboard.clinical.episodes import (
    ConditionFact,
    ContactFact,
    EpisodeFacts,
    Medication,
    ScreenerFact,
)
from dashboard.clinical.people import Identity, Person
from tests.support.case_files import SERTRALINE, TODAY, case, contact

BORN = date(1983, 5, 2)

NAMES = [
    # family name, given name, text, expected text
    ("Lefèvre", "Camille", "Mme Lefèvre dort mieux.", "Mme L. dort mieux."),
    ("Lefèvre", "Camille", "LEFEVRE Camille : appeler", "L. C. : appeler"),
    ("Lefèvre", "Camille", "vu avec mme lefevre.", "vu avec mme L."),
    ("Lefèvre", "Camille", "Lefe\u0300vre", "L."),
    ("Lefèvre", "Camille", "Le\u200bfèvre, Le\u00adfèvre", "L., L."),
    ("Lefèvre", "Camille", "le mari de C.Lefèvre/Camille_Lefèvre", "le mari de C.L./C._L."),
    ("Lefèvre", "Camille", "Lefèvres et Camillien", "Lefèvres et Camillien"),
    ("Lefèvre-Dubois", "Marie-Claude", "Marie Claude LEFEVRE DUBOIS", "M.-C. L.-D."),
    ("Lefèvre-Dubois", "Marie-Claude", "MarieClaude Lefèvre", "M.-C. L."),
    (
        "Lefèvre-Dubois",
        "Marie-Claude",
        "Mme Dubois, Marie de son prénom",
        "Mme D., M. de son prénom",
    ),
    ("de La Tour", "Zoé", "Mme de la Tour sort de la clinique", "Mme T. sort de la clinique"),
    ("L'Hostis", "Élodie", "Elodie L’Hostis, Mme LHOSTIS, Hostis", "É. H., Mme H., H."),
    ("Bœuf", "Noël", "M. BOEUF, Noel Bœuf", "M. B., N. B."),
    ("Yılmaz", "İpek", "YILMAZ Ipek", "Y. İ."),
    ("Le", "Vu", "Le patient dort, vu le 3 ; Mme LE", "L. patient dort, vu le 3 ; Mme L."),
    ("Lê Van", "Thi", "Mme LE VAN est venue en van", "Mme L.-V. est venue en van"),
    ("Øster", "Łucja", "Lucja Oster", "Ł. Ø."),
    ("李", "Mei", "Mme 李 va mieux", "Mme … va mieux"),
    ("Diallo", "Ben", "M. Ben Diallo, ben oui", "M. B. D., B. oui"),
    ("", "", "Rien à masquer.", "Rien à masquer."),
]


@pytest.mark.parametrize(("family", "given", "written", "shown"), NAMES)
def test_names_are_masked_however_they_are_written(family, given, written, shown):
    assert mask_for((family, given))(written) == shown


NUMBERS = [
    "02/05/1983",
    "2/5/83",
    "2.5.1983",
    "02-05-1983",
    "02 05 1983",
    "1983-05-02",
    "02051983",
    "2 mai 1983",
    "2 MAI 83",
    "2nd of May 1983",
    "May 2, 1983",
    "0612345678",
    "06 12 34 56 78",
    "06.12.34.56.78",
    "06-12-34-56-78",
    "+33 6 12 34 56 78",
    "+33 (0)6 12 34 56 78",
    "0033612345678",
    "00 33 6 12 34 56 78",
    "+3 36 12 34 56 78",
    "283057801234567",
    "2 83 05 78 012 345 67",
    "2 83 05 78 012 345",
]


@pytest.mark.parametrize(
    "phone", ["0612345678", "+33612345678", "06 12 34 56 78", "+33 (0)612345678"]
)
@pytest.mark.parametrize("number", NUMBERS)
def test_dates_and_numbers_are_masked_however_they_are_spaced(number, phone):
    mask = mask_for((), BORN, phone, "283057801234567")
    assert mask(f"Elle dit {number}, puis rien.") == "Elle dit […], puis rien."


@pytest.mark.parametrize(
    "text",
    [
        "le 12/05/1983 et le 2 mai 2026",
        "0612345679 et 10612345678",
        "sertraline 50 mg, PHQ-9 16 → 17 en 9 semaines",
        "2830578",
    ],
)
def test_other_dates_and_numbers_stay(text):
    assert mask_for((), BORN, "0612345678", "283057801234567")(text) == text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Dupont", "D."),
        ("Lefèvre-Dubois", "L.-D."),
        ("de La Tour", "T."),
        ("Ben Youssef", "Y."),
        ("Lê Van", "L.-V."),
        ("E\u0301lodie", "É."),
        ("", ""),
        ("???", ""),
        ("李", "…"),
    ],
)
def test_initials(name, shown):
    assert initials(name) == shown


# A whole case, its inbox, its draft.

TEXT = "Mme Lefèvre (CAMILLE, née le 2 mai 1983, 06 12 34 56 78)"
SAFE = "Mme L. (C., née le […], […])"
PATIENT = replace(case().identity, phone="+33612345678", ins="283057801234567")
NAMESAKE = Person(9, "Lefèvre", "Camille")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

LINE = Recommendation(
    id=uuid4(),
    position=1,
    kind="other",
    action=None,
    atc_code=None,
    drug_name=TEXT,
    daily_dose_mg=None,
    titration=TEXT,
    detail=TEXT,
    alternative=TEXT,
    owner_role="nurse",
    due_on=None,
    answers=(Answer(uuid4(), NAMESAKE, "declined", TEXT, NOON),),
    replaced_drug_name=TEXT,
)
REVIEW = CaseReview(
    id=uuid4(),
    psychiatrist=NAMESAKE,
    outcome="reviewed",
    summary=TEXT,
    next_review_on=None,
    signed_at=NOON,
    signed_on=NOON.date(),
    supersedes=None,
    superseded_by=None,
    recommendations=(LINE,),
    seen={"phq9": {"id": 4, "score": 12, "taken_on": "2026-11-18"}},
)
TELLING = case(
    identity=PATIENT,
    problem=TEXT,
    diagnosis_label=TEXT,
    contacts=(replace(contact(TODAY), note=TEXT, practitioner=NAMESAKE),),
    treatments=(replace(SERTRALINE, stop_reason=TEXT, side_effects=TEXT),),
    psychosocial=(PsychosocialCare(1, "other", TODAY, None, None, TEXT),),
    flags=(Flag(1, "discussion", NAMESAKE, NOON, TEXT, None, None),),
    questions=(Question(uuid4(), NAMESAKE, TEXT, NOON, NOON, uuid4()),),
    reviews=(REVIEW,),
)


def without_practitioners(data) -> str:
    return repr(data).replace(repr(NAMESAKE), "")


def tells(text: str) -> bool:
    """Return whether a text identifies the patient, read by a reader who looks for it."""
    signs = re.findall(r"[^\W_]+", plain_letters(text))
    return bool({"lefevre", "camille"} & set(signs)) or any(
        number in re.sub(r"\W", "", text) for number in ("612345678", "2830578012345", "2mai1983")
    )


def test_the_search_of_these_tests_finds_what_is_there():
    assert tells(TEXT)
    assert tells(without_practitioners(TELLING))
    assert not tells(SAFE)


def test_nothing_in_a_presented_case_tells_who_the_patient_is():
    shown = deidentified(TELLING, TELLING.as_of)
    assert not tells(without_practitioners(shown))
    assert "1983" not in repr(shown)
    assert shown.reviews[0].recommendations[0].answers[0].reason == SAFE


def test_practitioners_keep_their_names_even_a_namesake():
    assert deidentified(TELLING, TELLING.as_of).contacts[0].practitioner == NAMESAKE


def test_a_presented_patient_has_initials_a_sex_and_an_age():
    who = presented_identity(PATIENT, TODAY)
    assert (who.family_name, who.given_name, who.sex, who.age_on(TODAY)) == (
        "L.",
        "C.",
        "female",
        43,
    )
    assert (who.birth_date, who.phone, who.ins) == (None, None, None)
    assert who.is_presented
    assert not PATIENT.is_presented


def test_what_is_seen_of_a_presented_case_counts_as_seen_of_the_case():
    assert seen_in(deidentified(TELLING, TELLING.as_of)) == seen_in(TELLING)


def test_what_is_no_text_is_as_it_was():
    shown, told = deidentified(TELLING, TELLING.as_of), TELLING
    for name in ("episode_id", "assessments", "sequences", "reasons", "site", "conditions"):
        assert getattr(shown, name) == getattr(told, name)
    assert shown.reviews[0].seen == REVIEW.seen
    assert shown.reviews[0].id == REVIEW.id


def test_a_reason_and_the_place_that_it_gives_lose_the_patient_in_texts_of_the_registry():
    facts = EpisodeFacts(
        episode_id=1,
        patient_id=1,
        enrolled_on=TODAY,
        status="active",
        birth_date=BORN,
        medications=(Medication(1, "N06AB04", TEXT, None, False, TODAY, None),),
        conditions=(
            ConditionFact("I45.8", TEXT, TODAY),
            ConditionFact("Z33", TEXT, TODAY),
        ),
    )
    (ranked_one,) = ranked([facts], TODAY)
    told = Listed(PATIENT, ranked_one.reasons, ranked_one.place)
    shown = deidentified(told, TODAY)
    assert tells(repr(told.place.leading))
    assert not tells(repr(shown))
    assert {SAFE, (SAFE,)} <= {value for one in shown.reasons for value in one.facts.values()}
    assert [one.rule for one in shown.reasons] == [one.rule for one in told.reasons]


def test_the_facts_of_an_episode_are_de_identified_too():
    facts = EpisodeFacts(
        episode_id=1,
        patient_id=1,
        enrolled_on=TODAY,
        status="active",
        birth_date=TODAY,
        contacts=(ContactFact(TODAY, attended=True),),
        screeners=(ScreenerFact(TODAY, (1, None)),),
    )
    assert deidentified(facts, TODAY) == facts


def test_a_patient_called_like_a_code_breaks_nothing():
    odd = replace(TELLING, identity=replace(PATIENT, family_name="Other", given_name="Good"))
    shown = deidentified(odd, odd.as_of)
    assert shown.treatments[0].adherence == "good"
    assert shown.reviews[0].recommendations[0].kind == "other"
    assert shown.psychosocial[0].kind == "other"


def test_each_patient_of_an_inbox_is_masked_by_their_own_identity():
    other = replace(PATIENT, family_name="Nguyễn", given_name="Linh")
    inbox = [
        Received(1, PATIENT, False, (REVIEW,)),
        Received(2, other, False, (replace(REVIEW, summary="NGUYEN Linh, bien"),)),
    ]
    first, second = (deidentified(received, TODAY) for received in inbox)
    assert first.reviews[0].summary == SAFE
    assert second.reviews[0].summary == "N. L., bien"
    assert second.identity.family_name == "N."


@dataclass(frozen=True)
class Listed:
    """A patient on the review list, with the reasons and the place."""

    identity: Identity
    reasons: tuple[Reason, ...]
    place: Place


@dataclass(frozen=True)
class Noted:
    """A note about a patient whom another class identifies."""

    note: str
    kind: str = "phone"


@dataclass(frozen=True)
class NotesOf:
    """Notes with those whom they are about."""

    notes: tuple[Noted, ...]
    about: tuple[Identity, ...]


def test_a_text_of_whom_nobody_is_known_is_left_out_whole_and_codes_stay():
    assert deidentified([Noted(TEXT), ("", 3)], TODAY) == [Noted(TAKEN_OUT), ("", 3)]


def test_a_text_beside_several_patients_loses_each_of_them():
    other = replace(PATIENT, family_name="Nguyễn", given_name="Linh")
    shown = deidentified(NotesOf((Noted("Lefèvre, Nguyen"),), (PATIENT, other)), TODAY)
    assert shown.notes[0].note == "L., N."


def test_what_a_form_writes_back_stays_and_its_mask_hides_the_name():
    shown = deidentified(AsWritten(PATIENT, Noted(TEXT)), TODAY)
    assert shown.written.note == TEXT
    assert shown.mask(TEXT) == SAFE
    assert shown.identity.is_presented


@pytest.mark.parametrize("unknown", [b"%PDF", object(), Noted])
def test_what_may_name_anybody_is_refused(unknown):
    with pytest.raises(TypeError):
        deidentified([unknown], TODAY)


def test_a_draft_is_masked_to_be_looked_at_and_stays_as_it_was():
    draft = DraftReview(
        TEXT, (DraftLine("a", kind="other", detail=TEXT, drug_name=TEXT, replaced_drug_name=TEXT),)
    )
    shown = masked(draft, mask_of(PATIENT))
    line = shown.lines[0]
    assert {shown.summary, line.detail, line.drug_name, line.replaced_drug_name} == {SAFE}
    assert draft.summary == TEXT


# Properties for any name and any text.

LETTERS = "abcdeéèïçœßşığłøñüÀÉŒİÅdlmnorstuy"
WORD = st.text(LETTERS, min_size=3, max_size=9).filter(
    lambda word: plain_letters(word) not in PARTICLES
)
NAME = st.lists(WORD, min_size=1, max_size=3).flatmap(
    lambda words: st.sampled_from(["-", " ", "'", "’"]).map(lambda mark: mark.join(words))
)
AROUND = st.sampled_from(["", " ", ", ", "-", "\n", "(", "/", "_", "9", "…", "’", "."])
STYLE = st.sampled_from([str, str.upper, str.lower, str.title, plain_letters])


@given(
    NAME, NAME, st.lists(st.tuples(AROUND, st.booleans(), STYLE, AROUND), min_size=1, max_size=5)
)
def test_no_part_of_a_name_survives(family, given_name, pieces):
    written = "".join(
        f"{before}{style(family if of_family else given_name)}{after} "
        for before, of_family, style, after in pieces
    )
    shown = mask_for((family, given_name))(written)
    parts = {
        plain_letters(part)
        for part in re.findall(r"[^\W_]+", f"{family} {given_name}")
        if len(plain_letters(part)) > 2
    }
    assert not parts & set(re.findall(r"[^\W\d_]+", plain_letters(shown)))


@given(st.dates(date(1900, 1, 1), date(2015, 12, 31)), AROUND)
def test_no_birth_date_survives(born, around):
    forms = [f"{born:%d/%m/%Y}", f"{born:%Y-%m-%d}", f"{born.day}.{born.month}.{born:%y}"]
    if around != "9":
        for form in forms:
            assert form not in mask_for((), born)(f"née {around}{form}{around}")


@given(
    st.text("0123456789", min_size=8, max_size=8),
    st.lists(st.sampled_from(["", " ", ".", "-", "\u00a0"]), min_size=9, max_size=9),
)
def test_no_phone_number_survives(figures, marks):
    number = "06" + figures
    written = number[0] + "".join(
        mark + figure for mark, figure in zip(marks, number[1:], strict=True)
    )
    shown = mask_for((), phone=f"+33{number[1:]}")(f"tél. {written} le soir")
    assert shown == "tél. […] le soir"


@given(st.text(max_size=60))
def test_a_text_without_identity_stays_as_it_is(text):
    mask = mask_for(("Zwingelstein", "Wandrille"), BORN, "0612345678", "283057801234567")
    if not re.search(r"zwing|wandr|\d{2}", plain_letters(text)):
        assert mask(text) == text


@given(st.text(max_size=60))
def test_any_text_can_be_a_name(name):
    mask_for((name, name))(f"{name} et {name}")
    initials(name)
