from datetime import date, timedelta

from dashboard.database import acting_as, registry
from dashboard.queries.programme import caseload_by_site

TODAY = date(2026, 11, 24)


def counts(practitioner_id: int) -> dict[str, tuple[int, int, int]]:
    with acting_as(practitioner_id) as connection:
        rows = caseload_by_site(connection, TODAY)
    return {
        row.site: (row.open_episodes, row.in_prevention, row.enrolled_lately)
        for row in rows.itertuples()
    }


def test_a_lead_sees_the_counts_of_the_sites_they_watch(database):
    north, south = database.team(), database.team()
    with database.owner().begin() as owner:
        owner.exec_driver_sql(f"UPDATE registry.site SET name = 'Nord' WHERE id = {north.site}")
        owner.exec_driver_sql(f"UPDATE registry.site SET name = 'Sud' WHERE id = {south.site}")
    of_all, of_south = database.practitioner("lead"), database.practitioner("lead")
    database.add(registry.practitioner_site, practitioner_id=of_south, site_id=south.site)
    north.case(TODAY - timedelta(days=27))
    north.case(TODAY - timedelta(days=28), status="relapse_prevention")
    north.case(TODAY - timedelta(days=90), status="closed", closed_on=TODAY)
    south.case(TODAY)
    south.case(TODAY + timedelta(days=1))

    assert counts(of_all) == {"Nord": (2, 1, 1), "Sud": (1, 0, 1)}
    assert counts(of_south) == {"Sud": (1, 0, 1)}


def test_nobody_but_a_lead_sees_them(database):
    team = database.team()
    team.case(TODAY)
    for practitioner in (team.psychiatrist, team.nurse, team.gp):
        assert counts(practitioner) == {}
