"""What answers reported of their pictures, held against the rules: corrects those assumed."""

import logging
from collections import deque
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from grok_vision.texts import sendable, shortened
from grok_vision.tokens.count import Correction
from grok_vision.tokens.observation import Observation
from grok_vision.tokens.state import state_folder

if TYPE_CHECKING:
    from grok_vision.tokens.storage import Storage

_log = logging.getLogger(__name__)

_NAME = "calibration.sqlite3"
# Observations that wait for the one that is being written; more come only where a disk hangs.
_MOST_WAITING = 64

T = TypeVar("T")
Key = tuple[str, str, str]


class Calibration:
    """Observations by provider, model and rule, in one file in the folder.

    It is for numbers and names of models only, and a help, never a need: where the file cannot be
    used, nothing is kept and no call fails. Where another process holds it, both methods wait for
    some 50 ms, then give up. Any thread may use it, and none waits for another.

    `folder` None is one of ours in the user's state folder. Nothing is opened before it is needed.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._writing = Lock()
        self._waiting: deque[tuple[Key, Observation]] = deque(maxlen=_MOST_WAITING)
        self._told = False

    def record(self, provider: str, model: str, rule: str, seen: Observation) -> None:
        """Keep what one answer reported; what tells nothing is left out."""
        if not seen.is_plausible:
            return
        self._waiting.append((_key(provider, model, rule), seen))
        # Whoever writes also writes what other threads bring meanwhile. One that came too late for
        # that is seen when the lock is free again.
        while self._waiting and self._writing.acquire(blocking=False):
            try:
                if not self._try(self._write):
                    # Another try would only wait again.
                    self._waiting.clear()
            finally:
                self._writing.release()

    def correction(self, provider: str, model: str, rule: str) -> Correction | None:
        """Return how answers differ from the rule, or None where there were none."""
        key = _key(provider, model, rule)
        seen = self._try(lambda storage: storage.newest(key))
        if not seen:
            return None
        # `statistics` takes 10 ms to load.
        from grok_vision.tokens.fitting import fitted

        return fitted(seen)

    def _write(self, storage: "Storage") -> bool:
        while self._waiting:
            storage.add(*self._waiting.popleft())
        return True

    def _try(self, operation: "Callable[[Storage], T]") -> T | None:
        try:
            # Some builds of Python are without SQLite.
            from grok_vision.tokens.storage import Storage

            return operation(Storage(self._found() / _NAME))
        except (OSError, ImportError) as error:
            self._tell(error)
            return None

    def _found(self) -> Path:
        if folder := state_folder(self._folder):
            return folder
        raise FileNotFoundError("this user has no home folder; name one in GROK_VISION_STATE_DIR")

    def _tell(self, error: Exception) -> None:
        level = logging.DEBUG if self._told else logging.WARNING
        self._told = True
        _log.log(level, "Token counts that answers reported are not kept or used: %s", error)


def _key(provider: str, model: str, rule: str) -> Key:
    return provider, shortened(sendable(model)), shortened(sendable(rule))
