"""How a batch goes on: what is asked at once, what is asked again, and what ends it."""

import errno
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from grok_vision.batch import Batch, Gate, Job, Jobs, ResultsFile
from grok_vision.batch.gate import PAUSES
from grok_vision.errors import (
    Code,
    ConfigurationError,
    ProviderError,
    RequestError,
    SharedStateError,
    SourceError,
    VisionError,
)
from grok_vision.results import Result
from tests.batches import described, jobs_of, lines_in, shots

Ask = Callable[[Job], Awaitable[Result]]
GONE = SourceError("not_found", "there is no such file.")
DOWN = ProviderError("unavailable", "xAI is failing now.")
SLOW = ProviderError("timeout", "the call took longer than 50 s in all.")
OVER = RequestError("over_budget", "the call may cost $1.")


class Asked:
    """Fails as it is told for each picture, one failure after the other, and then answers."""

    def __init__(self, **failures: VisionError | Sequence[VisionError]) -> None:
        self._left = {
            f"{name[1:]}.png": list(told) if isinstance(told, Sequence) else [told] * 1000
            for name, told in failures.items()
        }
        self.seen: list[str] = []

    async def __call__(self, job: Job) -> Result:
        image = str(job.told["image"])
        self.seen.append(image)
        await anyio.lowlevel.checkpoint()
        if failures := self._left.get(image):
            raise failures.pop(0)
        return described()

    def count(self, number: int) -> int:
        return self.seen.count(f"{number}.png")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "results.jsonl"


def open_gate(pauses: int = 3) -> Gate:
    return Gate([0.0] * pauses)


async def ran(
    out: Path,
    ask: Ask,
    jobs: Jobs | int,
    *,
    concurrency: int = 1,
    gate: Gate | None = None,
    retry_failed: bool = False,
) -> Batch:
    jobs = jobs_of(*shots(jobs)) if isinstance(jobs, int) else jobs
    with ResultsFile(str(out), jobs, retry_failed=retry_failed) as results:
        batch = Batch(jobs, results, gate or open_gate())
        with anyio.fail_after(10):
            await batch.run(ask, concurrency=concurrency)
    return batch


def outcomes(out: Path) -> dict[str, str]:
    """Return what became of each job: the code of its error, or `done`."""
    lines = lines_in(out)
    found = {line["job"]["image"]: line.get("error", {}).get("code", "done") for line in lines}
    assert len(found) == len(lines)
    return found


async def test_every_job_gets_its_line(out: Path) -> None:
    batch = await ran(out, Asked(_1=GONE), 5, concurrency=2)
    assert outcomes(out) == {
        **{f"{number}.png": "done" for number in (0, 2, 3, 4)},
        "1.png": "not_found",
    }
    summary = batch.summary()
    assert (summary.done, summary.failed_by_code, summary.not_begun) == (4, {"not_found": 1}, 0)
    assert (summary.cost_usd, summary.ended_now, summary.stopped) == (0.004, 5, None)


async def test_what_is_done_is_not_asked_again_and_failures_only_on_demand(out: Path) -> None:
    asked = Asked(_1=[GONE])
    await ran(out, asked, 3)
    await ran(out, asked, 4)
    assert sorted(asked.seen) == ["0.png", "1.png", "2.png", "3.png"]
    batch = await ran(out, asked, 4, retry_failed=True)
    assert asked.seen[4:] == ["1.png"]
    assert set(outcomes(out).values()) == {"done"}
    assert batch.ended == 1


@pytest.mark.parametrize(("concurrency", "at_once"), [(1, 2), (4, 6), (9, 13)])
async def test_a_few_jobs_more_are_begun_than_are_asked_at_once(
    out: Path, concurrency: int, at_once: int
) -> None:
    begun = 0
    all_there, go_on = anyio.Event(), anyio.Event()

    async def ask(_job: Job) -> Result:
        nonlocal begun
        begun += 1
        if begun >= at_once:
            all_there.set()
        await go_on.wait()
        return described()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(lambda: ran(out, ask, 30, concurrency=concurrency))
        await all_there.wait()
        await anyio.wait_all_tasks_blocked()
        assert begun == at_once
        go_on.set()
    assert len(lines_in(out)) == 30


# --- failures that concern all jobs


@pytest.mark.parametrize(
    "code",
    [
        "unauthorized",
        "missing_key",
        "bad_setting",
        "missing_extra",
        "out_of_credits",
        "model_not_found",
        "over_budget",
    ],
)
async def test_what_concerns_all_jobs_ends_the_batch_and_is_not_written(
    out: Path, code: Code
) -> None:
    asked = Asked(_0=VisionError(code, "Mend it."))
    batch = await ran(out, asked, 50)
    # The other that was begun ends.
    assert set(outcomes(out).values()) <= {"done"}
    assert len(asked.seen) < 5
    assert batch.stopped is not None
    assert batch.stopped.code == code
    assert "Mend it." in batch.stopped.message
    assert batch.summary().not_begun == 50 - len(lines_in(out))
    await ran(out, Asked(), 50)
    assert len(outcomes(out)) == 50


