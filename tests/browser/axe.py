"""The findings of axe-core on a page, in the dark and in the light theme."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.browser.programme import themes

_OF_COLOUR = ["color-contrast", "link-in-text-block"]
"""The rules whose result depends on the theme; the others are checked in one."""


def violations(page: Page) -> list[str]:
    """Return the findings, each with its theme, its rule and its place, and the ambiguous links.

    The context of the page must have been made with ``bypass_csp``.
    """
    if page.evaluate("() => typeof axe") == "undefined":
        page.evaluate(AXE_SCRIPT)
    found = [f"links of the same words: {words}" for words in page.evaluate(_AMBIGUOUS_LINKS)]
    return found + [
        f"{theme}: {one['id']}: {node['target'][0]}: {node['failureSummary']}"
        for theme, rules in zip(themes(page), (None, _OF_COLOUR), strict=True)
        for one in _run(page, rules)
        for node in one["nodes"]
    ]


def _run(page: Page, rules: list[str] | None) -> list[dict]:
    # Half-way between two themes, or while a menu opens, no colour is the one that people see.
    page.evaluate(_ALL_HAS_CHANGED)
    options: dict = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = rules
    return page.evaluate(
        "async (options) => (await axe.run(options)).violations.map(({ id, impact, nodes }) => "
        "({ id, impact, nodes: nodes.map(({ target, failureSummary }) => "
        "({ target, failureSummary })) }))",
        options,
    )


_ALL_HAS_CHANGED = """() => Promise.all(
  document.getAnimations()
    .filter((one) => one.effect.getComputedTiming().endTime !== Infinity)
    .map((one) => one.finished.catch(() => {}))
)"""

_AMBIGUOUS_LINKS = """() => {
  const aims = new Map()
  for (const link of document.querySelectorAll("a[href]")) {
    const words = (link.getAttribute("aria-label") ?? link.innerText).trim()
    aims.set(words, (aims.get(words) ?? new Set()).add(link.href))
  }
  return [...aims].filter(([_words, found]) => found.size > 1).map(([words]) => words)
}"""
"""The words of the links of a page that lead to different places with the same words."""
