"""The engine that runs ViewDefinitions of SQL on FHIR: the library ``pysof``.

Its wheels are for Linux on x86-64 with glibc 2.38 or later (Debian 13, Ubuntu 24.04), macOS and
Windows. Elsewhere the library is missing or cannot be loaded.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

Resource = Mapping[str, Any]


class EngineMissing(Exception):
    """Error: this machine cannot run ViewDefinitions."""

    def __str__(self) -> str:
        return (
            "FHIR cannot be read on this machine: the library pysof is missing or does not load."
            " It needs Linux on x86-64 with glibc 2.38 or later (Debian 13, Ubuntu 24.04), macOS or"
            " Windows. Run the import on such a machine."
        )


class ViewFailed(Exception):
    """Error: a view cannot be run on these resources. The text is that of the engine."""


def is_engine_there() -> bool:
    """Return whether this machine can run ViewDefinitions."""
    try:
        import pysof._pysof  # noqa: F401
    except ImportError:
        return False
    return True


def run_view(view: str, resources: Sequence[str]) -> list[dict[str, Any]]:
    """Return the rows of a view of these resources. View, resources and rows are JSON. Raises
    ``ViewFailed``.
    """
    import pysof

    entries = ",".join(f'{{"resource":{one}}}' for one in resources)
    bundle = f'{{"resourceType":"Bundle","type":"collection","entry":[{entries}]}}'
    try:
        rows: list[dict[str, Any]] = json.loads(
            pysof.run_view_definition(view, bundle, "json", fhir_version="R4")
        )
    except pysof.SofError as error:
        raise ViewFailed(str(error)) from None
    return rows
