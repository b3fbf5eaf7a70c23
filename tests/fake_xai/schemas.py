"""Which JSON Schemas xAI takes for structured outputs.

Source: docs.x.ai structured-outputs.md, 2026: these forms are answered 400.
"""

import re
from collections.abc import Iterator
from typing import Any

from tests.fake_xai.response import invalid_argument

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")  # openai's rule


def check_schema(body: dict[str, Any]) -> None:
    """Refuse a response format whose schema xAI does not take."""
    match body.get("response_format"):
        case {"type": "json_schema", "json_schema": {"name": str(name), "schema": dict(schema)}}:
            if not _NAME.fullmatch(name):
                raise invalid_argument("Invalid response_format: name")
            for problem in _problems(schema, "schema"):
                raise invalid_argument(f"Invalid response_format: {problem}")


def _problems(schema: dict[str, Any], path: str) -> Iterator[str]:
    yield from _own_problems(schema, path)
    for where, inner in _inner(schema):
        if isinstance(inner, dict):
            yield from _problems(inner, f"{path}.{where}")


def _own_problems(schema: dict[str, Any], path: str) -> Iterator[str]:
    for keyword in ("enum", "anyOf"):
        if schema.get(keyword) == []:
            yield f"empty {keyword} at {path}"
    for keyword in ("minContains", "maxContains"):
        if keyword in schema:
            yield f"{keyword} at {path}"
    if isinstance(schema.get("items"), list):
        yield f"array-form items at {path}"
    for name, inner in _mapping(schema, "properties"):
        if isinstance(inner, bool):
            yield f"boolean schema at {path}.properties.{name}"


def _inner(schema: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for keyword in ("properties", "$defs", "definitions"):
        for name, inner in _mapping(schema, keyword):
            yield f"{keyword}.{name}", inner
    for keyword in ("anyOf", "oneOf", "allOf", "prefixItems"):
        inners = schema.get(keyword)
        if isinstance(inners, list):
            for index, inner in enumerate(inners):
                yield f"{keyword}[{index}]", inner
    for keyword in ("items", "additionalProperties", "contains", "not"):
        yield keyword, schema.get(keyword)


def _mapping(schema: dict[str, Any], keyword: str) -> list[tuple[str, Any]]:
    inner = schema.get(keyword)
    return list(inner.items()) if isinstance(inner, dict) else []
