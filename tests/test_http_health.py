"""Whether the server lives, and whether calls can be answered."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from starlette.applications import Starlette

from grok_vision.app import create_server
from grok_vision.errors import ProviderError
from grok_vision.settings import Settings
from grok_vision.web.health import Opened, Readiness, health_routes
from tests.fake_xai import FakeXAI
from tests.support import settings_for

pytestmark = pytest.mark.anyio


def opened(settings: Settings, xai: FakeXAI) -> Opened:
    return create_server(settings, transport=xai.transport(), desktop=False).opened


async def asked(path: str, source: Opened) -> httpx2.Response:
    transport = httpx2.ASGITransport(app=Starlette(routes=health_routes(source)))
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as http:
        return await http.get(path)


async def test_a_server_that_lives_says_so_and_asks_nobody(xai: FakeXAI, folder: Path) -> None:
    answer = await asked("/health", opened(settings_for(folder), xai))
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["cache-control"] == "no-store"
    assert xai.requests == []


async def test_it_is_ready_where_the_provider_lists_its_models(xai: FakeXAI, folder: Path) -> None:
    answer = await asked("/ready", opened(settings_for(folder), xai))
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})
    assert [request.method for request in xai.requests] == ["GET"]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (
            {"provider": "openai", "xai_api_key": None},
            "[missing_key] no key is set for the provider",
        ),
        ({"xai_api_key": "wrong"}, "[unauthorized] the provider does not take the key"),
    ],
    ids=["no key", "a wrong key"],
)
async def test_it_is_not_ready_without_what_calls_need(
    xai: FakeXAI, folder: Path, given: dict[str, Any], reason: str
) -> None:
    answer = await asked("/ready", opened(settings_for(folder, **given), xai))
    assert answer.status_code == 503
    assert answer.json() == {"status": "not ready", "reason": reason}


async def test_what_the_provider_says_is_for_the_log_and_not_for_everybody(
    xai: FakeXAI, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    xai.fail(500, {"error": "SECRET of host 10.0.0.7"}, times=9)
    answer = await asked("/ready", opened(settings_for(folder), xai))
    assert answer.status_code == 503
    assert answer.json()["reason"] == "[unavailable] the provider cannot be reached"
    [line] = [one for one in caplog.records if one.name == "grok_vision.web.health"]
    assert line.levelno == logging.WARNING
    assert "[unavailable]" in line.getMessage()


class Journey:
    """In place of what calls go through: lists models, or fails, and counts how often."""

    def __init__(self) -> None:
        self.asked = 0
        self.error: Exception | None = None
        self.go = anyio.Event()
        self.go.set()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Any]:
        yield self

    async def journey(self) -> "Journey":
        return self

    async def catalogue(self) -> tuple[()]:
        self.asked += 1
        await self.go.wait()
        if self.error is not None:
            raise self.error
        return ()


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_what_was_found_is_kept_for_half_a_minute() -> None:
    journey, clock = Journey(), Clock()
    readiness = Readiness(journey.opened, clock=clock)
    for now in (0.0, 29.9):
        clock.now = now
        assert await readiness.failure() is None
    assert journey.asked == 1
    clock.now = 30.0
    journey.error = ProviderError("unavailable", "it is gone.")
    assert await readiness.failure() == "unavailable"
    assert journey.asked == 2


async def test_a_failure_is_kept_for_five_seconds_and_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    journey, clock = Journey(), Clock()
    journey.error = ProviderError("unavailable", "it is gone.")
    readiness = Readiness(journey.opened, clock=clock)
    for now in (0.0, 4.9, 5.0):
        clock.now = now
        assert await readiness.failure() == "unavailable"
    assert journey.asked == 2
    assert caplog.messages == ["not ready: [unavailable] it is gone."]
    clock.now, journey.error = 10.0, None
    assert await readiness.failure() is None


async def test_those_who_ask_at_once_are_told_what_one_check_finds() -> None:
    journey = Journey()
    journey.go = anyio.Event()
    readiness = Readiness(journey.opened, clock=Clock())
    found: list[str | None] = []

    async def ask() -> None:
        found.append(await readiness.failure())

    async with anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(ask)
        await anyio.wait_all_tasks_blocked()
        journey.go.set()
    assert (found, journey.asked) == ([None] * 20, 1)


async def test_a_provider_that_does_not_answer_is_given_up() -> None:
    journey = Journey()
    journey.go = anyio.Event()
    readiness = Readiness(journey.opened, clock=Clock(), seconds=0.01)
    assert await readiness.failure() == "timeout"


async def test_who_leaves_a_check_leaves_it_to_the_next() -> None:
    journey = Journey()
    journey.go = anyio.Event()
    readiness = Readiness(journey.opened, clock=Clock())
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(readiness.failure)
        await anyio.wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()
    journey.go.set()
    assert await readiness.failure() is None
    assert journey.asked == 2
