"""Sign a review of the open episode as its psychiatrist, as the server's account: for the copy.

Read from standard input by the installed program's Python, with the server's settings.
"""

import sys
from datetime import timedelta
from functools import partial

from dashboard.calendar import today
from dashboard.clinical.advice.drafts import seen_in
from dashboard.clinical.advice.lines import DraftLine, DraftReview
from dashboard.database import acting_as, serving
from dashboard.database.security.identity import Proof
from dashboard.queries.advice.drafting import save_draft
from dashboard.queries.advice.drafts import open_draft
from dashboard.queries.advice.signing import sign
from dashboard.queries.case.case_file import read_case
from dashboard.web.auth import sessions


def main(psychiatrist: int, episode: int, owner_role: str) -> None:
    """Sign a review with one line, for whom ``owner_role`` names."""
    lines = (DraftLine("1", kind="other", detail="Revoir dans un mois", owner_role=owner_role),)
    content = DraftReview("Réponse partielle", lines, next_review_on=today() + timedelta(days=28))
    with serving() as connection:
        token = sessions.redeem(connection, sessions.begin(connection, psychiatrist, "127.0.0.1"))
    transaction = partial(acting_as, psychiatrist, by=Proof(token=token))
    with transaction() as connection:
        seen = seen_in(read_case(connection, episode, today()))
        draft = save_draft(connection, open_draft(connection, episode), content).draft
    sign(transaction, draft, seen, today())


main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
