"""A text, read as strict JSON: what two readers could read differently is refused and told."""

import json
import math
import re
from collections.abc import Iterable, Iterator

from pydantic import JsonValue

from grok_vision.texts import all_sendable

Path = tuple[str | int, ...]

MAX_DEPTH = 100
_MOST_DIGITS = 300
# The whole reply is one fence; what is in it must be JSON all the same, so two fences are none.
_FENCE = re.compile(r"```[A-Za-z0-9]*\s*(.*?)\s*```", re.DOTALL)


class MalformedError(ValueError):
    """The text is not JSON; the message says why, in a few words and without quoting much."""


def unfenced(text: str) -> str:
    """Return the text without white space around it, and without a fence that holds all of it."""
    bare = text.strip().removeprefix("\ufeff").strip()
    fenced = _FENCE.fullmatch(bare)
    return fenced.group(1) if fenced else bare


def parse(text: str) -> JsonValue:
    """Return the value of a text that holds nothing else, but for one fence around it.

    Raises:
        MalformedError: it is not JSON; has NaN or Infinity, a name twice in an object, or a number
            that cannot be kept; or is nested deeper than `MAX_DEPTH`.
    """
    try:
        value = json.loads(
            unfenced(text),
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_int=_integer,
            parse_float=_float,
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise MalformedError(f"it is not JSON: {error.msg} ({place})") from None
    except RecursionError:
        raise _too_deep() from None
    if any(len(path) > MAX_DEPTH for path, _ in _places(value)):
        raise _too_deep()
    # Halves of characters, written as \\ud800, could not be sent on.
    plain: JsonValue = all_sendable(value)
    return plain


def _object(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise MalformedError(f"it has the name {json.dumps(twice)[:60]} twice in one object")
    return found


def _constant(word: str) -> JsonValue:
    raise MalformedError(f"it has {word}, which is not JSON")


def _integer(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise MalformedError(f"it has a number of {len(digits):,} digits")
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise MalformedError(f"it has the number {digits[:30]}, which is too large")
    return number


def rounded(value: JsonValue) -> list[Path]:
    """Return where there are whole numbers that a reader with doubles gets wrong, as JavaScript."""
    return [path for path, one in _places(value) if isinstance(one, int) and int(float(one)) != one]


def _places(value: JsonValue) -> Iterator[tuple[Path, JsonValue]]:
    """Yield every value within, itself included, however deep; level by level."""
    level: list[tuple[Path, JsonValue]] = [((), value)]
    while level:
        yield from level
        level = [((*path, step), inner) for path, one in level for step, inner in _within(one)]


def _within(value: JsonValue) -> Iterable[tuple[str | int, JsonValue]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


def _too_deep() -> MalformedError:
    return MalformedError(f"it is nested deeper than {MAX_DEPTH} levels")
