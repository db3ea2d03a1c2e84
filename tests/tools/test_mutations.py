"""Each kind of fault is found in a source, and changes what it says."""

from pathlib import Path

import pytest

from tools.mutations.__main__ import mirrored
from tools.mutations.faults import chosen, faults_in

HERE = Path("dashboard/clinical/risk.py")


@pytest.mark.parametrize(
    ("text", "kind", "changed"),
    [
        ("x = [a < b]\n", "flipped comparison", "x = [a <= b]\n"),
        ("x = [a == b]\n", "flipped comparison", "x = [a != b]\n"),
        ("LONGEST = 14\n", "limit off by one", "LONGEST = 15\n"),
        ("LIFE = timedelta(minutes=5)\n", "limit off by one", "LIFE = timedelta(minutes=6)\n"),
        ("def f():\n    check_can_sign(a)\n", "dropped permission check", "def f():\n    pass\n"),
        ("x = 'é', mask(name)\n", "removed mask", "x = 'é', (name)\n"),
        ("if due:\n    pass\n", "negated condition", "if not (due):\n    pass\n"),
        ('x = f"FOR ALL USING ({seen})"\n', "dropped policy", 'x = f"FOR ALL USING (true)"\n'),
    ],
)
def test_a_fault_of_each_kind_changes_its_place_alone(text, kind, changed):
    [fault] = [one for one in faults_in(HERE, text) if one.kind == kind]
    assert fault.put_into(text) == changed


@pytest.mark.parametrize("text", ["x = a in b\n", "local = 'text'\n", "def f():\n    limit = 3\n"])
def test_what_is_no_fault_is_left(text):
    assert list(faults_in(HERE, text)) == []


def test_a_seed_chooses_the_same_faults_of_every_kind_in_turn(tmp_path):
    folder = tmp_path / "dashboard"
    folder.mkdir()
    (folder / "rules.py").write_text("LIMIT = 3\nx = [a < b, c < d, e < f]\n")
    faults = chosen(tmp_path, 3, seed=7)
    assert faults == chosen(tmp_path, 3, seed=7)
    assert [one.kind for one in faults] == [
        "flipped comparison",
        "limit off by one",
        "flipped comparison",
    ]
    assert len(chosen(tmp_path, 30, seed=7)) == 4


def test_the_tests_of_a_module_are_named_after_it_or_import_it(tmp_path):
    folder = tmp_path / "tests" / "clinical"
    folder.mkdir(parents=True)
    files = {
        "test_risk.py": "",
        "test_risk_words.py": "",
        "test_risks.py": "",
        "test_alerts.py": "from dashboard.clinical.risk import RiskLevel\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    assert [path.name for path in mirrored(tmp_path, HERE)] == [
        "test_risk.py",
        "test_risk_words.py",
        "test_alerts.py",
    ]
