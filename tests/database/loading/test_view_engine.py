"""ViewDefinitions of SQL on FHIR v2: each feature that its specification describes, on one record.

The suite of the specification was run as well: docs/decisions/fhir_views.md.
"""

import pytest

from dashboard.database.loading.view_engine import ViewFailed, ViewInvalid, compile_view

PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "active": True,
    "birthDate": "1983-05-02",
    "multipleBirthInteger": 2,
    "name": [
        {"use": "official", "family": "Lefèvre", "given": ["Camille", "Anne"]},
        {"use": "maiden", "family": "Roux"},
    ],
    "contact": [
        {"name": {"family": "Petit"}, "telecom": [{"system": "phone"}, {"system": "email"}]},
        {"name": {"family": "Moreau"}},
    ],
    "managingOrganization": {"reference": "Organization/o1"},
    "generalPractitioner": [{"reference": "https://example.org/r4/Practitioner/g1/_history/3"}],
    "extension": [{"url": "https://example.org/score", "valueDecimal": 12.5}],
}

ANSWERS = {
    "resourceType": "QuestionnaireResponse",
    "id": "q1",
    "item": [
        {"linkId": "1", "item": [{"linkId": "1.1", "answer": [{"item": [{"linkId": "1.1.1"}]}]}]},
        {"linkId": "2"},
    ],
}


def columns(**paths):
    return {"column": [{"name": name, "path": path} for name, path in paths.items()]}


def rows(*select, resource=PATIENT, **others):
    """Return the rows of a view as lists of values, in the order of its columns."""
    kind = resource["resourceType"]
    view = compile_view({"resource": kind, "select": list(select), **others})
    return [[row[name] for name in view.columns] for row in view.rows_of(resource)]


VALUES = {
    "an element": ("birthDate", "1983-05-02"),
    "an element that is absent": ("deceased", None),
    "the first of several": ("name.family.first()", "Lefèvre"),
    "one by its place": ("name[1].family", "Roux"),
    "one by a condition": ("name.where(use = 'maiden').family", "Roux"),
    "one of a choice of types": ("multipleBirth.ofType(integer)", 2),
    "another type than the one present": ("multipleBirth.ofType(boolean)", None),
    "an extension": ("extension('https://example.org/score').value.ofType(decimal)", 12.5),
    "a fraction as text": ("extension.value.toString()", "12.5"),
    "whether it exists": ("name.exists()", True),
    "texts joined": ("name.given.join(', ')", "Camille, Anne"),
    "no texts joined": ("name.suffix.join(', ')", ""),
    "a choice by a condition": ("iif(gender.exists(), gender, 'unknown')", "unknown"),
    "the record itself": ("$this.id", "p1"),
    "the key of the resource": ("getResourceKey()", "p1"),
    "the key of a reference": ("managingOrganization.getReferenceKey()", "o1"),
    "the key of an absolute reference": ("generalPractitioner.getReferenceKey(Practitioner)", "g1"),
    "no key of another type": ("managingOrganization.getReferenceKey(Patient)", None),
}


@pytest.mark.parametrize(("path", "value"), VALUES.values(), ids=VALUES)
def test_a_path_has_the_value(path, value):
    assert rows(columns(one=path)) == [[value]]


FAMILIES = ["Lefèvre", "Roux"]

ROWS = {
    "a column of several values": (
        [{"column": [{"name": "all", "path": "name.family", "collection": True}]}],
        [[FAMILIES]],
    ),
    "forEach": (
        [columns(id="id"), {"forEach": "name", **columns(family="family")}],
        [["p1", "Lefèvre"], ["p1", "Roux"]],
    ),
    "forEach of nothing": ([columns(id="id"), {"forEach": "photo", **columns(url="url")}], []),
    "forEachOrNull of nothing": (
        [columns(id="id"), {"forEachOrNull": "photo", **columns(url="url")}],
        [["p1", None]],
    ),
    "forEach within forEach": (
        [
            {
                "forEach": "contact",
                **columns(family="name.family"),
                "select": [{"forEachOrNull": "telecom", **columns(system="system")}],
            }
        ],
        [["Petit", "phone"], ["Petit", "email"], ["Moreau", None]],
    ),
    "two of them beside each other": (
        [
            {"forEach": "name", **columns(family="family")},
            {"forEach": "contact", **columns(contact="name.family")},
        ],
        [[name, contact] for name in FAMILIES for contact in ("Petit", "Moreau")],
    ),
    "the place of a row": (
        [{"forEach": "name", **columns(place="%rowIndex", family="family")}],
        [[0, "Lefèvre"], [1, "Roux"]],
    ),
    "unionAll": (
        [
            columns(id="id"),
            {
                "unionAll": [
                    {"forEach": "name", **columns(family="family")},
                    {"forEach": "contact.name", **columns(family="family")},
                    {"forEach": "photo", **columns(family="url")},
                ]
            },
        ],
        [["p1", name] for name in (*FAMILIES, "Petit", "Moreau")],
    ),
}


