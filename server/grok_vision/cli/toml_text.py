"""Changes one value in a text of TOML and keeps its comments and its order."""

import tomllib
from collections.abc import MutableMapping, Sequence
from typing import cast

import tomlkit
from tomlkit.exceptions import TOMLKitError

from grok_vision.cli.json_text import JSON

_Table = MutableMapping[str, object]


def parse(text: str) -> dict[str, JSON]:
    """Return what the text holds.

    Raises:
        ValueError: it is not TOML.
    """
    return tomllib.loads(text)


def put(text: str, path: Sequence[str], value: JSON) -> str:
    """Return the text with `value` under the names of `path`; tables on the way are made.

    Raises:
        ValueError: it cannot be put there and leave the rest as it is.
    """
    wanted = parse(text)
    _inner(wanted, path[:-1])[path[-1]] = value
    try:
        document = tomlkit.parse(text)
        _inner(document, path[:-1])[path[-1]] = value
        return _checked(tomlkit.dumps(document), wanted, path)
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
        return _checked(tomlkit.dumps(document), wanted, path)
    except TOMLKitError as error:
        raise ValueError(str(error)) from None


def block(path: Sequence[str], value: JSON) -> str:
    """Return a text that holds `value` under the names of `path`, and nothing else."""
    return put("", path, value).rstrip("\n")


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


def _checked(changed: str, wanted: dict[str, JSON], path: Sequence[str]) -> str:
    """Return the text if it says what is wanted, as the standard library reads it.

    The parser that keeps comments is a second one: where the two disagree, nothing is written.
    """
    found = parse(changed)
    _inner(found, path[:-1])  # which go where nothing is left in them
    if found != wanted:
        raise ValueError("its layout is one that cannot be changed safely")
    return changed
