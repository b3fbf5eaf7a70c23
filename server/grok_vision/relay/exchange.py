"""One question to a provider: asked until it is answered, or until asking on is of no use."""

import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import anyio.lowlevel

from grok_vision.chat import ChatRequest
from grok_vision.errors import ProviderError, RequestError, SharedStateError, VisionError
from grok_vision.providers import Endpoint
from grok_vision.relay.attempt import Attempt
from grok_vision.relay.body import Body, encode
from grok_vision.relay.completion import Completion
from grok_vision.relay.retry import FailedError, is_too_long, pause
from grok_vision.relay.slots import Place
from grok_vision.relay.time_left import time_left
from grok_vision.relay.traced import traced
from grok_vision.relay.traffic import Traffic
from grok_vision.texts import counted, duration, shortened
from grok_vision.watch import Watch

_log = logging.getLogger(__name__)

# Calls that end meanwhile may tell that a limit opened sooner.
_LONGEST_NAP = 1.0

Booked = Callable[[Attempt], AbstractAsyncContextManager[None]]
"""What surrounds each attempt: it may refuse it, and enters what it used."""


class Exchange:
    """A question, and the attempts to have it answered.

    Attributes:
        attempts: All that were made, the newest last.
    """

    def __init__(
        self,
        traffic: Traffic,
        endpoint: Endpoint,
        request: ChatRequest,
        watch: Watch,
        *,
        stream: bool,
    ) -> None:
        """Take the question.

        Raises:
            RequestError: `request_too_large`.
        """
        self._traffic = traffic
        self._endpoint = endpoint
        self._request = request
        self._watch = watch
        self._wanted_stream = self._stream = stream
        self._body = self._encoded()
        self._retries = 0
        self._failure: VisionError | None = None
        self.attempts: list[Attempt] = []

    async def complete(self, booked: Booked, place: Place) -> Completion:
        """Ask until there is an answer, and return it; to be called once.

        `place` is lent to other calls while nothing is in flight.

        Raises:
            ProviderError: for every way in which the provider or the network can fail.
            RequestError: `request_too_large`, `too_many_images` or `context_exceeded`, where the
                provider finds it so; what `booked` raises for the first attempt.
            SharedStateError: as `booked` raises it for the first attempt.
            ConfigurationError: `bad_setting`, where proxy or certificate settings cannot be used.
        """
        while True:
            try:
                await self._keep_pace(place)
                completion = await self._attempt(booked)
            except FailedError as failed:
                await self._prepare_another(failed, place)
            except (RequestError, SharedStateError) as refused:
                if self._failure is None:
                    raise
                raise self._told(f"not tried again: {_why(refused)}") from None
            else:
                self._traffic.budget.succeeded(retried=self._retries > 0)
                if self._stream != self._wanted_stream:
                    self._traffic.never_stream(self._endpoint)
                return completion

    async def _attempt(self, booked: Booked) -> Completion:
        model, pace = self._request.model, self._traffic.pace
        self._watch.stage(f"asking {shortened(model)} at {self._endpoint.provider.title}")
        attempt = Attempt(
            self._traffic.connection,
            self._endpoint,
            model,
            self._body,
            lambda headers: pace.told(model, headers),
        )
        async with booked(attempt):
            self.attempts.append(attempt)
            pace.departs(model)
            number = len(self.attempts)
            try:
                with traced(attempt, self._endpoint, model, number=number, stream=self._stream):
                    return await attempt.complete(self._watch)
            finally:
                pace.ended(model)

    async def _keep_pace(self, place: Place) -> None:
        """Wait where the provider's limit has no request left.

        Raises:
            ProviderError: `rate_limited`, where that is longer than the call may take.
        """
        while seconds := self._traffic.pace.seconds(self._request.model):
            # Of a call that was cancelled no time is left, which is not the limit's doing.
            await anyio.lowlevel.checkpoint_if_cancelled()
            title = self._endpoint.provider.title
            if is_too_long(seconds, time_left()):
                if self._failure is not None:
                    raise self._told()
                raise ProviderError(
                    "rate_limited",
                    f"{title} takes no more requests to {shortened(self._request.model)} for now, "
                    f"by its own count of your limit; try again in {duration(seconds)}.",
                )
            self._watch.stage(f"waiting {duration(seconds)} for the rate limit of {title}")
            await self._lend(place, min(seconds, _LONGEST_NAP))

    async def _prepare_another(self, failed: FailedError, place: Place) -> None:
        """Wait until another attempt may be made.

        Raises:
            VisionError: the failure, where none is of use.
        """
        if failed.hint.whole and self._stream:
            self._stream = False
            self._body = self._encoded()
            return
        self._failure = failed.error
        if failed.hint.after and failed.error.code == "rate_limited":
            self._traffic.pace.close(self._request.model, failed.hint.after)
        seconds = self._pause(failed)
        self._retries += 1
        happened, _, _ = failed.error.message.partition(";")
        of = f"attempt {self._retries + 1} of {self._traffic.retries + 1}"
        _log.warning("%s: trying again in %.1f s (%s).", happened, seconds, of)
        title = self._endpoint.provider.title
        self._watch.stage(f"{title} failed; trying again in {seconds:.1f} s")
        await self._lend(place, seconds)

    async def _lend(self, place: Place, seconds: float) -> None:
        """Let another call go on for so long.

        Raises:
            VisionError: the last failure, or `timeout`, where no place became free again.
        """
        try:
            await place.lend(seconds)
        except ProviderError:
            if self._failure is None:
                raise
            raise self._told("not tried again: no place became free") from None

    def _pause(self, failed: FailedError) -> float:
        """Return the seconds until the next attempt.

        Raises:
            VisionError: the failure, where there is none.
        """
        hint, budget = failed.hint, self._traffic.budget
        if not hint.again or self._retries >= self._traffic.retries:
            raise self._told()
        seconds = pause(self._retries, hint.after)
        left = time_left()
        if is_too_long(hint.after, left) or seconds >= left:
            raise self._told()
        if not budget.take():
            raise self._told(
                "not tried again: too many calls failed lately, so that no retry is left for "
                f"{duration(budget.seconds())}"
            )
        return seconds

    def _told(self, why: str = "") -> VisionError:
        """Return the last failure with how often it was tried, and whether that may cost."""
        if self._failure is None:
            raise RuntimeError("nothing failed")
        billed = sum(attempt.may_be_billed for attempt in self.attempts)
        told = [f"{counted(len(self.attempts), 'attempt')} made"] if len(self.attempts) > 1 else []
        if billed and self._endpoint.provider.bills:
            told.append("it may be billed")
        told += [why] if why else []
        return self._failure.add(f"({'; '.join(told)})") if told else self._failure

    def _encoded(self) -> Body:
        """Return the body of the request.

        Raises:
            RequestError: `request_too_large`.
        """
        body = encode(self._request, stream=self._stream)
        most = self._endpoint.provider.max_body_bytes
        if most is not None and body.length > most:
            raise RequestError(
                "request_too_large",
                f"the request would have {body.length:,} bytes and "
                f"{self._endpoint.provider.title} takes {most:,}; send fewer or smaller pictures.",
            )
        return body


def _why(refused: RequestError | SharedStateError) -> str:
    """Return why no other attempt is made, in a word that is not the failure's own code."""
    if isinstance(refused, SharedStateError):
        return "the limit on spending cannot be kept"
    return refused.code
