"""The end of the HTTP server: calls in flight are waited for, for a while, and nothing is left."""

import asyncio
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import httpx2
import pytest
from starlette.applications import Starlette

from grok_vision.app import create_server
from grok_vision.web import serving as serving_module
from grok_vision.web.protocol import Deadlines
from tests.fake_xai import FakeXAI
from tests.support import EXAMPLES, settings_for
from tests.test_shutdown import DASHBOARD, MAIN, made_endless, until, wait_for_the_beginning
from tests.web import request, serving, status

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")

LONG = 60.0
"""Seconds that the provider takes: no test waits for it."""
WAITED_IN_VAIN = 600.0
ANNOUNCED = "Serving MCP at "
IMPATIENT = """
import os
os.environ["GROK_VISION_GRACE_SECONDS"] = "0.2"
"""
HEADERS = {
    "Accept": "application/json, text/event-stream",
    "MCP-Protocol-Version": "2026-07-28",
    "Mcp-Method": "tools/call",
    "Mcp-Name": "describe_image",
}
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}


def message() -> dict[str, Any]:
    params = {"name": "describe_image", "arguments": {"image": DASHBOARD}, "_meta": META}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}


class Command:
    """`serve --transport http` as a process that has begun to answer."""

    def __init__(self, env: dict[str, str], script: str = "") -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", script + MAIN, "serve", "--transport", "http", "--port", "0"],
            env=env,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.url = ""
        self.answers: list[httpx2.Response] = []

    def began(self) -> None:
        """Wait until it answers: from then on it takes signals."""
        assert self.process.stderr is not None
        line = next(line for line in self.process.stderr if line.startswith(ANNOUNCED))
        self.url = line.removeprefix(ANNOUNCED).split()[0]
        health = self.url.replace("/mcp", "/health")
        assert httpx2.get(health, timeout=20).status_code == 200

    def call(self) -> threading.Thread:
        """Call a tool beside this thread."""

        def ask() -> None:
            # Of a server that ended at once, or by the deadline, no answer is expected.
            with suppress(httpx2.TransportError):
                self.answers.append(
                    httpx2.post(self.url, json=message(), headers=HEADERS, timeout=60)
                )

        thread = threading.Thread(target=ask)
        thread.start()
        return thread

    def takes_connections(self) -> bool:
        port = int(self.url.rsplit(":", 1)[1].partition("/")[0])
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            return False
        return True

    def signal(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)

    def ended(self) -> tuple[int, str]:
        """Return how it ended, and what it said since it began."""
        assert self.process.stderr is not None
        told = self.process.stderr.read()
        return self.process.wait(20), told.partition("GROK_VISION_AUTH_TOKEN.\n")[2]

    def clean(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def xai() -> FakeXAI:
    return FakeXAI(delay=LONG)


@pytest.fixture
def start(xai: FakeXAI) -> Iterator[Callable[..., Command]]:
    started: list[Command] = []
    with xai.serve() as address:
        env = {
            **os.environ,
            "XAI_API_KEY": xai.key,
            "GROK_VISION_BASE_URL": address,
            "GROK_VISION_ROOTS": str(EXAMPLES),
        }

        def run(script: str = "") -> Command:
            started.append(Command(env, script))
            return started[-1]

        yield run
        for command in started:
            command.clean()


Start = Callable[..., Any]


def test_a_call_in_flight_is_answered_while_no_other_is_taken(start: Start, xai: FakeXAI) -> None:
    xai.delay = 1.0
    command = start()
    command.began()
    calling = command.call()
    until(lambda: len(xai.requests))
    command.signal(signal.SIGINT)
    until(lambda: not command.takes_connections())
    assert xai.answered == 0
    calling.join()
    assert "text" in command.answers[0].json()["result"]["structuredContent"]
    assert command.ended() == (0, "")


def test_a_second_signal_ends_it_at_once(start: Start, xai: FakeXAI) -> None:
    command = start()
    command.began()
    calling = command.call()
    until(lambda: len(xai.requests))
    command.signal()
    until(lambda: not command.takes_connections())
    command.signal()
    assert command.ended() == (128 + signal.SIGTERM, "")
    calling.join()


def test_a_thread_that_hangs_does_not_hold_it(start: Start, tmp_path: Path) -> None:
    command = start(IMPATIENT + made_endless("a picture in a thread", tmp_path))
    command.began()
    calling = command.call()
    wait_for_the_beginning(tmp_path)
    command.signal()
    assert command.ended()[0] == 0
    calling.join()


async def test_what_cannot_be_cancelled_does_not_hold_the_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    codes: list[int] = []
    left = asyncio.Event()

    def leave(code: int) -> None:
        codes.append(code)
        left.set()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await left.wait()

    monkeypatch.setattr(os, "_exit", leave)
    monkeypatch.setattr(serving_module, "_LAST_SECONDS", 0.1)
    async with serving(Starlette(lifespan=lifespan), deadlines=Deadlines(end=0.1)):
        pass
    assert codes == [1]
    assert capsys.readouterr().err.startswith("error: some calls could not be cancelled")


def test_as_many_files_may_be_open_as_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource")
    allowed: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: allowed.append(limits))
    for soft, hard in ((256, 4096), (256, 1024), (256, resource.RLIM_INFINITY), (4096, 4096)):
        monkeypatch.setattr(resource, "getrlimit", lambda _, limits=(soft, hard): limits)
        serving_module._allow_files(1000)
    assert allowed == [(1512, 4096), (1024, 1024), (1512, resource.RLIM_INFINITY)]


async def test_a_call_that_takes_too_long_is_cancelled_with_the_provider(
    xai: FakeXAI, caplog: pytest.LogCaptureFixture
) -> None:
    with xai.serve() as address:
        settings = settings_for(EXAMPLES, base_url=address)
        server = create_server(settings)
        app = server.streamable_http_app(stateless_http=True)
        async with serving(app, settings, Deadlines(end=0.1)) as served:
            body = json.dumps(message()).encode()
            headers = [f"{name}: {value}" for name, value in HEADERS.items()]
            peer = await served.peer(
                request(served, body, "Content-Type: application/json", *headers, path="/mcp")
            )
            await anyio.to_thread.run_sync(until, lambda: len(xai.requests))
            served.server.should_exit = True
            answer = await peer.answer()
            assert status(answer) == 503
            assert b"[unavailable] The server is ending; try again." in answer
        until(lambda: xai.left)
    (logged,) = (record for record in caplog.records if record.levelno >= logging.ERROR)
    assert "Cancel 1 running task" in logged.message