@pytest.mark.parametrize(("select", "expected"), ROWS.values(), ids=ROWS)
def test_a_select_makes_the_rows(select, expected):
    assert rows(*select) == expected


def test_repeat_walks_down_every_path_that_it_names():
    select = {"repeat": ["item", "answer.item"], **columns(link="linkId")}
    assert rows(select, resource=ANSWERS) == [["1"], ["1.1"], ["1.1.1"], ["2"]]


@pytest.mark.parametrize(
    ("condition", "number"),
    [("active", 1), ("active.not()", 0), ("deceased", 0), ("name.exists() and id = 'p1'", 1)],
)
def test_a_resource_has_rows_if_each_condition_holds(condition, number):
    conditions = [{"path": "name.exists()"}, {"path": condition}]
    assert len(rows(columns(id="id"), where=conditions)) == number


def test_a_constant_stands_in_a_path_a_loop_and_a_condition():
    select = {"forEach": "name.where(use = %kind)", **columns(kind="%kind", family="family")}
    assert rows(
        select,
        constant=[{"name": "kind", "valueCode": "maiden"}],
        where=[{"path": "name.where(use = %kind).exists()"}],
    ) == [["maiden", "Roux"]]


def test_a_resource_of_another_type_has_no_row():
    view = compile_view({"resource": "Observation", "select": [columns(id="id")]})
    assert view.rows_of(PATIENT) == []


INVALID = {
    "no object": ([], "constant must be a list of objects"),
    "no resource": ({"select": [columns(id="id")]}, "needs a resource and a column"),
    "no column": ({"resource": "Patient", "select": []}, "needs a resource and a column"),
    "a select that is no list": ({"resource": "Patient", "select": {}}, "select must be a list"),
    "a column without a name": (
        {"resource": "Patient", "select": [{"column": [{"path": "id"}]}]},
        "each column needs a name",
    ),
    "a path that is no text": (
        {"resource": "Patient", "select": [{"forEach": 1, **columns(id="id")}]},
        "a path must be a text",
    ),
    "a path that ends in the middle": (
        {"resource": "Patient", "select": [columns(id="name.where(")]},
        r"no FHIRPath: name.where\(",
    ),
    "words after a path": (
        {"resource": "Patient", "select": [columns(id="active = true nonsense")]},
        "no FHIRPath: active = true nonsense",
    ),
    "a bracket too many": (
        {"resource": "Patient", "select": [columns(id="name.family)")]},
        r"no FHIRPath: name.family\)",
    ),
    "two loops in one": (
        {"resource": "Patient", "select": [{"forEach": "name", "repeat": ["item"]}]},
        "forEach and repeat exclude each other",
    ),
    "a column twice": (
        {"resource": "Patient", "select": [columns(id="id"), columns(id="active")]},
        "the column id stands twice",
    ),
    "a union without one of the columns": (
        {
            "resource": "Patient",
            "select": [{"unionAll": [columns(id="id", sex="gender"), columns(id="id")]}],
        },
        "the parts of unionAll must have the same columns",
    ),
    "a constant that nothing defines": (
        {"resource": "Patient", "select": [columns(id="%kind")]},
        "no constant is called kind",
    ),
    "a constant without a value": (
        {"resource": "Patient", "select": [columns(id="id")], "constant": [{"name": "kind"}]},
        "the constant kind needs one value",
    ),
}


@pytest.mark.parametrize(("definition", "sentence"), INVALID.values(), ids=INVALID)
def test_what_is_no_view_is_refused(definition, sentence):
    with pytest.raises(ViewInvalid, match=sentence):
        compile_view(definition)


FAILING = {
    "several values in a column": (columns(family="name.family"), "column family has several"),
    "a reference that is a text": (columns(key="id.getReferenceKey()"), "column key cannot be"),
    "a function that does not exist": (columns(key="name.shout()"), "column key cannot be"),
    "a loop over such a function": (
        {"forEach": "name.shout()", **columns(id="id")},
        "forEach cannot be computed",
    ),
}


@pytest.mark.parametrize(("select", "sentence"), FAILING.values(), ids=FAILING)
def test_a_view_that_fails_says_where_and_quotes_nothing(select, sentence):
    with pytest.raises(ViewFailed, match=sentence) as failed:
        rows(select)
    assert not any(name in str(failed.value) for name in FAMILIES)


def test_a_condition_that_is_no_truth_fails():
    with pytest.raises(ViewFailed, match="where is neither true nor false"):
        rows(columns(id="id"), where=[{"path": "name.family"}])
