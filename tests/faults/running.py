"""Runs rows through the highest public surface: a client of the server, or the journey."""

import contextlib
import functools
import gc
import logging
import os
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock

import anyio
from mcp import Client

from grok_vision import app
from grok_vision.errors import VisionError
from grok_vision.settings import Settings
from grok_vision.vision import build_vision
from tests.faults.certificates import HOST
from tests.faults.completion import KEY
from tests.faults.expectation import RETRIES, SUCCESS, TRUNCATED
from tests.faults.memory import Memory, give_back
from tests.faults.outcome import Outcome
from tests.faults.process import Served, served
from tests.faults.table import WAYS, Row
from tests.faults.tunnels import PROXIED
from tests.support import noise, quadrants, saved

# A call that does not even end so much later than its deadline is given up.
_PATIENCE = 4.0
_BREATH = 0.01
# Calls that wait, for each that is busy: more of them would take their memory from each other.
_WAITING = 10

Told = Callable[[Outcome], None]


@dataclass(frozen=True, slots=True)
class Bench:
    """What runs share: the server and two pictures."""

    served: Served
    memory: Memory
    folder: Path
    small: str
    large: str

    def settings(self, row: Row) -> Settings:
        """Return the settings of a server that asks for the fault."""
        return Settings(
            xai_api_key=KEY,
            base_url=row.address(self.served.ports),
            deadline=row.deadline,
            retries=RETRIES,
            roots=(self.folder,),
            state_dir=self.folder.parent / "state",
            output_dir=self.folder.parent / "drawn",
        )


def run(rows: Sequence[Row], folder: Path, *, at_once: int, told: Told = lambda _: None) -> None:
    """Run rows, so many at once, and tell each outcome; those about memory run alone."""
    with bench(folder) as made:
        anyio.run(run_all, made, rows, at_once, told)


