"""The command `extract`: data of pictures, for programs and for people."""

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import JsonValue
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grok_vision.cli.terminal import (
    as_json,
    on_a_line,
    print_footer,
    printable,
    tell_warnings,
)
from grok_vision.errors import RequestError
from grok_vision.results import Extraction
from grok_vision.texts import shortened
from grok_vision.vocabulary import Preset

_FIGURE = re.compile(r"[-+(]?\W{0,2}\d[\d.,\s]*\W{0,3}")
_NARROWEST = 6
_MARKS = {"pass": "green", "fail": "red", "unclear": "yellow"}


@dataclass(frozen=True, slots=True)
class Options:
    """What the options ask for."""

    schema: dict[str, JsonValue]
    preset: Preset | Literal[""]
    fail_on_fail: bool


def wanted(schema: str, preset: Preset | None, *, fail_on_fail: bool) -> Options:
    """Return what the options ask for; `schema` is a file, `-` for stdin, or the schema itself.

    Raises:
        RequestError: `bad_schema` where the file is none, `bad_argument`.
    """
    if fail_on_fail and preset != "checklist":
        raise RequestError("bad_argument", "--fail-on-fail goes with --preset checklist only.")
    return Options(_read(schema) if schema else {}, preset or "", fail_on_fail)


def show(extraction: Extraction, wanted: Options) -> None:
    """Print the data, as JSON; checklists and tables on a terminal as such."""
    tell_warnings(extraction)
    for problem in extraction.errors:
        place = f" at {problem.path}" if problem.path else ""
        sys.stderr.write(f"invalid{printable(place)}: {on_a_line(problem.message)}\n")
    if extraction.data is None and not extraction.valid:
        # What the offline engine read instead is in the structured result.
        if extraction.provider != "local":
            sys.stderr.write(f"{printable(extraction.raw or '')}\n")
        return
    is_terminal = sys.stdout.isatty()
    preset = wanted.preset if is_terminal and extraction.valid else ""
    if preset == "checklist":
        _show_checks(extraction)
    elif preset == "table" and _is_narrow(extraction.data):
        _show_table(extraction.data)
    else:
        print(as_json(extraction.data))
    if is_terminal:
        print_footer(extraction)


def exit_code(extraction: Extraction, wanted: Options) -> int:
    """Return 1 where the data does not fit, or a check failed that is to fail the command."""
    if not extraction.valid:
        return 1
    return int(wanted.fail_on_fail and any(one["result"] == "fail" for one in _checks(extraction)))


def _checks(extraction: Extraction) -> list[dict[str, str]]:
    checks: list[dict[str, str]] = extraction.data["checks"]
    return checks


def _show_checks(extraction: Extraction) -> None:
    shown = Table.grid()
    shown.add_column(width=8)
    shown.add_column(overflow="fold")
    for one in _checks(extraction):
        result = one["result"]
        shown.add_row(Text(result, f"bold {_MARKS[result]}"), Text(on_a_line(one["expectation"])))
        shown.add_row("", Text(on_a_line(one["evidence"]), "dim"))
    Console().print(shown)


def _is_narrow(data: dict[str, Any]) -> bool:
    """Tell whether each column gets a few characters of the terminal."""
    return len(data["columns"]) * _NARROWEST <= Console().width


def _show_table(data: dict[str, Any]) -> None:
    """Print a table as one, as wide as the terminal; figures stand to the right."""
    rows = [[on_a_line(str(cell)) for cell in row] for row in (data["columns"], *data["rows"])]
    widest = max(map(len, rows))
    filled = [[*row, *[""] * (widest - len(row))] for row in rows]
    table = Table(box=None, pad_edge=False)
    for heading, *cells in zip(*filled, strict=True):
        is_figures = any(cells) and all(_FIGURE.fullmatch(cell) for cell in cells if cell)
        table.add_column(Text(heading), justify="right" if is_figures else "left", overflow="fold")
    for row in filled[1:]:
        table.add_row(*map(Text, row))
    console = Console(highlight=False, emoji=False)
    for told in (data.get("title"), table, data.get("notes")):
        if told:
            console.print(on_a_line(told) if isinstance(told, str) else told, markup=False)


def _read(name: str) -> dict[str, JsonValue]:
    try:
        document = json.loads(_text(name))
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


def _text(name: str) -> str:
    if name == "-":
        return sys.stdin.read()
    is_schema = name.lstrip().startswith("{")
    return name if is_schema else Path(name).expanduser().read_text("utf-8-sig")


def _unread(name: str, reason: str) -> RequestError:
    return RequestError("bad_schema", f"the schema {shortened(name)} {reason}.")
