"""A batch that runs: some jobs at once, each to its line in the results."""

import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import anyio
import anyio.to_thread

from grok_vision.alongside import alongside
from grok_vision.batch.checking import Jobs
from grok_vision.batch.gate import Gate
from grok_vision.batch.job import Job
from grok_vision.batch.results_file import ResultsFile
from grok_vision.batch.summary import Stopped, Summary
from grok_vision.errors import Code, VisionError
from grok_vision.results import Result

Ask = Callable[[Job], Awaitable[Result]]

_CONCERN_ALL: frozenset[Code] = frozenset(
    {
        "unauthorized",
        "missing_key",
        "bad_setting",
        "missing_extra",
        "out_of_credits",
        "model_not_found",
    }
)
_MAY_PASS: frozenset[Code] = frozenset({"rate_limited", "unavailable"})
# How often a job may fail so while others succeed, and time out.
_MOST_FAILURES, _MOST_TIMEOUTS = 3, 2


@dataclass(slots=True)
class _Attempts:
    """What has become of the attempts at one job."""

    begun_at: float = 0.0
    successes: int = 0
    ends: int = 0
    failures: int = 0
    timeouts: int = 0


class Batch:
    """All jobs that are left, and how far they are.

    Attributes:
        results: Where they are written.
        gate: The pause that they share.
        stopped: Why no further job is begun; None as long as nothing is in the way.
    """

    def __init__(self, jobs: Jobs, results: ResultsFile, gate: Gate | None = None) -> None:
        self._jobs = jobs
        self.results = results
        self.gate = gate or Gate()
        self.stopped: Stopped | None = None
        self._before = results.tally.ended
        self._begun_at = time.monotonic()
        self._turn = anyio.Lock()
        # Those of which something may be held back of the limit on spending; their ends.
        self._in_flight = 0
        self._ends = 0
        self._an_end = anyio.Event()

    @property
    def ended(self) -> int:
        """How many jobs have got their line in this run."""
        return self.results.tally.ended - self._before

    @property
    def seconds(self) -> float:
        """How long it has run."""
        return time.monotonic() - self._begun_at

    def summary(self) -> Summary:
        """Return what has come of it."""
        return Summary.of(
            self._jobs.tool,
            self.results.tally,
            results=str(self.results.path),
            ended=self.ended,
            seconds=self.seconds,
            stopped=self.stopped,
        )

    async def run(self, ask: Ask, *, concurrency: int) -> None:
        """Do what is left, a few jobs more at once than are asked at once.

        Those are prepared meanwhile. They are few, since what a call waits for its turn is taken
        from its own time.
        """
        left = self._jobs.read(self.results.left)
        at_once = concurrency + max(1, concurrency // 2)
        async with alongside(self._keep_synced), anyio.create_task_group() as tasks:
            for _ in range(at_once):
                tasks.start_soon(self._work, ask, left)
        await self._to_disk(self.results.sync_at_last)

    def stop(self, code: Code | Literal["disk"], message: str) -> None:
        """Begin no further job; the first reason stays."""
        if self.stopped is None:
            self.stopped = Stopped(code=code, message=message)
        self.gate.open()
        self._tell_an_end()

    async def _work(self, ask: Ask, left: Iterator[Job]) -> None:
        while self.stopped is None and (job := await self._next(left)) is not None:
            self._in_flight += 1
            try:
                await self._finish(ask, job)
            finally:
                self._in_flight -= 1
                self._ends += 1
                self._tell_an_end()

    async def _next(self, left: Iterator[Job]) -> Job | None:
        async with self._turn:
            try:
                return await anyio.to_thread.run_sync(next, left, None)
            except VisionError as error:
                self.stop(error.code, error.message)
            except OSError as error:
                self.stop("disk", f"{self._jobs.name} cannot be read: {error.strerror}.")
            return None

    async def _finish(self, ask: Ask, job: Job) -> None:
        """Ask until the job has its line, or it is left to the next run."""
        attempts = _Attempts()
        while True:
            attempts.begun_at = await self.gate.passed()
            attempts.successes, attempts.ends = self.gate.successes, self._ends
            if self.stopped is not None:
                return
            try:
                result = await ask(job)
            except VisionError as error:
                if not await self._goes_on(job, error, attempts):
                    return
            else:
                self.gate.succeeded()
                self._write(job.answered(result))
                return

    async def _goes_on(self, job: Job, error: VisionError, attempts: _Attempts) -> bool:
        """Tell whether to ask once more; else the line is written, if the job gets one."""
        if error.code == "over_budget":
            return await self._more_is_left(error, attempts)
        if error.code in _CONCERN_ALL and not self._concerns_one(error.code):
            self.stop(error.code, f"{job.place}: {error.message}")
            return False
        if error.code in _MAY_PASS and self._may_pass(error, attempts):
            return self.stopped is None
        if error.code == "timeout":
            attempts.timeouts += 1
            if attempts.timeouts < _MOST_TIMEOUTS:
                return True
        self._write(job.failed(error))
        if error.code == "timeout" and not self.gate.timed_out():
            self.stop(error.code, f"ten jobs in a row took too long, the last one: {error.message}")
        return False

    def _concerns_one(self, code: Code) -> bool:
        """Tell whether it is about the format of one picture: others were read."""
        return code == "missing_extra" and self.results.tally.done > 0

    def _may_pass(self, error: VisionError, attempts: _Attempts) -> bool:
        """Close the gate; False where the failure is the job's own, since others succeed."""
        attempts.failures += self.gate.successes > attempts.successes
        if attempts.failures >= _MOST_FAILURES:
            return False
        if not self.gate.failed(attempts.begun_at):
            self.stop(error.code, error.message)
        return True

    async def _more_is_left(self, error: VisionError, attempts: _Attempts) -> bool:
        """Wait until another job has ended: it may have cost less than was held back for it.

        False where none is left that could.
        """
        self._in_flight -= 1
        if self._ends == attempts.ends:
            if not self._in_flight:
                self.stop(error.code, error.message)
            else:
                await self._an_end.wait()
        self._in_flight += 1
        return self.stopped is None

    def _tell_an_end(self) -> None:
        self._an_end.set()
        self._an_end = anyio.Event()

    def _write(self, line: bytes) -> None:
        try:
            self.results.append(line)
        except OSError as error:
            self._stop_for_disk(error)

    async def _keep_synced(self) -> None:
        await self._to_disk(self.results.keep_synced)

    async def _to_disk(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except OSError as error:
            self._stop_for_disk(error)

    def _stop_for_disk(self, error: OSError) -> None:
        self.stop(
            "disk",
            f"{self.results.path.name} cannot be written: {error.strerror}. What was written "
            "before is kept.",
        )
