"""Text that others wrote, and sums of money, made fit for a message or for the wire."""

import math
import re
from typing import Any

_LONGEST_QUOTE = 160
_MOST_SECONDS, _MOST_MINUTES = 180, 180

NOTHING_USD = 1e-9
"""Sums of floats are off by far less, and no call costs less."""


def printable(text: str) -> str:
    """Return the text with every control or invisible character made a space."""
    return "".join(char if char.isprintable() else " " for char in text)


def on_a_line(text: str) -> str:
    """Return the text on one line of printable characters, with single spaces."""
    return " ".join(printable(text).split())


def shortened(text: str) -> str:
    """Return what a message may quote of `text`: one line of printable characters, not long.

    The middle is left out, since a path says most at its end.
    """
    line = on_a_line(text)
    if len(line) <= _LONGEST_QUOTE:
        return line
    half = _LONGEST_QUOTE // 2
    return f"{line[:half]}…{line[-half:]}"


def sendable(text: str) -> str:
    """Return the text as UTF-8 can carry it: halves of characters become a question mark."""
    return text.encode("utf-8", "replace").decode()


def all_sendable(value: Any) -> Any:
    """Return plain data (dictionaries, lists, texts, numbers) with every text in it `sendable`."""
    if isinstance(value, str):
        return sendable(value)
    if isinstance(value, list):
        return [all_sendable(one) for one in value]
    if isinstance(value, dict):
        return {sendable(name): all_sendable(one) for name, one in value.items()}
    return value


def counted(count: int, what: str) -> str:
    """Return so many of what is named in the singular."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def duration(seconds: float) -> str:
    """Return the time for people: seconds up to three minutes, then minutes, then hours."""
    if seconds <= _MOST_SECONDS:
        return f"{max(1, math.ceil(seconds))} s"
    minutes = math.ceil(seconds / 60)
    return f"{minutes} min" if minutes <= _MOST_MINUTES else f"{math.ceil(minutes / 60):,} h"


def dollars(usd: float) -> str:
    """Return the sum for people: cents from a dollar up, else to the digits that tell it."""
    if usd >= 1:
        return f"${usd:,.2f}"
    if usd < NOTHING_USD:
        return "$0"
    return f"${usd:.{max(4, 1 - math.floor(math.log10(usd)))}f}"


def fenced(text: str, language: str = "text") -> str:
    """Return a block of Markdown code, its fence longer than any run of backticks inside."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"
