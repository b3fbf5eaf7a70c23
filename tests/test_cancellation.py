"""Calls that are cancelled end at once, and nothing of them goes on for long."""

import asyncio
import os
import random
import re
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from mcp import Client
from PIL import Image

from grok_vision.app import create_server
from grok_vision.images import PreparedImage, workshop
from grok_vision.images.picture import Picture
from grok_vision.images.prepare import prepare_opened
from grok_vision.images.wanted import Wanted
from grok_vision.threads import in_thread
from grok_vision.vision import measuring
from tests.fake_xai import FakeXAI, Recorded
from tests.support import connected, error_text, saved, settings_for, structured

LONG = 60.0
"""Seconds that the provider takes: no test waits for it."""

both_eras = pytest.mark.parametrize("mode", ["auto", "legacy"])


class Gate:
    """Work in threads that goes on until the gate is opened.

    Attributes:
        begun: How often it has begun.
        at_work: How many threads are within.
        most: How many were within at once.
    """

    def __init__(self) -> None:
        self.begun = self.at_work = self.most = 0
        self._opened = threading.Event()
        self._lock = threading.Lock()

    def __call__(self, *_: object) -> None:
        with self._lock:
            self.begun += 1
            self.at_work += 1
            self.most = max(self.most, self.at_work)
        self._opened.wait()
        with self._lock:
            self.at_work -= 1

    def open(self) -> None:
        self._opened.set()


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.open()


async def until(told: Callable[[], object], wanted: object = True) -> None:
    """Wait until a thing is as wanted that another thread does."""
    with anyio.fail_after(60):
        while told() != wanted:  # noqa: ASYNC110
            await anyio.sleep(0.002)


async def test_who_is_cancelled_leaves_at_once_and_the_thread_counts_until_it_ends(
    gate: Gate,
) -> None:
    limiter = anyio.CapacityLimiter(1)
    async with anyio.create_task_group() as calls:
        calls.start_soon(lambda: in_thread(gate, limiter=limiter))
        await until(lambda: gate.begun, 1)
        calls.cancel_scope.cancel()
    assert (gate.at_work, limiter.borrowed_tokens) == (1, 1)
    async with anyio.create_task_group() as calls:
        calls.start_soon(lambda: in_thread(gate, limiter=limiter))
        await anyio.wait_all_tasks_blocked()
        assert gate.begun == 1
        gate.open()
    assert (gate.begun, gate.most, limiter.borrowed_tokens) == (2, 1, 0)


@pytest.mark.parametrize("steps", range(8))
async def test_who_is_cancelled_at_any_step_holds_nothing(gate: Gate, steps: int) -> None:
    limiter = anyio.CapacityLimiter(1)
    task = asyncio.create_task(in_thread(gate, limiter=limiter))
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    gate.open()
    await until(lambda: limiter.borrowed_tokens, 0)
    await until(lambda: gate.at_work, 0)


async def test_what_the_work_raises_is_raised_and_its_turn_is_over() -> None:
    limiter = anyio.CapacityLimiter(1)
    with pytest.raises(ValueError, match="invalid literal"):
        await in_thread(int, "x", limiter=limiter)
    assert await in_thread(int, "7", limiter=limiter) == 7
    assert limiter.borrowed_tokens == 0


def large(folder: Path, number: int) -> str:
    return saved(folder, f"{number}.png", Image.new("L", (3200, 3200), number))


