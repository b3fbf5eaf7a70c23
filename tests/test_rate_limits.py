"""Calls that wait: for the provider's limits rather than spend a refusal, and for their turn."""

import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client

from grok_vision.app import create_server
from grok_vision.relay.pace import Pace
from grok_vision.relay.slots import Slots
from grok_vision.watch import NOBODY
from tests.fake_xai import FakeXAI, Response
from tests.support import connected, describe, error_text, saved, settings_for, structured

pytestmark = pytest.mark.anyio

BUSY = {"code": "rate-limited", "error": "Too many requests"}
ANSWER = {"choices": [{"message": {"content": "fine"}, "finish_reason": "stop"}]}


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def left(kind: str, remaining: Any, limit: Any = None, reset: Any = None) -> dict[str, str]:
    told = {"remaining": remaining, "limit": limit, "reset": reset}
    return {f"x-ratelimit-{name}{kind}": str(one) for name, one in told.items() if one is not None}


def waits(headers: Mapping[str, str]) -> float:
    """Return how long the next request waits after a response with these headers."""
    pace = Pace(Clock())
    pace.departs("m")
    pace.told("m", headers)
    return pace.seconds("m")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        (left("-requests", 1, 60), 0),
        (left("-requests", 0, 60), 1),
        (left("-requests", 0, 600), 0.1),
        (left("-requests", 0), 60),
        # OpenAI and Groq tell when the limit is whole: one request is there long before.
        (left("-requests", 0, 60, "1m0s"), 1),
        (left("-requests", 0, 60, "30s"), 0.5),
        (left("-requests", 0, 14_400, "23h59m54s"), 86_394 / 14_400),
        (left("-requests", 0, 1, "20ms"), 0.02),
        (left("-requests", 0, 1, "12"), 12),
        (left("-requests", 0, 1, "6m0s"), 120),
        (left("-requests", 0, 1, "9" * 39), 120),
        (left("-requests", 0, 60, "soon"), 1),
        (left("-requests", 0, 60, ""), 1),
        (left("-requests", "nan", 60, "9s"), 0),
        (left("-requests", "-1", 60, "9s"), 0),
        (left("-tokens", 0, 6_000), 6),
        (left("-tokens", 0, 6_000, "1m0s"), 6),
        (left("-tokens", 0, 6_000, "500ms"), 0.05),
        (left("-tokens", 1, 6_000, "2s"), 0),
        (left("", 0, 20), 3),
        ({**left("-requests", 0, 1, "3s"), **left("-tokens", 0, 60, "50s")}, 5),
    ],
)
def test_what_is_left_of_a_limit_tells_how_long_the_next_request_waits(
    headers: Mapping[str, str], seconds: float
) -> None:
    assert waits(headers) == pytest.approx(seconds)


@pytest.mark.parametrize("unit", [1, 1000], ids=["seconds", "milliseconds"])
def test_a_reset_may_be_told_as_a_moment(unit: int) -> None:
    assert waits(left("", 0, 20, int((time.time() + 30) * unit))) == pytest.approx(30, abs=2)


def test_requests_that_wait_for_a_limit_without_a_reset_go_one_after_the_other() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.departs("m")
    pace.told("m", left("-requests", 0, 60))
    sent = []
    while len(sent) < 3:
        clock.now += pace.seconds("m")
        pace.departs("m")
        sent.append(clock.now - 1_000.0)
    assert sent == pytest.approx([1, 2, 3])


def test_requests_on_the_way_are_taken_off_what_is_left() -> None:
    pace = Pace(Clock())
    for _ in range(4):
        pace.departs("m")
    pace.told("m", left("-requests", 3, 60, "57s"))
    assert pace.seconds("m") == pytest.approx(1)
    for _ in range(4):
        pace.ended("m")
    pace.departs("m")
    pace.told("m", left("-requests", 3, 60, "57s"))
    assert pace.seconds("m") == 0


def test_after_its_reset_a_limit_is_whole_again() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.told("m", left("", 0, 2, "9"))
    clock.now += 9
    for _ in range(2):
        assert pace.seconds("m") == 0
        pace.departs("m")
    assert pace.seconds("m") > 0


def test_limits_are_those_of_one_model_and_the_oldest_are_forgotten() -> None:
    pace = Pace(Clock())
    pace.told("m", left("-requests", 0, 1, "9s"))
    assert (pace.seconds("n"), pace.seconds("m")) == (0, 9)
    for number in range(100):
        pace.departs(f"other {number}")
    assert pace.seconds("m") == 0


async def test_a_call_for_which_no_request_is_left_is_told_when_and_costs_no_request(
    xai: FakeXAI, folder: Path
) -> None:
    xai.answer = lambda _: Response(200, ANSWER, left("-requests", 0, 1, "1000s"))
    path = saved(folder)
    async with connected(xai, folder) as client:
        structured(await client.call_tool("describe_image", {"image": path}))
        refused = error_text(await client.call_tool("describe_image", {"image": path}))
    assert refused.startswith("[rate_limited] xAI takes no more requests to grok-4.3 for now")
    assert refused.endswith("try again in 120 s.")
    assert len(xai.requests) == 1


