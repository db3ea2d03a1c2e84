"""Folders of registry files for the tests of loading."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dashboard.database import administering, connect_to
from dashboard.database.connection import disconnect
from dashboard.database.loading.incremental_import import ImportChoices, Imported, import_changes
from dashboard.database.loading.load_record import create_load_record
from dashboard.database.operations.embedded import address_of, app_address_of
from dashboard.database.operations.initialisation import initialise
from tests.conftest import create_database, drop_database
from tests.database.loading.test_folder_import import FOLDER, load
from tests.support.factories import Database

Drop = Callable[..., Imported]


@pytest.fixture(scope="session")
def with_folder(
    server: str, prepared: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Yield the name of a database into which ``FOLDER`` was imported, to be copied."""
    folder = tmp_path_factory.mktemp("first")
    for name, content in FOLDER.items():
        (folder / f"{name}.csv").write_text(content)
    with new_database(server, "with_folder", template=prepared) as database:
        load(database, folder)
        database.close()
        yield "with_folder"


@pytest.fixture(scope="session")
def imported_before(server: str, prepared: str) -> Iterator[str]:
    """Yield the name of an empty registry, to be copied, whose next import sets no rights again.

    Setting them takes longer than importing a few rows.
    """
    with new_database(server, "imported_before", template=prepared) as database:
        with administering(database.owner_url) as connection:
            create_load_record(connection)
            initialise(connection)
        database.close()
        yield "imported_before"


@pytest.fixture
def loaded(server: str, with_folder: str) -> Iterator[Database]:
    """Yield a database into which ``FOLDER`` was imported, and connect ``acting_as`` to it."""
    with new_database(server, "loaded", template=with_folder) as database:
        connect_to(database.app_url)
        yield database
        disconnect()


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
def copy(server: str, prepared: str) -> Iterator[Database]:
    """Yield a second database, without rows."""
    with new_database(server, "copy", template=prepared) as database:
        yield database


@contextmanager
def new_database(server: str, name: str, *, template: str) -> Iterator[Database]:
    """Yield a copy of a template, which is dropped at the end of the block."""
    create_database(server, name, template=template)
    database = Database(
        owner_url=address_of(server, database=name), app_url=app_address_of(server, name)
    )
    yield database
    database.close()
    drop_database(server, name)
