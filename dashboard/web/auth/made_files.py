"""Files for downloading, kept in the database so that any server process can deliver them.

A page gets the address of its file over the websocket, and then requests the file by HTTP. If the
page's process has stopped meanwhile, another process gets the request, and reads the file from the
database. Files are kept for ``KEPT_FOR``.

A file is encrypted with a key that is derived from the token of the sign-in. The database has only
a hash of the token, so the database or a backup does not suffice to decrypt the file.
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
"""How long after a file was made another process can still deliver it."""

_PURPOSE = "made file"


@dataclass(frozen=True)
class MadeFile:
    """The content of a file, its media type, and the name under which the browser saves it."""

    content: bytes
    media_type: str
    name: str


def keep(path: str, token: str, known: Rights, file: MadeFile) -> None:
    """Store a file, which only the holder of ``token`` can fetch, and only under the same rights.

    Also delete every file that is older than ``KEPT_FOR``.
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
    """Return the file at ``path`` that a process has stored for the holder of this token.

    Return None if there is no such file, if it is older than ``KEPT_FOR``, or if the rights have
    changed.
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
    """Return the text that is needed to decrypt the file besides the token: its path and the
    rights.
    """
    person = known.person
    return json.dumps([path, person.practitioner_id, person.role, person.presenting, known.sight])
