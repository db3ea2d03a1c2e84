"""Functions that make the mails with a letter, or with a notice that there is a letter to read.

The same letter always gives the same bytes.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from uuid import UUID

from dashboard.clinical.delivery import Failure
from dashboard.locale import _, speaking


@dataclass(frozen=True)
class Letter:
    """One row of the outbox: a signed letter and its recipient.

    ``reminder`` is 0 for the letter itself, a positive number for a reminder, and a negative number
    for a notice that a recommendation was withdrawn.
    """

    delivery_id: UUID
    case_review_id: UUID
    message_id: str
    reminder: int
    in_reply_to: str | None
    """For a reminder or a notice of withdrawal: the Message-ID of the mail that brought the
    letter.
    """
    queued_at: datetime
    recipient_name: str
    recipient_address: str | None
    reply_address: str | None
    """The secure mail address of the psychiatrist who signed the letter."""
    signs_in: bool = False
    """Whether the recipient has an account, even if it is locked. An account whose password is
    temporary, or was not chosen yet, does not count.
    """
    language: str = "fr"
    plain_text: str | None = None
    pdf: bytes | None = None
    notice: str | None = None
    """The notice that a recommendation was withdrawn. If it is not None, it is sent without the
    letter.
    """
    partly_ended: bool = False
    """Whether a recommendation of the letter was replaced or withdrawn after the signing."""


@dataclass(frozen=True)
class Mail:
    """A mail that is ready to be sent.

    ``content`` has the bytes of the whole mail, with its headers. ``file_name`` is used if mails
    are written to a folder.
    """

    sender: str
    recipient: str
    content: bytes
    file_name: str


@dataclass(frozen=True)
class From:
    """The mail address from which all mails are sent, and the public URL of the site."""

    address: str
    url: str | None = None


class CannotCompose(Exception):
    """The error raised if a mail cannot be made from the stored data. Somebody must correct the
    data.
    """

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = failure


Compose = Callable[[Letter, From], Mail]


def letter_mail(letter: Letter, sender: From) -> Mail:
    """Return a mail with the letter as text and as PDF.

    If ``letter`` is a notice of a withdrawal, the mail has only the text of the notice. The headers
    and the file name do not identify the patient. The subject ends with the first digits of the
    review's id, so that mail programs do not group different letters.

    A reminder without a stored letter is made by ``notice_mail``. Raise ``CannotCompose`` if
    anything else has no stored letter, or if the recipient has no valid address.
    """
    if letter.notice is not None:
        return _withdrawal_mail(letter, letter.notice, sender)
    if letter.plain_text is None or letter.pdf is None:
        if letter.reminder:
            # Reviews that were signed before letters were stored, and most reviews of the
            # demonstration, have no letter. A reminder of such a review only says that there is
            # advice to read. The recipient can read the review in the inbox.
            return notice_mail(letter, sender)
        raise CannotCompose(Failure("no_letter"))
    with speaking(letter.language):
        reference = letter.case_review_id.hex[:8]
        subject = _("Tele-expertise advice, ref. {reference}", reference=reference)
        message = _message(letter, sender, subject)
        message.set_content(_letter_text(letter, sender), cte="quoted-printable")
        name = _("advice-{reference}.pdf", reference=reference)
    if is_address(letter.reply_address):
        message["Reply-To"] = Address(addr_spec=letter.reply_address)
    message.add_attachment(letter.pdf, maintype="application", subtype="pdf", filename=name)
    message.set_boundary(f"=_{letter.delivery_id.hex}")
    return _mail(message, letter, sender)


def _withdrawal_mail(letter: Letter, notice: str, sender: From) -> Mail:
    with speaking(letter.language):
        reference = letter.case_review_id.hex[:8]
        subject = _("Tele-expertise advice withdrawn, ref. {reference}", reference=reference)
        message = _message(letter, sender, subject)
    message.set_content(notice, cte="quoted-printable")
    if is_address(letter.reply_address):
        message["Reply-To"] = Address(addr_spec=letter.reply_address)
    return _mail(message, letter, sender)


def notice_mail(letter: Letter, sender: From) -> Mail:
    """Return a mail that only says that there is advice to read in the dashboard.

    Raise ``CannotCompose`` if the recipient has no valid address. Raise ``CannotCompose`` also if
    the recipient does not sign in, because such a recipient cannot read the advice.
    """
    _address(letter.recipient_address)
    if not letter.signs_in:
        raise CannotCompose(Failure("no_account"))
    with speaking(letter.language):
        message = _message(letter, sender, _("An advice is waiting for you"))
        message.set_content(_notice_text(sender), cte="quoted-printable")
    return _mail(message, letter, sender)


def is_address(address: str | None) -> bool:
    """Return whether ``address`` is one valid mail address in ASCII, as secure mail addresses
    are.
    """
    return bool(address) and len(address or "") <= 254 and bool(_ADDRESS.fullmatch(address or ""))


_ADDRESS = re.compile(
    r"(?!\.)(?!.*\.\.)[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}(?<!\.)"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)


def _message(letter: Letter, sender: From, subject: str) -> EmailMessage:
    subject = _("Reminder: {subject}", subject=subject) if letter.reminder > 0 else subject
    # The date of the mail is the time at which it was queued, for a letter the time of signing. It
    # is not the time of sending, because a mail that is sent twice must have the same bytes.
    message = _headers(
        sender,
        letter.recipient_name,
        _address(letter.recipient_address),
        subject,
        letter.queued_at,
        letter.message_id,
    )
    if letter.in_reply_to and letter.in_reply_to != letter.message_id:
        message["In-Reply-To"] = letter.in_reply_to
        message["References"] = letter.in_reply_to
    message["Auto-Submitted"] = "auto-generated"
    return message


def _headers(
    sender: From, name: str, address: str, subject: str, at: datetime, message_id: str
) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(_("Case review"), addr_spec=sender.address)
    message["To"] = Address(_on_one_line(name), addr_spec=address)
    message["Subject"] = subject
    message["Date"] = format_datetime(at.astimezone(UTC))
    message["Message-ID"] = message_id
    return message


def _address(given: str | None) -> str:
    address = (given or "").strip()
    if not address:
        raise CannotCompose(Failure("no_address"))
    if not is_address(address):
        raise CannotCompose(Failure("bad_address"))
    return address


def _letter_text(letter: Letter, sender: From) -> str:
    parts = [letter.plain_text or ""]
    if letter.reminder:
        since = _("What was replaced or withdrawn since is not wanted any more.")
        parts.insert(0, f"{_('Reminder: this advice has not been answered yet.')} {since}")
        if not letter.signs_in and sender.url and sender.url in parts[-1]:
            # The text is that of the letter, whose link may have been used or have expired.
            parts.insert(1, _answer_without_link(letter))
    elif letter.partly_ended:
        parts.insert(
            0,
            _(
                "Some of this advice has been replaced or withdrawn since. Ask the psychiatrist"
                " which, before you act on it."
            ),
        )
    # If the letter already contains an answer link, the recipient is not asked to sign in.
    if letter.signs_in and sender.url and sender.url not in parts[-1]:
        parts.append(_("To answer, sign in at {address}", address=sender.url))
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _answer_without_link(letter: Letter) -> str:
    if is_address(letter.reply_address):
        return _("If the link no longer works, reply to this mail: the psychiatrist receives it.")
    return _("If the link no longer works, answer the psychiatrist directly.")


def _notice_text(sender: From) -> str:
    lines = [_("An advice is waiting for you in the case review application.")]
    if sender.url:
        lines.append(_("To read it, sign in at {address}", address=sender.url))
    lines.append(_("This message holds no information about a patient."))
    return "\n\n".join(lines) + "\n"


def _on_one_line(name: str) -> str:
    """Return ``name`` on one line, without the characters that have a meaning in mail headers.

    Python puts such a name in quotation marks, but loses them when it folds a long header. A comma
    in the name would then turn one recipient into two.
    """
    kept = "".join(" " if _ends_a_line(letter) else letter for letter in name)
    return " ".join(kept.translate(_NOT_IN_A_NAME).split())[:_LONGEST_NAME].rstrip()


def _ends_a_line(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Zl", "Zp", "Cs")


_NOT_IN_A_NAME = dict.fromkeys(
    map(ord, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
) | dict.fromkeys(map(ord, '()<>[]:;@\\,"'), " ")

_LONGEST_NAME = 300
"""The maximum length of a recipient's name, in characters.

A line of a mail has at most 998 characters (RFC 5322), and a name without spaces cannot be folded.
"""


def plain_mail(
    sender: From,
    name: str,
    address: str | None,
    subject: str,
    content: str,
    at: datetime,
    message_id: str,
    language: str,
) -> Mail:
    """Return a mail with only the text ``content``, for the person with ``name`` and ``address``.

    Raise ``CannotCompose`` if ``address`` is missing or invalid.
    """
    recipient = _address(address)
    message = _headers(sender, name, recipient, subject, at, message_id)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(content, cte="quoted-printable")
    return _complete(message, recipient, message_id, language, sender)


def _mail(message: EmailMessage, letter: Letter, sender: From) -> Mail:
    recipient = _address(letter.recipient_address)
    return _complete(message, recipient, letter.message_id, letter.language, sender)


def _complete(
    message: EmailMessage, recipient: str, message_id: str, language: str, sender: From
) -> Mail:
    # ``Content-Language`` is set last, because setting the content removes this header.
    message["Content-Language"] = language
    return Mail(
        sender=sender.address,
        recipient=recipient,
        content=message.as_bytes(),
        file_name=f"{re.sub(r'[^A-Za-z0-9-]', '', message_id.partition('@')[0])}.eml",
    )
