"""What answers reported of their pictures, held against the rules: corrects those assumed."""

import logging
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

T = TypeVar("T")


class Calibration:
    """Observations by provider, model and rule, in one file in the folder.

    It is for numbers and names of models only, and a help, never a need: where the file cannot be
    used, nothing is kept and no call fails. Any thread may use it; all methods block.

    `folder` None is one of ours in the user's state folder. Nothing is opened before it is needed.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        # Threads wait here in order, rather than poll for the file.
        self._lock = Lock()
        self._told = False

    def record(self, provider: str, model: str, rule: str, seen: Observation) -> None:
        """Keep what one answer reported; what tells nothing is left out."""
        key = _key(provider, model, rule)
        if seen.is_plausible:
            self._try(lambda storage: storage.add(key, seen))

    def correction(self, provider: str, model: str, rule: str) -> Correction | None:
        """Return how answers differ from the rule, or None where there were none."""
        key = _key(provider, model, rule)
        seen = self._try(lambda storage: storage.newest(key))
        if not seen:
            return None
        # `statistics` takes 10 ms to load.
        from grok_vision.tokens.fitting import fitted

        return fitted(seen)

    def _try(self, operation: "Callable[[Storage], T]") -> T | None:
        with self._lock:
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


def _key(provider: str, model: str, rule: str) -> tuple[str, str, str]:
    return provider, shortened(sendable(model)), shortened(sendable(rule))