async def run_all(made: Bench, rows: Sequence[Row], at_once: int, told: Told) -> None:
    """Run rows, so many busy ones at once, then all that wait; then floods, one by one."""
    # Loads what first calls load, and takes the memory that calls beside each other need: it must
    # not count for any of them.
    warm = [Row("warm", way, "success", published=False) for way in WAYS]
    await _beside_each_other(made, warm * (at_once // 2), at_once, lambda _: None)
    alone = [row for row in rows if row.is_flood]

    def heard(outcome: Outcome) -> None:
        # Beside others a row is charged with what they take.
        if outcome.is_small:
            told(outcome)
        else:
            alone.append(replace(outcome.row, is_again=True))

    busy = [row for row in rows if not row.is_flood and not row.is_waiting]
    await _beside_each_other(made, busy, at_once, heard)
    gc.collect()
    waiting = [row for row in rows if not row.is_flood and row.is_waiting]
    # Those that are told how long to wait take longest.
    waiting.sort(key=lambda row: "retry-after" not in row.fault)
    await _beside_each_other(made, waiting, at_once * _WAITING, heard)
    for row in alone:
        give_back()
        outcome = await run_row(made, row)
        outcome.row = replace(row, is_again=False)
        told(outcome)


async def _beside_each_other(made: Bench, rows: Sequence[Row], at_once: int, told: Told) -> None:
    places = anyio.Semaphore(at_once)
    large = anyio.Lock()

    async def one(row: Row) -> None:
        # Two large pictures would show as the growth of each other's rows.
        async with large if row.large_request else contextlib.nullcontext():
            told(await run_row(made, row))
        places.release()

    async with anyio.create_task_group() as tasks:
        for row in rows:
            await places.acquire()
            tasks.start_soon(one, row)
            # Between calls that begin, those that wait must be heard in time.
            await anyio.sleep(_BREATH)


async def run_row(made: Bench, row: Row) -> Outcome:
    """Run one row on a server of its own, and return how it ended."""
    outcome = Outcome(row)
    ask = _streaming if row.way == "streaming" else _whole
    with made.memory.growth() as growth, anyio.move_on_after(row.deadline * row.calls + _PATIENCE):
        async with ask(made.settings(row)) as call:
            for _ in range(row.calls):
                begun = time.monotonic()
                await call(made.large if row.large_request else made.small, outcome)
                outcome.seconds = time.monotonic() - begun
    outcome.growth = growth.bytes
    outcome.seen = await made.served.seen(row.fault, row.run)
    return outcome


Call = Callable[[str, Outcome], Any]


@asynccontextmanager
async def _streaming(settings: Settings) -> AsyncIterator[Call]:
    async with Client(app.create_server(settings)) as client:

        async def call(image: str, outcome: Outcome) -> None:
            result = await client.call_tool("describe_image", {"image": image})
            if result.is_error:
                _tell_error(outcome, "".join(getattr(part, "text", "") for part in result.content))
            else:
                _tell_answer(outcome, result.structured_content or {})

        yield call


@asynccontextmanager
async def _whole(settings: Settings) -> AsyncIterator[Call]:
    async with build_vision(settings) as vision:

        async def call(image: str, outcome: Outcome) -> None:
            journey = await vision.journey()
            try:
                answer = await journey.describe_image(image, stream=False)
            except VisionError as error:
                _tell_error(outcome, str(error))
            except Exception as error:  # noqa: BLE001 - an outcome like the others, and a bad one
                outcome.got = type(error).__name__
            else:
                _tell_answer(outcome, answer.told())

        yield call


def _tell_error(outcome: Outcome, message: str) -> None:
    outcome.message = message
    coded = message.startswith("[") and "] " in message
    outcome.got = message[1:].split("]")[0] if coded else "untyped"


def _tell_answer(outcome: Outcome, answer: Mapping[str, Any]) -> None:
    outcome.got = TRUNCATED if answer.get("truncated") else SUCCESS
    outcome.text = answer.get("text", "")
    outcome.warnings = list(answer.get("warnings", ()))


@contextmanager
def bench(folder: Path) -> Iterator[Bench]:
    """Start the server and set the environment, and give what runs need."""
    readable = folder / "readable"
    readable.mkdir()
    small = saved(readable, "small.png", quadrants())
    large = saved(readable, "large.jpg", noise(1700, 1500), quality=98)
    memory = Memory()
    with (
        served(folder) as server,
        _environment(folder, server.ports["proxy"]),
        _short_cuts(folder),
        memory.watching(),
    ):
        yield Bench(server, memory, readable, small, large)


@contextmanager
def _environment(folder: Path, proxy: int) -> Iterator[None]:
    """Set a proxy, which only hosts of its own rows go through, and what is trusted."""
    ours = ("GROK_VISION_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT")
    kept = {name: it for name, it in os.environ.items() if not name.upper().startswith(ours)}
    given = {
        "HTTPS_PROXY": f"http://127.0.0.1:{proxy}",
        "NO_PROXY": f"{HOST},nowhere.invalid",
        "SSL_CERT_FILE": str(folder / "trusted.pem"),
    }
    resolve = socket.getaddrinfo

    def resolved(host: Any, *more: Any, **named: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name and name.endswith((".invalid", PROXIED)):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return resolve("127.0.0.1" if name == HOST else host, *more, **named)

    with (
        mock.patch.dict(os.environ, {**kept, **given}, clear=True),
        mock.patch.object(socket, "getaddrinfo", resolved),
    ):
        yield


@contextmanager
def _short_cuts(folder: Path) -> Iterator[None]:
    """Build once what every server builds alike, and print no logs of the SDK.

    The system's list of authorities takes each client 25 ms to read, and none of them is needed.
    """
    quiet = logging.NullHandler()
    paths = ssl.get_default_verify_paths()._replace(
        openssl_cafile=str(folder / "trusted.pem"), openssl_capath=""
    )
    logging.getLogger().addHandler(quiet)
    try:
        with (
            mock.patch.object(app, "all_tools", functools.cache(app.all_tools)),
            mock.patch.object(ssl, "get_default_verify_paths", return_value=paths),
        ):
            yield
    finally:
        logging.getLogger().removeHandler(quiet)
