"""A text, read as strict JSON: what two readers could read differently is refused and told."""

import json
import math
import re

from pydantic import JsonValue

from grok_vision.schemas import Path, places
from grok_vision.texts import all_sendable, sendable

MAX_DEPTH = 100
_MOST_DIGITS = 300
_SPACE = " \t\r\n"
_FENCE = "```"
# What stands behind an opening fence on its line: the name of a language, or nothing.
_LANGUAGE = re.compile(r"[A-Za-z0-9]{0,20}[ \t]*")


class MalformedError(ValueError):
    """The text is not JSON; the message says why, in a few words and without quoting much."""


def unfenced(text: str) -> str:
    """Return the text without white space around it, and without a fence that holds all of it.

    What is left must be JSON all the same, so two fences are none.
    """
    bare = text.strip(_SPACE).removeprefix("\ufeff").strip(_SPACE)
    if len(bare) < 2 * len(_FENCE) or not (bare.startswith(_FENCE) and bare.endswith(_FENCE)):
        return bare
    first, newline, rest = bare[len(_FENCE) : -len(_FENCE)].partition("\n")
    within = rest if newline and _LANGUAGE.fullmatch(first.rstrip("\r")) else first + newline + rest
    return within.strip(_SPACE)


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
    if any(len(path) > MAX_DEPTH for path, _ in places(value)):
        raise _too_deep()
    # Halves of characters, written as \\ud800, could not be sent on.
    plain: JsonValue = all_sendable(value)
    return plain


def _object(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    seen: set[str] = set()
    for name, _ in pairs:
        # As it will be sent: halves of characters are alike.
        if (sent := sendable(name)) in seen:
            raise MalformedError(f"it has the name {json.dumps(sent)[:60]} twice in one object")
        seen.add(sent)
    return dict(pairs)


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
    if number == 0.0 and re.search("[1-9]", digits.lower().partition("e")[0]):
        raise MalformedError(f"it has the number {digits[:30]}, which is too small")
    return number


def rounded(value: JsonValue) -> list[Path]:
    """Return where there are whole numbers that a reader with doubles gets wrong, as JavaScript."""
    return [path for path, one in places(value) if isinstance(one, int) and int(float(one)) != one]


def _too_deep() -> MalformedError:
    return MalformedError(f"it is nested deeper than {MAX_DEPTH} levels")
