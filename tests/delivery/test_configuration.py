"""The settings about mail: their effects, and their refusals in a sentence."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from dashboard.delivery.configuration import (
    MailMisconfigured,
    configured_post,
    refuse_unchosen_folder,
    refuse_unwritable_folder,
    uses_folder,
)
from dashboard.delivery.message import letter_mail, notice_mail
from dashboard.delivery.transport import Folder, Gateway
from dashboard.settings import Settings

GATEWAY = {"mail_host": "smtp.mssante.example", "mail_from": "avis@site.mssante.example"}

SECRET = "a password to be kept"  # noqa: S105


def settings(**values):
    return Settings(_env_file=None, **values)


def test_without_a_gateway_letters_go_to_a_folder_beside_the_data():
    bare = settings(data_directory=Path("/srv/data"))
    assert configured_post(bare).transport == Folder(Path("/srv/data/mail"))
    assert uses_folder(bare)
    elsewhere = settings(mail_folder=Path("/srv/letters"))
    assert configured_post(elsewhere).transport == Folder(Path("/srv/letters"))


def test_letters_go_to_a_folder_only_where_somebody_said_so():
    with pytest.raises(MailMisconfigured, match="CASE_REVIEW_MAIL_TRANSPORT=folder"):
        refuse_unchosen_folder(settings())
    chosen = settings(mail_transport="folder")
    refuse_unchosen_folder(chosen)
    assert uses_folder(chosen)
    assert isinstance(configured_post(chosen).transport, Folder)
    refuse_unchosen_folder(settings(**GATEWAY))


def test_a_folder_that_cannot_be_written_to_is_refused_and_named(tmp_path):
    (tmp_path / "a file").touch()
    post = configured_post(settings(mail_transport="folder", mail_folder=tmp_path / "a file/mail"))
    with pytest.raises(
        MailMisconfigured, match=r"a file/mail .Not a directory.: set CASE_REVIEW_M"
    ):
        refuse_unwritable_folder(post)


def test_a_folder_that_can_be_written_to_is_made_and_stays_empty(tmp_path):
    post = configured_post(settings(mail_transport="folder", mail_folder=tmp_path / "var/mail"))
    refuse_unwritable_folder(post)
    assert not list((tmp_path / "var/mail").iterdir())


def test_a_gateway_is_encrypted_unless_told_otherwise():
    configured = settings(
        **GATEWAY,
        mail_username="avis",
        mail_password=SecretStr(SECRET),
        public_url="https://r.fr",
    )
    post = configured_post(configured)
    assert post.transport == Gateway(
        "smtp.mssante.example", 587, "starttls", username="avis", password=SECRET
    )
    assert (post.sender.address, post.sender.url) == (GATEWAY["mail_from"], "https://r.fr")
    assert post.compose is letter_mail
    assert not uses_folder(configured)


def test_ordinary_mail_carries_a_notice_and_no_letter():
    post = configured_post(settings(**GATEWAY, mail_transport="notice"))
    assert post.compose is notice_mail
    assert post.transport.name == "notice"


REFUSED = [
    ("no sender", {"mail_host": "smtp.example"}, "MAIL_FROM is needed"),
    ("a sender that is none", {"mail_from": "Avis <a@b.fr>"}, "MAIL_FROM must be an address"),
    ("in the clear, far away", GATEWAY | {"mail_tls": "none"}, "may be none only"),
    ("a name without a password", GATEWAY | {"mail_username": "avis"}, "go together"),
    (
        "a password that cannot be said",
        GATEWAY | {"mail_username": "avis", "mail_password": SecretStr("é")},
        "must be ASCII",
    ),
    ("a gateway and a folder", GATEWAY | {"mail_transport": "folder"}, "set one of the two"),
    ("no such file", GATEWAY | {"mail_ca_file": Path("/nowhere.pem")}, "names no file"),
    ("an address that is none", {"public_url": "revue.example"}, "PUBLIC_URL must be"),
    ("two lines", {"public_url": "https://r.fr\nBcc: x"}, "PUBLIC_URL must be"),
]


@pytest.mark.parametrize(("title", "values", "sentence"), REFUSED, ids=[row[0] for row in REFUSED])
def test_it_is_refused_and_says_why(title, values, sentence):
    with pytest.raises(MailMisconfigured, match=sentence):
        configured_post(settings(**values))


def test_in_the_clear_on_the_same_machine_is_allowed():
    configured_post(settings(**GATEWAY | {"mail_host": "localhost", "mail_tls": "none"}))


def test_a_bad_value_is_named_and_not_shown():
    with pytest.raises(ValidationError) as told:
        settings(mail_transport="secret-value")
    assert "mail_transport" in str(told.value)
    assert "secret-value" not in str(told.value)


def test_a_password_is_not_printed():
    assert SECRET not in repr(settings(mail_password=SecretStr(SECRET)))
    assert SECRET not in repr(Gateway("h", 1, "tls", "u", SECRET))
