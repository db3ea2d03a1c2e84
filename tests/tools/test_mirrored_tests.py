"""A test without a module is found, and a module without a test."""

import pytest

from tools.mirrored_tests import stray_tests, untested_modules

FUNCTION = "def rank(): ...\n"


@pytest.fixture
def repository(tmp_path):
    def write(**files):
        for name, text in files.items():
            path = tmp_path / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return write


@pytest.mark.parametrize(
    ("test", "found"),
    [
        ("tests__clinical__test_risk", 0),
        ("tests__clinical__test_risk_words", 0),
        ("tests__clinical__test_risks", 1),
        ("tests__test_readme", 0),
        ("tests__browser__test_weekly_review", 0),
        ("tests__words__test_risk", 1),
    ],
)
def test_a_test_is_about_a_module_of_the_same_folder(repository, test, found):
    root = repository(**{"dashboard__clinical__risk": FUNCTION, test: ""})
    assert len(list(stray_tests(root))) == found


@pytest.mark.parametrize(
    ("module", "test", "text", "found"),
    [
        ("dashboard__words__risk", "tests__words__test_risk", "", 0),
        ("dashboard__words__risk", "tests__words__test_roles", "", 1),
        (
            "dashboard__words__risk",
            "tests__words__test_roles",
            "from dashboard.words.risk import x",
            0,
        ),
        (
            "dashboard__words__risk",
            "tests__words__test_roles",
            "from dashboard.words import risk",
            0,
        ),
        ("dashboard__words__risk", "tests__test_all", "from dashboard.words.risk import x", 1),
        ("dashboard__pages__risk", "tests__test_all", "", 0),
    ],
)
def test_a_module_has_a_test_in_the_same_folder(repository, module, test, text, found):
    root = repository(**{module: FUNCTION, test: text})
    assert len(list(untested_modules(root))) == found


def test_a_module_without_a_function_needs_no_test(repository):
    root = repository(dashboard__clinical__letters="LONGEST = 3\n")
    assert list(untested_modules(root)) == []
