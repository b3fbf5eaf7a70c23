"""Changes one value in a text of JSON and leaves every other character of it as it is."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

JSON: TypeAlias = dict[str, "JSON"] | list["JSON"] | str | int | float | bool | None
_BLANK = re.compile(r"[ \t\r\n]*")
_INDENT = re.compile(r"\n([ \t]+)\S")
_NEW = "{\n}\n"


@dataclass(frozen=True)
class _Item:
    """A member of an object, or an element of a list, which has its number as its name."""

    key: str
    start: int
    value: int
    end: int


def parse(text: str) -> dict[str, JSON]:
    """Return the object that the text is; an empty text is an empty object.

    Raises:
        ValueError: it is not plain JSON: broken, with comments, with a name twice in an object,
            or no object.
        RecursionError: it is nested too deeply.
    """
    value = _DECODER.decode(text) if text.strip() else {}
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def with_value(found: JSON, path: Sequence[str], value: JSON) -> JSON:
    """Return what was found with `value` under the names of `path`; objects on the way are made."""
    if not path:
        return value
    inner = found if isinstance(found, dict) else {}
    return {**inner, path[0]: with_value(inner.get(path[0]), path[1:], value)}


def put(text: str, path: Sequence[str], value: JSON) -> str:
    """Return the text with `value` under the names of `path`; objects on the way are made.

    Raises:
        ValueError: it cannot be put there and leave the rest as it is.
    """
    changed = _put(text, path, value)
    if parse(changed) != with_value(parse(text), path, value):
        raise ValueError("its layout is one that cannot be changed safely")
    return changed


def _put(text: str, path: Sequence[str], value: JSON) -> str:
    text = text if parse(text) else _NEW
    start, end = _skip(text, 0), len(text)
    for depth, key in enumerate(path, 1):
        _check_object(text, start, path[: depth - 1])
        items = list(_items(text, start))
        found = next((item for item in items if item.key == key), None)
        if found is None:
            for name in reversed(path[depth:]):
                value = {name: value}
            return _with_item(text, start, items, f"{_string(key)}: ", value, depth)
        start, end = found.value, found.end
    return text[:start] + _dumped(text, value, len(path)) + text[end:]


def add(text: str, path: Sequence[str], value: JSON) -> str:
    """Return the text with `value` at the end of the list under `path`, which is made."""
    opening = _find(text, path)
    if opening is None:
        return put(text, path, [value])
    if text[opening] != "[":
        raise ValueError(f"{'.'.join(path)} is not a list")
    return _with_item(text, opening, list(_items(text, opening)), "", value, len(path) + 1)


def take(text: str, path: Sequence[str]) -> str:
    """Return the text without what is under the names of `path`, which must be there.

    An element of a list goes by its number.
    """
    opening = _find(text, path[:-1])
    if opening is None:
        raise KeyError(path[-1])
    items = list(_items(text, opening))
    (at,) = (number for number, item in enumerate(items) if item.key == path[-1])
    if len(items) == 1:
        return text[: opening + 1] + text[_skip(text, items[0].end) :]
    if at == len(items) - 1:
        return text[: items[at - 1].end] + text[items[at].end :]
    return text[: items[at].start] + text[items[at + 1].start :]


def block(path: Sequence[str], value: JSON) -> str:
    """Return a text that holds `value` under the names of `path`, and nothing else."""
    return put("", path, value).rstrip("\n")


def _find(text: str, path: Sequence[str]) -> int | None:
    opening = _skip(text, 0)
    for depth, key in enumerate(path):
        _check_object(text, opening, path[:depth])
        item = next((item for item in _items(text, opening) if item.key == key), None)
        if item is None:
            return None
        opening = item.value
    return opening


def _check_object(text: str, opening: int, path: Sequence[str]) -> None:
    if text[opening : opening + 1] not in {"{", ""}:
        raise ValueError(f"{'.'.join(path)} is not an object")


def _items(text: str, opening: int) -> Iterator[_Item]:
    """Yield what the object or the list that begins at `opening` holds, of text that is valid."""
    at, number = _skip(text, opening + 1), 0
    while opening < len(text) and text[at] not in "}]":
        at = start = _skip(text, at + 1) if text[at] == "," else at
        key, number = str(number), number + 1
        if text[opening] == "{":
            key, at = _DECODER.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        _, end = _DECODER.raw_decode(text, at)
        yield _Item(key, start, at, end)
        at = _skip(text, end)


def _with_item(
    text: str, opening: int, items: Sequence[_Item], name: str, value: JSON, depth: int
) -> str:
    """Return the text with one item more at the end of the object or list at `opening`."""
    item = name + _dumped(text, value, depth)
    last = items[-1].end if items else opening + 1
    if _is_one_line(text):
        return text[:last] + (", " if items else "") + item + text[last:]
    line = _line(text)
    if items:
        return f"{text[:last]},{line}{_unit(text) * depth}{item}{text[last:]}"
    rest = text[_skip(text, last) :]
    return f"{text[:last]}{line}{_unit(text) * depth}{item}{line}{_unit(text) * (depth - 1)}{rest}"


def _dumped(text: str, value: JSON, depth: int) -> str:
    """Return the value in the text's own layout, for a place so many levels deep."""
    if _is_one_line(text):
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    dumped = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=_unit(text))
    return (_line(text) + _unit(text) * depth).join(dumped.split("\n"))


def _is_one_line(text: str) -> bool:
    return "\n" not in text.strip()


def _unit(text: str) -> str:
    found = _INDENT.search(text)
    return found[1] if found else "  "


def _line(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _unique(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name twice in one object")
    return found


def _no_constant(name: str) -> JSON:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)
