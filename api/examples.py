"""The examples of the description: requests and answers as they were, kept in examples.json (tests/api/test_examples.py
runs them and records them anew)."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("examples.json")
JSON = "application/json"


@functools.cache
def examples() -> dict[str, dict[str, Any]]:
    """By operation: its `request` where it takes one, the `status` and the `response` of its success."""
    kept: dict[str, dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
    return kept


def put_examples(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A hook of drf-spectacular: give each operation its example, where it still has the place for it."""
    for item in result["paths"].values():
        for operation in item.values():
            example = examples().get(operation["operationId"], {})
            answer = operation["responses"].get(str(example.get("status")), {})
            for name, described in (("request", operation.get("requestBody", {})), ("response", answer)):
                content = described.get("content", {}).get(JSON)
                if content is not None and name in example:
                    content["example"] = example[name]
    return result
