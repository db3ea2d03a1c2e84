"""The only access of pages to the database.

Pages and their callbacks make queries through a ``Viewer``, and have no connection of their own.
While the screen is shared, the ``Viewer`` returns de-identified answers. A page that does not check
whether the screen is shared therefore still shows only initials.
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
"""Type of the database connection in the functions of a page, which only pass it on to queries."""

Query = Callable[Concatenate[Connection, Given], Answer]
Steps = Callable[Concatenate[Transaction, Given], Answer]


@dataclass(frozen=True)
class Viewer:
    """Access to the database for the person who is signed in, if they have one of ``roles``.

    Set ``automatic`` in a fragment that runs at an interval, so that it does not postpone the idle
    timeout. With ``episode_id``, only data of the patient of this episode can be read. While the
    screen is shared, ``mask`` removes names from the texts of an answer that does not say which
    patient they are about.
    """

    roles: tuple[Role, ...]
    automatic: bool = False
    episode_id: int | None = None
    mask: Mask = withheld

    @property
    def person(self) -> SignedIn:
        """The person who is signed in. The run ends unless they have one of ``roles``."""
        return signed_in(*self.roles, automatic=self.automatic)

    def read(
        self, query: Query[Given, Answer], *arguments: Given.args, **named: Given.kwargs
    ) -> Answer:
        """Run a query in its own transaction and return its answer.

        While the screen is shared, the answer is de-identified. Raise ``TypeError`` if the answer
        is then a file, which may name a patient.
        """
        person = self.person
        answer = self._run(person, query, *arguments, **named)
        # A medical lead reads only counts and access logs, which contain no patient's name.
        hides = person.presenting and person.role != Role.LEAD
        return deidentified(answer, today(), self.mask) if hides else answer

    def read_counts(
        self, query: Query[Given, Answer], *arguments: Given.args, **named: Given.kwargs
    ) -> Answer:
        """Run a query that reads only counts, and return its answer.

        The query runs on the standby server of the database, if there is one. It must not read a
        patient's data, because the standby cannot write the access log.
        """
        return read_counts(
            self.person.practitioner_id, lambda connection: query(connection, *arguments, **named)
        )

    def write(
        self, command: Query[Given, Answer], *arguments: Given.args, **named: Given.kwargs
    ) -> Answer:
        """Run an idempotent command in its own transaction, and return its answer.

        If it is unknown whether the COMMIT succeeded, the command is run once more. Raise
        ``OutcomeUnknown`` if it is then still unknown.

        The answer is not de-identified, because a form continues to edit it. The form removes names
        when it draws the answer (``AsWritten``).
        """
        with _outcome_for_pages():
            answer = self._run(self.person, command, *arguments, **named)
        COMMANDS.labels(command.__name__).inc()
        return answer

    def write_in_steps(
        self, command: Steps[Given, Answer], *arguments: Given.args, **named: Given.kwargs
    ) -> Answer:
        """Run an idempotent command that opens its own transactions, and return its answer.

        The sign-in is checked for each transaction. A COMMIT with an unknown outcome is handled as
        in ``write``. The answer is not de-identified either.
        """
        with _outcome_for_pages():
            answer = repeated_if_unclear(lambda: command(self._transaction, *arguments, **named))
        COMMANDS.labels(command.__name__).inc()
        return answer

    def about(self, episode_id: int | None) -> "Viewer":
        """Return a copy of this viewer that reads only data of the patient of one episode."""
        return replace(self, episode_id=episode_id)

    def through(self, mask: Mask) -> "Viewer":
        """Return a copy of this viewer with another ``mask``, such as one that removes a patient's
        names.
        """
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
    """Return the viewer of a page.

    The run ends unless the signed-in person has one of these roles.
    """
    viewer = Viewer(roles, automatic)
    _ = viewer.person
    return viewer
