"""Without sessions, a client of the 2025 protocols cancels by a message of its own."""

import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path

import pytest

from grok_vision.app import create_server
from tests.fake_xai import FakeXAI
from tests.peers import HELLO, LEGACY, Peer, asked, call, sent, serving, session, until
from tests.support import encoded, noise, saved, settings_for

LONG = 60.0
"""Seconds that the provider takes: no test waits for it."""


@pytest.fixture
async def host(folder: Path, xai: FakeXAI) -> AsyncIterator[str]:
    """The address of a server without sessions, whose provider takes long."""
    xai.delay = LONG
    with xai.serve() as address:
        server = create_server(settings_for(folder, base_url=address))
        async with serving(server.streamable_http_app(stateless_http=True)) as served:
            yield served


async def cancelled(host: str, headers: Mapping[str, str], number: object) -> str:
    note = asked("notifications/cancelled", {"requestId": number}, None)
    return (await (await sent(host, note, headers)).rest()).partition("\r\n")[0]


Flying = Callable[[Mapping[str, str], object], Awaitable[Peer]]


@pytest.fixture
async def flying(host: str, xai: FakeXAI) -> AsyncIterator[Flying]:
    """Sends a call and waits until it has reached the provider; nobody leaves before the end."""
    peers: list[Peer] = []

    async def fly(headers: Mapping[str, str], body: object) -> Peer:
        peers.append(await sent(host, body, headers))
        await until(lambda: len(xai.requests), len(peers))
        return peers[-1]

    yield fly
    for peer in peers:
        await peer.leave()


async def test_a_cancelled_request_leaves_the_provider_and_its_stream_ends(
    host: str, folder: Path, xai: FakeXAI, flying: Flying
) -> None:
    headers = await session(host)
    peer = await flying(headers, call(saved(folder), 7))
    assert await cancelled(host, headers, 7) == "HTTP/1.1 202 Accepted"
    await until(lambda: xai.left)
    assert '"id":7' not in await peer.rest()


async def test_only_the_request_of_that_client_and_id_is_cancelled(
    host: str, folder: Path, xai: FakeXAI, flying: Flying
) -> None:
    one, other = await session(host), await session(host)
    picture = saved(folder)
    await flying(one, call(picture, 1))
    stays = await flying(other, call(picture, 1))
    await flying(one, call(picture, "1"))
    for headers, number in (
        (one, 2),
        (other, "1"),
        (LEGACY, 1),
        ({**one, "Mcp-Session-Id": "x"}, 1),
    ):
        assert "202" in await cancelled(host, headers, number)
    assert xai.left == 0
    await cancelled(host, one, "1")
    await until(lambda: xai.left)
    await cancelled(host, one, 1)
    await until(lambda: xai.left, 2)
    assert not stays.reader.at_eof()


async def test_a_request_with_a_large_picture_in_it_is_cancelled_too(
    host: str, xai: FakeXAI, flying: Flying
) -> None:
    data = base64.b64encode(encoded(noise(300, 300), "PNG")).decode()
    headers = await session(host)
    await flying(headers, call(f"data:image/png;base64,{data}", 3))
    await cancelled(host, headers, 3)
    await until(lambda: xai.left)


async def test_a_name_that_this_server_never_gave_is_served(
    host: str, folder: Path, xai: FakeXAI
) -> None:
    xai.delay = 0.0
    for name in ("another-replica-gave-this", "x" * 5_000):
        peer = await sent(host, call(saved(folder)), {**LEGACY, "Mcp-Session-Id": name})
        assert "A picture." in await peer.rest()


@pytest.mark.parametrize(
    "body",
    [{"jsonrpc": "2.0", "id": 1, "method": "ping"}, [HELLO], "no object"],
    ids=["another request", "a batch", "a word"],
)
async def test_a_name_is_given_with_a_good_initialize_only(host: str, body: object) -> None:
    told = await (await sent(host, body, LEGACY)).rest()
    assert "mcp-session-id" not in told.lower()


async def test_nobody_waits_for_messages_that_never_come(host: str) -> None:
    told = await (await sent(host, None, LEGACY, method="GET")).rest()
    assert told.startswith("HTTP/1.1 405")
    assert "allow: post" in told.lower()


async def test_a_cancelled_request_that_has_begun_to_answer_ends_there(
    host: str, folder: Path, xai: FakeXAI, flying: Flying
) -> None:
    headers = await session(host)
    body = call(saved(folder), 9)
    body["params"]["_meta"] = {"progressToken": "t"}
    peer = await flying(headers, body)
    await peer.reader.readuntil(b"notifications/progress")
    await cancelled(host, headers, 9)
    rest = await peer.rest()
    assert all(json.loads(line[6:])["method"] for line in rest.splitlines() if line[:6] == "data: ")
