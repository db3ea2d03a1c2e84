"""Authorization of downloads: only the sign-in for which a file was made may fetch the file.

By itself, Streamlit serves a file to anybody who knows its address. The address is derived from the
content, so two people who make the same file get the same address. A sign-in may fetch a file only
while its rights are the same as when the file was made.
"""

from collections import OrderedDict

from dashboard.web.auth.rights import Rights, still_hold
from dashboard.web.auth.sessions import hash_of

PATH = "/media/"
"""Path under which Streamlit serves files."""

_REMEMBERED = 10_000
_granted: OrderedDict[tuple[str, str], Rights] = OrderedDict()


def grant(path: str, token_hash: str, rights: Rights) -> None:
    """Record that this file was made for this sign-in, under these rights."""
    _granted[path, token_hash] = rights
    _granted.move_to_end((path, token_hash))
    if len(_granted) > _REMEMBERED:
        _granted.popitem(last=False)


def may_fetch(path: str, token: str) -> bool:
    """Return whether the holder of this token may fetch this file.

    Their present rights are read from the database. Return False if this process has not granted
    them the file.
    """
    rights = _granted.get((path, hash_of(token)))
    return rights is not None and still_hold(rights, token)
