"""Texts about deliveries of letters: recipients, states and failures."""

from dashboard.clinical.delivery import UNCLEAR, Delivery, Failure
from dashboard.clinical.people import Person
from dashboard.locale import _, ngettext
from dashboard.locale.formats import full_name, moment
from dashboard.vocabulary import Channel, DeliveryState, MailTransport, Role, ToldBy


def recipient_in_words(delivery: Delivery) -> str:
    """Return the title and family name of the recipient, such as "Dr Petit" or "Nurse Roux"."""
    name = delivery.recipient.family_name if delivery.recipient else "?"
    if delivery.role == Role.NURSE:
        return _("Nurse {name}", name=name)
    return _("Dr {name}", name=name)


def delivery_in_words(delivery: Delivery) -> str:
    """Return the state of ``delivery``, with its time or the reason for its failure.

    If the recipient has answered, the text also contains the time of the answer.
    """
    said = _told_otherwise(delivery) if delivery.settled_at else _state_in_words(delivery)
    if delivery.reminder < 0:
        said = _("withdrawal {said}", said=said)
    elif delivery.reminder:
        said = _("reminder {said}", said=said)
    if delivery.answered_at:
        said += f", {_('answered on {moment}', moment=moment(delivery.answered_at))}"
    return said


def failure_in_words(failure: Failure | None) -> str:
    """Return a sentence that says why a letter was not sent.

    It is written for clinicians. The reply of the mail server is left out (see ``reply_of``).
    """
    if failure is None:
        return _("The reason is not known.")
    if failure.address_is_unknown:
        return _("The mail server does not know the address in the registry.")
    words = {
        "no_address": _("The registry has no secure address for this recipient."),
        "inactive": _("According to the registry, this recipient has left."),
        "not_in_care": _("The recipient no longer follows this patient."),
        "superseded": _("The letter of the amended review replaces it."),
        "bad_address": _("The address in the registry is not one that mail can be sent to."),
        "no_letter": _("There is no letter to this recipient."),
        "no_account": _(
            "The recipient has no account to read it with, and ordinary mail carries no letter."
        ),
        "no_link": _("The site has no key or public address to make a link with."),
        "expired": _("The link in it was no longer valid when it was to be sent."),
        "unsendable": _("The letter could not be made into a mail."),
        "refused": _("The mail server refused it for good."),
        "deferred": _("The mail server put it off again and again."),
        "unreachable": _("The mail server could not be reached."),
        "timeout": _("The mail server did not answer in time."),
        "dropped": _("The connection to the mail server broke."),
        "interrupted": _("The last attempt was interrupted."),
        "encryption": _("No encrypted connection to the mail server could be made."),
        "authentication": _("The mail server did not accept the site's account."),
        "folder": _("The folder for letters could not be written to."),
    }[failure.code]
    if failure.code in UNCLEAR:
        words += " " + _("It may have arrived all the same.")
    return words


def no_longer_in_care_in_words(role: str, family_name: str) -> str:
    """Return a sentence that says that a nurse or a GP no longer follows a patient."""
    if role == Role.NURSE:
        return _("Nurse {name} no longer follows this patient.", name=family_name)
    return _("Dr {name} no longer follows this patient.", name=family_name)


def reply_of(failure: Failure | None) -> str:
    """Return the reply of the mail server with its code, for those who maintain the mail; an empty
    text if there is none.
    """
    if failure is None or not failure.reply:
        return ""
    return _("Reply of the mail server: {reply}", reply=failure.reply)


def settlement_name(how: str) -> str:
    """Return how a recipient was told about a letter that could not be delivered by mail."""
    return {
        ToldBy.PHONE: _("by phone"),
        ToldBy.POST: _("by post"),
        ToldBy.IN_PERSON: _("in person"),
    }[ToldBy(how)]


def no_gateway_in_words() -> str:
    """Return the warning that no mail gateway is configured, so no letter is sent by mail."""
    return _(
        "No mail gateway is set up: letters are put into a folder, and nobody receives them by"
        " mail. The inboxes of the nurse and the GP have them."
    )


def _state_in_words(delivery: Delivery) -> str:
    if delivery.state == DeliveryState.FAILED:
        return _("not delivered: {reason}", reason=failure_in_words(delivery.failure))
    if delivery.state == DeliveryState.QUEUED:
        return _queued(delivery)
    when = moment(delivery.sent_at or delivery.queued_at)
    if delivery.channel == Channel.INBOX:
        return _("in the inbox since {moment}", moment=when)
    left: dict[str, str] = {
        MailTransport.FOLDER: _("put into the folder on {moment}", moment=when),
        MailTransport.NOTICE: _("told by mail on {moment} that it waits", moment=when),
    }
    return left.get(delivery.transport or "", _("sent on {moment}", moment=when))


def _queued(delivery: Delivery) -> str:
    if delivery.failure is None:
        return _("waits to be sent")
    tried = ngettext("tried {n} time", "tried {n} times", delivery.attempts)
    return _(
        "{text}: {detail}",
        text=f"{_('waits to be sent')}, {tried}",
        detail=failure_in_words(delivery.failure),
    )


def _told_otherwise(delivery: Delivery) -> str:
    return _(
        "told {how} on {moment} by {name}",
        how=settlement_name(delivery.settled_how or ToldBy.PHONE),
        moment=moment(delivery.settled_at) if delivery.settled_at else "?",
        name=_name(delivery.settled_by),
    )


def _name(person: Person | None) -> str:
    return full_name(person.family_name, person.given_name) if person else "?"
