"""Answers that were paid for once, found again by content: a help, never a need."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from grok_vision.cache.storage import Storage
    from grok_vision.relay import Completion

_log = logging.getLogger(__name__)

_NAME = "answers.sqlite3"
_WITHOUT_SQLITE = "this Python is without SQLite; use another one"

T = TypeVar("T")


class AnswerCache:
    """Complete answers by key, in one file of at most `most_bytes` in the folder.

    Where the file cannot be used, nothing is found or kept, no call fails, and the log tells it
    once. Both methods block, for a quarter of a second where another process holds the file. Any
    thread and any process may use it. Nothing is opened before it is needed.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._path = folder / _NAME
        self._most_bytes = most_bytes
        self._told = False

    def find(self, key: str) -> "Completion | None":
        """Return the answer that is kept under the key, exactly as it was, or None."""
        return self._try(lambda storage: storage.find(key), "Kept answers are not found")

    def keep(self, key: str, completion: "Completion") -> None:
        """Keep a complete answer; one that is not, or that takes much of the room, is left out."""
        self._try(lambda storage: storage.keep(key, completion), "Answers are not kept")

    def obstacle(self) -> str | None:
        """Return what is in the way of keeping answers, and what to do; None where nothing is.

        Nothing is made to find out.
        """
        try:
            from grok_vision.database import obstacle
        except ImportError:
            return _WITHOUT_SQLITE
        return obstacle(self._path)

    def _try(self, operation: "Callable[[Storage], T]", lost: str) -> T | None:
        try:
            # Some builds of Python are without SQLite.
            from grok_vision.cache.storage import Storage

            return operation(Storage(self._path, self._most_bytes))
        except OSError as error:
            self._tell(lost, str(error))
        except ImportError:
            self._tell(lost, _WITHOUT_SQLITE)
        return None

    def _tell(self, lost: str, why: str) -> None:
        level = logging.DEBUG if self._told else logging.WARNING
        self._told = True
        _log.log(level, "%s: %s (GROK_VISION_CACHE).", lost, why)
