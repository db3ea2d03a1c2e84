"""``python -m dashboard evaluate``: a valid data package in which nobody can be recognised."""

import csv
import json
import re
import stat
from collections import defaultdict
from datetime import date, timedelta

import pytest
from frictionless import Package, system
from sqlalchemy import text
from typer.testing import CliRunner

from dashboard.calendar import today
from dashboard.cli.app import app
from dashboard.clinical.medication import age_on
from dashboard.clinical.sites.anonymity import HORIZONS, K
from dashboard.database import administering
from dashboard.database.operations.embedded import address_of
from dashboard.demo.fill import fill
from tests.conftest import create_database, drop_database

UNTIL = date(2026, 11, 22)


@pytest.fixture(scope="module")
def registry(server, prepared):
    """Return the address of a database with 700 synthetic patients, for tests that only read."""
    create_database(server, "evaluated", template=prepared)
    url = address_of(server, database="evaluated")
    with administering(url) as connection:
        fill(connection, patients=700, seed=1, as_of=UNTIL)
    yield url
    drop_database(server, "evaluated")


def run(url, *arguments):
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments), "--database-url", url])


@pytest.fixture(scope="module")
def folder(registry, tmp_path_factory):
    """Return the folder of one data set; the key lies beside it."""
    place = tmp_path_factory.mktemp("evaluation")
    folder = place / "data"
    result = CliRunner().invoke(
        app,
        [
            *("evaluate", str(folder), "--until", str(UNTIL), "--key-file", str(place / "key")),
            *("--database-url", registry),
        ],
    )
    assert result.exit_code == 0, result.output
    return folder


def table(folder, name):
    with (folder / f"{name}.csv").open() as file:
        return list(csv.DictReader(file))


def ask(url, statement):
    with administering(url) as connection:
        return connection.execute(text(statement)).all()


def test_package_is_valid(folder):
    with system.use_context(trusted=True):
        report = Package(str(folder / "datapackage.json")).validate()
    assert report.valid, report.flatten(["type", "message"])


def test_every_episode_that_is_old_enough_is_there_once(folder, registry):
    ((expected,),) = ask(
        registry,
        "SELECT count(*) FROM registry.episode"
        f" WHERE enrolled_on <= DATE '{UNTIL}' - {HORIZONS[0]}",
    )
    episodes = table(folder, "episodes")
    assert len({row["episode"] for row in episodes}) == len(episodes) == expected


def test_no_name_text_date_or_id_is_in_the_files(folder, registry):
    content = "\n".join(
        file.read_text() for file in folder.glob("*.csv") if file.name != "dictionary.csv"
    )
    names = ask(
        registry,
        "SELECT family_name FROM registry.patient UNION SELECT family_name FROM"
        " registry.practitioner UNION SELECT name FROM registry.site",
    )
    words = set(re.findall(r"[\w’' -]+", content))
    assert not words & {name for (name,) in names}
    assert not re.search(r"\b(19|20)\d\d-\d\d-\d\d\b", content)
    ids = {str(number) for (number,) in ask(registry, "SELECT id FROM registry.episode")}
    assert not ids & {row["episode"] for row in table(folder, "episodes")}


def test_no_record_goes_beyond_its_horizon(folder):
    horizon = {row["episode"]: int(row["horizon_days"]) for row in table(folder, "episodes")}
    for name in ("scores", "contacts", "reviews", "answers"):
        assert all(int(row["day"]) <= horizon[row["episode"]] for row in table(folder, name))


def test_colleague_who_knows_age_sex_site_and_month_finds_nobody(folder, registry):
    """Join the data with what a colleague knows of each person, and count who fits.

    The colleague is given more than is likely: the letter of the site, and all tables. An episode
    fits if its traits do and its record is no longer than the time since the known month.
    """
    data = table(folder, "episodes")
    longest = defaultdict(int)
    for name in ("scores", "contacts", "reviews", "answers"):
        for row in table(folder, name):
            longest[row["episode"]] = max(longest[row["episode"]], int(row["day"]))
    sites = {row["site"] for row in data} - {""}
    known = ask(
        registry,
        "SELECT e.enrolled_on, p.birth_date, p.sex FROM registry.episode e JOIN registry.patient p"
        f" ON p.id = e.patient_id WHERE e.enrolled_on <= DATE '{UNTIL}' - {HORIZONS[0]}",
    )
    found = []
    for enrolled_on, birth_date, sex in known:
        age, month = age_on(birth_date, enrolled_on), enrolled_on.replace(day=1)
        elapsed = range((UNTIL - month).days - 30, (UNTIL - month).days + 1)
        possible = {max((one for one in HORIZONS if one <= days), default=0) for days in elapsed}
        for site in sites:
            fitting = [
                row
                for row in data
                if row["site"] in ("", site)
                and row["sex"] in ("", sex)
                and (not row["age_band"] or _within(age, row["age_band"]))
                and int(row["horizon_days"]) in possible
                and longest[row["episode"]] <= (UNTIL - month).days
            ]
            if fitting:
                found.append(len(fitting))
    unique = sum(one == 1 for one in found)
    print(
        f"re-identification: {len(found)} attempts, {unique} unique, smallest group {min(found)},"
        f" median {sorted(found)[len(found) // 2]}"
    )
    assert min(found) >= K


