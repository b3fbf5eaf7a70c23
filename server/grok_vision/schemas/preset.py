"""The schemas that come with the server."""

import json
import re
from collections.abc import Sequence
from importlib import resources
from typing import Any

from grok_vision.errors import RequestError
from grok_vision.schemas.schema import Schema, checked
from grok_vision.vocabulary import Preset

MOST_EXPECTATIONS = 100
# What people put before a line of a list: a dash, a number, a box.
_BULLET = re.compile(r"^(?:[-*+•](?:\s+|$)|\d{1,3}[.)](?:\s+|$))?(?:\[[ xX]?\](?:\s+|$))?")


def preset_text(name: Preset) -> str:
    """Return the file of a preset: a JSON Schema 2020-12 with a title and a description."""
    folder = resources.files("grok_vision.schemas").joinpath("presets")
    return folder.joinpath(f"{name}.json").read_text("utf-8")


def preset_schema(name: Preset, expectations: Sequence[str] = ()) -> Schema:
    """Return the schema of a preset; that of `checklist` asks for each of the expectations."""
    document = json.loads(preset_text(name))
    if expectations:
        _narrow(document, expectations)
    return checked(document, name)


def expectations_of(prompt: str) -> list[str]:
    """Return the expectations, one per line, each once and without the marks of a list.

    Raises:
        RequestError: `bad_argument`, where there is none or more than `MOST_EXPECTATIONS`.
    """
    lines = (_BULLET.sub("", line.strip()) for line in prompt.splitlines())
    found = list(dict.fromkeys(line for line in lines if line))
    if not found:
        raise RequestError(
            "bad_argument",
            "the preset checklist takes its expectations from the prompt, one per line, and there "
            "is none.",
        )
    if len(found) > MOST_EXPECTATIONS:
        raise RequestError(
            "bad_argument",
            f"the prompt has {len(found):,} expectations, and a checklist takes at most "
            f"{MOST_EXPECTATIONS}; ask in several calls.",
        )
    return found


def _narrow(document: dict[str, Any], expectations: Sequence[str]) -> None:
    """Let the answer have one check for each expectation, and no other."""
    checks = document["properties"]["checks"]
    checks["minItems"] = checks["maxItems"] = len(expectations)
    checks["items"]["properties"]["expectation"]["enum"] = [*expectations]
    # As many as there are, of which each is one: so each once.
    checks["allOf"] = [{"contains": _about(one)} for one in expectations]


def _about(expectation: str) -> dict[str, Any]:
    return {"properties": {"expectation": {"const": expectation}}, "required": ["expectation"]}
