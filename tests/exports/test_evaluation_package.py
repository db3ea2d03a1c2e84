"""The folder for evaluators is validated against its own description before it is handed over."""

from datetime import date

import pytest

from dashboard.exports.evaluation import csv_file
from dashboard.exports.evaluation_package import PackageInvalid, description, write_package
from dashboard.exports.evaluation_tables import INDICATOR_TABLE, TABLES

UNTIL = date(2026, 11, 22)
EPISODE = {
    "episode": "0a",
    "person": "0b",
    "status": "active",
    "referred_day": -3,
    "horizon_days": 91,
}
WAIT = {"episode": "0a", "referral_to_enrolment": 3}


def files(**rows):
    return {
        table.name: csv_file(table, rows.get(table.name, ()))
        for table in (*TABLES, INDICATOR_TABLE)
    }


def test_valid_package_is_written_with_its_dictionary_and_report(tmp_path):
    write_package(tmp_path, files(episodes=[EPISODE], waits=[WAIT]), "# Report\n", UNTIL)
    assert {file.name for file in tmp_path.iterdir()} == {
        *(f"{table.name}.csv" for table in (*TABLES, INDICATOR_TABLE)),
        "datapackage.json",
        "dictionary.csv",
        "disclosure.md",
    }


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        ({"episodes": [EPISODE], "waits": [WAIT | {"episode": "0c"}]}, "foreign-key"),
        ({"episodes": [EPISODE, EPISODE]}, "primary-key"),
        ({"episodes": [EPISODE | {"referred_day": "soon"}]}, "type-error"),
        ({"episodes": [EPISODE | {"status": None}]}, "constraint-error"),
    ],
)
def test_package_that_does_not_fit_its_description_is_refused(tmp_path, rows, kind):
    with pytest.raises(PackageInvalid, match=kind):
        write_package(tmp_path, files(**rows), "", UNTIL)


def test_each_table_refers_to_the_one_that_it_details():
    refers = {
        resource["name"]: resource["schema"]["foreignKeys"][0]["reference"]["resource"]
        for resource in description(UNTIL)["resources"]
        if "foreignKeys" in resource["schema"]
    }
    assert refers["answers"] == "recommendations"
    assert refers["recommendations"] == "reviews"
    assert set(refers.values()) == {"episodes", "reviews", "recommendations"}
