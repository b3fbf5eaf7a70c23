"""The end of the process: in time, whatever it is at, with nothing left behind and nothing said."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fake_xai import FakeXAI
from tests.support import EXAMPLES, saved

only_posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
only_linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are told in /proc")

DASHBOARD = str(EXAMPLES / "dashboard.png")
LONG = 60.0
"""Seconds that the provider takes: no test waits for it."""
WITHIN = {"idle": 2.0, "busy": 5.0}
MODERN = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}

# The process with one thing in it made endless, which tells that it has begun.
ENDLESS = "print(file=open({begun!r}, 'w'), flush=True), __import__('threading').Event().wait()"
PARTS = {
    "a picture in a thread": """
from grok_vision.images import workshop
workshop.prepare_opened = lambda *_: ({endless})
""",
    "a picture in a process": """
from grok_vision.images import workshop
run_apart = workshop.run_apart
def endless(*_, returns, limiter, may_open_files):
    return run_apart(eval, {endless!r}, returns=object, limiter=limiter, may_open_files=True)
workshop.run_apart = endless
""",
    "a file": """
from grok_vision.images.local import LocalFiles
LocalFiles.read = lambda *_: ({endless})
""",
    "the name of a host": """
import socket
socket.getaddrinfo = lambda *_, **__: ({endless})
""",
}
MAIN = """
import sys
from grok_vision.__main__ import main
sys.argv[0] = "grok-vision-mcp"
main()
"""


class Server:
    """A process as hosts and people run it."""

    def __init__(self, env: dict[str, str], script: str = MAIN, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", script, *arguments],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def send(self, method: str, params: Any, number: int | None = None) -> None:
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        if number is not None:
            message["id"] = number
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def greet(self) -> None:
        """Wait until it serves."""
        client = {"name": "test", "version": "1"}
        self.send(
            "initialize",
            {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client},
            0,
        )
        assert self.process.stdout is not None
        assert "result" in json.loads(self.process.stdout.readline())
        self.send("notifications/initialized", {})

    def look_at(self, image: str, meta: object = None) -> None:
        asked = {"name": "describe_image", "arguments": {"image": image}}
        self.send("tools/call", {**asked, "_meta": meta} if meta else asked, 1)

    def ended(self, state: str) -> tuple[int, str]:
        """Return how it ended, in time, and what it said on stderr."""
        code = self.process.wait(WITHIN[state])
        assert self.process.stderr is not None
        return code, self.process.stderr.read().decode()

    def clean(self) -> None:
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()
        self.process.wait()


@pytest.fixture
def xai() -> FakeXAI:
    return FakeXAI(delay=LONG)


@pytest.fixture
def env(xai: FakeXAI, folder: Path) -> Iterator[dict[str, str]]:
    """The environment of a server with a provider that takes long."""
    with xai.serve() as address:
        yield {
            **os.environ,
            "XAI_API_KEY": xai.key,
            "GROK_VISION_BASE_URL": address,
            "GROK_VISION_ROOTS": os.pathsep.join([str(EXAMPLES), str(folder)]),
        }


Start = Callable[..., Server]


@pytest.fixture
def start(env: dict[str, str]) -> Iterator[Start]:
    started: list[Server] = []

    def run(*arguments: str, script: str = "") -> Server:
        started.append(Server(env, script + MAIN, *arguments))
        return started[-1]

    yield run
    for server in started:
        server.clean()


def end_of_input(server: Server) -> int:
    assert server.process.stdin is not None
    server.process.stdin.close()
    return 0


def host_gone(server: Server) -> int:
    assert server.process.stdout is not None
    server.process.stdout.close()
    end_of_input(server)
    return 1  # what was asked last could not be answered


def interrupted(server: Server) -> int:
    server.process.send_signal(signal.SIGINT)
    return -signal.SIGINT


def terminated(server: Server) -> int:
    server.process.send_signal(signal.SIGTERM)
    return -signal.SIGTERM


ENDS = [end_of_input] if sys.platform == "win32" else [end_of_input, interrupted, terminated]


def until(told: Callable[[], int], count: int = 1) -> None:
    """Wait until what is told comes to the count."""
    late = time.monotonic() + 30
    while told() < count:
        assert time.monotonic() < late
        time.sleep(0.005)


def test_a_server_at_rest_ends_at_once(start: Start) -> None:
    servers = [start() for _ in ENDS]
    for server, end in zip(servers, ENDS, strict=True):
        server.greet()
        code = end(server)
        assert server.ended("idle") == (code, "")


def test_a_server_whose_provider_is_at_work_ends_and_leaves_the_provider(
    start: Start, xai: FakeXAI
) -> None:
    ends = [*ENDS, host_gone, end_of_input]
    servers = [start() for _ in ends]
    for number, (server, end) in enumerate(zip(servers, ends, strict=True), 1):
        if number < len(ends):
            server.greet()
            server.look_at(DASHBOARD)
        else:
            server.look_at(DASHBOARD, MODERN)  # a host of 2026 need not greet
        until(lambda: len(xai.requests), number)
        code = end(server)
        assert server.ended("busy") == (code, "")
        until(lambda: xai.left, number)
    assert xai.answered == 0


def children(of: int) -> list[int]:
    told = (path.read_text() for path in Path(f"/proc/{of}/task").glob("*/children"))
    return [int(number) for numbers in told for number in numbers.split()]


@only_linux
@pytest.mark.parametrize(
    ("part", "end"),
    [
        ("a picture in a thread", end_of_input),
        ("a picture in a process", end_of_input),
        ("a picture in a process", terminated),
        ("a file", end_of_input),
    ],
)
def test_a_server_that_is_at_something_endless_ends_and_leaves_no_process(
    start: Start, folder: Path, tmp_path: Path, part: str, end: Callable[[Server], int]
) -> None:
    server = start(script=made_endless(part, tmp_path))
    server.greet()
    server.look_at(saved(folder, "shot.webp" if "process" in part else "shot.png"))
    wait_for_the_beginning(tmp_path)
    workers = [os.pidfd_open(worker) for worker in children(server.process.pid)]
    assert len(workers) == ("process" in part)
    code = end(server)
    assert server.ended("busy") == (code, "")
    for worker in workers:
        assert select.select([worker], [], [], 2)[0], "the worker goes on"
        os.close(worker)


@only_posix
def test_a_command_that_is_at_something_endless_ends_when_it_is_interrupted(
    start: Start, folder: Path, tmp_path: Path
) -> None:
    image = {
        "a picture in a process": saved(folder, "shot.webp"),
        "the name of a host": "https://pictures.example/shot.png",
    }
    commands = {}
    for number, part in enumerate(PARTS):
        begun = tmp_path / f"{number}"
        begun.mkdir()
        script = made_endless(part, begun)
        commands[begun] = start("describe", image.get(part, DASHBOARD), script=script)
    for begun, command in commands.items():
        wait_for_the_beginning(begun)
        command.process.send_signal(signal.SIGINT)
        assert command.ended("idle") == (130, "")


@only_posix
def test_a_command_whose_provider_is_at_work_ends_and_leaves_the_provider(
    start: Start, xai: FakeXAI
) -> None:
    codes = {signal.SIGINT: 130, signal.SIGTERM: -signal.SIGTERM}
    commands = [start("describe", DASHBOARD) for _ in codes]
    until(lambda: len(xai.requests), 2)
    for command, (number, code) in zip(commands, codes.items(), strict=True):
        command.process.send_signal(number)
        assert command.ended("idle") == (code, "")
    until(lambda: xai.left, 2)
    assert xai.answered == 0


@only_posix
def test_a_command_that_is_interrupted_while_it_is_loaded_shows_no_traceback(
    start: Start, tmp_path: Path
) -> None:
    loading = f"""
import builtins
load = builtins.__import__
def slow(name, *rest):
    if name.startswith("grok_vision.cli.commands"):
        {ENDLESS.format(begun=str(tmp_path / "begun"))}
    return load(name, *rest)
builtins.__import__ = slow
"""
    os.mkfifo(tmp_path / "begun")
    command = start("describe", DASHBOARD, script=loading)
    wait_for_the_beginning(tmp_path)
    command.process.send_signal(signal.SIGINT)
    assert command.ended("idle") == (-signal.SIGINT, "")


def made_endless(part: str, folder: Path) -> str:
    begun = folder / "begun"
    os.mkfifo(begun)
    return PARTS[part].format(endless=ENDLESS.format(begun=str(begun)))


def wait_for_the_beginning(folder: Path) -> None:
    pipe = os.open(folder / "begun", os.O_RDONLY | os.O_NONBLOCK)
    assert select.select([pipe], [], [], 20)[0], "it has not begun"
    os.close(pipe)