async def test_pictures_of_calls_that_were_cancelled_are_decoded_a_few_at_a_time(
    xai: FakeXAI, folder: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = large(folder, 1)

    def prepare_behind_the_gate(picture: Picture, wanted: Wanted) -> PreparedImage:
        gate()
        return prepare_opened(picture, wanted)

    monkeypatch.setattr(workshop, "prepare_opened", prepare_behind_the_gate)
    async with connected(xai, folder) as client:
        async with anyio.create_task_group() as calls:
            for _ in range(20):
                calls.start_soon(client.call_tool, "describe_image", {"image": picture})
            await until(lambda: gate.begun > 0)
            calls.cancel_scope.cancel()
        assert gate.at_work <= max(1, (os.cpu_count() or 1) // 2)
        begun = gate.begun
        # Small ones do not wait for them.
        small = saved(folder, "small.png")
        estimate = await client.call_tool("estimate_tokens", {"images": [small]})
        assert structured(estimate)["fits"] is True
        gate.open()
        answer = await client.call_tool("describe_image", {"image": picture})
        assert structured(answer)["text"] == "A picture."
    assert (gate.begun, len(xai.requests)) == (begun + 1, 1)


async def test_a_picture_that_takes_too_long_does_not_hold_up_the_deadline(
    xai: FakeXAI, folder: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workshop, "prepare_opened", gate)
    async with connected(xai, folder, deadline=1) as client:
        with anyio.fail_after(10):
            told = await client.call_tool("describe_image", {"image": saved(folder)})
        assert error_text(told).startswith("[timeout] the call took longer than 1 s in all")
        assert gate.at_work == 1


async def test_a_comparison_that_nobody_waits_for_is_told_to_stop(
    xai: FakeXAI, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, stopped = threading.Event(), threading.Event()

    def compare(*_: object, stop: threading.Event, **__: object) -> None:
        begun.set()
        if stop.wait(10):
            stopped.set()

    monkeypatch.setattr(measuring, "compare", compare)
    images = [large(folder, number) for number in (1, 2)]
    async with connected(xai, folder) as client, anyio.create_task_group() as calls:
        calls.start_soon(client.call_tool, "compare_images", {"images": images})
        await until(begun.is_set)
        calls.cancel_scope.cancel()
    await until(stopped.is_set)


@both_eras
@pytest.mark.parametrize("slow", ["delay", "chunk_delay"])
async def test_a_call_that_is_cancelled_leaves_the_provider_at_once(
    xai: FakeXAI, folder: Path, mode: str, slow: str
) -> None:
    setattr(xai, slow, LONG)
    with xai.serve() as address:
        server = create_server(settings_for(folder, base_url=address))
        async with Client(server, mode=mode) as client, anyio.create_task_group() as calls:
            calls.start_soon(client.call_tool, "describe_image", {"image": saved(folder)})
            await until(lambda: len(xai.requests), 1)
            calls.cancel_scope.cancel()
        await until(lambda: xai.left, 1)
    assert xai.answered == 0


@both_eras
@pytest.mark.filterwarnings("ignore:ping is removed")
async def test_other_calls_are_answered_while_all_slots_are_busy(
    xai: FakeXAI, folder: Path, mode: str
) -> None:
    xai.delay = LONG
    picture = saved(folder)
    with xai.serve() as address:
        server = create_server(settings_for(folder, base_url=address, concurrency=2))
        async with Client(server, mode=mode) as client, anyio.create_task_group() as calls:
            for _ in range(4):
                calls.start_soon(client.call_tool, "describe_image", {"image": picture})
            await until(lambda: len(xai.requests), 2)
            with anyio.fail_after(10):
                if mode == "legacy":  # the other has no ping
                    await client.send_ping()
                assert len((await client.list_tools()).tools) == 4
                estimate = await client.call_tool("estimate_tokens", {"images": [picture]})
            assert structured(estimate)["fits"] is True
            assert (len(xai.requests), xai.answered, xai.left) == (2, 0, 0)
            calls.cancel_scope.cancel()


CROWD = 200
ASKED = re.compile(r"What is number (\d+)\?")


class Crowd:
    """Many calls at once, of which some are cancelled.

    Attributes:
        arrived: The numbers of the calls that have come to the provider.
        told: What was answered, by the number of the call.
        cancelled: The numbers of the calls that were cancelled before they were answered.
    """

    def __init__(self, picture: str) -> None:
        self.arrived: set[int] = set()
        self.told: dict[int, str] = {}
        self.cancelled: set[int] = set()
        self._picture = picture

    def answer(self, request: Recorded) -> str:
        (number,) = ASKED.findall(" ".join(request.texts))
        self.arrived.add(int(number))
        return f"This is number {number}."

    async def call(self, client: Client, number: int) -> None:
        asked = {"image": self._picture, "prompt": f"What is number {number}?"}
        self.told[number] = structured(await client.call_tool("describe_image", asked))["text"]

    async def call_and_leave(self, client: Client, number: int, moment: Callable[[], bool]) -> None:
        # Not by a deadline, which the server in this process would see coming.
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self.call, client, number)
            await until(lambda: number in self.told or moment())
            tasks.cancel_scope.cancel()
        if number not in self.told:
            self.cancelled.add(number)

    def moment(self, number: int, chance: random.Random) -> Callable[[], bool]:
        """Return what tells when the call leaves: at the provider, or wherever it is just then."""
        if chance.random() < 0.3:
            return lambda: number in self.arrived
        answered = chance.randrange(CROWD // 2)
        return lambda: len(self.told) >= answered


@pytest.mark.skipif(sys.platform != "linux", reason="descriptors are told in /proc")
@pytest.mark.parametrize("concurrency", [4, 64])
async def test_half_of_a_crowd_leaves_and_the_rest_is_answered(
    folder: Path, concurrency: int
) -> None:
    crowd, chance = Crowd(saved(folder)), random.Random(7)
    doomed = set(chance.sample(range(CROWD), CROWD // 2))
    xai = FakeXAI(answer=crowd.answer, delay=0.03 if concurrency == 4 else 0.2)
    with xai.serve() as address:
        files, tasks = open_files(), asyncio.all_tasks()
        server = create_server(settings_for(folder, base_url=address, concurrency=concurrency))
        async with Client(server) as client:
            async with anyio.create_task_group() as calls:
                for number in range(CROWD):
                    if number in doomed:
                        moment = crowd.moment(number, chance)
                        calls.start_soon(crowd.call_and_leave, client, number, moment)
                    else:
                        calls.start_soon(crowd.call, client, number)
            assert crowd.told == {number: f"This is number {number}." for number in crowd.told}
            assert set(range(CROWD)) - set(crowd.told) == crowd.cancelled <= doomed
            # Whoever was at the provider has left it.
            await until(lambda: xai.answered + xai.left, len(xai.requests))
            assert xai.left > 0
            await until(at_work, [])
        await until(lambda: asyncio.all_tasks() - tasks, set())
        await until(lambda: open_files() <= files)


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def at_work() -> list[threading.Thread]:
    """Return the threads of the pool that do not wait for work."""
    frames = sys._current_frames()
    pool = [thread for thread in threading.enumerate() if "AnyIO" in thread.name]
    return [thread for thread in pool if not _waits(frames.get(thread.ident or 0))]


def _waits(frame: Any) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.endswith("queue.py") and frame.f_code.co_name == "get":
            return True
        frame = frame.f_back
    return False
