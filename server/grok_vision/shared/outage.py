"""Whether Redis answers, told in the log when it changes; a rest after each failure."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from grok_vision.shared.unavailable import UnavailableError

_log = logging.getLogger(__name__)
# Kinds of refusals that are told; Redis has about as many.
_MOST_TOLD = 32


class Outage:
    """Lets calls through while Redis answers; after a failure none for a while, and then one."""

    def __init__(self, rest: float, clock: Callable[[], float]) -> None:
        self._rest = rest
        self._clock = clock
        self._why: str | None = None
        self._until = 0.0
        self._is_tried = False
        self._told: set[str] = set()

    @contextmanager
    def attempt(self) -> Iterator[bool]:
        """Make a call within, unless it is known that it would fail; tells whether it is to look.

        Raises:
            UnavailableError: Redis failed a moment ago, or another call is looking.
        """
        if self._why is None:
            yield False
            return
        if self._is_tried or self._clock() < self._until:
            raise UnavailableError(self._why)
        self._is_tried = True
        try:
            yield True
        finally:
            self._is_tried = False

    def check(self) -> None:
        """Go on while Redis answers.

        Raises:
            UnavailableError: it does not.
        """
        if self._why is not None:
            raise UnavailableError(self._why)

    def begin(self, why: str, details: str) -> None:
        """Take note that Redis does not answer."""
        level = logging.WARNING if self._why is None else logging.DEBUG
        _log.log(level, "%s%s.", why, f": {details.rstrip('.')}" if details else "")
        self._why = why
        self._until = self._clock() + self._rest

    def end(self) -> None:
        """Take note that Redis answers."""
        if self._why is not None:
            self._why = None
            _log.warning("Redis answers again.")

    def tell_refusal(self, why: str, details: str) -> None:
        """Tell of each kind of refusal once."""
        if why not in self._told and len(self._told) < _MOST_TOLD:
            self._told.add(why)
            _log.warning("%s: %s.", why, details.rstrip("."))
