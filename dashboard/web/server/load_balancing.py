"""``/readyz``: the answer to a load balancer that asks whether to send new browsers to this server.

When this server is to stop, ``/readyz`` fails first, while open pages still work. The load balancer
then sends new browsers to other servers.
"""

import asyncio
import math
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from dashboard.database.availability import Check, Unfit
from dashboard.web.server import draining

LONGEST = 3.0
"""Seconds after which a check of the database that is still running counts as failed."""

SECONDS_TO_NOTICE = 3.0
"""Seconds that a load balancer needs to notice that ``/readyz`` fails, if it asks every second or
two.
"""

_LATELY = 30.0
"""Seconds since the last request for ``/readyz`` after which there is taken to be no load
balancer.
"""

PATH = "/readyz"

_check = Check()
_thread = ThreadPoolExecutor(1, thread_name_prefix="readiness")
"""The thread that checks the database. It is a separate one, because all threads of the pages may
be waiting for the database.
"""
_checking: asyncio.Future[Unfit | None] | None = None
_asked_at = -math.inf


async def ready(request: Request) -> Response:
    """Return status 200 if this server accepts new browsers, otherwise 503.

    With status 503, the text is one word for the reason.
    """
    global _asked_at
    _asked_at = monotonic()
    reason = "stopping" if draining.is_stopping() else await _unfit()
    return PlainTextResponse(reason or "ready", status_code=503 if reason else 200)


async def wait_until_noticed() -> None:
    """Wait until the load balancer has noticed that ``/readyz`` fails.

    Return at once if there is no load balancer.
    """
    if monotonic() - _asked_at < _LATELY:
        await asyncio.sleep(SECONDS_TO_NOTICE)


async def _unfit() -> Unfit | None:
    """Return a word for the reason why this server cannot serve pages; None if it can.

    Requests that arrive during a check share its result. A check that takes longer than ``LONGEST``
    counts as a failure of the database.
    """
    global _checking
    if _checking is None or _checking.done():
        _checking = asyncio.get_running_loop().run_in_executor(_thread, _check.unfit)
    # A later request may replace ``_checking`` by the next check before this request continues.
    checking = _checking
    done, _ = await asyncio.wait({checking}, timeout=LONGEST)
    return checking.result() if done else Unfit.DATABASE


route = Route(PATH, ready)
