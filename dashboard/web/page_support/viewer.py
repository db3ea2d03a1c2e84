"""The one way from a page to the database.

A page and its callbacks hold no connection: they ask through a ``Viewer``. While the screen is
shared its answers are de-identified, so that a page that forgets about presenting shows initials.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from dashboard.calendar import today
from dashboard.clinical.deidentification import Mask, deidentified, withheld
from dashboard.database import Transaction, acting_as
from dashboard.vocabulary import Role
from dashboard.web.auth.authorization import signed_in
from dashboard.web.auth.sessions import SignedIn

Given = ParamSpec("Given")
Answer = TypeVar("Answer")

PageConnection = Connection
"""What a page hands on to its queries, and asks nothing itself."""

Query = Callable[Concatenate[Connection, Given], Answer]
Steps = Callable[Concatenate[Transaction, Given], Answer]


@dataclass(frozen=True)
class Viewer:
    """Whoever is signed in at the moment of the question, with one of these roles.

    ``automatic`` is for a fragment that runs by itself (``signed_in``). ``episode_id`` narrows
    what is read to one patient (``acting_as``). ``mask`` is for texts in an answer that does not
    say whom they are about.
    """

    roles: tuple[Role, ...]
    automatic: bool = False
    episode_id: int | None = None
    mask: Mask = withheld

    @property
    def person(self) -> SignedIn:
        """Whoever is signed in; without one of the roles the run ends here."""
        return signed_in(*self.roles, automatic=self.automatic)

    def read(
        self, query: Query[Given, Answer], *arguments: Given.args, **named: Given.kwargs
    ) -> Answer:
        """Return the answer of a query, in a transaction of its own; presenting, without names.

        Raises ``TypeError`` while presenting for a file: it may name somebody.
        """
        person = self.person
        answer = self._run(person, query, *arguments, **named)
        # A medical lead reads counts and access logs, in which there is no patient.
        hides = person.presenting and person.role != Role.LEAD
        return deidentified(answer, today(), self.mask) if hides else answer

    def write(
        self, command: Query[Given, Answer], *arguments: Given.args, **named: Given.kwargs
    ) -> Answer:
        """Run a command in a transaction of its own; return its answer as it was written.

        What a form goes on with comes from here, and is drawn through a mask (``AsWritten``).
        """
        return self._run(self.person, command, *arguments, **named)

    def write_in_steps(
        self, command: Steps[Given, Answer], *arguments: Given.args, **named: Given.kwargs
    ) -> Answer:
        """Run a command that opens its transactions itself; return its answer as it was written.

        Whoever is signed in is asked for at each of them.
        """
        return command(self._transaction, *arguments, **named)

    def about(self, episode_id: int | None) -> "Viewer":
        """Return this viewer, narrowed to the patient of one episode."""
        return replace(self, episode_id=episode_id)

    def through(self, mask: Mask) -> "Viewer":
        """Return this viewer for texts about the one patient whom ``mask`` takes out."""
        return replace(self, mask=mask)

    def _run(
        self,
        person: SignedIn,
        query: Query[Given, Answer],
        *arguments: Given.args,
        **named: Given.kwargs,
    ) -> Answer:
        with acting_as(person.practitioner_id, about=self.episode_id) as connection:
            return query(connection, *arguments, **named)

    def _transaction(self) -> AbstractContextManager[Connection]:
        return acting_as(self.person.practitioner_id, about=self.episode_id)


def viewer_for(*roles: Role, automatic: bool = False) -> Viewer:
    """Return the viewer of a page, or end the run if nobody with one of these roles is there."""
    viewer = Viewer(roles, automatic)
    _ = viewer.person
    return viewer
