"""The sample of docstrings and comments is the same for the same seed, and over all folders."""

from tests.support.repository import PACKAGE
from tools.prose_sample import sample


def test_the_same_seed_gives_the_same_sample():
    clinical = PACKAGE / "clinical"
    drawn = sample(clinical, 7, 20)
    assert sample(clinical, 7, 20) == drawn
    assert sample(clinical, 8, 20) != drawn


def test_it_is_drawn_over_all_folders():
    folders = {
        path.name for path in PACKAGE.iterdir() if path.is_dir() and list(path.rglob("*.py"))
    }
    drawn = sample(PACKAGE, 1, 72)
    assert len(drawn) == 72
    assert {where.split("dashboard/")[1].split("/")[0] for where, _text in drawn} == folders
