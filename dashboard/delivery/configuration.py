"""The configuration of mail, read from the settings of the site."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from dashboard.delivery.message import Compose, From, is_address, letter_mail, notice_mail
from dashboard.delivery.transport import Folder, Gateway, Transport
from dashboard.settings import Settings
from dashboard.vocabulary import MailTransport

_LOCAL = ("localhost", "127.0.0.1", "::1")
_NOBODY = "no-reply@case-review.invalid"


@dataclass(frozen=True)
class Post:
    """The configuration of a sender of mails.

    ``compose`` is the function that makes a mail from a letter. ``transport`` sends the mail.
    """

    compose: Compose
    sender: From
    transport: Transport
    link_key: str | None = field(default=None, repr=False)
    """The key that signs the links of invitations; None if the site has no key."""


class MailMisconfigured(ValueError):
    """The error raised if the settings about mail are wrong. Its message names the wrong
    setting.
    """


def configured_post(settings: Settings) -> Post:
    """Return the configuration of the sender of mails, made from the settings.

    Raise ``MailMisconfigured`` if the settings about mail are wrong.
    """
    _check(settings)
    return Post(
        compose=notice_mail if settings.mail_transport == MailTransport.NOTICE else letter_mail,
        sender=From(settings.mail_from or _NOBODY, settings.public_url),
        transport=_transport(settings),
        link_key=settings.link_key.get_secret_value() if settings.link_key else None,
    )


def uses_folder(settings: Settings) -> bool:
    """Return whether letters are written to a folder instead of being sent by mail."""
    return settings.mail_transport == MailTransport.FOLDER or settings.mail_host is None


def refuse_unchosen_folder(settings: Settings) -> None:
    """Raise ``MailMisconfigured`` if the settings name no mail gateway and do not ask for a folder.

    Without a gateway, letters are written to a folder. This check makes sure that the site has
    chosen that.
    """
    if settings.mail_host is None and settings.mail_transport != MailTransport.FOLDER:
        raise MailMisconfigured(
            "No letter would leave: set CASE_REVIEW_MAIL_HOST to the site's mail gateway, or"
            " CASE_REVIEW_MAIL_TRANSPORT=folder to leave letters in a folder for somebody to send."
        )


def refuse_unwritable_folder(post: Post) -> None:
    """Raise ``MailMisconfigured`` if letters go to a folder in which no file can be written."""
    if not isinstance(post.transport, Folder):
        return
    try:
        post.transport.try_out()
    except OSError as error:
        raise MailMisconfigured(
            f"Letters cannot be written to {post.transport.path} ({error.strerror}): set"
            " CASE_REVIEW_MAIL_FOLDER to a folder of the account that runs this program."
        ) from error


def _transport(settings: Settings) -> Transport:
    if uses_folder(settings):
        return Folder(settings.mail_folder or settings.data_directory / "mail")
    return Gateway(
        host=settings.mail_host or "",
        port=settings.mail_port,
        tls=settings.mail_tls,
        username=settings.mail_username,
        password=_password(settings),
        ca_file=settings.mail_ca_file,
        timeout=settings.mail_timeout_seconds,
        name=settings.mail_transport,
    )


def _check(settings: Settings) -> None:
    for wrong, sentence in (
        (
            settings.mail_host and not settings.mail_from,
            "CASE_REVIEW_MAIL_FROM is needed beside CASE_REVIEW_MAIL_HOST.",
        ),
        (
            settings.mail_host and settings.mail_transport == MailTransport.FOLDER,
            "CASE_REVIEW_MAIL_TRANSPORT=folder sends nothing to CASE_REVIEW_MAIL_HOST:"
            " set one of the two.",
        ),
        (
            settings.mail_from and not is_address(settings.mail_from),
            "CASE_REVIEW_MAIL_FROM must be an address such as avis@site.mssante.fr.",
        ),
        (
            settings.mail_host and settings.mail_tls == "none" and settings.mail_host not in _LOCAL,
            "CASE_REVIEW_MAIL_TLS may be none only where the mail server is on this machine.",
        ),
        (
            (settings.mail_username is None) != (settings.mail_password is None),
            "CASE_REVIEW_MAIL_USERNAME and CASE_REVIEW_MAIL_PASSWORD go together.",
        ),
        (
            # The user name and the password must be ASCII, because smtplib cannot send other
            # characters.
            not f"{settings.mail_username}{_password(settings)}".isascii(),
            "CASE_REVIEW_MAIL_USERNAME and CASE_REVIEW_MAIL_PASSWORD must be ASCII.",
        ),
        (
            settings.mail_ca_file and not settings.mail_ca_file.is_file(),
            "CASE_REVIEW_MAIL_CA_FILE names no file.",
        ),
        (
            settings.public_url and not _is_web_address(settings.public_url),
            "CASE_REVIEW_PUBLIC_URL must be an address such as https://revue.example.fr.",
        ),
    ):
        if wrong:
            raise MailMisconfigured(sentence)


def _password(settings: Settings) -> str | None:
    return settings.mail_password.get_secret_value() if settings.mail_password else None


def _is_web_address(url: str) -> bool:
    parts = urlsplit(url)
    return (
        parts.scheme in ("https", "http")
        and bool(parts.netloc)
        and url.isascii()
        and url.isprintable()
        and " " not in url
    )
