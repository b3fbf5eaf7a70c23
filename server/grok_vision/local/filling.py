"""Answers in the form that is wanted, or says why that takes a vision model."""

import json
from collections.abc import Callable
from collections.abc import Set as AbstractSet

from grok_vision.local.checklist import Check, check
from grok_vision.local.forms import Form
from grok_vision.local.report import Reading, as_json, as_markdown
from grok_vision.local.search import passages
from grok_vision.local.tables import Table, table
from grok_vision.local.wire import Reply
from grok_vision.vocabulary import PRESETS

_NEEDS_MODEL = "needs a vision model"
_NO_TABLE = "no table was found"


def reply(
    form: Form, readings: tuple[Reading, ...], letters: Callable[[], AbstractSet[str]]
) -> Reply:
    """Returns the answer to a request.

    Args:
        form: The form that is wanted; a comparison reads its pictures otherwise, and apart.
        readings: What was found in each picture.
        letters: Returns the characters that the reader knows.
    """
    match form.kind:
        case "markdown":
            return Reply(as_markdown(readings))
        case "json":
            return Reply(as_json(readings))
        case "checklist":
            return _checklist(form.expectations, readings, letters())
        case "table":
            return _table(form, readings)
        case "comparison" | "other":
            return _refused(form, readings, _NEEDS_MODEL)


def _checklist(
    expectations: tuple[str, ...], readings: tuple[Reading, ...], letters: AbstractSet[str]
) -> Reply:
    pictures = [passages(found.lines) for found in readings]
    checks = [_check(check(one, pictures, letters)) for one in expectations]
    return Reply(json.dumps({"checks": checks}, ensure_ascii=False))


def _check(found: Check) -> dict[str, str | int]:
    decided: dict[str, str | int] = {
        "expectation": found.expectation,
        "evidence": found.evidence,
        "result": found.result,
    }
    return decided | ({"image": found.image} if found.image else {})


def _table(form: Form, readings: tuple[Reading, ...]) -> Reply:
    tables = [found for reading in readings if (found := table(reading.lines))]
    if not tables:
        return _refused(form, readings, _NO_TABLE)
    largest = max(tables, key=lambda found: found.size)
    return Reply(json.dumps(_cells(largest), ensure_ascii=False))


def _cells(found: Table) -> dict[str, object]:
    title, note = found.caption.title, found.caption.note
    return {
        **({"title": title} if title else {}),
        "columns": found.columns,
        "rows": found.rows,
        **({"notes": note} if note else {}),
    }


def _refused(form: Form, readings: tuple[Reading, ...], reason: str) -> Reply:
    schema = f"the preset {form.name}" if form.name in PRESETS else "a schema of your own"
    why = "that takes a vision model" if reason == _NEEDS_MODEL else reason
    return Reply(
        as_json(readings, unsupported=reason),
        refusal=f"The offline engine cannot fill {schema}: {why}.",
    )
