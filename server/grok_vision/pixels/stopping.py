"""Work that is given up when nobody waits for its result any more."""

import threading
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

_Item = TypeVar("_Item")

_MANY = 1000  # single pixels: some ten milliseconds


class StoppedError(Exception):
    """The comparison was given up because it was told to stop."""


def check(stop: threading.Event | None) -> None:
    """Raise `StoppedError` where the work is to stop."""
    if stop is not None and stop.is_set():
        raise StoppedError


def until(stop: threading.Event | None, items: Iterable[_Item]) -> Iterator[_Item]:
    """Yield the items, and look now and then whether the work is to stop."""
    rest = iter(items)
    while chunk := list(islice(rest, _MANY)):
        check(stop)
        yield from chunk