async def test_the_first_reason_to_end_is_told(out: Path) -> None:
    first, second = ConfigurationError("missing_key", "One."), ConfigurationError("bad_setting", "")
    batch = await ran(out, Asked(_0=first, _1=second), 2)
    assert batch.stopped is not None
    assert (batch.stopped.code, batch.stopped.message) == ("missing_key", "line 1: One.")


async def test_an_extra_that_one_picture_needs_does_not_end_what_goes_well(out: Path) -> None:
    heic = ConfigurationError("missing_extra", "it is HEIC, which needs an extra.")
    batch = await ran(out, Asked(_5=heic), 9)
    assert batch.stopped is None
    assert outcomes(out)["5.png"] == "missing_extra"


async def test_jobs_that_changed_end_the_batch(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = jobs_of(*shots(3))
    monkeypatch.setattr(jobs, "_keys", bytes(len(jobs._keys)))
    with ResultsFile(str(out), jobs) as results:
        batch = Batch(jobs, results)
        await batch.run(Asked(), concurrency=1)
    assert batch.stopped is not None
    assert "was changed while its jobs were done" in batch.stopped.message


async def test_jobs_that_cannot_be_read_any_more_end_the_batch(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = jobs_of(*shots(3))

    def read(_left: object) -> Iterator[Job]:
        yield next(found)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    found = jobs.read(jobs.keys())
    monkeypatch.setattr(jobs, "read", read)
    batch = await ran(out, Asked(), jobs)
    assert batch.stopped is not None
    assert batch.stopped.message == "jobs.jsonl cannot be read: Input/output error."
    assert len(lines_in(out)) == 1


# --- the limit on spending


class Purse:
    """Holds back more for a job than it costs, and refuses those that find nothing left."""

    def __init__(self, places: int, usd: int) -> None:
        self._places, self._usd = places, usd
        self.held = 0
        self.refused = anyio.Event()

    async def __call__(self, _job: Job) -> Result:
        if self.held == self._places or not self._usd:
            self.refused.set()
            self.refused = anyio.Event()
            raise OVER
        self.held += 1
        self._usd -= 1
        # The last ones see nobody refused.
        with anyio.move_on_after(0.02):
            await self.refused.wait()
        self.held -= 1
        return described()


async def test_a_job_for_which_too_much_is_held_back_waits_for_others_to_end(out: Path) -> None:
    purse = Purse(places=2, usd=1000)
    first = purse.refused
    batch = await ran(out, purse, 20, concurrency=4)
    assert purse.refused is not first
    assert batch.stopped is None
    assert len(outcomes(out)) == 20


async def test_where_nothing_is_left_all_that_wait_end(out: Path) -> None:
    batch = await ran(out, Purse(places=2, usd=7), 20, concurrency=4)
    assert batch.stopped is not None
    assert (batch.stopped.code, batch.stopped.message) == ("over_budget", OVER.message)
    assert len(outcomes(out)) == 7


# --- failures that may pass


@pytest.mark.parametrize(
    "error",
    [
        DOWN,
        ProviderError("rate_limited", "Slow down."),
        SharedStateError("unavailable", "Redis is away."),
    ],
)
async def test_a_failure_that_may_pass_is_asked_again(out: Path, error: VisionError) -> None:
    asked = Asked(_0=[error, error])
    await ran(out, asked, 3)
    assert asked.count(0) == 3
    assert set(outcomes(out).values()) == {"done"}


async def test_a_provider_that_fails_on_ends_the_batch_after_so_many_pauses(out: Path) -> None:
    asked = Asked(**{f"_{number}": DOWN for number in range(50)})
    batch = await ran(out, asked, 50, gate=open_gate(pauses=3))
    assert batch.stopped is not None
    assert (batch.stopped.code, batch.stopped.message) == ("unavailable", DOWN.message)
    assert lines_in(out) == []
    # No job is given up for another: two at most are tried before each pause, and after the last.
    assert set(asked.seen) <= {"0.png", "1.png"}
    assert 4 <= len(asked.seen) <= 8


async def test_a_job_that_fails_while_others_succeed_is_written_as_failed(out: Path) -> None:
    success = anyio.Event()
    failed = 0

    async def ask(job: Job) -> Result:
        nonlocal success, failed
        if job.place == "line 4":
            await success.wait()
            failed += 1
            raise DOWN
        success.set()
        success = anyio.Event()
        return described()

    batch = await ran(out, ask, 30)
    assert batch.stopped is None
    assert outcomes(out)["3.png"] == "unavailable"
    assert failed == 3


async def test_a_call_that_took_too_long_is_tried_once_more(out: Path) -> None:
    asked = Asked(_0=[SLOW], _1=SLOW)
    await ran(out, asked, 3)
    assert (asked.count(0), asked.count(1)) == (2, 2)
    assert outcomes(out) == {"0.png": "done", "1.png": "timeout", "2.png": "done"}


async def test_ten_jobs_in_a_row_that_took_too_long_end_the_batch(out: Path) -> None:
    batch = await ran(out, Asked(**{f"_{number}": SLOW for number in range(50)}), 50)
    assert batch.stopped is not None
    assert batch.stopped.code == "timeout"
    assert batch.stopped.message.startswith("ten jobs in a row took too long")
    assert 10 <= len(outcomes(out)) <= 11


async def test_jobs_that_take_too_long_now_and_then_do_not_end_it(out: Path) -> None:
    slow = Asked(**{f"_{number}": SLOW for number in range(0, 40, 3)})
    batch = await ran(out, slow, 40)
    assert batch.stopped is None
    assert len(outcomes(out)) == 40


async def test_pauses_are_shared_and_grow_until_a_job_succeeds() -> None:
    slept: list[float] = []
    gate = Gate([5.0, 10.0], sleep=lambda _seconds: _slept(gate, slept))
    first = await gate.passed()
    assert gate.failed(first)
    # It was begun before the pause, and tells nothing new.
    assert gate.failed(first)
    second = await gate.passed()
    assert gate.failed(second)
    third = await gate.passed()
    gate.succeeded()
    assert gate.failed(third)
    await gate.passed()
    assert [round(seconds) for seconds in slept] == [5, 10, 5]


async def test_after_the_last_pause_waiting_is_of_no_use() -> None:
    gate = open_gate(pauses=2)
    assert [gate.failed(await gate.passed()) for _ in range(4)] == [True, True, False, False]


async def _slept(gate: Gate, slept: list[float]) -> None:
    slept.append(gate.seconds)
    gate.open()


async def test_who_waits_is_let_go_where_the_batch_ends(out: Path) -> None:
    begun, failed = anyio.Event(), anyio.Event()

    async def ask(job: Job) -> Result:
        if job.place == "line 1":
            await begun.wait()
            failed.set()
            raise DOWN
        begun.set()
        await failed.wait()
        raise ConfigurationError("missing_key", "No key.")

    batch = await ran(out, ask, 2, gate=Gate([1000.0], sleep=lambda _: anyio.lowlevel.checkpoint()))
    assert batch.stopped is not None
    assert batch.stopped.code == "missing_key"


def test_the_pauses_are_of_some_minutes_in_all() -> None:
    assert PAUSES[:4] == (5.0, 10.0, 20.0, 40.0)
    assert max(PAUSES) == 60.0
    assert len(PAUSES) == 10


# --- what is written


async def test_a_full_disk_ends_the_batch_and_keeps_what_was_written(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = 0

    def write(results: Any, line: bytes) -> None:
        nonlocal written
        written += 1
        if written > 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        append(results, line)

    append = ResultsFile.append
    with monkeypatch.context() as patched:
        patched.setattr(ResultsFile, "append", write)
        batch = await ran(out, Asked(), 50)
    assert batch.stopped is not None
    assert batch.stopped.code == "disk"
    assert batch.stopped.message.startswith("results.jsonl cannot be written: No space left")
    assert len(lines_in(out)) == 3
    await ran(out, Asked(), 50)
    assert len(outcomes(out)) == 50


async def test_a_disk_that_takes_nothing_in_ends_the_batch(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def to_disk(_descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patched:
        patched.setattr("grok_vision.batch.appended._to_disk", to_disk)
        batch = await ran(out, Asked(), 2)
    assert batch.stopped is not None
    assert (batch.stopped.code, "Input/output error" in batch.stopped.message) == ("disk", True)


async def test_a_batch_that_is_cancelled_keeps_what_is_done(out: Path) -> None:
    async with _cancelled_after(5) as ask:
        await ran(out, ask, 20)
    assert len(lines_in(out)) == 5
    await ran(out, Asked(), 20)
    assert len(outcomes(out)) == 20


@asynccontextmanager
async def _cancelled_after(count: int) -> AsyncIterator[Ask]:
    left = count

    async def ask(_job: Job) -> Result:
        nonlocal left
        left -= 1
        if left < 0:
            scope.cancel()
            await anyio.sleep_forever()
        return described()

    with anyio.CancelScope() as scope:
        yield ask
