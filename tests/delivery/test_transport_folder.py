"""Without a gateway letters go to a folder: whole, once, and readable by their owner only."""

import os
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from dashboard.delivery.configuration import Post
from dashboard.delivery.message import From, Mail, letter_mail
from dashboard.delivery.transport import Folder


@pytest.fixture
def post(tmp_path):
    return Post(letter_mail, From("avis@sesame.example"), Folder(tmp_path / "var" / "mail"))


def test_each_letter_is_a_file_named_after_its_message(outbox, send, post):
    outbox.sign()
    assert send(post).sent == 2
    assert {row.transport for row in outbox.rows()} == {"folder"}
    files = list(post.transport.path.iterdir())
    messages = [message_from_bytes(file.read_bytes(), policy=default) for file in files]
    assert {message["Message-ID"] for message in messages} == outbox.message_ids()
    for file, message in zip(files, messages, strict=True):
        assert file.name == message["Message-ID"].strip("<>").partition("@")[0] + ".eml"
        assert file.stat().st_mode & 0o777 == 0o600
    assert post.transport.path.stat().st_mode & 0o777 == 0o700


def test_a_letter_that_was_sent_survives_a_power_failure_with_its_name(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(
        os, "fsync", lambda number: synced.append(Path(f"/proc/self/fd/{number}").readlink().name)
    )
    folder = tmp_path / "mail"
    Folder(folder).send(Mail("avis@sesame.example", "gp@mss.example", b"letter", "1.eml"))
    assert synced[-1] == folder.name


def test_a_letter_that_is_written_again_is_the_same_file(outbox, send, post):
    outbox.sign()
    send(post)
    before = {file.name: file.read_bytes() for file in post.transport.path.iterdir()}
    outbox.ask("UPDATE review.delivery SET state = 'queued' WHERE channel = 'mail'")
    send(post)
    assert {file.name: file.read_bytes() for file in post.transport.path.iterdir()} == before


def test_what_a_dead_sender_left_unfinished_is_in_nobodys_way(outbox, send, post):
    outbox.sign()
    post.transport.path.mkdir(parents=True)
    names = [row.message_id.strip("<>").partition("@")[0] for row in outbox.rows()]
    for name in names:
        (post.transport.path / f"{name}.1").write_bytes(b"half a let")
    assert send(post).sent == 2
    whole = [file for file in post.transport.path.iterdir() if file.suffix == ".eml"]
    assert len(whole) == 2
    assert all(file.stat().st_size > 100 for file in whole)


def test_a_folder_that_cannot_be_written_to_loses_nothing(outbox, send, post):
    outbox.sign()
    post.transport.path.parent.mkdir()
    post.transport.path.write_text("a file is in the way")
    assert send(post).queued == 1
    (row,) = outbox.rows("attempts = 1")
    assert (row.state, row.error) == ("queued", "folder File exists")
    post.transport.path.unlink()
    assert send(post).sent == 2
