"""The only access of pages to the database.

A page and its callbacks hold no connection. They query the database through a ``Viewer``, which
returns de-identified answers while the screen is shared. So a page that does not check for
presenting still shows only initials.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from dashboard.calendar import today
from dashboard.clinical.advice.drafts import OutcomeUnknown
from dashboard.clinical.deidentification import Mask, deidentified, withheld
from dashboard.database import Transaction, acting_as
from dashboard.database.committing import UnclearCommit, repeated_if_unclear
from dashboard.database.standby import read_counts
from dashboard.metrics import COMMANDS
from dashboard.vocabulary import Role
from dashboard.web.auth.authorization import signed_in
from dashboard.web.auth.sessions import SignedIn

Given = ParamSpec("Given")
Answer = TypeVar("Answer")

PageConnection = Connection
"""Type of the connection that a function of a page receives.

The page only passes the connection on to queries.
"""

Query = Callable[Concatenate[Connection, Given], Answer]
Steps = Callable[Concatenate[Transaction, Given], Answer]


@dataclass(frozen=True)
class Viewer:
    """Access to the database for the person who is signed in, with one of these roles.

    ``automatic`` is for a fragment that runs at an interval (``signed_in``). ``episode_id``
    restricts reads to the patient of one episode (``acting_as``). While presenting, ``mask`` is
    applied to each text whose patient the answer does not identify (``deidentified``).
    """

    roles: tuple[Role, ...]
    automatic: bool = False
    episode_id: int | None = None
    mask: Mask = withheld

    @property
    def person(self) -> SignedIn:
        """The person who is signed in.

        If nobody is signed in with one of the roles, the run ends.
        """
        return signed_in(*self.roles, automatic=self.automatic)

    def read(
        self, query: Query[Given, Answer], *arguments: Given.args, **named: Given.kwargs
    ) -> Answer:
        """Run a query in its own transaction and return its answer, de-identified while presenting.

        While presenting, raise ``TypeError`` if the answer is a file, which may name a patient.
        """
        person = self.person
        answer = self._run(person, query, *arguments, **named)
        # A medical lead reads counts and access logs, which hold no patient.
        hides = person.presenting and person.role != Role.LEAD
        return deidentified(answer, today(), self.mask) if hides else answer

    def read_counts(
        self, query: Query[Given, Answer], *arguments: Given.args, **named: Given.kwargs
    ) -> Answer:
        """Run a query that reads only counts, and return its answer.

        It runs on the standby if there is one. It must read no patient and write nothing, because a
        standby cannot write the access log.
        """
        return read_counts(
            self.person.practitioner_id, lambda connection: query(connection, *arguments, **named)
        )

    def write(
        self, command: Query[Given, Answer], *arguments: Given.args, **named: Given.kwargs
    ) -> Answer:
        """Run an idempotent command in its own transaction; return its answer unchanged.

        If the outcome of the COMMIT is unknown, the command is run once more. Raise
        ``OutcomeUnknown`` if nobody can then tell whether the command was recorded.

        The answer is not de-identified, because a form continues to edit the answer. The form draws
        the answer through a mask (``AsWritten``).
        """
        with _outcome_for_pages():
            answer = self._run(self.person, command, *arguments, **named)
        COMMANDS.labels(command.__name__).inc()
        return answer

    def write_in_steps(
        self, command: Steps[Given, Answer], *arguments: Given.args, **named: Given.kwargs
    ) -> Answer:
        """Run an idempotent command that opens its own transactions; return its answer unchanged.

        The sign-in is checked again for each transaction. A COMMIT with an unknown outcome is
        handled as in ``write``.
        """
        with _outcome_for_pages():
            answer = repeated_if_unclear(lambda: command(self._transaction, *arguments, **named))
        COMMANDS.labels(command.__name__).inc()
        return answer

    def about(self, episode_id: int | None) -> "Viewer":
        """Return a copy of this viewer that is restricted to the patient of one episode."""
        return replace(self, episode_id=episode_id)

    def through(self, mask: Mask) -> "Viewer":
        """Return a copy of this viewer with another ``mask``, which hides one patient's names."""
        return replace(self, mask=mask)

    def _run(
        self,
        person: SignedIn,
        query: Query[Given, Answer],
        *arguments: Given.args,
        **named: Given.kwargs,
    ) -> Answer:
        def once() -> Answer:
            with acting_as(person.practitioner_id, about=self.episode_id) as connection:
                return query(connection, *arguments, **named)

        return repeated_if_unclear(once)

    def _transaction(self) -> AbstractContextManager[Connection]:
        return acting_as(self.person.practitioner_id, about=self.episode_id)


@contextmanager
def _outcome_for_pages() -> Iterator[None]:
    """Replace an ``UnclearCommit`` raised in the block by ``OutcomeUnknown``."""
    try:
        yield
    except UnclearCommit as unclear:
        raise OutcomeUnknown from unclear


def viewer_for(*roles: Role, automatic: bool = False) -> Viewer:
    """Return the viewer of a page; end the run unless one of these roles is signed in."""
    viewer = Viewer(roles, automatic)
    _ = viewer.person
    return viewer
