"""The findings of axe-core on a page, in the dark and in the light theme."""

from collections.abc import Collection

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.browser.programme import themes

ANY_IMPACT = ("minor", "moderate", "serious", "critical")

_OF_COLOUR = ["color-contrast", "link-in-text-block"]
"""The rules whose result depends on the theme; the others are checked in one."""


def violations(page: Page, impacts: Collection[str] = ("serious", "critical")) -> list[str]:
    """Return the findings of these impacts, each with its theme, its rule and its place.

    The context of the page must have been made with ``bypass_csp``.
    """
    if page.evaluate("() => typeof axe") == "undefined":
        page.evaluate(AXE_SCRIPT)
    return [
        f"{theme}: {one['id']}: {node['target'][0]}: {node['failureSummary']}"
        for theme, rules in zip(themes(page), (None, _OF_COLOUR), strict=True)
        for one in _run(page, rules)
        if one["impact"] in impacts
        for node in one["nodes"]
    ]


def _run(page: Page, rules: list[str] | None) -> list[dict]:
    options: dict = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = rules
    return page.evaluate(
        "async (options) => (await axe.run(options)).violations.map(({ id, impact, nodes }) => "
        "({ id, impact, nodes: nodes.map(({ target, failureSummary }) => "
        "({ target, failureSummary })) }))",
        options,
    )
