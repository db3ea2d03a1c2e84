"""The script that says whether a page waits for a run of the server.

The server here answers only when the test tells it to, in the messages of Streamlit.
"""

from http import HTTPStatus
from queue import Queue
from threading import Thread

import pytest
from playwright.sync_api import Page, expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

PAGE = """<button disabled>Sign</button><output></output><script>
  const server = new WebSocket(`ws://${location.host}/stream`)
  server.binaryType = "arraybuffer"
  server.onopen = () => document.querySelector("button").disabled = false
  server.onmessage = () => document.querySelector("output").append("heard ")
  document.querySelector("button").onclick = () =>
    setTimeout(() => server.send(new Uint8Array(REQUEST)))
</script>"""
"""A page that sends a request in a later task than the click, as Streamlit does."""

REQUEST = BackMsg()
REQUEST.rerun_script.query_string = "episode=1"
BODY = PAGE.replace("REQUEST", str(list(REQUEST.SerializeToString())))

BEGUN = ForwardMsg()
BEGUN.new_session.name = "case"
EARLY = ForwardMsg(script_finished=ForwardMsg.FINISHED_EARLY_FOR_RERUN)
ENDED = ForwardMsg(script_finished=ForwardMsg.FINISHED_SUCCESSFULLY)


class Answering:
    """A server of one page: what it has received, and its connection to answer."""

    def __init__(self):
        self.received: Queue[bytes] = Queue()
        self.connections: Queue[ServerConnection] = Queue()
        self.server = serve(self._listen, "127.0.0.1", 0, process_request=self._answer)
        self.port = self.server.socket.getsockname()[1]
        self.thread = Thread(target=self.server.serve_forever)
        self.thread.start()

    def _answer(self, connection: ServerConnection, request: Request) -> Response | None:
        """Return the page; None for a request that is to become a websocket."""
        if request.path == "/stream":
            return None
        page = connection.respond(HTTPStatus.OK, BODY)
        del page.headers["Content-Type"]
        page.headers["Content-Type"] = "text/html"
        return page

    def _listen(self, connection: ServerConnection) -> None:
        self.connections.put(connection)
        for message in connection:
            self.received.put(message)

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()


@pytest.fixture
def server():
    server = Answering()
    yield server
    server.close()


@pytest.fixture
def page(page: Page, server) -> Page:
    page.goto(f"http://127.0.0.1:{server.port}/page")
    return page


@pytest.fixture
def connection(page, server) -> ServerConnection:
    """Return the server's connection to the page."""
    return server.connections.get(timeout=30)


def tell(connection: ServerConnection, *messages: ForwardMsg) -> None:
    for message in messages:
        connection.send(message.SerializeToString())


def waiting(page: Page):
    """Return the mark of a page that waits, once all that came before is drawn."""
    page.evaluate(THREE_FRAMES)
    return page.locator("html[data-awaits-run]")


THREE_FRAMES = """async () => {
  for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame)
}"""


def test_a_page_waits_from_the_click_until_its_run_has_ended(page, server, connection):
    page.get_by_role("button").click()
    assert waiting(page).count() == 1
    server.received.get(timeout=30)
    tell(connection, BEGUN)
    expect(page.get_by_text("heard")).to_be_visible()
    assert waiting(page).count() == 1
    tell(connection, ENDED)
    expect(waiting(page)).to_have_count(0)


def test_the_end_of_a_run_that_is_begun_again_is_no_end(page, server, connection):
    page.get_by_role("button").click()
    server.received.get(timeout=30)
    tell(connection, BEGUN, EARLY, BEGUN)
    expect(page.get_by_text("heard heard heard")).to_be_visible()
    assert waiting(page).count() == 1
    tell(connection, ENDED)
    expect(waiting(page)).to_have_count(0)


def test_the_end_of_the_run_before_is_not_the_end_of_the_one_that_was_asked_for(
    page, server, connection
):
    tell(connection, BEGUN)
    expect(page.get_by_text("heard")).to_be_visible()
    page.get_by_role("button").click()
    server.received.get(timeout=30)
    tell(connection, ENDED)
    expect(page.get_by_text("heard heard")).to_be_visible()
    assert waiting(page).count() == 1
    tell(connection, BEGUN, ENDED)
    expect(waiting(page)).to_have_count(0)


def test_a_click_that_asks_for_nothing_is_not_waited_for(page, connection):
    page.locator("output").evaluate("one => one.click()")
    expect(waiting(page)).to_have_count(0)


def test_a_connection_that_breaks_off_is_not_waited_for(page, server, connection):
    page.get_by_role("button").click()
    server.received.get(timeout=30)
    connection.close()
    expect(waiting(page)).to_have_count(0)


def test_the_watch_changes_no_message_and_asks_for_nothing_itself(page, server, connection):
    for _click in range(2):
        page.get_by_role("button").click()
        assert server.received.get(timeout=30) == REQUEST.SerializeToString()
    tell(connection, BEGUN, ENDED)
    expect(page.get_by_text("heard heard")).to_be_visible()
    expect(waiting(page)).to_have_count(0)
    assert server.received.empty()
