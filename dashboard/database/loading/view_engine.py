"""Engine that runs ViewDefinitions of SQL on FHIR v2, which make rows from FHIR resources.

A view is compiled once, and then makes rows from one resource at a time. Its paths are evaluated by
the library ``fhirpathpy``. Reference: https://build.fhir.org/ig/FHIR/sql-on-fhir-v2/
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from itertools import product
from typing import Any, Protocol

import fhirpathpy
from antlr4 import CommonTokenStream, InputStream, Token
from antlr4.error.ErrorListener import ErrorListener
from fhirpathpy.models import models
from fhirpathpy.parser.generated.FHIRPathLexer import FHIRPathLexer
from fhirpathpy.parser.generated.FHIRPathParser import FHIRPathParser

Resource = Mapping[str, Any]
Row = dict[str, Any]

_ROW_INDEX = "rowIndex"
_KNOWN_VARIABLES = frozenset({_ROW_INDEX, "context", "ucum"})
_ITERATIONS = ("forEach", "forEachOrNull", "repeat")


class ViewInvalid(Exception):
    """The error raised if a ViewDefinition is not valid. Its text gives the reason."""


class ViewFailed(Exception):
    """The error raised if a view fails on a resource. Its text contains no value of the
    resource.
    """


class _Path(Protocol):
    def __call__(self, element: Any, variables: Mapping[str, Any]) -> list[Any]: ...


@dataclass(frozen=True)
class _Column:
    name: str
    path: _Path
    collection: bool
    """Whether the column holds a list. If it does not, more than one value is an error."""


@dataclass(frozen=True)
class _Select:
    """One element of ``select`` or ``unionAll`` in a ViewDefinition, with the elements inside
    it.
    """

    columns: tuple[_Column, ...]
    selects: tuple["_Select", ...]
    union: tuple["_Select", ...]
    iteration: str | None
    """``forEach``, ``forEachOrNull`` or ``repeat``; None if the element has none of them."""
    paths: tuple[_Path, ...]
    """The paths of ``iteration``. Only ``repeat`` can have several paths."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns of this element, and then those of the elements inside it."""
        return (
            *(column.name for column in self.columns),
            *(name for select in self.selects for name in select.names),
            *(self.union[0].names if self.union else ()),
        )


@dataclass(frozen=True)
class CompiledView:
    """A ViewDefinition that was compiled, so that it can make rows."""

    resource: str
    """The type of FHIR resource that the view reads, such as Patient."""
    columns: tuple[str, ...]
    _select: _Select
    _where: tuple[_Path, ...]
    _constants: Mapping[str, Any]

    def rows_of(self, resource: Resource) -> list[Row]:
        """Return the rows that the view makes from ``resource``. Each row has all columns.

        The list is empty if the view does not select the resource. Raise ``ViewFailed`` if a value
        cannot be computed.
        """
        if resource.get("resourceType") != self.resource:
            return []
        variables = {**self._constants, _ROW_INDEX: 0}
        if not all(_holds(path, resource, variables) for path in self._where):
            return []
        return _rows(self._select, resource, variables)


def compile_view(definition: Any) -> CompiledView:
    """Compile a ViewDefinition, given as parsed JSON. Raise ``ViewInvalid`` if it is not valid."""
    constants = {
        str(one["name"]): _value_of(one) for one in _objects(definition, "constant", needs="name")
    }
    compile_path = partial(_path, known=_KNOWN_VARIABLES.union(constants))
    select = _select({"select": _objects(definition, "select")}, compile_path)
    resource = definition.get("resource")
    if not isinstance(resource, str) or not select.names:
        raise ViewInvalid("a view needs a resource and a column")
    twice = {name for name in select.names if select.names.count(name) > 1}
    if twice:
        raise ViewInvalid(f"the column {min(twice)} stands twice")
    where = [compile_path(one["path"]) for one in _objects(definition, "where", needs="path")]
    return CompiledView(resource, select.names, select, tuple(where), constants)


