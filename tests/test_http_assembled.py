"""The HTTP server as it is put together: what passes which check, and what is said of it."""

import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from grok_vision.web import app as assembled
from grok_vision.web.binding import Binding, bind
from tests import web
from tests.fake_xai import FakeXAI
from tests.peers import LEGACY, TAKEN, asked, call, sent
from tests.support import saved, settings_for

TOKEN = "a-token-of-enough-characters"


@asynccontextmanager
async def built(
    folder: Path, kind: assembled.Kind = "http", xai: FakeXAI | None = None, **given: Any
) -> AsyncIterator[web.Served]:
    settings = settings_for(folder, auth_token=TOKEN, **given)
    binding = bind(settings, "127.0.0.1", 0)
    app = assembled.build_app(settings, binding, kind, transport=xai.transport() if xai else None)
    async with web.serving(app, settings, binding=binding) as served:
        yield served


@pytest.mark.parametrize("path", ["/health", "/ready"])
async def test_a_body_that_nobody_reads_takes_no_room_and_no_time(folder: Path, path: str) -> None:
    async with built(folder, provider="local") as served:
        peer = await served.peer(
            web.request(served, None, "Content-Length: 9999999", path=path) + b"x" * 100_000
        )
        assert web.status(await peer.answer()) == 404


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/health", "GET", 200),
        ("/mcp", "POST", 401),
        ("/metrics", "GET", 401),
        ("/sse", "GET", 401),
        ("/elsewhere", "GET", 401),
        ("/mcp/", "POST", 401),
        ("//mcp", "POST", 401),
        ("/health/../mcp", "POST", 401),
    ],
)
async def test_without_a_token_only_two_words_are_told(
    folder: Path, path: str, method: str, status: int
) -> None:
    async with built(folder) as served:
        answer = await (await sent(served.host, None, path=path, method=method)).rest()
    assert answer.startswith(f"HTTP/1.1 {status} ")


@pytest.mark.parametrize("protocol", ["2025-11-25", None])
async def test_a_call_with_the_token_is_answered_and_counted(
    folder: Path, xai: FakeXAI, protocol: str | None
) -> None:
    bearing = {"Authorization": f"Bearer {TOKEN}", **(LEGACY if protocol else {})}
    async with built(folder, xai=xai) as served:
        body = call(saved(folder))
        answer = await (await sent(served.host, body, {**TAKEN, **bearing})).rest()
        assert "A picture." in answer
        told = await (await sent(served.host, None, bearing, path="/metrics", method="GET")).rest()
    assert 'grok_vision_calls_total{code="ok",tool="describe_image"} 1.0' in told.replace(
        'tool="describe_image",code="ok"', 'code="ok",tool="describe_image"'
    )


async def test_over_http_the_desktop_is_not_the_callers(folder: Path) -> None:
    bearing = {"Authorization": f"Bearer {TOKEN}", **LEGACY}
    async with built(folder, roots=None) as served:
        for source in ("latest", "clipboard", saved(folder)):
            answer = await (await sent(served.host, call(source), bearing)).rest()
            (line,) = [line for line in answer.splitlines() if line.startswith("data: {")]
            result = json.loads(line[6:])["result"]
            assert result["isError"], source


async def test_words_of_strangers_are_in_no_log(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bearing = {"Authorization": f"Bearer {TOKEN}"}
    async with built(folder, "sse") as served:
        stream = await sent(served.host, None, bearing, path="/sse", method="GET")
        await stream.reader.readuntil(b"data: ")
        path = (await stream.reader.readline()).decode().strip()
        wrong = {"not": "SECRET-WORDS"}
        assert " 400 " in await (await sent(served.host, wrong, bearing, path=path)).rest()
        evil = {**bearing, "Host": "SECRET-WORDS.example"}
        assert " 421 " in await (await sent(served.host, asked("ping", {}), evil)).rest()
        await stream.leave()
    assert "SECRET-WORDS" not in caplog.text
    assert logging.getLogger("mcp.server.sse").level == logging.CRITICAL


def lines(binding: Binding, folder: Path, kind: assembled.Kind = "http", **given: Any) -> list[str]:
    binding.socket.close()
    return list(assembled._announcement(settings_for(folder, **given), binding, kind))


def test_who_starts_it_is_told_where_it_is_and_what_is_open(folder: Path) -> None:
    settings = settings_for(folder)
    binding = bind(settings, "127.0.0.1", 0)
    at = f"http://127.0.0.1:{binding.port}"
    first, open_to_all = lines(binding, folder)
    assert first == f"Serving MCP at {at}/mcp until Ctrl-C."
    assert "every program of this machine can call" in open_to_all
    told = lines(binding, folder, "sse", auth_token=TOKEN, roots=(folder / "lost", folder))
    assert told == [
        f"Serving MCP at {at}/sse until Ctrl-C.",
        "The protocol has deprecated SSE; use --transport http where the host can.",
        f"{folder / 'lost'} is no folder, so nothing in it can be read: correct it.",
    ]
    (*_, no_folder) = lines(binding, folder, auth_token=TOKEN, roots=None)
    assert no_folder.startswith("No folder may be read")


def test_behind_a_name_of_its_own_the_need_of_tls_is_told(folder: Path) -> None:
    given = {"auth_token": TOKEN, "public_host": "vision.example.com"}
    binding = bind(settings_for(folder, **given), "127.0.0.1", 0)
    first, second = lines(binding, folder, **given)
    assert first == f"Serving MCP at http://127.0.0.1:{binding.port}/mcp until Ctrl-C."
    assert "https://vision.example.com/mcp, through a proxy with TLS" in second
