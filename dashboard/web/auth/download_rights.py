"""Who may fetch a file: the sign-in to whose page its address was sent, while its rights hold.

Streamlit serves a file that a page shows, or that was made at a click, to whoever knows its
address. The address is made of the file: two who make the same file get the same.
"""

from collections import OrderedDict

from dashboard.web.auth.rights import Rights, still_hold
from dashboard.web.auth.sessions import hash_of

PATH = "/media/"
"""Where Streamlit serves files."""

_REMEMBERED = 10_000
_granted: OrderedDict[tuple[str, str], Rights] = OrderedDict()


def grant(path: str, token_hash: str, rights: Rights) -> None:
    """Note that this file was made for this sign-in, which had these rights then."""
    _granted[path, token_hash] = rights
    _granted.move_to_end((path, token_hash))
    if len(_granted) > _REMEMBERED:
        _granted.popitem(last=False)


def may_fetch(path: str, token: str) -> bool:
    """Return whether whoever presents this token gets this file. Asks the database."""
    rights = _granted.get((path, hash_of(token)))
    return rights is not None and still_hold(rights, token)
