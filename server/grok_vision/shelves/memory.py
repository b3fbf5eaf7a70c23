"""A shelf in the memory of this process."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

# What is kept beside the bytes takes room, too: of many that are tiny, most of it.
_LEAST = 1024


@dataclass(frozen=True, slots=True)
class _Kept:
    data: bytes
    until: float

    @property
    def room(self) -> int:
        return max(len(self.data), _LEAST)


class MemoryShelf:
    """Keeps `per_owner` bytes of each owner and `in_all` of all, each for `seconds`.

    What holds less than 1 KiB counts as that. The newest is always kept.
    """

    def __init__(
        self,
        *,
        per_owner: int,
        in_all: int,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._per_owner = per_owner
        self._in_all = in_all
        self._seconds = seconds
        self._clock = clock
        # The oldest is first in each: what is put again goes to the end.
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()
        self._names: dict[str, OrderedDict[str, None]] = {}
        self._of_owner: dict[str, int] = {}
        self._of_all = 0

    async def put(self, owner: str, name: str, data: bytes) -> bool:
        """Keep `data` from now on, in place of what had that name; False where it is too large."""
        if len(data) > min(self._per_owner, self._in_all):
            return False
        self._drop_expired()
        if (owner, name) in self._kept:
            self._drop(owner, name)
        self._add(owner, name, _Kept(data, self._clock() + self._seconds))
        while self._of_owner[owner] > self._per_owner and len(self._names[owner]) > 1:
            self._drop(owner, next(iter(self._names[owner])))
        while self._of_all > self._in_all and len(self._kept) > 1:
            self._drop(*next(iter(self._kept)))
        return True

    async def get(self, owner: str, name: str) -> bytes | None:
        """Return what the owner put there; None where it is not kept, or no longer."""
        self._drop_expired()
        kept = self._kept.get((owner, name))
        return None if kept is None else kept.data

    def _add(self, owner: str, name: str, kept: _Kept) -> None:
        self._kept[owner, name] = kept
        self._names.setdefault(owner, OrderedDict())[name] = None
        self._of_owner[owner] = self._of_owner.get(owner, 0) + kept.room
        self._of_all += kept.room

    def _drop(self, owner: str, name: str) -> None:
        room = self._kept.pop((owner, name)).room
        self._of_all -= room
        self._of_owner[owner] -= room
        del self._names[owner][name]
        if not self._names[owner]:
            del self._names[owner], self._of_owner[owner]

    def _drop_expired(self) -> None:
        now = self._clock()
        while self._kept and next(iter(self._kept.values())).until <= now:
            self._drop(*next(iter(self._kept)))
