"""Files that were made for a sign-in, kept for other server processes.

A page receives the address of its file over its own connection, and then requests the file by a
second one. If its process has stopped meanwhile, the second request reaches another process. That
process finds the file here for some minutes.

The file is encrypted with a key derived from the token of the sign-in. The database has only a
hash of the token, so it cannot be decrypted with what the database or a backup holds.
"""

import json
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from dashboard.database import serving
from dashboard.database.schema.review import made_file
from dashboard.web.auth import encryption, rights
from dashboard.web.auth.encryption import Broken
from dashboard.web.auth.rights import Rights
from dashboard.web.auth.sessions import hash_of

KEPT_FOR = timedelta(minutes=2)
"""Time for which a file can be fetched from another process."""

_PURPOSE = "made file"


@dataclass(frozen=True)
class MadeFile:
    """The content of a file, its media type, and the name under which it is saved."""

    content: bytes
    media_type: str
    name: str


def keep(path: str, token: str, known: Rights, file: MadeFile) -> None:
    """Keep this file for the holder of the token, as long as the rights are these.

    Files older than ``KEPT_FOR`` are deleted, whoever they were made for.
    """
    head = json.dumps([file.media_type, file.name]).encode()
    sealed = encryption.seal_for(
        token, head + b"\n" + file.content, _PURPOSE, _bound_to(path, known)
    )
    row = insert(made_file).values(path=path, token_hash=hash_of(token), sealed=sealed)
    with serving() as connection:
        connection.execute(made_file.delete().where(made_file.c.made_at < _oldest()))
        connection.execute(
            row.on_conflict_do_update(
                index_elements=[made_file.c.path, made_file.c.token_hash],
                set_={"sealed": row.excluded.sealed, "made_at": func.now()},
            )
        )


def fetch(path: str, token: str) -> MadeFile | None:
    """Return the file that any process made for the holder of this token.

    Return None if there is none, if it is older than ``KEPT_FOR``, or if the rights have changed.
    """
    with serving() as connection:
        sealed = connection.execute(
            select(made_file.c.sealed).where(
                made_file.c.path == path,
                made_file.c.token_hash == hash_of(token),
                made_file.c.made_at >= _oldest(),
            )
        ).scalar_one_or_none()
    now = rights.rights_of(token, seen=True) if sealed is not None else None
    if sealed is None or now is None:
        return None
    try:
        opened = encryption.unseal_for(token, sealed, _PURPOSE, _bound_to(path, now))
    except Broken:
        return None
    head, _newline, content = opened.partition(b"\n")
    return MadeFile(content, *json.loads(head))


def _oldest() -> object:
    return func.now() - KEPT_FOR


def _bound_to(path: str, known: Rights) -> str:
    """Return a text that is another one for another file or after a change of the rights."""
    person = known.person
    return json.dumps([path, person.practitioner_id, person.role, person.presenting, known.sight])
