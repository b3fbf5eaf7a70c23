"""Whether a response format is one that the provider takes."""

import re
from typing import Any

from tests.fake_provider.checks import own
from tests.fake_provider.quirks import Quirks
from tests.fake_provider.schema_rules import SchemaRules
from tests.fake_xai import Recorded
from tests.fake_xai.response import RefusalError
from tests.fake_xai.subschemas import fault

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")  # openai's rule


def check_response_format(seen: Recorded, quirks: Quirks) -> None:
    """Refuse a response format of another type, and a schema of another dialect."""
    rules = quirks.schemas
    match seen.body.get("response_format"):
        case None | {"type": "text"}:
            return
        case {"type": kind} if kind not in rules.types:
            raise RefusalError(rules.bad_type) if rules.bad_type else own(f"no {kind} here")
        case {"type": "json_object"}:
            if rules.no_word and "json" not in "".join(seen.texts).lower():
                raise RefusalError(rules.no_word)
        case {"type": "json_schema", "json_schema": {"name": str(), "schema": dict()} as asked}:
            _check_schema(asked, seen.body["model"], rules)
        case _:
            # Ollama answers it without any format, and says nothing.
            raise own("a response format without its schema")


def _check_schema(asked: dict[str, Any], model: str, rules: SchemaRules) -> None:
    name, strict = asked["name"], asked.get("strict") is True
    if not _NAME.fullmatch(name):
        raise own(f"{name!r} is no name of a schema")
    if strict and rules.strict_models is not None and model not in rules.strict_models:
        raise own(f"{model} takes no strict schema")
    if problem := fault(asked["schema"]):
        raise own(f"this is no JSON Schema: {problem}")
    checks = (*rules.strict_checks, *rules.checks) if strict else rules.checks
    for check in checks:
        for refusal in check(asked["schema"]):
            if refusal.startswith("stand-in: "):
                raise own(refusal.removeprefix("stand-in: "))
            raise RefusalError(rules.bad_schema(name, refusal))
