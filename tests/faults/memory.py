"""How much this process grows while something goes on."""

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_STATM = Path("/proc/self/statm")
_PAGE = 4096
_EVERY = 0.004


@dataclass(eq=False, slots=True)
class Growth:
    """How much larger than at the beginning this process was at its peak.

    `bytes` is None where the system does not tell.
    """

    begun: int
    bytes: int | None = None


class Memory:
    """Watches the resident memory of this process from one thread, for all who ask."""

    def __init__(self) -> None:
        self._watched: list[Growth] = []
        self._done = threading.Event()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch within; elsewhere nothing is known."""
        thread = threading.Thread(target=self._watch, daemon=True)
        if _STATM.exists():
            thread.start()
        try:
            yield
        finally:
            self._done.set()
            if thread.ident is not None:
                thread.join()

    @contextmanager
    def growth(self) -> Iterator[Growth]:
        """Give the growth from here to the end of the block."""
        growth = Growth(_resident()) if _STATM.exists() else Growth(0)
        self._watched.append(growth)
        try:
            yield growth
        finally:
            self._watched.remove(growth)

    def _watch(self) -> None:
        while not self._done.wait(_EVERY):
            now = _resident()
            for growth in tuple(self._watched):
                growth.bytes = max(growth.bytes or 0, now - growth.begun)


def give_back() -> None:
    """Give freed memory back, so that it is not taken again without being seen."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if _STATM.exists() else None
    if trim is not None:
        trim(0)


def _resident() -> int:
    return int(_STATM.read_text(encoding="ascii").split()[1]) * _PAGE
