"""The form of a mail: complete, in order, and silent about the patient's identity."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from uuid import UUID

import pytest

from dashboard.clinical.delivery import Failure
from dashboard.delivery.message import (
    CannotCompose,
    From,
    Letter,
    is_address,
    letter_mail,
    notice_mail,
)

SENDER = From("avis@sesame.mssante.example", "https://revue.example")
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40
LETTER = Letter(
    delivery_id=UUID(int=7),
    case_review_id=UUID("3f2a9c1b-0000-4000-8000-000000000000"),
    message_id="<0b0f8d52-6a0e-4a0f-9b43-5d0c8f1a7c11@case-review.invalid>",
    reminder=0,
    in_reply_to=None,
    queued_at=datetime(2026, 11, 24, 13, 30, tzinfo=UTC),
    recipient_name="Anaïs Petit",
    recipient_address="anais.petit@mssante.example",
    reply_address="moreau@mssante.example",
    signs_in=True,
    plain_text="Lefèvre Camille, née le 02/05/1983\nAugmenter la sertraline à 100 mg\n",
    pdf=PDF,
)
THIRTY_LINES = "\n".join(
    f"{number}. Médicament : sertraline 100 mg/j — réévaluer l'adhésion et le sommeil à J{number}"
    for number in range(1, 31)
)
RIGHT_TO_LEFT = "שלום: להגדיל את המינון, ثم مراجعة بعد أسبوعين"


def read(mail):
    return message_from_bytes(mail.content, policy=default)


def text_of(mail):
    """Return the text that the recipient reads, with the line ends of Python."""
    message = read(mail)
    part = next(message.iter_parts()) if message.is_multipart() else message
    return part.get_content().replace("\r\n", "\n")


def test_a_letter_is_text_and_pdf():
    message = read(letter_mail(LETTER, SENDER))
    assert not message.defects
    assert message.get_content_type() == "multipart/mixed"
    text, pdf = message.iter_parts()
    assert text.get_content_type() == "text/plain"
    assert text_of(letter_mail(LETTER, SENDER)).startswith(LETTER.plain_text)
    assert "https://revue.example" in text.get_content()
    assert (pdf.get_content_type(), pdf.get_content_disposition()) == (
        "application/pdf",
        "attachment",
    )
    assert pdf.get_content() == PDF


def test_a_reminder_says_that_what_was_withdrawn_since_is_not_wanted():
    said = text_of(letter_mail(replace(LETTER, reminder=1), SENDER))
    assert "Ce qui a été remplacé ou retiré depuis n’est plus à faire." in said
    assert "remplacé" not in text_of(letter_mail(LETTER, SENDER))


def test_who_has_no_account_is_not_told_to_sign_in():
    without = replace(LETTER, signs_in=False)
    assert text_of(letter_mail(without, SENDER)) == LETTER.plain_text
    reminder = text_of(letter_mail(replace(without, reminder=1), SENDER))
    assert "https://revue.example" not in reminder


def test_a_letter_of_which_a_part_has_ended_says_so_first():
    said = text_of(letter_mail(replace(LETTER, partly_ended=True), SENDER))
    assert said.startswith("Une partie de cet avis a été remplacée ou retirée depuis.")
    assert "Une partie" not in text_of(letter_mail(LETTER, SENDER))


@pytest.mark.parametrize(
    ("reply_address", "said"),
    [
        ("moreau@mssante.example", "répondez à ce message\u00a0: le psychiatre le reçoit."),
        (None, "répondez directement au psychiatre."),
    ],
)
def test_a_reminder_says_how_to_answer_if_its_link_no_longer_works(reply_address, said):
    text = "Augmenter la sertraline\nRépondre : https://revue.example/answer/abc\n"
    letter = replace(LETTER, signs_in=False, plain_text=text, reply_address=reply_address)
    reminder = text_of(letter_mail(replace(letter, reminder=1), SENDER))
    assert f"Si le lien ne fonctionne plus, {said}" in reminder
    assert "Si le lien" not in text_of(letter_mail(letter, SENDER))
    assert "Si le lien" not in text_of(letter_mail(replace(LETTER, reminder=1), SENDER))


def test_who_has_no_account_gets_no_notice_of_what_they_could_not_read():
    with pytest.raises(CannotCompose) as told:
        notice_mail(replace(LETTER, signs_in=False), SENDER)
    assert told.value.failure == Failure("no_account")


def test_its_headers_are_those_of_a_mail_that_a_program_sends():
    mail = letter_mail(LETTER, SENDER)
    message = read(mail)
    assert (mail.sender, mail.recipient) == (SENDER.address, LETTER.recipient_address)
    assert message["From"].addresses[0].addr_spec == SENDER.address
    (to,) = message["To"].addresses
    assert (to.display_name, to.addr_spec) == ("Anaïs Petit", LETTER.recipient_address)
    assert message["Reply-To"] == "moreau@mssante.example"
    assert message["Date"].datetime == LETTER.queued_at
    assert message["Message-ID"] == LETTER.message_id
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "fr"
    assert message["In-Reply-To"] is None
    assert message["References"] is None


def test_neither_headers_nor_the_file_name_say_who_the_patient_is():
    message = read(letter_mail(LETTER, SENDER))
    _, pdf = message.iter_parts()
    said = " ".join([*map(str, message.values()), *map(str, pdf.values())])
    for telling in ("Lef", "Camille", "1983", "sertraline"):
        assert telling not in said
    # So that mail programs do not put two patients' letters into one thread.
    assert "3f2a9c1b" in message["Subject"]
    assert pdf.get_filename().endswith("-3f2a9c1b.pdf")


def test_a_reminder_is_a_new_mail_in_the_same_thread():
    first = LETTER.message_id
    reminder = replace(LETTER, reminder=1, message_id="<second@x.invalid>", in_reply_to=first)
    message = read(letter_mail(reminder, SENDER))
    assert message["Message-ID"] == "<second@x.invalid>"
    assert message["In-Reply-To"] == message["References"] == first
    assert read(letter_mail(LETTER, SENDER))["Subject"] in message["Subject"]
    assert message["Subject"] != read(letter_mail(LETTER, SENDER))["Subject"]


def test_the_same_letter_always_makes_the_same_bytes():
    assert letter_mail(LETTER, SENDER) == letter_mail(LETTER, SENDER)
    assert notice_mail(LETTER, SENDER) == notice_mail(LETTER, SENDER)


@pytest.mark.parametrize("reminder", [0, 1])
def test_a_notice_says_that_an_advice_waits_and_nothing_else(reminder):
    message = read(notice_mail(replace(LETTER, reminder=reminder), SENDER))
    assert message.get_content_type() == "text/plain"
    said = f"{message.get_content()} {' '.join(map(str, message.values()))}"
    for telling in ("Lef", "Camille", "1983", "sertraline", "moreau", "3f2a9c1b", "PDF"):
        assert telling not in said
    assert "https://revue.example" in message.get_content()


def test_a_notice_needs_no_letter():
    assert notice_mail(replace(LETTER, plain_text=None, pdf=None), SENDER)


@pytest.mark.parametrize(
    "words", [THIRTY_LINES, RIGHT_TO_LEFT, "L'état s'est amélioré\n.\n..\nFrom here\n", "é" * 5000]
)
def test_any_text_arrives_as_it_was_written(words):
    mail = letter_mail(replace(LETTER, plain_text=words), From(SENDER.address))
    assert text_of(mail) == words.strip() + "\n"
    assert all(len(line) <= 998 for line in mail.content.split(b"\r\n"))
    assert b"\n" not in mail.content.replace(b"\r\n", b"")
    assert mail.content.isascii()


TWICE = " ".join(["Petit-Lemaire Marie-Antoinette remplaçante du Dr Moreau"] * 2)
WITH_ADDRESS = f"Petit Dr {'Marie-Antoinette ' * 5}petit example.org"
NAMES = [
    # the name in the registry, how it is written to
    ("Maëlys D'Arc-L'Hôpital", "Maëlys D'Arc-L'Hôpital"),
    ('Jean "Jo" Petit, <Dr>', "Jean Jo Petit Dr"),
    ("דנה כהן", "דנה כהן"),
    ("ليلى حداد", "ليلى حداد"),
    ("Petit\r\nBcc: autre@example.org", "Petit Bcc autre example.org"),
    ("Petit\n\nBonjour", "Petit Bonjour"),
    ("Petit\u2028Cc: x@example.org", "Petit Cc x example.org"),
    ("Pe\u202etit", "Petit"),
    ("  ", ""),
    ("N" * 300, "N" * 300),
    ("N" * 1000, "N" * 300),
    # Where the line breaks, Python forgets that a name was within quotation marks.
    ("Petit-Lemaire, Marie-Antoinette, remplaçante du Dr Moreau, " * 2, TWICE),
    ("Petit (Dr), " + "Marie-Antoinette " * 5 + "petit@example.org", WITH_ADDRESS),
]


@pytest.mark.parametrize(("name", "written"), NAMES, ids=[ascii(row[0][:20]) for row in NAMES])
def test_a_name_stays_a_name_whatever_is_in_it(name, written):
    message = read(letter_mail(replace(LETTER, recipient_name=name), SENDER))
    (to,) = message["To"].addresses
    assert (to.display_name, to.addr_spec) == (written, LETTER.recipient_address)
    assert message["Bcc"] is None
    assert message["Cc"] is None
    assert sorted(set(message.keys())) == sorted(message.keys())
    assert len(list(message.iter_parts())) == 2


ADDRESSES = [
    ("anais.petit@mssante.example", True),
    ("o'neil+avis@sous.domaine.mssante.fr", True),
    ("a@b.fr", True),
    ("", False),
    (None, False),
    ("petit", False),
    ("petit@", False),
    ("@mssante.example", False),
    ("petit@localhost", False),
    ("a..b@mssante.example", False),
    (".a@mssante.example", False),
    ("a b@mssante.example", False),
    ("a@mssante.example, b@mssante.example", False),
    ("Petit <a@mssante.example>", False),
    ("a@mssante.example\r\nBcc: b@example.org", False),
    ("a@mssante.example\n", False),
    ("a@mssante.example>\r\nRCPT TO:<b@example.org", False),
    ("anaïs@mssante.example", False),
    ("a@-x.example", False),
    ("a" * 65 + "@mssante.example", False),
    ("a@" + "b." * 200 + "fr", False),
]


@pytest.mark.parametrize(("address", "good"), ADDRESSES, ids=[ascii(row[0]) for row in ADDRESSES])
def test_what_can_be_an_address(address, good):
    assert is_address(address) is good


@pytest.mark.parametrize(
    ("address", "code"),
    [
        (None, "no_address"),
        ("  ", "no_address"),
        ("a@x.fr\r\nBcc: b@x.fr", "bad_address"),
        ("a@b@c.fr", "bad_address"),
    ],
)
@pytest.mark.parametrize("compose", [letter_mail, notice_mail])
def test_a_letter_that_cannot_be_addressed_says_why(compose, address, code):
    with pytest.raises(CannotCompose) as told:
        compose(replace(LETTER, recipient_address=address), SENDER)
    assert told.value.failure == Failure(code)


def test_spaces_around_an_address_do_not_keep_a_letter_from_leaving():
    assert letter_mail(replace(LETTER, recipient_address=" a@x.fr "), SENDER).recipient == "a@x.fr"


def test_a_reply_address_that_cannot_be_one_is_left_out():
    assert read(letter_mail(replace(LETTER, reply_address="x\r\ny"), SENDER))["Reply-To"] is None


def test_without_a_letter_there_is_nothing_to_send():
    with pytest.raises(CannotCompose) as told:
        letter_mail(replace(LETTER, plain_text=None, pdf=None), SENDER)
    assert told.value.failure == Failure("no_letter")


def test_a_reminder_without_a_letter_says_that_an_advice_waits():
    reminder = replace(LETTER, reminder=1, plain_text=None, pdf=None)
    assert letter_mail(reminder, SENDER) == notice_mail(reminder, SENDER)


WITHDRAWAL = replace(
    LETTER,
    reminder=-1,
    in_reply_to=LETTER.message_id,
    message_id="<1@case-review.invalid>",
    notice="Patient : Lefèvre Camille\n\nMotif : Plus souhaité\n",
)


def test_a_notice_of_a_withdrawal_is_neither_the_letter_nor_a_reminder_of_it():
    mail = letter_mail(WITHDRAWAL, SENDER)
    message = read(mail)
    assert message["Subject"] == "Avis de téléexpertise retiré, réf. 3f2a9c1b"
    assert message["In-Reply-To"] == LETTER.message_id
    assert not message.is_multipart()
    assert text_of(mail) == WITHDRAWAL.notice
    assert letter_mail(WITHDRAWAL, SENDER) == mail


def test_ordinary_mail_says_of_a_withdrawal_no_more_than_of_a_letter():
    message = read(notice_mail(WITHDRAWAL, SENDER))
    assert message["Subject"] == read(notice_mail(LETTER, SENDER))["Subject"]
    assert "Lefèvre" not in text_of(notice_mail(WITHDRAWAL, SENDER))
