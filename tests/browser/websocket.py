"""A client of Streamlit's websocket that is no browser: it sends what it likes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ssl import SSLContext
from zlib import decompress

from google.protobuf.message import Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

SECONDS = 45

_COMPRESSED = b"\0x\x9c"
"""The zero byte between the parts of the data of the list, and the head of a zlib stream."""


@contextmanager
def client(
    url: str, *, cookie: str = "", session: str = "", tls: SSLContext | None = None
) -> Iterator[ClientConnection]:
    """Yield a connection with this cookie, which asks for this session."""
    protocols = ["streamlit", "xsrf", session] if session else ["streamlit"]
    with connect(
        url.replace("http", "ws") + "/_stcore/stream",
        subprotocols=protocols,
        origin=url,
        additional_headers={"Cookie": cookie} if cookie else {},
        max_size=None,
        close_timeout=1,
        ssl=tls,
    ) as connection:
        yield connection


def run(
    connection: ClientConnection, page: str = "", query: str = "", fragment: str = ""
) -> list[ForwardMsg]:
    """Ask for a run of this page, or of a fragment of it; all that is sent until it is over."""
    ask = BackMsg()
    ask.rerun_script.fragment_id = fragment
    ask.rerun_script.page_name = page
    ask.rerun_script.query_string = query
    connection.send(ask.SerializeToString())
    messages: list[ForwardMsg] = []
    while not messages or not _is_end(messages[-1]):
        message = ForwardMsg()
        message.ParseFromString(connection.recv(SECONDS))
        # A connection that takes up a session first gets the rest of an earlier run.
        if messages or message.WhichOneof("type") == "new_session":
            _unpack(message)
            messages.append(message)
    return messages


def _unpack(message: Message) -> None:
    """Replace compressed rows in the message by their text, so that a name in them is found."""
    for field, value in message.ListFields():
        for one in value if isinstance(value, Sequence) else [value]:
            if isinstance(one, Message):
                _unpack(one)
        if isinstance(value, bytes) and _COMPRESSED in value:
            plain, _mark, packed = value.partition(_COMPRESSED)
            setattr(message, field.name, plain + decompress(_COMPRESSED[1:] + packed))


def _is_end(message: ForwardMsg) -> bool:
    """Return whether the run is over and will not be repeated."""
    return (
        message.WhichOneof("type") == "script_finished"
        and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
    )


def is_end(messages: list[ForwardMsg]) -> bool:
    """Return whether the last run in these messages is over and will not be repeated."""
    runs = [one for one in messages if one.WhichOneof("type") in ("new_session", "script_finished")]
    return bool(runs) and _is_end(runs[-1])


def page_shown(messages: list[ForwardMsg]) -> str:
    """Return the address of the page that the last run drew, whichever was requested.

    Only the last run counts, because Streamlit may send little of a run that another page replaces.
    """
    last = [message for message in messages if message.WhichOneof("type") == "navigation"][-1]
    addresses = {page.page_script_hash: page.url_pathname for page in last.navigation.app_pages}
    return addresses[last.navigation.page_script_hash]


def session_id(messages: list[ForwardMsg]) -> str:
    """Return the session of these messages."""
    return messages[0].new_session.initialize.session_id
