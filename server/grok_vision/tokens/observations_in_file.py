"""What answers taught, as calls ask for it: with a bound on the wait, wherever it lies."""

from typing import Protocol

import anyio

from grok_vision.threads import in_thread
from grok_vision.tokens.calibration import Calibration
from grok_vision.tokens.count import Correction
from grok_vision.tokens.observation import Observation

# A call waits no longer for what was learnt, not even where the disk hangs.
_SECONDS = 1.0
_MOST_THREADS = 4


class Observations(Protocol):
    """Observations by provider, model and rule. A help: no call fails or waits long for them."""

    async def record(self, provider: str, model: str, rule: str, seen: Observation) -> None:
        """Keep what one answer reported; what tells nothing is left out."""

    async def correction(self, provider: str, model: str, rule: str) -> Correction | None:
        """Return how answers differ from the rule, or None where there were none."""


class ObservationsInFile:
    """The observations in a file of this machine, asked for in threads, for a second at most."""

    def __init__(self, calibration: Calibration) -> None:
        self._calibration = calibration
        self._threads = anyio.CapacityLimiter(_MOST_THREADS)

    async def record(self, provider: str, model: str, rule: str, seen: Observation) -> None:
        """Keep what one answer reported; what tells nothing is left out."""
        with anyio.move_on_after(_SECONDS):
            await in_thread(
                self._calibration.record, provider, model, rule, seen, limiter=self._threads
            )

    async def correction(self, provider: str, model: str, rule: str) -> Correction | None:
        """Return how answers differ from the rule, or None where there were none."""
        with anyio.move_on_after(_SECONDS):
            return await in_thread(
                self._calibration.correction, provider, model, rule, limiter=self._threads
            )
        return None
