"""Over SSE a request is answered at once and goes on: until its end it counts as held."""

from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from grok_vision.settings import Settings
from grok_vision.web.app import build_app
from grok_vision.web.binding import bind
from grok_vision.web.bodies import Bodies
from tests import web
from tests.fake_xai import FakeXAI
from tests.peers import HELLO, Peer, asked, call, sent, until
from tests.support import saved, settings_for

LONG = 60.0
ROOM = 64 * 1024
"""Of each body, so much is not counted."""


class Keeper:
    """An application that answers at once and keeps the requests, as long as `kept` has them."""

    def __init__(self) -> None:
        self.kept: list[Scope] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return
        self.kept.append(scope)
        await send({"type": "http.response.start", "status": 202, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def status(served: web.Served, size: int) -> int:
    peer = await served.peer(web.request(served, b"x" * size, "Connection: close"))
    return web.status(await peer.rest())


def kept_on(keeper: ASGIApp, **bounds: int) -> Bodies:
    return Bodies(keeper, 4 * ROOM, kept_on=True, **bounds)


async def test_what_is_kept_after_its_answer_takes_room_until_it_is_let_go() -> None:
    keeper = Keeper()
    async with web.serving(kept_on(keeper, max_held=4 * ROOM)) as served:
        assert await status(served, 4 * ROOM) == 202
        assert await status(served, 4 * ROOM) == 503
        assert await status(served, ROOM) == 202
        keeper.kept.clear()
        assert await status(served, 4 * ROOM) == 202


async def test_so_many_requests_are_kept_and_no_more() -> None:
    keeper = Keeper()
    async with web.serving(kept_on(keeper, most_requests=2)) as served:
        assert [await status(served, 1) for _ in range(3)] == [202, 202, 503]
        keeper.kept.pop()
        assert await status(served, 1) == 202


@pytest.fixture
async def host(folder: Path, xai: FakeXAI) -> AsyncIterator[str]:
    """The address of a server over SSE that holds eight requests, three of them for a stream."""
    xai.delay = LONG
    with xai.serve() as address:
        settings = settings_for(folder, base_url=address, max_connections=2, concurrency=16)
        binding = bind(settings, "127.0.0.1", 0)
        app = build_app(settings, binding, "sse")
        async with web.serving(app, Settings(), binding=binding) as served:
            yield served.host


async def opened(host: str) -> tuple[Peer, str]:
    """Open a stream; return it with the path for messages."""
    stream = await sent(host, path="/sse", method="GET")
    await stream.reader.readuntil(b"data: ")
    path = (await stream.reader.readline()).decode().strip()
    for message in (HELLO, asked("notifications/initialized", {}, None)):
        await (await sent(host, message, path=path)).rest()
    return stream, path


async def posted(host: str, path: str, number: int, picture: str) -> str:
    answer = await (await sent(host, call(picture, number), path=path)).rest()
    return answer.partition("\r\n")[0]


async def test_calls_that_go_on_are_bounded_and_let_go_with_their_stream(
    host: str, folder: Path, xai: FakeXAI
) -> None:
    picture = saved(folder)
    stream, path = await opened(host)
    told = [(await posted(host, path, number, picture)).split()[1] for number in range(10)]
    taken = told.count("202")
    assert told == ["202"] * taken + ["503"] * (10 - taken)
    assert 0 < taken < 8
    await until(lambda: len(xai.requests), taken)
    await stream.leave()
    await until(lambda: xai.left, taken)
    stream, path = await opened(host)
    with anyio.fail_after(10):
        while "202" not in await posted(host, path, 9, picture):
            continue  # what has ended is looked for now and then
    await until(lambda: len(xai.requests), taken + 1)
    await stream.leave()


async def test_an_answer_lets_its_request_go(host: str, folder: Path, xai: FakeXAI) -> None:
    xai.delay = 0.0
    picture = saved(folder)
    stream, path = await opened(host)
    for number in range(20):
        assert "202" in await posted(host, path, number, picture)
        await stream.reader.readuntil(f'"id":{number}'.encode())
    await stream.leave()
