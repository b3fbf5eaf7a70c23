"""The account that processes keep together in Redis: holds, what was spent, and on what."""

import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import cast
from uuid import uuid4

import anyio

from grok_vision.relay.account_scripts import HOLD, SETTLE, TELL
from grok_vision.shared import Reply, Shared, UnavailableError

_log = logging.getLogger(__name__)

# An answer waits no longer for its bill to be entered.
_SETTLING_SECONDS = 1.0
# Less, so that a Redis that hangs is known to hang.
_SCRIPT_SECONDS = 0.8
_MOST_WAITING = 1000
_AT_ONCE = 100
_MOST_ROWS = 200
_MOST_DONE = 100_000
_KEYS = ("holds", "held", "done", "taken", "rows", "models")
# As good as none: more than Lua can count exactly.
_MOST = 2**52


@dataclass(frozen=True, slots=True)
class Totals:
    """What Redis told last, in billionths of a dollar. `returned` is no longer `expected`."""

    epoch: str = "1"
    life: str = ""
    known: int = 0
    expected: int = 0
    returned: int = 0
    in_flight: int = 0

    def newest(self, other: "Totals") -> "Totals":
        """Return the later of two: replies come in any order, and sums only grow."""
        if (self.epoch, self.life) != (other.epoch, other.life):
            return other
        return replace(
            other,
            known=max(self.known, other.known),
            expected=max(self.expected, other.expected),
            returned=max(self.returned, other.returned),
        )


@dataclass(frozen=True, slots=True)
class Row:
    """What is added to the row of a model, or to that of `other` where there are too many."""

    known: int
    expected: int
    row: str
    other: str
    counts: dict[str, int]


class Account:
    """Holds and bills of this process in the account of all. Sums are billionths of a dollar.

    What cannot be entered waits here, the newest thousand, and goes before anything else is held.
    """

    def __init__(
        self, shared: Shared, *, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._shared = shared
        self._seconds = seconds
        self._clock = clock
        self._keys = [shared.key("epoch"), shared.key("budget")]
        self._keys += [shared.key("budget", name) for name in _KEYS]
        self._totals = Totals()
        self._holds: dict[str, tuple[int, float]] = {}
        self._waiting: dict[str, Row | None] = {}
        self._sending = anyio.Lock()
        self._told = False

    async def hold(self, usd: int, limit: int) -> tuple[str | None, Totals]:
        """Hold a sum; returns the name of the hold, or None where the limit would be passed.

        Raises:
            UnavailableError: nothing is held, or soon no longer.
        """
        await self._send()
        name, until = uuid4().hex, self._clock() + self._seconds
        most, milliseconds = min(limit, _MOST), _milliseconds(self._seconds)
        try:
            totals, [is_held] = await self._run(HOLD, name, min(usd, _MOST), most, milliseconds)
        except BaseException:
            # It may have been held all the same.
            await self.settle(name, None)
            raise
        if not is_held:
            return None, totals
        self._holds[name] = usd, until
        return name, totals

    async def settle(self, name: str | None, row: Row | None) -> None:
        """Let a hold go and enter what it came to; takes a second at most, and cannot be cancelled.

        Without a name nothing was held.
        """
        name = name or uuid4().hex
        self._holds.pop(name, None)
        self._waiting[name] = row
        if len(self._waiting) > _MOST_WAITING:
            del self._waiting[next(iter(self._waiting))]
            self._tell_loss()
        await self.settle_all()

    async def settle_all(self) -> None:
        """Enter what waits; takes a second at most, and cannot be cancelled."""
        with (
            anyio.move_on_after(_SETTLING_SECONDS, shield=True),
            suppress(UnavailableError),
        ):
            await self._send()

    async def spent(self) -> tuple[Totals, dict[str, int]]:
        """Return the sums, and counts by row and what is counted.

        Raises:
            UnavailableError: they are not known.
        """
        await self._send()
        totals, [rows] = await self._run(TELL)
        words = [one for one in rows if isinstance(one, bytes)] if isinstance(rows, list) else []
        return totals, dict(_counts(zip(words[::2], words[1::2], strict=False)))

    async def _send(self) -> None:
        """Enter what waits. What comes meanwhile is for those who brought it."""
        if not self._waiting:
            return
        async with self._sending:
            waiting = list(self._waiting.items())
            for start in range(0, len(waiting), _AT_ONCE):
                some = waiting[start : start + _AT_ONCE]
                entries = [
                    {"id": name, "bill": asdict(row) if row else False} for name, row in some
                ]
                await self._run(SETTLE, json.dumps(entries), _MOST_ROWS, _MOST_DONE)
                for name, _ in some:
                    self._waiting.pop(name, None)

    async def _run(self, script: str, *given: str | int) -> tuple[Totals, Sequence[Reply]]:
        reply = await self._shared.run(
            script, self._keys, [self._known(), *given], seconds=_SCRIPT_SECONDS
        )
        totals, rest = _read(reply)
        self._totals = self._totals.newest(totals)
        return totals, rest

    def _known(self) -> str:
        """Return what this process knows, should Redis know less."""
        now = self._clock()
        holds = [
            (name, usd, _milliseconds(until - now))
            for name, (usd, until) in self._holds.items()
            if until > now
        ]
        return json.dumps({**asdict(self._totals), "new_life": uuid4().hex, "holds": holds})

    def _tell_loss(self) -> None:
        level = logging.DEBUG if self._told else logging.WARNING
        self._told = True
        _log.log(
            level,
            "Redis was away for so long that what some calls cost is missing from what all "
            "processes have spent.",
        )


def _counts(pairs: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[str, int]]:
    """Yield the counts; what others wrote there is passed over."""
    for name, count in pairs:
        with suppress(ValueError):
            yield name.decode(), int(count)


def _read(reply: Reply) -> tuple[Totals, Sequence[Reply]]:
    told = cast("list[Reply]", reply)  # so does each script
    words = [one.decode(errors="replace") for one in told[:2] if isinstance(one, bytes)]
    sums = [one for one in told[2:6] if isinstance(one, int)]
    return Totals(words[0], words[1], sums[0], sums[1], sums[2], sums[3]), told[6:]


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))