def _objects(part: Any, name: str, needs: str | None = None) -> list[dict[str, Any]]:
    """Return the JSON objects in the list ``part[name]``; empty if there is no such list.

    Raise ``ViewInvalid`` if the value is not a list of objects. Raise it also if ``needs`` is given
    and an object has no text with this name.
    """
    found = part.get(name, []) if isinstance(part, dict) else None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ViewInvalid(f"{name} must be a list of objects")
    if needs and not all(isinstance(one.get(needs), str) for one in found):
        raise ViewInvalid(f"each {name} needs a {needs}")
    return found


def _value_of(constant: Mapping[str, Any]) -> Any:
    values = [value for name, value in constant.items() if name.startswith("value")]
    if len(values) != 1:
        raise ViewInvalid(f"the constant {constant['name']} needs one value")
    return values[0]


def _select(part: Mapping[str, Any], compile_path: "partial[_Path]") -> _Select:
    iterations = [name for name in _ITERATIONS if name in part]
    if len(iterations) > 1:
        raise ViewInvalid(f"{iterations[0]} and {iterations[1]} exclude each other")
    iteration = iterations[0] if iterations else None
    paths = part[iteration] if iteration else []
    select = _Select(
        tuple(
            _Column(one["name"], compile_path(one.get("path")), one.get("collection") is True)
            for one in _objects(part, "column", needs="name")
        ),
        tuple(_select(one, compile_path) for one in _objects(part, "select")),
        tuple(_select(one, compile_path) for one in _objects(part, "unionAll")),
        iteration,
        tuple(
            compile_path(path, keep_types=True)
            for path in (paths if isinstance(paths, list) else [paths])
        ),
    )
    for branch in select.union:
        if branch.names != select.union[0].names:
            raise ViewInvalid("the parts of unionAll must have the same columns in the same order")
    return select


def _path(text: Any, known: frozenset[str], keep_types: bool = False) -> _Path:
    """Compile a FHIRPath expression.

    ``known`` has the names of the constants that the expression may use. ``keep_types`` keeps the
    FHIR types of the results, from which other paths can start. Raise ``ViewInvalid`` if the
    expression is not valid or uses an unknown constant.
    """
    if not isinstance(text, str):
        raise ViewInvalid("a path must be a text")
    path, variables = _compiled(text, keep_types)
    unknown = variables - known
    if unknown:
        raise ViewInvalid(f"no constant is called {min(unknown)}")
    return path


@cache
def _compiled(text: str, keep_types: bool) -> tuple[_Path, frozenset[str]]:
    """Return the compiled FHIRPath expression, and the names of the constants that it uses."""
    _check_syntax(text)
    # The library knows ``$this`` only inside a function such as ``select``.
    compiled: Any = fhirpathpy.compile(
        f"select({text})" if "$this" in text else text,
        model=models["r4"],
        options={"returnRawData": keep_types, "userInvocationTable": _FUNCTIONS},
    )
    return compiled, frozenset(_variables(compiled.parsedPath))


