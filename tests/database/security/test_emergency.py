"""The names with which an emergency access is asked for, in a database of any locale."""

import pytest

from dashboard.database.security.emergency import letters_of


@pytest.mark.parametrize("locale", ["C", "ucs_basic", "default"])
@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("DUPRÉ", "dupré"),
        ("Élie", "ÉLIE"),
        ("Lefèvre-d’Été", "lefevre d'ete"),
        ("Noël", "NOE\u0308L"),
    ],
)
def test_name_is_the_same_without_case_accents_and_marks(as_owner, stored, typed, locale):
    names = (
        f"'{name.replace(chr(39), chr(39) * 2)}' COLLATE \"{locale}\"" for name in (stored, typed)
    )
    query = " = ".join(letters_of(f"({name})") for name in names)
    assert as_owner.exec_driver_sql(f"SELECT {query}").scalar() is True
