"""The command `extract`: data of pictures, for programs and for people."""

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import JsonValue
from rich.console import Console

from grok_vision.cli.terminal import (
    as_json,
    print_aligned,
    print_footer,
    printable,
    tell_warnings,
)
from grok_vision.errors import RequestError
from grok_vision.results import Extraction
from grok_vision.texts import all_sendable, shortened
from grok_vision.vocabulary import PRESETS, Preset

_FIGURE = re.compile(r"[-+(]?\W{0,2}\d[\d.,\s]*\W{0,3}")
_MARKS = {"pass": "green", "fail": "red", "unclear": "yellow"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the options ask for."""

    schema: dict[str, JsonValue]
    preset: Preset | Literal[""]
    fail_on_fail: bool


def wanted(schema: str, preset: str, *, fail_on_fail: bool) -> Wanted:
    """Return what the options ask for; `schema` names a file, or `-` for standard input.

    Raises:
        RequestError: `bad_schema` where the file is none, `bad_argument`.
    """
    names: dict[str, Preset | Literal[""]] = {"": "", **{name: name for name in PRESETS}}
    if preset not in names:
        raise RequestError(
            "bad_argument",
            f"there is no preset {shortened(preset)}; there are {', '.join(PRESETS)}.",
        )
    if fail_on_fail and preset != "checklist":
        raise RequestError("bad_argument", "--fail-on-fail goes with --preset checklist only.")
    return Wanted(_read(schema) if schema else {}, names[preset], fail_on_fail)


def show(extraction: Extraction, wanted: Wanted) -> None:
    """Print the data, as JSON; a checklist on a terminal as lines. What is wrong goes to stderr."""
    tell_warnings(extraction)
    for problem in extraction.errors:
        place = f" at {problem.path}" if problem.path else ""
        sys.stderr.write(f"invalid{place}: {printable(problem.message)}\n")
    if not sys.stdout.isatty():
        print(_printed(extraction))
        return
    if extraction.valid and wanted.preset == "checklist":
        _show_checks(extraction)
    elif extraction.valid and wanted.preset == "table":
        _show_table(extraction.data)
    else:
        print(_printed(extraction))
    print_footer(extraction)


def exit_code(extraction: Extraction, wanted: Wanted) -> int:
    """Return 1 where the data does not fit, or a check failed that is to fail the command."""
    if not extraction.valid:
        return 1
    return int(wanted.fail_on_fail and any(one["result"] == "fail" for one in _checks(extraction)))


def _checks(extraction: Extraction) -> list[dict[str, str]]:
    checks: list[dict[str, str]] = extraction.data["checks"]
    return checks


def _printed(extraction: Extraction) -> str:
    """Return the data or, where there is none, the answer as it came."""
    if extraction.data is None and not extraction.valid:
        return printable(extraction.raw or "")
    return printable(as_json(all_sendable(extraction.data)))


def _show_checks(extraction: Extraction) -> None:
    console = Console()
    for one in _checks(extraction):
        result = one["result"]
        console.print(f"[bold {_MARKS[result]}]{result:8}[/]", end="")
        console.print(printable(one["expectation"]), markup=False, highlight=False)
        console.print(f"        {printable(one['evidence'])}", style="dim", markup=False)


def _show_table(data: dict[str, Any]) -> None:
    """Print a table as one; figures stand to the right."""
    rows = [tuple(map(str, row)) for row in (data["columns"], *data["rows"])]
    widest = max(map(len, rows))
    filled = [(*row, *[""] * (widest - len(row))) for row in rows]
    right = [
        number
        for number, column in enumerate(zip(*filled[1:], strict=True))
        if all(_FIGURE.fullmatch(cell) for cell in column if cell)
    ]
    if title := data.get("title"):
        print(f"{printable(title)}\n")
    print_aligned(filled, right=right)


def _read(name: str) -> dict[str, JsonValue]:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).expanduser().read_text("utf-8-sig")
        document = json.loads(text)
    except OSError as error:
        raise _unread(name, f"cannot be read: {error.strerror}") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise _unread(name, f"is not JSON: {error.msg} ({place})") from None
    except (ValueError, RecursionError):
        raise _unread(name, "is no text in UTF-8, or is nested too deep") from None
    if not isinstance(document, dict):
        raise _unread(name, "is not a JSON object")
    return document


def _unread(name: str, reason: str) -> RequestError:
    return RequestError("bad_schema", f"the schema {shortened(name)} {reason}.")
