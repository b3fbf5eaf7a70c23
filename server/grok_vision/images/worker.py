"""Work on hostile bytes in a process of its own, which can be killed.

Not `anyio.to_process` (4.16, measured 2026-11-21): a call that is cancelled while its process
starts leaves that process behind (10 of 10), it hands our environment and with it every key to
the decoders, it runs our main script again, it unpickles whatever a decoder that was taken over
answers, and it moves 20 MB in 100 ms instead of 8.
"""

import atexit
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO, TypeVar, TypeVarTuple, Unpack, cast

import anyio
import anyio.to_thread

from grok_vision.errors import ConfigurationError, ImageError
from grok_vision.images.confinement import READY, RETIRED, Reply, Task

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")

# In seconds; the slowest that is taken, a PNG of 64 megapixels, decodes in 4 (2026-11-21).
KILL_AFTER = 15.0
_START_WITHIN = 30.0

# What an interpreter may need to start at all; nothing else of our environment is handed on.
_LOADER_VARIABLES = ("SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
# The package of the room is put in bare: what its door imports (the HTTP client, the results)
# would take three quarters of the time to start, and no decoder needs it.
_BOOT = """\
import sys, types
sys.path[:] = {path!r}
import grok_vision
room = sys.modules["grok_vision.images"] = types.ModuleType("grok_vision.images")
room.__path__ = [{room!r}]
from grok_vision.images.confinement import serve
serve()
"""


async def run_apart(
    function: Callable[[Unpack[Arguments]], T],
    *arguments: *Arguments,
    limiter: anyio.CapacityLimiter,
    may_open_files: bool = False,
    kill_after: float = KILL_AFTER,
) -> T:
    """Return what the function returns, run in a worker process that is locked down.

    Function and arguments are pickled; what it returns must consist of plain values and of this
    package's own types. At most one process runs for each token of the limiter: started on
    demand, used again, and killed where the call is cancelled. `kill_after` is in seconds from
    when the work is handed over: waiting for the limiter and for the process to start do not
    count.

    Raises:
        VisionError: as the function raised it.
        ImageError: `damaged_image` where the worker was killed for time or died of the work,
            `too_many_pixels` where its memory did not suffice.
        ConfigurationError: `bad_setting` where no process can be started.
        RuntimeError: the function raised something else; its traceback is the text.
    """
    task: Task = (function, arguments, may_open_files, kill_after)
    async with limiter:
        while True:
            worker = _idle_worker() or await _started()
            try:
                return cast("T", await _answer(worker, task))
            except _RetiredError:
                continue


class _DiedError(Exception):
    """The process ended before it answered."""


class _RetiredError(Exception):
    """The process had ended by itself, as it was idle for long; the task was not begun."""


class _Worker:
    """A worker process; all but `is_alive` and `kill` block."""

    def __init__(self) -> None:
        path = [folder for folder in sys.path if Path(folder).is_absolute()]
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own words
            [sys.executable, "-I", "-c", _BOOT.format(path=path, room=str(Path(__file__).parent))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Decoders write lines of their own there, some for each damaged byte.
            stderr=subprocess.DEVNULL,
            env=_environment(),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._tasks = cast("IO[bytes]", self._process.stdin)
        self._replies = cast("IO[bytes]", self._process.stdout)

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        self._process.kill()

    def wait_until_ready(self) -> None:
        if self._replies.read(len(READY)) != READY:
            self.close()
            raise _DiedError

    def do(self, task: Task) -> Reply:
        try:
            pickle.dump(task, self._tasks, pickle.HIGHEST_PROTOCOL)
            self._tasks.flush()
            return cast("Reply", _Replies(self._replies).load())
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            if isinstance(error, pickle.UnpicklingError):
                self.kill()
            self.close()
            retired = self._process.returncode == RETIRED
            raise (_RetiredError if retired else _DiedError) from error

    def close(self) -> None:
        for pipe in (self._tasks, self._replies):
            try:
                pipe.close()
            except OSError:
                continue  # what was still to be written has no reader
        self._process.wait()


class _Replies(pickle.Unpickler):
    """Reads replies: a decoder that was taken over must have no say in what runs here."""

    def find_class(self, module: str, name: str) -> type:
        found = super().find_class(module, name)
        if isinstance(found, type) and found.__module__.startswith("grok_vision."):
            return found
        raise pickle.UnpicklingError("a worker returned more than plain values and our own types")


_idle: list[_Worker] = []


def _idle_worker() -> _Worker | None:
    while _idle:
        worker = _idle.pop()
        if worker.is_alive():
            return worker
        worker.close()
    return None


@atexit.register
def _end_idle() -> None:
    while worker := _idle_worker():
        worker.kill()
        worker.close()


async def _started() -> _Worker:
    try:
        worker = await anyio.to_thread.run_sync(_Worker, limiter=anyio.CapacityLimiter(1))
        await _within(_START_WITHIN, worker, worker.wait_until_ready)
    except (OSError, _DiedError):
        raise ConfigurationError(
            "bad_setting",
            "no process could be started to decode it; allow the server to start processes, or "
            "save it as PNG or JPEG.",
        ) from None
    return worker


async def _answer(worker: _Worker, task: Task) -> object:
    kill_after = task[-1]
    try:
        kind, value = await _within(kill_after, worker, partial(worker.do, task))
    except TimeoutError:
        raise ImageError(
            "damaged_image",
            f"it takes longer than {kill_after:g} s to decode; save it again as PNG or JPEG.",
        ) from None
    except _DiedError:
        raise ImageError(
            "damaged_image",
            "its decoder broke down over it, as hostile files make it; save it again as PNG or "
            "JPEG.",
        ) from None
    _idle.append(worker)
    if kind == "returned":
        return value
    if isinstance(value, Exception):
        raise value
    raise RuntimeError(f"in the worker process:\n{value}")


async def _within(seconds: float, worker: _Worker, work: Callable[[], T]) -> T:
    """Wait for the worker's work; it is killed where that takes too long or is cancelled."""
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
            worker.kill()
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(worker.close, limiter=anyio.CapacityLimiter(1))


def _environment() -> dict[str, str]:
    found = os.environ  # noqa: TID251 - to be handed on, not to be read
    return {name: found[name] for name in _LOADER_VARIABLES if name in found}
