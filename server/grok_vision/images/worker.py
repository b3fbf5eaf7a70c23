"""Work on hostile bytes in a process of its own, which can be killed.

Not `anyio.to_process` (4.16, measured 2026-11-21): a call that is cancelled while its process
starts leaves that process behind (10 of 10), it hands our environment and with it every key to
the decoders, it runs our main script again, it unpickles whatever a decoder that was taken over
answers, and it moves 20 MB in 100 ms instead of 8.
"""

import atexit
import threading
from collections.abc import Callable
from functools import partial
from typing import TypeVar, TypeVarTuple, Unpack

import anyio
import anyio.to_thread

from grok_vision.errors import ConfigurationError, ImageError, VisionError
from grok_vision.images.confinement import Task
from grok_vision.images.process import DiedError, RetiredError, Start, Worker
from grok_vision.images.replies import Returned

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")

# In seconds; the slowest that is taken, a PNG of 64 megapixels, decodes in 4 (2026-11-21).
KILL_AFTER = 15.0
_START_WITHIN = 30.0


async def run_apart(
    function: Callable[[Unpack[Arguments]], T],
    *arguments: *Arguments,
    returns: type[T],
    limiter: anyio.CapacityLimiter,
    may_open_files: bool = False,
    kill_after: float = KILL_AFTER,
) -> T:
    """Return what the function returns, run in a worker process that is locked down.

    Function and arguments are pickled. What it returns is made anew of plain values, and checked
    to be of the type `returns`: dataclasses and pydantic models may be among it. At most one
    process runs for each token of the limiter: started on demand, used again, and killed where the
    call is cancelled. `kill_after` is in seconds from when the work is handed over: waiting for
    the limiter and for the process to start do not count.

    Raises:
        VisionError: as the function raised it.
        ImageError: `damaged_image` where the worker was killed for time or died of the work,
            `too_many_pixels` where its memory did not suffice.
        ConfigurationError: `bad_setting` where no process can be started.
        RuntimeError: the function raised something else; its traceback is the text.
    """
    task: Task = (function, arguments, may_open_files, kill_after)
    async with limiter:
        try:
            reply = await _reply(task, returns)
        except DiedError:
            raise ImageError(
                "damaged_image",
                "its decoder broke down over it, as hostile files make it; save it again as PNG "
                "or JPEG.",
            ) from None
        if isinstance(reply, Returned):
            return reply.value
        if isinstance(reply, VisionError) and reply.code == "missing_extra":
            # What is installed now will be found by those that start after it only.
            await anyio.to_thread.run_sync(end_idle_workers, limiter=anyio.CapacityLimiter(1))
        raise reply


async def _reply(task: Task, returns: type[T]) -> Returned[T] | Exception:
    while worker := _idle_worker():
        try:
            return await _answer(worker, task, returns)
        except RetiredError:
            continue
    return await _answer(await _started(), task, returns)


_idle: list[Worker] = []


def _idle_worker() -> Worker | None:
    while _idle:
        worker = _idle.pop()
        if worker.is_alive():
            return worker
        worker.end()
    return None


@atexit.register
def end_idle_workers() -> None:
    """End the processes that wait for work; the next call starts one anew."""
    while _idle:
        _idle.pop().end()


async def _started() -> Worker:
    start = Start()
    try:
        worker = await _within(_START_WITHIN, start.make, start)
        await _within(_START_WITHIN, worker.wait_until_ready, worker)
    except (OSError, DiedError):
        raise ConfigurationError(
            "bad_setting",
            "no process could be started to decode it; allow the server to start processes, or "
            "save it as PNG or JPEG.",
        ) from None
    return worker


async def _answer(worker: Worker, task: Task, returns: type[T]) -> Returned[T] | Exception:
    kill_after = task[-1]
    try:
        reply = await _within(kill_after, partial(worker.do, task, returns), worker)
    except TimeoutError:
        raise ImageError(
            "damaged_image",
            f"it takes longer than {kill_after:g} s to decode; save it again as PNG or JPEG.",
        ) from None
    _idle.append(worker)
    return reply


async def _within(seconds: float, work: Callable[[], T], worker: Worker | Start) -> T:
    """Wait for what a worker does; end it where that fails, takes too long or is cancelled."""
    finished = False
    try:
        with anyio.fail_after(seconds):
            # A thread for certain: none but those of other calls, which have their own, wait.
            done = await anyio.to_thread.run_sync(
                work, abandon_on_cancel=True, limiter=anyio.CapacityLimiter(1)
            )
        finished = True
        return done
    finally:
        if not finished:
            # Nothing is awaited: a second cancellation by asyncio would come between.
            worker.kill()
            threading.Thread(target=worker.end, daemon=True).start()
