"""Pictures of the last comparisons, kept so that a page can show them."""

import secrets
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grok_vision.images import OpenedImage

# Their bytes as they were read: a few pairs of large ones, many of screenshots.
_MOST_BYTES = 64 * 1024 * 1024


class Gallery:
    """The pictures of the last comparisons of a process; any thread may use it."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Sequence[OpenedImage]] = OrderedDict()
        self._lock = Lock()

    def keep(self, pictures: "Sequence[OpenedImage]") -> str | None:
        """Keep the pictures of a comparison, in place of the oldest; return how to find them.

        Who knows that can see them: it cannot be guessed. None where they are too large.
        """
        if sum(one.bytes for one in pictures) > _MOST_BYTES:
            return None
        name = secrets.token_urlsafe(16)
        with self._lock:
            self._kept[name] = pictures
            while self._bytes() > _MOST_BYTES:
                self._kept.popitem(last=False)
        return name

    def find(self, name: str, number: str) -> "OpenedImage | None":
        """Return picture `number`, from 1, as it is written; None where it is no longer kept."""
        with self._lock:
            pictures = self._kept.get(name, ())
        return {str(one.number): one for one in pictures}.get(number)

    def _bytes(self) -> int:
        return sum(one.bytes for pictures in self._kept.values() for one in pictures)
