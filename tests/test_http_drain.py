"""The server that is told to end: balancers see it first, and every call gets an answer."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import anyio
import httpx2
import pytest
from mcp.server.context import HandlerResult, ServerRequestContext
from mcp.shared.exceptions import MCPError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from grok_vision.errors import ProviderError
from grok_vision.tools import CODE_KEY
from grok_vision.vision import Vision
from grok_vision.web.app import build_app
from grok_vision.web.binding import bind
from grok_vision.web.ending import Ending, told
from grok_vision.web.health import health_routes
from grok_vision.web.protocol import Deadlines
from tests import peers
from tests.fake_xai import FakeXAI
from tests.support import EXAMPLES, settings_for
from tests.test_http_end import HEADERS, LONG, META, Command
from tests.test_shutdown import DASHBOARD, until
from tests.web import Served, request, serving, status

ENDING = "[unavailable] The server is ending; try again."
MODERN = {**HEADERS, "Content-Type": "application/json"}


# --- as a process


@contextmanager
def serving_process(xai: FakeXAI, *, drain: str) -> Iterator[Command]:
    with xai.serve() as address:
        env = {
            **os.environ,
            "XAI_API_KEY": xai.key,
            "GROK_VISION_BASE_URL": address,
            "GROK_VISION_ROOTS": str(EXAMPLES),
            "GROK_VISION_DRAIN_SECONDS": drain,
        }
        command = Command(env)
        try:
            command.began()
            yield command
        finally:
            command.clean()


def ready(command: Command) -> str:
    return command.url.replace("/mcp", "/ready")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
def test_balancers_see_the_end_first_and_requests_are_taken_meanwhile(xai: FakeXAI) -> None:
    with serving_process(xai, drain="1.5") as command:
        assert httpx2.get(ready(command)).status_code == 200
        command.signal()
        until(lambda: httpx2.get(ready(command)).status_code == 503)
        answer = httpx2.get(ready(command))
        reason = "[unavailable] the server is ending"
        assert answer.json() == {"status": "not ready", "reason": reason}
        assert answer.headers["connection"] == "close"
        command.call().join()
        assert "text" in command.answers[0].json()["result"]["structuredContent"]
        until(lambda: not command.takes_connections())
        assert command.ended() == (0, "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
def test_a_second_signal_ends_it_at_once_also_while_requests_are_taken(xai: FakeXAI) -> None:
    with serving_process(xai, drain="600") as command:
        command.signal(signal.SIGINT)
        until(lambda: httpx2.get(ready(command)).status_code == 503)
        command.signal(signal.SIGINT)
        assert command.ended() == (128 + signal.SIGINT, "")


# --- calls in flight


@asynccontextmanager
async def ending_soon(xai: FakeXAI) -> AsyncIterator[Served]:
    """The whole application, whose provider takes long and whose calls get no time at the end."""
    xai.delay = LONG
    with xai.serve() as address:
        settings = settings_for(EXAMPLES, base_url=address)
        binding, ending = bind(settings, "127.0.0.1", 0), Ending()
        app = build_app(settings, binding, "http", ending=ending)
        deadlines = Deadlines(end=0.0)
        async with serving(app, settings, deadlines, binding=binding, ending=ending) as served:
            yield served


def result(answer: str) -> dict[str, Any]:
    """Return what the call was answered, as a body or as the last event."""
    lines = [line.removeprefix("data: ") for line in answer.splitlines()]
    answered: dict[str, Any] = json.loads([line for line in lines if line.startswith("{")][-1])
    assert answered["id"] == 7
    found: dict[str, Any] = answered["result"]
    return found


@pytest.mark.parametrize("era", [peers.LEGACY, MODERN], ids=["2025", "2026"])
@pytest.mark.parametrize("begun", [False, True], ids=["silent", "after progress"])
async def test_a_call_that_the_end_cancels_is_told_to_come_again(
    xai: FakeXAI, era: dict[str, str], begun: bool
) -> None:
    async with ending_soon(xai) as served:
        meta = {**(META if era is MODERN else {}), **({"progressToken": "t"} if begun else {})}
        peer = await peers.sent(served.host, peers.call(DASHBOARD, 7, meta), era)
        await peers.until(lambda: len(xai.requests))
        if begun:
            await peer.reader.readuntil(b"notifications/progress")
        served.server.should_exit = True
        found = result(await peer.rest())
        assert found.pop("resultType", "complete") == "complete"
        assert found == {
            "content": [{"type": "text", "text": ENDING}],
            "isError": True,
            "_meta": {CODE_KEY: "unavailable"},
        }
    await peers.until(lambda: xai.left)


async def test_other_requests_are_answered_by_an_error_of_the_protocol() -> None:
    ending = Ending()

    async def waits(_: ServerRequestContext[Any, Any]) -> HandlerResult:
        ending.cancel()
        await anyio.sleep_forever()
        raise AssertionError

    for call_next in (waits, never):
        with pytest.raises(MCPError, match="The server is ending") as raised:
            await ending(context("resources/read"), call_next)
        assert raised.value.error.message == ENDING
    assert await ending(context("notifications/cancelled", None), noted) is None


async def never(_: ServerRequestContext[Any, Any]) -> HandlerResult:
    raise AssertionError("the server is over")


async def noted(_: ServerRequestContext[Any, Any]) -> HandlerResult:
    return None


def context(method: str, number: int | None = 1) -> ServerRequestContext[Any, Any]:
    return ServerRequestContext(
        session=None,  # type: ignore[arg-type]
        lifespan_context=None,
        protocol_version="2026-07-28",
        method=method,
        request_id=number,
    )


async def test_a_stream_that_has_begun_just_ends_where_no_call_goes_on() -> None:
    sent: list[Message] = []

    async def app(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise asyncio.CancelledError

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    with pytest.raises(asyncio.CancelledError):
        await told(app)({"type": "http"}, receive, send)
    assert [message["type"] for message in sent] == ["http.response.start"]


async def test_what_is_checked_when_the_end_begins_does_not_count() -> None:
    ending = Ending()

    @asynccontextmanager
    async def opened() -> AsyncIterator[Vision]:
        ending.begin()
        raise ProviderError("timeout", "no answer")
        yield

    routes = health_routes(opened, is_ending=lambda: ending.begun)
    transport = httpx2.ASGITransport(app=Starlette(routes=routes))
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as http:
        for _ in range(2):
            answer = await http.get("/ready")
            assert answer.json()["reason"] == "[unavailable] the server is ending"


# --- connections


async def greeted(asked: Request) -> PlainTextResponse:
    return PlainTextResponse((await asked.body()).decode())


GREETING = Starlette(routes=[Route("/", greeted, methods=["POST"])])


@asynccontextmanager
async def shutting_down(first: float) -> AsyncIterator[tuple[Served, socket.socket]]:
    """A server that can be shut down in the middle of a test, and its listener."""
    settings = settings_for(EXAMPLES)
    binding = bind(settings, "127.0.0.1", 0)
    deadlines = Deadlines(first=first, end=30.0)
    async with serving(GREETING, settings, deadlines, binding=binding) as served:
        await peers.until(lambda: served.server.started)
        yield served, binding.socket


async def test_a_request_that_the_system_has_taken_is_answered() -> None:
    async with shutting_down(first=30.0) as (served, listener):
        # Nothing runs between the two: the connection is open, and the server knows nothing of it.
        with socket.create_connection(("127.0.0.1", served.port)) as client:
            client.sendall(request(served, b"late"))
            await served.server.shutdown([listener])
            answer = client.recv(2**16)
        assert status(answer) == 200
        assert b"connection: close" in answer
        assert answer.endswith(b"late")


async def test_the_first_request_of_a_connection_may_be_on_its_way() -> None:
    async with shutting_down(first=30.0) as (served, listener):
        peer = await served.peer()
        await peers.until(served.open)
        ended = asyncio.create_task(served.server.shutdown([listener]))
        await peers.until(lambda: not served.server.servers[0].is_serving())
        peer.writer.write(request(served, b"on its way"))
        assert (await peer.rest()).endswith(b"on its way")
        await ended


async def test_connections_that_say_nothing_do_not_hold_the_end() -> None:
    async with shutting_down(first=0.05) as (served, listener):
        silent, idle = await served.peer(), await served.peer(request(served, b"one"))
        await idle.answer()
        await peers.until(served.open, 2)
        await served.server.shutdown([listener])
        assert await silent.rest() == b""
        assert await idle.rest() == b""
