"""What a click does: one query, in a transaction of whoever is signed in at that moment."""

from collections.abc import Callable
from typing import Any

from dashboard.database import acting_as
from dashboard.vocabulary import Role
from dashboard.web.auth.authorization import signed_in


def acting(*roles: Role) -> Callable[..., Any]:
    """Runs a query with its arguments, as the person at the keyboard, who has one of these roles.

    For callbacks, which Streamlit runs without the page: who they were drawn for may have
    signed out since.
    """

    def act(query: Callable[..., Any], *arguments: object) -> Any:
        with acting_as(signed_in(*roles).practitioner_id) as connection:
            return query(connection, *arguments)

    return act
