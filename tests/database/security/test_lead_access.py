"""The names that leads do not see in the explanation of an emergency access."""

import pytest

from dashboard.database.security.lead_access import without_names


@pytest.mark.parametrize("locale", ["C", "default"])
@pytest.mark.parametrize(
    ("name", "explanation", "shown"),
    [
        ("DUPRÉ Hélène", "Mme Hélène Dupré, dite HELENE", "Mme … …, dite …"),
        ("Élie Zoé", "ZOÉ ÉLIE a appelé", "… … a appelé"),
        ("Dupré Hélène", "He\u0301le\u0300ne Dupre\u0301", "… …"),
        ("Lefèvre-Dubois Li", "LEFEVRE, Dubois ou Li", "…, … ou Li"),
        ("Elie Ana", "Élie et Anatole délient, Anaïs", "… et Anatole délient, Anaïs"),
        ("- Li", "Li menace", "Li menace"),
    ],
)
def test_name_is_removed_whatever_its_case_and_accents(as_owner, name, explanation, shown, locale):
    text = f'CAST(%s AS text) COLLATE "{locale}"'
    query = f"SELECT {without_names('x', 'n')} FROM (SELECT {text}, {text}) t (x, n)"
    assert as_owner.exec_driver_sql(query, (explanation, name)).scalar() == shown