async def test_a_call_waits_for_a_limit_that_opens_in_time(xai: FakeXAI, folder: Path) -> None:
    xai.answer = lambda _: Response(200, ANSWER, left("-requests", 0, 1, "50ms"))
    path = saved(folder)
    async with connected(xai, folder) as client:
        for _ in range(3):
            structured(await client.call_tool("describe_image", {"image": path}))
    assert len(xai.requests) == 3


async def test_while_the_provider_asks_for_patience_no_other_call_is_sent(
    xai: FakeXAI, folder: Path
) -> None:
    xai.fail(429, BUSY, headers={"retry-after": "100"})
    path = saved(folder)
    async with connected(xai, folder) as client:
        first = error_text(await client.call_tool("describe_image", {"image": path}))
        second = error_text(await client.call_tool("describe_image", {"image": path}))
    assert "try again in 100 s" in first
    assert "try again in 100 s" in second
    assert len(xai.requests) == 1


async def test_a_provider_that_asks_for_a_day_is_asked_again_sooner() -> None:
    pace = Pace(Clock())
    pace.close("m", 86_400)
    assert pace.seconds("m") == 120


class Blocked(httpx2.AsyncBaseTransport):
    """A provider that answers no one until it is told to, and then in order."""

    def __init__(self) -> None:
        self.sent = 0
        self.answer = anyio.Event()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        await request.aread()
        self.sent += 1
        await self.answer.wait()
        return httpx2.Response(200, json=ANSWER)


async def test_a_call_beyond_the_queue_is_told_how_long_to_wait_and_the_others_are_answered(
    folder: Path,
) -> None:
    provider, path, told = Blocked(), saved(folder), []
    server = create_server(settings_for(folder, concurrency=2), transport=provider)
    async with Client(server) as client:

        async def ask() -> None:
            told.append(await client.call_tool("describe_image", {"image": path}))

        async with anyio.create_task_group() as tasks:
            for _ in range(260):
                tasks.start_soon(ask)
            while len(told) < 2:  # noqa: ASYNC110 - what is awaited has no event
                await anyio.sleep(0.01)
            refused = [error_text(result) for result in told]
            provider.answer.set()
    assert provider.sent == 258
    assert len([result for result in told if not result.is_error]) == 258
    for text in refused:
        assert text.startswith("[unavailable] 256 calls wait already for this server; try again in")
        assert "GROK_VISION_CONCURRENCY" in text


async def test_a_call_that_never_gets_its_turn_says_so(folder: Path) -> None:
    provider, path = Blocked(), saved(folder)
    server = create_server(settings_for(folder, concurrency=1, deadline=1), transport=provider)
    async with Client(server) as client:
        told = []

        async def ask() -> None:
            told.append(error_text(await client.call_tool("describe_image", {"image": path})))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask)
            tasks.start_soon(ask)
    assert all(text.startswith("[timeout]") for text in told)
    assert sum("waited in vain for one of 1 place at the provider" in text for text in told) == 1
    assert provider.sent == 1


async def test_calls_that_wait_for_a_limit_count_as_waiting(xai: FakeXAI, folder: Path) -> None:
    xai.answer = lambda _: Response(200, ANSWER, left("-requests", 0, 1, "1000s"))
    path, told = saved(folder), []
    async with connected(xai, folder, concurrency=1, deadline=600) as client:
        structured(await client.call_tool("describe_image", {"image": path}))

        async def ask() -> None:
            told.append(error_text(await client.call_tool("describe_image", {"image": path})))

        async with anyio.create_task_group() as tasks:
            for _ in range(270):
                tasks.start_soon(ask)
            while len(told) < 10:  # noqa: ASYNC110 - what is awaited has no event
                await anyio.sleep(0.01)
            tasks.cancel_scope.cancel()
    assert [text for text in told if not text.startswith("[unavailable] 25")] == []
    assert len(xai.requests) == 1


async def test_calls_that_come_back_go_first_and_in_the_order_in_which_they_came_back() -> None:
    slots, served = Slots(1), list[str]()

    async def call(name: str, *, lends: bool) -> None:
        async with slots.taken(NOBODY) as place:
            if lends:
                await place.lend(0.0)
            else:
                await anyio.wait_all_tasks_blocked()
            served.append(name)

    async with anyio.create_task_group() as tasks, slots.taken(NOBODY):
        for name in ("a", "b"):
            tasks.start_soon(partial(call, name, lends=True))
        for name in ("c", "d"):
            tasks.start_soon(partial(call, name, lends=False))
        await anyio.wait_all_tasks_blocked()
    assert served == ["c", "a", "b", "d"]
    assert (slots.lent, slots._free) == (0, 1)


async def test_a_setting_bounds_the_attempts(xai: FakeXAI, folder: Path) -> None:
    xai.fail(503, times=3)
    error_text(await describe(xai, folder, saved(folder), setting_retries=1))
    assert len(xai.requests) == 2
