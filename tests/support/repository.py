"""Where the files of the repository are."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
"""The root of the repository."""

PACKAGE = ROOT / "dashboard"
"""The product."""
