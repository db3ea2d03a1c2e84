"""``/readyz``: the answer to a load balancer that asks whether to send new browsers here.

It fails before anything else when a stop is asked for, so that the balancer chooses another server
while the pages that are open here still work.
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
"""Seconds after which a check that is still running counts as failed."""

SECONDS_TO_NOTICE = 3.0
"""Seconds in which a balancer notices a stop: it asks every second or two."""

_LATELY = 30.0
"""Seconds after its last question for which a balancer is assumed to be there."""

PATH = "/readyz"

_check = Check()
_thread = ThreadPoolExecutor(1, thread_name_prefix="readiness")
"""Threads of the pages may all be waiting for the database."""
_checking: asyncio.Future[Unfit | None] | None = None
_asked_at = -math.inf


async def ready(request: Request) -> Response:
    """Return status 200 if new browsers may come here, or 503 and one word for the reason."""
    global _asked_at
    _asked_at = monotonic()
    reason = "stopping" if draining.is_stopping() else await _unfit()
    return PlainTextResponse(reason or "ready", status_code=503 if reason else 200)


async def wait_until_noticed() -> None:
    """Wait until a balancer has noticed the stop of this server; return at once without one."""
    if monotonic() - _asked_at < _LATELY:
        await asyncio.sleep(SECONDS_TO_NOTICE)


async def _unfit() -> Unfit | None:
    """Return the result of a check; all who ask during a check share it."""
    global _checking
    if _checking is None or _checking.done():
        _checking = asyncio.get_running_loop().run_in_executor(_thread, _check.unfit)
    done, _ = await asyncio.wait({_checking}, timeout=LONGEST)
    return _checking.result() if done else Unfit.DATABASE


route = Route(PATH, ready)
