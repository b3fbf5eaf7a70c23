"""Asking a provider: within the limit on spending, entered in the ledger, and learned from."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

import anyio.to_thread

from grok_vision.cache import Answers, key_of
from grok_vision.chat import ChatRequest
from grok_vision.errors import SharedStateError, VisionError
from grok_vision.providers import Choice, listed
from grok_vision.relay import FREE, Attempt, Bill, Budget, Completion, Relay, usage
from grok_vision.results import Estimate, Usage
from grok_vision.spans import Told, span
from grok_vision.texts import dollars
from grok_vision.tokens import Correction, Observations
from grok_vision.vision.asked import Asked, told_of_bills, told_of_break
from grok_vision.vision.call import Call
from grok_vision.vision.expectation import Expectation, check_window, observed, reserved


class Asking:
    """The relay with its books: what calls cost, how they counted, and answers that are kept."""

    def __init__(
        self,
        relay: Relay,
        budget: Budget,
        observations: Observations,
        answers: Answers | None,
    ) -> None:
        self.relay = relay
        self.budget = budget
        self._observations = observations
        self._answers = answers

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
        if self._answers is not None and (key := await _key(call, request)) is not None:
            await self._answers.keep(key, completion)

    async def _kept(self, call: Call, request: ChatRequest) -> Completion | None:
        if self._answers is None or (key := await _key(call, request)) is None:
            return None
        return await self._answers.find(key)

    @asynccontextmanager
    async def _booked(
        self, choice: Choice, expected: Expectation, attempt: Attempt
    ) -> AsyncIterator[None]:
        """Make an attempt within the limit on spending, and enter what it used.

        Nothing is entered of one that cannot have cost anything.
        """
        # Not before: while a call waits its turn, others show what they really cost.
        async with self.budget.booked(expected.usd, model=choice.profile.name) as booking:
            try:
                yield
            finally:
                booking.bill = _bill(attempt, choice, expected)

    async def learn(
        self, answered: Choice | None, expected: Expectation, used: Usage | None
    ) -> None:
        """Hold what the answer reported against the rule of its model, for estimates to come."""
        if answered is None or (seen := observed(expected, answered, used)) is None:
            return
        await self._observations.record(
            answered.served_by, answered.known_as, answered.tokens.name, seen
        )

    async def held_against_limit(self, estimate: Estimate, choice: Choice) -> Estimate:
        """Return the estimate with what the limit on spending would make of the call."""
        if self.budget.max_usd is None:
            return estimate
        held = reserved(choice, estimate.input_tokens_max, estimate.output_tokens or 0)
        try:
            told = _refusal(held, (await self.budget.spending()).left_usd or 0.0)
        except SharedStateError:
            told = ["what is left of GROK_VISION_MAX_USD cannot be told: Redis cannot be reached."]
        return estimate.model_copy(
            update={"reserved_usd": held, "warnings": [*estimate.warnings, *told]}
        )

    async def applied_correction(self, choice: Choice) -> Correction | None:
        """Return what a limit on spending reckons with: nothing where the rule is firm."""
        limits = (self.budget.max_usd, self.budget.ledger.max_usd)
        if limits == (None, None) or choice.tokens.evidence.is_firm:
            return None
        return await self.correction(choice)

    async def correction(self, choice: Choice) -> Correction | None:
        """Return how answers correct the model's rule; None where there were none."""
        model = choice.answering
        return await self._observations.correction(
            model.served_by, model.known_as, model.tokens.name
        )


async def _key(call: Call, request: ChatRequest) -> str | None:
    # It takes a millisecond for each megabyte of pictures.
    return await anyio.to_thread.run_sync(key_of, call.target, request)


def _bill(attempt: Attempt, choice: Choice, expected: Expectation) -> Bill | None:
    used = usage(attempt, choice)
    if used is None and not attempt.may_be_billed:
        return None
    return Bill(
        provider=choice.provider.name,
        model=attempt.model or choice.profile.name,
        usage=used if choice.provider.bills else used or FREE,
        expected_usd=expected.usd if attempt.may_be_billed else None,
    )


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
