"""A page without scripts, for readers who are not signed in.

It has a title, some sentences and, if needed, a form.
"""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from starlette.responses import HTMLResponse

from dashboard.locale import language
from dashboard.web.server.security_headers import policy_without_scripts

_BASE = Path(__file__).with_suffix(".html")
_pages = Environment(loader=FileSystemLoader(_BASE.parent), autoescape=True)


def plain_page(
    title: str, said: list[str], status: int, template: str = _BASE.name, **values: Any
) -> HTMLResponse:
    """Return a page with a title, the sentences ``said`` and this HTTP status.

    With ``template``, the page also has the form of this template, which is filled with ``values``.
    """
    page = _pages.get_template(template).render(
        title=title, said=said, language=language(), **values
    )
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": _policy()}
    return HTMLResponse(page, status, headers=headers)


@cache
def _policy() -> str:
    """Return the content security policy, which allows the style sheet of the page by its hash."""
    page = _BASE.read_text()
    return policy_without_scripts(page.partition("<style>")[2].partition("</style>")[0])
