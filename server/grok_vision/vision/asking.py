"""Asking a provider: within the limit on spending, entered in the ledger, and learned from."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

import anyio
import anyio.to_thread

from grok_vision.cache import AnswerCache, key_of
from grok_vision.chat import ChatRequest
from grok_vision.errors import VisionError
from grok_vision.providers import Choice, Endpoint, listed
from grok_vision.relay import FREE, Attempt, Completion, Ledger, Relay, usage
from grok_vision.results import Estimate, Usage
from grok_vision.spans import Told, span
from grok_vision.texts import dollars
from grok_vision.threads import in_thread
from grok_vision.tokens import Calibration, Correction
from grok_vision.vision.asked import Asked, told_of_bills, told_of_break
from grok_vision.vision.call import Call
from grok_vision.vision.expectation import Expectation, check_window, observed, reserved

# An answer waits no longer for the files of what was learnt and what is kept, not even where their
# disk hangs.
_KEEPING_SECONDS = 1.0
_MOST_THREADS = 4


class Asking:
    """The relay with its books: what calls cost, how they counted, and answers that are kept."""

    def __init__(
        self,
        relay: Relay,
        ledger: Ledger,
        calibration: Calibration,
        cache: AnswerCache | None,
    ) -> None:
        self.relay = relay
        self.ledger = ledger
        self._calibration = calibration
        self._cache = cache
        self._threads = anyio.CapacityLimiter(_MOST_THREADS)

    async def ask(self, call: Call, request: ChatRequest, expected: Expectation) -> Asked:
        """Send the request within the limit on spending, and enter what it used.

        Nothing is sent where the answer was kept from an earlier call.

        Raises:
            VisionError: `over_budget` and `context_exceeded` before it is sent, else as the relay.
        """
        provider = call.target.provider
        with span("relay", provider=provider.name, model=request.model, cached=False) as told:
            return await self._asked(call, request, expected, told)

    async def _asked(
        self, call: Call, request: ChatRequest, expected: Expectation, told: Told
    ) -> Asked:
        attempts: list[Attempt] = []
        try:
            check_window(expected, call.choice)
            if (kept := await self._kept(call, request)) is not None:
                told.add(cached=True)
                return Asked(kept, FREE, cached=True)
            async with self.relay.exchange(
                call.target, request, call.watch, stream=call.stream
            ) as (exchange, place):
                attempts = exchange.attempts
                booked = partial(self._booked, call.choice, expected)
                completion = await exchange.complete(booked, place)
        except VisionError as error:
            error.unsent = not attempts
            error.unbilled = not any(one.may_be_billed or one.usage for one in attempts)
            raise
        finally:
            told.add(attempts=len(attempts))
        return Asked(
            completion,
            usage(attempts[-1], call.choice),
            cached=False,
            broken=told_of_break(completion, call.target.provider),
            warnings=told_of_bills(attempts[:-1], call.target.provider),
        )

    async def keep(self, call: Call, request: ChatRequest, completion: Completion) -> None:
        """Keep an answer that does for when the same is asked again, where that is wanted."""
        if self._cache is None:
            return
        with anyio.move_on_after(_KEEPING_SECONDS):
            await in_thread(
                _keep, self._cache, call.target, request, completion, limiter=self._threads
            )

    async def _kept(self, call: Call, request: ChatRequest) -> Completion | None:
        if self._cache is None:
            return None
        with anyio.move_on_after(_KEEPING_SECONDS):
            return await in_thread(_find, self._cache, call.target, request, limiter=self._threads)
        return None

    @contextmanager
    def _booked(self, choice: Choice, expected: Expectation, attempt: Attempt) -> Iterator[None]:
        """Make an attempt within the limit on spending, and enter what it used.

        Nothing is entered of one that cannot have cost anything.
        """
        # Not before: while a call waits its turn, others show what they really cost.
        with self.ledger.reserved(expected.usd, model=choice.profile.name):
            try:
                yield
            finally:
                used = usage(attempt, choice)
                if used is not None or attempt.may_be_billed:
                    self.ledger.record(
                        choice.provider.name,
                        used if choice.provider.bills else used or FREE,
                        attempt.model or choice.profile.name,
                        expected_usd=expected.usd if attempt.may_be_billed else None,
                    )

    async def learn(
        self, answered: Choice | None, expected: Expectation, used: Usage | None
    ) -> None:
        """Hold what the answer reported against the rule of its model, for estimates to come."""
        if answered is None or (seen := observed(expected, answered, used)) is None:
            return
        with anyio.move_on_after(_KEEPING_SECONDS):
            await in_thread(
                self._calibration.record,
                answered.served_by,
                answered.known_as,
                answered.tokens.name,
                seen,
                limiter=self._threads,
            )

    def held_against_limit(self, estimate: Estimate, choice: Choice) -> Estimate:
        """Return the estimate with what the limit on spending would make of the call."""
        left = self.ledger.spending().left_usd
        if left is None:
            return estimate
        held = reserved(choice, estimate.input_tokens_max, estimate.output_tokens or 0)
        told = _refusal(held, left)
        return estimate.model_copy(
            update={"reserved_usd": held, "warnings": [*estimate.warnings, *told]}
        )

    async def applied_correction(self, choice: Choice) -> Correction | None:
        """Return what a limit on spending reckons with: nothing where the rule is firm."""
        if self.ledger.max_usd is None or choice.tokens.evidence.is_firm:
            return None
        return await self.correction(choice)

    async def correction(self, choice: Choice) -> Correction | None:
        """Return how answers correct the model's rule; None where there were none."""
        model = choice.answering
        with anyio.move_on_after(_KEEPING_SECONDS):
            return await in_thread(
                self._calibration.correction,
                model.served_by,
                model.known_as,
                model.tokens.name,
                limiter=self._threads,
            )
        return None


def _find(cache: AnswerCache, target: Endpoint, request: ChatRequest) -> Completion | None:
    key = key_of(target, request)
    return None if key is None else cache.find(key)


def _keep(
    cache: AnswerCache, target: Endpoint, request: ChatRequest, completion: Completion
) -> None:
    if (key := key_of(target, request)) is not None:
        cache.keep(key, completion)


def _refusal(held: float | None, left: float) -> list[str]:
    if held is None:
        return ["the call would be refused: GROK_VISION_MAX_USD is set, and no price is known."]
    if held <= left or held == 0.0:
        return []
    return [
        f"the call would be refused: {dollars(held)} would be held back for it, and "
        f"{dollars(left)} is left of GROK_VISION_MAX_USD."
    ]


async def priced(choice: Choice) -> Choice:
    """Return the choice with prices and window from the price list, where our table has none."""
    profile = choice.profile
    if profile.prices is not None or not choice.may_be_listed:
        return choice
    found = await anyio.to_thread.run_sync(listed, choice.provider, profile.name)
    if found is None:
        return choice
    return replace(
        choice,
        profile=replace(
            profile,
            prices=found.prices,
            context_window=profile.context_window or found.context_window,
        ),
    )