class _SyntaxErrors(ErrorListener):  # type: ignore[misc]
    """A listener that raises an error for each syntax error of a FHIRPath expression.

    Without it, the parser of the library would guess what was meant.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    def syntaxError(self, *_error: Any) -> None:  # noqa: N802
        raise ViewInvalid(f"no FHIRPath: {self.text}")


def _check_syntax(text: str) -> None:
    """Raise ``ViewInvalid`` if the text is not one complete FHIRPath expression."""
    lexer = FHIRPathLexer(InputStream(text))
    parser = FHIRPathParser(CommonTokenStream(lexer))
    errors = _SyntaxErrors(text)
    for reader in (lexer, parser):
        reader.removeErrorListeners()
        reader.addErrorListener(errors)
    parser.expression()
    if parser.getCurrentToken().type != Token.EOF:
        raise ViewInvalid(f"no FHIRPath: {text}")


def _variables(tree: Any) -> Iterator[str]:
    """Yield the names of the constants that a parsed FHIRPath expression uses."""
    if tree.get("type") == "ExternalConstant":
        yield tree["children"][0]["text"].strip("`")
    for child in tree.get("children", []):
        yield from _variables(child)


def _resource_keys(elements: list[Any]) -> list[str]:
    return [one["id"] for one in elements if isinstance(one, dict) and "id" in one]


def _reference_keys(elements: list[Any], kind: str | None = None) -> list[str]:
    """Return the ids in references such as Patient/17.

    With ``kind``, return only the ids of references to resources of this type.
    """
    keys = []
    for one in elements:
        if not isinstance(one, dict):
            raise TypeError("no reference")
        parts = str(one.get("reference", "")).split("/_history/")[0].split("/")
        if len(parts) >= 2 and kind in (None, parts[-2]):
            keys.append(parts[-1])
    return keys


def _joined(elements: list[Any], separator: str = "") -> list[str]:
    """Return a list with one text, which is all elements joined.

    Without elements, the text is empty. The library's own function would return an empty list.
    """
    return [separator.join(elements)]


_FUNCTIONS = {
    "getResourceKey": {"fn": _resource_keys},
    "getReferenceKey": {"fn": _reference_keys, "arity": {0: [], 1: ["Identifier"]}},
    "join": {"fn": _joined, "arity": {0: [], 1: ["String"]}},
}


def _evaluate(path: _Path, element: Any, variables: Mapping[str, Any], name: str) -> list[Any]:
    """Return the values of the FHIRPath expression ``path`` on ``element``.

    Raise ``ViewFailed`` if they cannot be computed. Its text names the part of the view, ``name``.
    """
    try:
        return path(element, variables)
    except Exception:  # The library has no error class that could be caught instead.
        raise ViewFailed(f"{name} cannot be computed") from None


def _holds(path: _Path, resource: Resource, variables: Mapping[str, Any]) -> bool:
    values = _evaluate(path, resource, variables, "where")
    if any(not isinstance(value, bool) for value in values) or len(values) > 1:
        raise ViewFailed("where is neither true nor false")
    return values == [True]


def _rows(select: _Select, element: Any, variables: Mapping[str, Any]) -> list[Row]:
    if select.iteration is None:
        return _rows_of_one(select, element, variables)
    found = list(_iterated(select, element, variables))
    if not found and select.iteration == "forEachOrNull":
        return _rows_of_one(select, [], {**variables, _ROW_INDEX: 0})
    return [
        row
        for index, one in enumerate(found)
        for row in _rows_of_one(select, one, {**variables, _ROW_INDEX: index})
    ]


def _iterated(select: _Select, element: Any, variables: Mapping[str, Any]) -> Iterator[Any]:
    for path in select.paths:
        for one in _evaluate(path, element, variables, str(select.iteration)):
            yield one
            if select.iteration == "repeat":
                yield from _iterated(select, one, variables)


def _rows_of_one(select: _Select, element: Any, variables: Mapping[str, Any]) -> list[Row]:
    """Return the rows that one element of a resource gives.

    Each row combines the element's columns, one row of each nested ``select``, and one row of the
    union.
    """
    parts = [[{column.name: _cell(column, element, variables) for column in select.columns}]]
    parts += [_rows(one, element, variables) for one in select.selects]
    if select.union:
        parts.append([row for one in select.union for row in _rows(one, element, variables)])
    return [
        {name: value for row in rows for name, value in row.items()} for rows in product(*parts)
    ]


def _cell(column: _Column, element: Any, variables: Mapping[str, Any]) -> Any:
    values = _evaluate(column.path, element, variables, f"column {column.name}")
    if column.collection:
        return values
    if len(values) > 1:
        raise ViewFailed(f"column {column.name} has several values")
    return values[0] if values else None
