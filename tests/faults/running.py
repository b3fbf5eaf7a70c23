"""Runs rows through the highest public surface: a client of the server, or the journey."""

import contextlib
import gc
import time
import warnings
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import anyio
from mcp import Client

from grok_vision import app
from grok_vision.errors import VisionError
from grok_vision.settings import Settings
from grok_vision.vision import build_vision
from tests.faults.bench import Bench, bench
from tests.faults.expectation import SUCCESS, TRUNCATED
from tests.faults.memory import give_back
from tests.faults.outcome import Outcome
from tests.faults.table import WAYS, Row

# A call that does not even end so much later than its deadline is given up.
_PATIENCE = 4.0
_BREATH = 0.01
# httpcore2 2.16 closes no connection that is cancelled within its TLS handshake, before anything is
# sent (_backends/anyio.py, start_tls); the collector of garbage does.
_LEFT_BY_HTTPCORE = {"tls-silent-handshake"}
# Calls that wait, for each that is busy: more of them would take their memory from each other.
_WAITING = 10

Told = Callable[[Outcome], None]


@dataclass(frozen=True, slots=True)
class Remains:
    """What is left of all runs: connections for the collector of garbage, and lines of logs."""

    connections: int
    logged: tuple[str, ...]


def run(rows: Sequence[Row], folder: Path, *, at_once: int, told: Told) -> Remains:
    """Run rows, so many at once, and tell each outcome."""
    with bench(folder) as made, warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", ResourceWarning)
        anyio.run(run_all, made, rows, at_once, told)
        gc.collect()
    unclosed = sum("unclosed transport" in str(warning.message) for warning in warned)
    excused = sum(row.fault in _LEFT_BY_HTTPCORE for row in rows)
    return Remains(max(0, unclosed - excused), tuple(made.logged))


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
