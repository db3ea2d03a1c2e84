"""Folders of registry files for the tests of loading."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dashboard.database.loading.incremental_import import ImportChoices, Imported, import_changes
from dashboard.database.operations.embedded import address_of, app_address_of
from tests.conftest import create_database, drop_database
from tests.database.loading.test_folder_import import FOLDER, load
from tests.support.factories import Database

Drop = Callable[..., Imported]


@pytest.fixture
def loaded(database, tmp_path) -> Database:
    """Return a database into which ``FOLDER`` was imported."""
    first = tmp_path / "first"
    first.mkdir()
    for name, content in FOLDER.items():
        (first / f"{name}.csv").write_text(content)
    load(database, first)
    return database


@pytest.fixture
def drop(loaded, tmp_path_factory) -> Drop:
    """Import a folder with these files, such as ``patient="…"`` or ``patient_full="…"``."""

    def drop(choices: ImportChoices | None = None, **files: str | bytes) -> Imported:
        folder = tmp_path_factory.mktemp("drop")
        for name, content in files.items():
            path: Path = folder / f"{name.replace('_full', '.full')}.csv"
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return import_changes(
            loaded.owner_url, folder, choices or ImportChoices(), say=lambda _: None
        )

    return drop


@pytest.fixture
def copy(server, prepared) -> Iterator[Database]:
    """Yield a second database, without rows."""
    create_database(server, "copy", template=prepared)
    database = Database(
        owner_url=address_of(server, database="copy"), app_url=app_address_of(server, "copy")
    )
    yield database
    database.close()
    drop_database(server, "copy")
