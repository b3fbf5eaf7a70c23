"""Whether the server lives, and whether calls can be answered: for balancers and supervisors."""

import logging
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import anyio
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from grok_vision.errors import Code, ProviderError, VisionError
from grok_vision.vision import Vision

_log = logging.getLogger(__name__)

_KEPT_SECONDS, _KEPT_FAILURE_SECONDS = 30.0, 5.0
_CHECK_SECONDS = 5.0
_NOT_KEPT = {"Cache-Control": "no-store"}

# Anybody may ask: no address, no setting and no word of the provider is in them.
_REASONS: dict[Code, str] = {
    "missing_key": "no key is set for the provider",
    "bad_setting": "a setting is missing or wrong",
    "missing_extra": "the offline engine is not installed",
    "unauthorized": "the provider does not take the key",
    "out_of_credits": "the account at the provider has no credits",
    "rate_limited": "the provider takes no more requests for now",
    "timeout": "the provider does not answer in time",
    "unavailable": "the provider cannot be reached",
}
_OTHER = "the provider does not answer as it should"

Opened = Callable[[], AbstractAsyncContextManager[Vision]]


class Readiness:
    """Asks the provider for its list of models, which costs nothing, and keeps what came of it.

    One check is made at a time, and whoever asks meanwhile is told what it finds. `clock` and
    `seconds`, the longest that a check may take, are for tests.
    """

    def __init__(
        self,
        opened: Opened,
        *,
        clock: Callable[[], float] = time.monotonic,
        seconds: float = _CHECK_SECONDS,
    ) -> None:
        self._opened = opened
        self._clock = clock
        self._seconds = seconds
        self._checking = anyio.Lock()
        self._failure: Code | None = None
        self._until = -1.0

    async def failure(self) -> Code | None:
        """Return the code of what hinders calls, or None."""
        async with self._checking:
            if self._clock() >= self._until:
                found = await self._checked()
                self._failure = found
                kept = _KEPT_SECONDS if found is None else _KEPT_FAILURE_SECONDS
                self._until = self._clock() + kept
            return self._failure

    async def _checked(self) -> Code | None:
        try:
            with anyio.move_on_after(self._seconds):
                async with self._opened() as vision:
                    await (await vision.journey()).catalogue()
                    return None
            raise ProviderError("timeout", f"no list of models within {self._seconds:g} s.")
        except VisionError as error:
            if error.code != self._failure:
                _log.warning("not ready: %s", error)
            return error.code


def health_routes(opened: Opened, *, is_ending: Callable[[], bool] = lambda: False) -> list[Route]:
    """Return `/health` and `/ready`; `opened` gives what calls go through."""
    readiness = Readiness(opened)

    async def health(_: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"}, headers=_NOT_KEPT)

    async def ready(_: Request) -> JSONResponse:
        # A check that was under way when the server was told to end says nothing of that.
        code = None if is_ending() else await readiness.failure()
        if is_ending():
            return _not_ready("[unavailable] the server is ending")
        if code is None:
            return JSONResponse({"status": "ready"}, headers=_NOT_KEPT)
        return _not_ready(f"[{code}] {_REASONS.get(code, _OTHER)}")

    return [Route("/health", health), Route("/ready", ready)]


def _not_ready(reason: str) -> JSONResponse:
    return JSONResponse({"status": "not ready", "reason": reason}, 503, headers=_NOT_KEPT)
