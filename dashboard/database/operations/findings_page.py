"""The faults that ``init`` found, as an HTML page that can be sent to the registry's owner.

The page contains codes, numbers of rows and names of tables, but no text of a record.
"""

import os
import re
from datetime import datetime
from html import escape
from pathlib import Path

from sqlalchemy import make_url

from dashboard.calendar import PARIS
from dashboard.database.operations.examination import HEADINGS, Findings

_STATEMENT = re.compile(r"((?:ALTER|CREATE|GRANT|REVOKE) .+?;)")

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Check of the registry</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; }}
code {{ display: block; padding: 0.25rem 0.5rem; background: #f2f2f2; white-space: pre-wrap; }}
li {{ margin-bottom: 0.5rem; white-space: pre-line; }}
</style>
<h1>Check of the registry</h1>
<p>Database {database}, {moment}.</p>
{found}
</html>
"""


def write_findings(path: Path, findings: Findings, database_url: str) -> None:
    """Write the faults as an HTML page to the file ``path``, which only its owner can read."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.fchmod(handle, 0o600)
    with open(handle, "w", encoding="utf-8") as file:
        file.write(findings_page(findings, database_url, datetime.now(PARIS)))


def findings_page(findings: Findings, database_url: str, moment: datetime) -> str:
    """Return the faults as an HTML page, which names the database and its host.

    The rest of the database's address is not shown, because it can contain a password.
    """
    address = make_url(database_url)
    place = f"{address.database} on {address.host}" if address.host else str(address.database)
    return _PAGE.format(
        database=escape(place),
        moment=f"{moment:%Y-%m-%d %H:%M}",
        found="\n".join(_section(findings, part) for part in HEADINGS if getattr(findings, part))
        or "<p>Nothing is wrong.</p>",
    )


def _section(findings: Findings, part: str) -> str:
    sentences = "\n".join(f"<li>{_sentence(one)}</li>" for one in getattr(findings, part))
    return f"<h2>{escape(HEADINGS[part].rstrip(':'))}</h2>\n<ul>\n{sentences}\n</ul>"


def _sentence(sentence: str) -> str:
    return _STATEMENT.sub(r"<code>\1</code>", escape(sentence, quote=False))
