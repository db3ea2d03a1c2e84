"""The only way from a page to the database.

A page and its callbacks hold no connection: they query through a ``Viewer``. While the screen is
shared its answers are de-identified, so a page that ignores presenting shows initials.
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
"""Parameter that a page passes on to its queries, and never uses itself."""

Query = Callable[Concatenate[Connection, Given], Answer]
Steps = Callable[Concatenate[Transaction, Given], Answer]


@dataclass(frozen=True)
class Viewer:
    """Access to the database for the person who is signed in, with one of these roles.

    ``automatic`` is for a fragment that runs by itself (``signed_in``). ``episode_id`` restricts
    reads to one patient (``acting_as``). ``mask`` is applied to texts of an answer that does not
    name their patient.
    """

    roles: tuple[Role, ...]
    automatic: bool = False
    episode_id: int | None = None
    mask: Mask = withheld

    @property
    def person(self) -> SignedIn:
        """The person who is signed in; the run ends here without one of the roles."""
        return signed_in(*self.roles, automatic=self.automatic)

    def read(
        self, query: Query[Given, Answer], *arguments: Given.args, **named: Given.kwargs
    ) -> Answer:
        """Return the answer of a query, run in its own transaction; de-identified while presenting.

        Raise ``TypeError`` for a file while presenting, since it may name somebody.
        """
        person = self.person
        answer = self._run(person, query, *arguments, **named)
        # A medical lead reads counts and access logs, which hold no patient.
        hides = person.presenting and person.role != Role.LEAD
        return deidentified(answer, today(), self.mask) if hides else answer

    def write(
        self, command: Query[Given, Answer], *arguments: Given.args, **named: Given.kwargs
    ) -> Answer:
        """Run a command in its own transaction; return its answer unchanged.

        A form continues with this answer, and draws it through a mask (``AsWritten``).
        """
        return self._run(self.person, command, *arguments, **named)

    def write_in_steps(
        self, command: Steps[Given, Answer], *arguments: Given.args, **named: Given.kwargs
    ) -> Answer:
        """Run a command that opens its transactions itself; return its answer unchanged.

        The sign-in is checked again at each transaction.
        """
        return command(self._transaction, *arguments, **named)

    def about(self, episode_id: int | None) -> "Viewer":
        """Return this viewer, restricted to the patient of one episode."""
        return replace(self, episode_id=episode_id)

    def through(self, mask: Mask) -> "Viewer":
        """Return this viewer, with ``mask`` for texts about a single patient."""
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
    """Return the viewer of a page; end the run unless one of these roles is signed in."""
    viewer = Viewer(roles, automatic)
    _ = viewer.person
    return viewer
