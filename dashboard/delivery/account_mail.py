"""The mails about accounts: invitations, and notices about changes of an account.

The transaction that changes an account adds a row to ``review.account_notice``. The sender of
letters then sends the mail at least once, by the site's mail gateway, to the person's secure mail
address in the registry. A voided or expired invitation is not sent. The mail contains nothing about
a patient.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from dashboard.clinical.delivery import Failure
from dashboard.database import serving
from dashboard.delivery.invitation_link import address_of
from dashboard.delivery.message import CannotCompose, From, Mail, plain_mail
from dashboard.locale import _, speaking
from dashboard.locale.formats import full_name, moment
from dashboard.vocabulary import AccountAction


@dataclass(frozen=True)
class AccountNotice:
    """A mail about an account that a sender has claimed.

    ``name`` and ``address`` are those of the recipient. If the mail contains a link, ``expires_at``
    is the end of the link's validity; otherwise None. ``has_expired`` is true if the link was no
    longer valid when the mail was claimed.
    """

    id: UUID
    attempt: int
    action: AccountAction
    made_at: datetime
    expires_at: datetime | None
    has_expired: bool
    maker: str | None
    """Name of the medical lead who changed the account. None if the owner of the database did it,
    or if the registry no longer has the lead.
    """
    name: str
    address: str | None
    username: str
    language: str


def claim(lease: timedelta) -> AccountNotice | None:
    """Claim and return a mail that is due; None if no mail is due.

    Mails that were tried before come first, then the others, the oldest first. The claim counts as
    an attempt. The mail is due again when the lease ends.
    """
    with serving() as connection:
        row = connection.execute(_CLAIM, {"lease": lease}).one_or_none()
    if row is None:
        return None
    maker = None if row.maker_name is None else full_name(row.maker_name, row.maker_given_name)
    return AccountNotice(
        row.id,
        row.attempts,
        AccountAction(row.action),
        row.made_at,
        row.expires_at,
        row.has_expired,
        maker,
        f"{row.given_name or ''} {row.family_name or ''}".strip(),
        row.secure_email,
        row.username or "",
        row.language or "fr",
    )


def compose(notice: AccountNotice, sender: From, link_key: str | None) -> Mail:
    """Return the mail that is made from ``notice``. The same notice always gives the same bytes.

    Raise ``CannotCompose`` if the recipient has no valid address. Raise ``CannotCompose`` also if
    the mail needs a link, and the link has expired or the site has no key for links or no public
    URL.
    """
    with speaking(notice.language):
        subject, sentences = _content(notice, sender, link_key)
        return plain_mail(
            sender,
            notice.name,
            notice.address,
            subject,
            "\n\n".join(sentences) + "\n",
            notice.made_at,
            f"<account-{notice.id}@case-review.invalid>",
            notice.language,
        )


def mark_sent(notice: AccountNotice) -> None:
    """Record that the mail server has accepted the mail."""
    _write(_SENT, notice)


def mark_queued(notice: AccountNotice, failure: Failure, wait: timedelta) -> None:
    """Record that the mail was not sent, and make it due again after ``wait``.

    Do nothing if another sender has claimed the mail in the meantime.
    """
    _write(_QUEUED, notice, error=str(failure), wait=wait)


def mark_failed(notice: AccountNotice, failure: Failure) -> None:
    """Record that the mail failed and will not be tried again.

    Do nothing if another sender has claimed the mail in the meantime.
    """
    _write(_FAILED, notice, error=str(failure))


def _content(
    notice: AccountNotice, sender: From, link_key: str | None
) -> tuple[str, tuple[str, ...]]:
    maker = notice.maker or _("the administrator of the service")
    username = _("Your username: {username}", username=notice.username)
    when = moment(notice.made_at)
    match notice.action:
        case AccountAction.INVITE:
            return _("Your access to case review"), (
                _("{name} gives you access to case review.", name=maker),
                username,
                *_link_in_words(notice, sender, link_key),
            )
        case AccountAction.RESET_PASSWORD:
            return _("A new password for case review"), (
                _("{name} has reset your password. The old one no longer works.", name=maker),
                username,
                *_link_in_words(notice, sender, link_key),
            )
        case AccountAction.RESET_SECOND_FACTOR:
            return _("Your second factor was removed"), (
                _("{name} has removed your second factor on {time}.", name=maker, time=when),
                _("If you did not ask for this, tell that person at once."),
            )
        case AccountAction.LOCK:
            return _("Your access to case review is locked"), (
                _("{name} has locked your account on {time}.", name=maker, time=when),
            )
        case AccountAction.UNLOCK:
            return _("Your access to case review is open again"), (
                _("{name} has unlocked your account on {time}.", name=maker, time=when),
            )


def _link_in_words(
    notice: AccountNotice, sender: From, link_key: str | None
) -> tuple[str, str, str]:
    if not sender.url or link_key is None or notice.expires_at is None:
        raise CannotCompose(Failure("no_link"))
    if notice.has_expired:
        raise CannotCompose(Failure("expired"))
    return (
        _("Choose your password here, once, until {time}:", time=moment(notice.expires_at)),
        address_of(notice.id, sender.url, link_key),
        _("Do not pass this link on: whoever opens it can sign in as you."),
    )


def _write(statement: str, notice: AccountNotice, **values: object) -> None:
    with serving() as connection:
        connection.execute(text(statement), {"id": notice.id, "attempt": notice.attempt} | values)


# A mail to a person who has left the registry is claimed too. It fails, because it has no address,
# and so does not block the mails after it.
_CLAIM = text("""
    WITH due AS (
        SELECT n.id, n.practitioner_id FROM review.account_notice n
        WHERE n.state = 'queued' AND n.voided_at IS NULL
          AND (n.next_attempt_at IS NULL OR n.next_attempt_at <= now())
        ORDER BY n.next_attempt_at, n.made_at LIMIT 1
        FOR UPDATE SKIP LOCKED
    )
    UPDATE review.account_notice n
    SET attempts = n.attempts + 1, next_attempt_at = now() + :lease
    FROM due
    LEFT JOIN registry.practitioner p ON p.id = due.practitioner_id
    LEFT JOIN review.account a ON a.practitioner_id = due.practitioner_id
    WHERE n.id = due.id
    RETURNING n.id, n.attempts, n.action, n.made_at, n.expires_at,
              coalesce(n.expires_at <= now(), false) AS has_expired, p.family_name, p.given_name,
              p.secure_email, a.username, a.language,
              (SELECT m.family_name FROM registry.practitioner m WHERE m.id = n.made_by)
                  AS maker_name,
              (SELECT m.given_name FROM registry.practitioner m WHERE m.id = n.made_by)
                  AS maker_given_name
""")

_SENT = """
    UPDATE review.account_notice
    SET state = 'sent', sent_at = now(), next_attempt_at = NULL, error = NULL
    WHERE id = :id AND state <> 'sent'
"""

_QUEUED = """
    UPDATE review.account_notice SET error = :error, next_attempt_at = now() + :wait
    WHERE id = :id AND state = 'queued' AND attempts = :attempt
"""

_FAILED = """
    UPDATE review.account_notice SET state = 'failed', error = :error, next_attempt_at = NULL
    WHERE id = :id AND state = 'queued' AND attempts = :attempt
"""