def _within(age, band):
    first, last = map(int, band.split("-"))
    return first <= age <= last


def test_contacts_are_those_of_the_registry(folder, registry):
    """Count the attended contacts within the horizon by another query."""
    horizon = table(folder, "episodes")
    attended = sum(row["attended"] == "true" for row in table(folder, "contacts"))
    by_horizon = defaultdict(int)
    for row in horizon:
        by_horizon[int(row["horizon_days"])] += 1
    cuts = " ".join(
        f"WHEN DATE '{UNTIL}' - enrolled_on >= {days} THEN {days}"
        for days in sorted(by_horizon, reverse=True)
    )
    ((expected,),) = ask(
        registry,
        f"SELECT count(*) FROM (SELECT *, CASE {cuts} END AS cut FROM registry.episode) e"
        " JOIN registry.contact c ON c.patient_id = e.patient_id AND c.attended"
        " WHERE (c.happened_at AT TIME ZONE 'Europe/Paris')::date - enrolled_on BETWEEN -14 AND"
        f" least(cut, coalesce(closed_on - enrolled_on, cut)) AND cut >= {HORIZONS[0]}",
    )
    assert attended == expected > 0


def test_indicators_are_those_of_the_counts(folder, registry):
    rows = {row["indicator"]: row for row in table(folder, "indicators") if not row["site"]}
    ((enrolled, early, eligible),) = ask(
        registry,
        "SELECT sum(enrolment), sum(early_contact), sum(early_contact_eligible)"
        " FROM review.counts_of_sites(ARRAY (SELECT id FROM registry.site),"
        f" DATE '{UNTIL}') WHERE kind = 'all' AND severity = 'all'",
    )
    assert int(rows["enrolment"]["numerator"]) == enrolled
    assert (int(rows["early_contact"]["numerator"]), int(rows["early_contact"]["eligible"])) == (
        early,
        eligible,
    )
    assert {row["axis"] for row in table(folder, "indicators")} == {
        "feasibility",
        "efficacy",
        "reproducibility",
    }


def test_dictionary_describes_every_column_in_both_languages(folder):
    described = {(row["table"], row["field"]): row for row in table(folder, "dictionary")}
    package = json.loads((folder / "datapackage.json").read_text())
    columns = {
        (resource["name"], field["name"])
        for resource in package["resources"]
        for field in resource["schema"]["fields"]
    }
    assert described.keys() == columns
    assert all(row["description_fr"] and row["description_en"] for row in described.values())


def test_key_is_for_its_owner_alone_and_the_folder_too(folder):
    assert stat.S_IMODE((folder.parent / "key").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_export_is_on_the_access_log(folder, registry):
    logged = ask(
        registry, "SELECT detail FROM review.access_log WHERE action = 'evaluation_exported'"
    )
    assert {row.detail["until"] for row in logged} == {str(UNTIL)}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("{there}", "--until", UNTIL, "--key-file", "{key}"), "exists already"),
        (("{new}", "--until", today() + timedelta(days=1), "--key-file", "{key}"), "future"),
        (("{new}", "--until", UNTIL, "--key-file", "{new}/key"), "must not lie in the folder"),
        (("{new}", "--until", UNTIL, "--key-file", "{short}"), "holds no key"),
    ],
)
def test_what_cannot_be_written_is_refused_in_a_sentence(registry, tmp_path, arguments, said):
    (tmp_path / "there").mkdir()
    (tmp_path / "short").write_bytes(b"too short")
    places = {name: tmp_path / name for name in ("there", "new", "key", "short")}
    result = run(registry, *(str(one).format(**places) for one in arguments))
    assert result.exit_code == 1
    assert said in result.output
    assert not (tmp_path / "new").exists()
