"""Changes one value in a text of TOML and keeps its comments and its order."""

import math
import tomllib
from collections import Counter
from collections.abc import MutableMapping, Sequence
from contextlib import suppress
from typing import cast

import tomlkit
from tomlkit.exceptions import TOMLKitError

from grok_vision.cli.json_text import JSON, with_value

_Table = MutableMapping[str, object]


def parse(text: str) -> dict[str, JSON]:
    """Return what the text holds.

    Raises:
        ValueError: it is not TOML.
        RecursionError: it is nested too deeply.
    """
    return tomllib.loads(text, parse_float=_number)


def put(text: str, path: Sequence[str], value: JSON) -> str:
    """Return the text with `value` under the names of `path`; tables on the way are made.

    What is new goes to the end, where it comes between no comment and what that is about.

    Raises:
        ValueError: it cannot be put there and leave the rest as it is.
    """
    wanted = with_value(parse(text), path, value)
    try:
        document = tomlkit.parse(text)
        table = _inner(document, path[:-1])
        if path[-1] not in table:
            with suppress(ValueError):  # the tables on the way have no headers
                return _checked(text, _appended(text, block(path, value)), wanted, path)
        table[path[-1]] = value
        return _checked(text, tomlkit.dumps(document), wanted, path)
    except TOMLKitError as error:
        raise ValueError(str(error)) from None


def take(text: str, path: Sequence[str]) -> str:
    """Return the text without what is under the names of `path`, which must be there.

    Raises:
        ValueError: it cannot be taken out and leave the rest as it is.
    """
    wanted = parse(text)
    del _inner(wanted, path[:-1])[path[-1]]
    try:
        document = tomlkit.parse(text)
        del _inner(document, path[:-1])[path[-1]]
        return _checked(text, tomlkit.dumps(document), wanted, path)
    except TOMLKitError as error:
        raise ValueError(str(error)) from None


def block(path: Sequence[str], value: JSON) -> str:
    """Return a text that holds `value` under the names of `path`, and nothing else."""
    document = tomlkit.document()
    _inner(document, path[:-1])[path[-1]] = value
    return tomlkit.dumps(document).rstrip("\n")


def _appended(text: str, end: str) -> str:
    if not text.strip():
        return f"{end}\n"
    return text + ("\n" if text.endswith("\n") else "\n\n") + f"{end}\n"


def _inner(table: object, path: Sequence[str]) -> _Table:
    """Return the table under the names of `path`; those that are not there are made."""
    for name in path:
        if not isinstance(table, MutableMapping):
            break
        if name not in table:
            # Without a header of its own, as people write it.
            table[name] = tomlkit.table(is_super_table=True)
        table = table[name]
    if not isinstance(table, MutableMapping):
        raise ValueError(f"{'.'.join(path)} is not a table")
    return cast("_Table", table)


def _checked(before: str, after: str, wanted: JSON, path: Sequence[str]) -> str:
    """Return the text if it says what is wanted, as the standard library reads it.

    The parser that keeps comments is a second one: where the two disagree, nothing is written.
    Nor is it where a comment would go: that parser takes those above a header for a part of the
    table before it.
    """
    if "\r\n" in before and "\n" not in before.replace("\r\n", ""):
        after = after.replace("\r\n", "\n").replace("\n", "\r\n")
    found = parse(after)
    _inner(found, path[:-1])  # which go where nothing is left in them
    if found != wanted:
        raise ValueError("its layout is one that cannot be changed safely")
    if _comments(before) - _comments(after):
        raise ValueError("a comment in or after the entry would go")
    return after


def _comments(text: str) -> Counter[str]:
    """Return all that may be a comment."""
    return Counter(line[line.index("#") :] for line in text.splitlines() if "#" in line)


def _number(text: str) -> float:
    """Return the number; those that are none are one and the same, and so equal."""
    number = float(text)
    return math.nan if math.isnan(number) else number
