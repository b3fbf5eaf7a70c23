"""The authorization server, whose keys are kept and asked for anew, not too often."""

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import anyio
from starlette.authentication import AuthenticationError

from grok_vision.web.discovery import DiscoveryError, published_keys
from grok_vision.web.keys import PublicKey

# In seconds. An issuer that takes a key back, for instance one that leaked, is heard within this.
_FRESH = 600.0
# Of an issuer that is away, the keys are taken so much longer.
_BEST_BEFORE = 3600.0
_PAUSE_AFTER_FAILURE = 10.0
# Anyone can send a token with a key that does not exist.
_PAUSE_AFTER_UNKNOWN_KEY = 60.0

_log = logging.getLogger(__name__)


class IssuerUnavailableError(AuthenticationError):
    """The authorization server cannot be asked, so a token can be neither taken nor refused.

    Attributes:
        retry_after: Seconds after which another attempt may help.
    """

    def __init__(self, retry_after: float) -> None:
        super().__init__("The authorization server cannot be reached; try again.")
        self.retry_after = max(1, math.ceil(retry_after))


@dataclass(frozen=True, slots=True)
class _Held:
    keys: tuple[PublicKey, ...]
    since: float

    def find(self, name: str | None, algorithm: str) -> PublicKey | None:
        """Return the key; where the token names none, the only one that there is."""
        fitting = [
            key
            for key in self.keys
            if algorithm in key.algorithms and (name is None or key.name == name)
        ]
        return fitting[0] if len(fitting) == 1 or (fitting and name is not None) else None


class Issuer:
    """The authorization server at `url`, whose keys are kept for ten minutes.

    `deadline` bounds all that is asked at one time.
    """

    def __init__(
        self, url: str, *, deadline: float = 5.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._url = url.rstrip("/")
        self._deadline = deadline
        self._clock = clock
        self._turn = anyio.Lock()
        self._held: _Held | None = None
        self._closed_until = -math.inf
        self._asks_again_at = -math.inf

    async def key(self, name: str | None, algorithm: str) -> PublicKey | None:
        """Return the key of that name for that algorithm, None where the issuer has no such key.

        Raises:
            IssuerUnavailableError: the issuer cannot be asked.
        """
        before = self._held
        held = await self._current()
        found = held.find(name, algorithm)
        if found is None and held is before:
            held = await self._changed(held)
            found = held.find(name, algorithm)
        return found

    async def _current(self) -> _Held:
        held = self._held
        if held is not None and self._age(held) < _FRESH:
            return held
        async with self._turn:
            if self._held is not None and self._held is not held:
                return self._held
            try:
                return await self._ask()
            except IssuerUnavailableError:
                if held is None or self._age(held) >= _FRESH + _BEST_BEFORE:
                    raise
                return held

    async def _changed(self, held: _Held) -> _Held:
        """Return what the issuer has now, where it may be asked: it may have changed its keys."""
        async with self._turn:
            if self._held is not None and self._held is not held:
                return self._held
            if self._clock() < self._asks_again_at:
                return held
            changed = await self._ask()
            self._asks_again_at = self._clock() + _PAUSE_AFTER_UNKNOWN_KEY
            return changed

    def _age(self, held: _Held) -> float:
        return self._clock() - held.since

    async def _ask(self) -> _Held:
        if (wait := self._closed_until - self._clock()) > 0:
            raise IssuerUnavailableError(wait)
        try:
            with anyio.fail_after(self._deadline):
                self._held = _Held(await published_keys(self._url), self._clock())
        except (DiscoveryError, TimeoutError) as error:
            self._closed_until = self._clock() + _PAUSE_AFTER_FAILURE
            _log.warning(
                "the keys of the authorization server %s cannot be read: %s; check "
                "GROK_VISION_OAUTH_ISSUER and the network",
                self._url,
                error if isinstance(error, DiscoveryError) else f"not within {self._deadline:g} s",
            )
            raise IssuerUnavailableError(_PAUSE_AFTER_FAILURE) from None
        return self._held
