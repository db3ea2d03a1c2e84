"""The numbers of sites, people and patients, and the assignment of patients to people."""

from collections import Counter

import pytest

from dashboard.demo.record import chance_of
from dashboard.demo.staff import ascii_name, staff_for, team_of


@pytest.mark.parametrize(
    ("patients", "sites", "nurses", "psychiatrists", "gps"),
    [
        (1, 12, 8, 8, 80),
        (2_910, 12, 8, 8, 80),
        (10_000, 41, 27, 8, 275),
        (1_000_000, 4_124, 2_749, 775, 27_491),
    ],
)
def test_a_larger_registry_has_more_staff_in_proportion(
    patients, sites, nurses, psychiatrists, gps
):
    staff = staff_for(patients)
    assert (staff.sites, staff.nurses, int(staff.psychiatrists), staff.gps) == (
        sites,
        nurses,
        psychiatrists,
        gps,
    )


def test_ids_tell_the_role():
    staff = staff_for(2_910)
    roles = Counter(staff.role_of(id_) for id_ in range(1, staff.first_lead + 2))
    assert roles == {"psychiatrist": 8, "nurse": 8, "gp": 80, "lead": 2}


@pytest.mark.parametrize(("patients", "caseload"), [(2_910, None), (2_910, 400), (50_000, None)])
def test_patients_are_shared_out_evenly(patients, caseload):
    staff = staff_for(patients, caseload)
    teams = [team_of(chance_of(1, n), staff, n, 1.0) for n in range(1, patients + 1)]
    per_psychiatrist = Counter(team.psychiatrist for team in teams)
    full = [per_psychiatrist[number] for number in range(1, int(staff.psychiatrists) + 1)]
    fair = patients / staff.psychiatrists
    assert all(abs(count - fair) < 0.12 * fair for count in full), full


def test_a_team_works_at_its_site():
    staff = staff_for(2_910)
    for number in range(1, 500):
        team = team_of(chance_of(1, number), staff, number, 1.0)
        assert team.site in staff.sites_of_nurse(team.nurse - staff.first_nurse)
        assert team.gp in staff.gps_of_site(team.site)
        assert staff.role_of(team.psychiatrist) == "psychiatrist"


def test_every_site_has_a_nurse_and_gps():
    staff = staff_for(2_910)
    covered = [site for nurse in range(staff.nurses) for site in staff.sites_of_nurse(nurse)]
    assert sorted(covered) == list(range(1, 13))
    assert all(len(staff.gps_of_site(site)) in (6, 7) for site in covered)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Moreau", "moreau"),
        ("Lefèvre", "lefevre"),
        ("L'Hostis", "lhostis"),
        ("de La Tour", "de-la-tour"),
        ("Nguyễn", "nguyen"),
        ("Yılmaz", "yilmaz"),
        ("Stanisław", "stanislaw"),
    ],
)
def test_a_username_has_plain_letters(name, plain):
    assert ascii_name(name) == plain
