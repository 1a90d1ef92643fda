"""The examples of the description are true: each is asked for as it says, and answered so.

`RECORD_EXAMPLES=1 pytest tests/api/test_examples.py -k holds` writes api/examples.json anew, from the scenes of
example_scenes.py; nothing changes in it unless the API or a scene has.
"""

from __future__ import annotations

import functools
import os
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from jsonschema import Draft202012Validator, FormatChecker

from api.examples import JSON, examples
from registry import clock
from registry.intake import papers as intake
from registry.papers.checking import Checked
from registry.rules.documents import DocumentType
from tests import papers
from tests.api.example_runs import SITE, Run, operations, success, write
from tests.api.example_scenes import NUMBER, OF_FILES
from tests.api.example_staff_scenes import OF_STAFF

pytestmark = pytest.mark.django_db
IS_RECORDING = os.environ.get("RECORD_EXAMPLES") == "1"


@functools.cache
def description() -> dict[str, Any]:
    answer = Client().get("/api/v1/schema/", headers={"accept": "application/vnd.oai.openapi+json"})
    described: dict[str, Any] = answer.json()
    return described


@pytest.fixture
def schema() -> dict[str, Any]:
    return description()


@pytest.fixture
def run(schema: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Run:
    """At NOW unless a scene says otherwise; a file that is sent is a good PDF, without a process that looks at it."""
    described = {name: (method, path, told) for name, method, path, told in operations(schema)}
    made = Run(described, examples(), IS_RECORDING)
    seen = Checked(None, DocumentType.PDF, 1, text=" ".join(papers.TEXT).replace("08000101", NUMBER))
    monkeypatch.setattr(secrets, "choice", made.chance.choice)
    monkeypatch.setattr(clock, "now", lambda: made.now)
    monkeypatch.setattr(intake, "check_file", lambda *_: seen)
    monkeypatch.setattr(settings, "SITE_URL", SITE)
    return made


def test_each_example_holds(run: Run) -> None:
    """Fails where an example is not asked for, is answered otherwise, or lacks a member, a code or has another type."""
    for scene in (*OF_FILES, *OF_STAFF):
        run.play(scene)
    assert not run.wrong, "\n".join(map(str, run.wrong))
    if IS_RECORDING:
        write(run.recorded)
        examples.cache_clear()
    assert set(run.recorded) == set(examples())


def test_every_operation_that_takes_or_answers_json_has_its_example(schema: dict[str, Any]) -> None:
    """Fails for a new operation, and for an example of one that is gone."""
    requests, responses = set(), set()
    for name, _, _, operation in operations(schema):
        if JSON in operation.get("requestBody", {}).get("content", {}):
            requests.add(name)
        if JSON in success(operation)[1]:
            responses.add(name)
    assert {name for name, example in examples().items() if "request" in example} == requests
    assert {name for name, example in examples().items() if "response" in example} == responses


def test_each_example_is_what_the_description_says(schema: dict[str, Any]) -> None:
    wrong = []
    for name, _, _, operation in operations(schema):
        contents = {"request": operation.get("requestBody", {}).get("content", {}), "response": success(operation)[1]}
        for part in contents.keys() & examples().get(name, {}).keys():
            described = contents[part][JSON]
            assert described["example"] == examples()[name][part], name
            checker = Draft202012Validator(
                described["schema"] | {"components": schema["components"]}, format_checker=FormatChecker()
            )
            wrong += [(name, part, e.json_path, e.message) for e in checker.iter_errors(described["example"])]
    assert wrong == []


def test_no_answer_has_a_member_that_the_description_does_not_name(schema: dict[str, Any]) -> None:
    """Fails for a member of a report that only its code knows of."""
    wrong = []
    for name, _, _, operation in operations(schema):
        described = success(operation)[1].get(JSON, {}).get("schema", {})
        found = unnamed(described, schema["components"]["schemas"], examples().get(name, {}).get("response"))
        wrong += [(name, member) for member in found]
    assert wrong == []


def unnamed(described: dict[str, Any], components: dict[str, Any], value: Any) -> Iterator[str]:
    """The members of a document that its schema does not name, wherever they stand in it."""
    while "$ref" in described:
        described = components[described["$ref"].rsplit("/", 1)[1]]
    if isinstance(value, list):
        for one in value:
            yield from unnamed(described.get("items", {}), components, one)
    named = described.get("properties")
    if isinstance(value, dict) and named is not None:
        yield from value.keys() - named.keys()
        for member in value.keys() & named.keys():
            yield from unnamed(named[member], components, value[member])
