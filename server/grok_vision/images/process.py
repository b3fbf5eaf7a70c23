"""A worker process as the server sees it: started, given tasks, and ended."""

import pickle
import subprocess
import sys
from pathlib import Path
from typing import IO, TypeVar, cast

from grok_vision.images.confinement import READY, RETIRED, Task
from grok_vision.images.machine import variables
from grok_vision.images.replies import BrokenReplyError, Returned, read_reply

T = TypeVar("T")

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


class DiedError(Exception):
    """The process ended before it answered."""


class RetiredError(DiedError):
    """The process had ended by itself, as it was idle for long; the task was not begun."""


class Worker:
    """A worker process; all but `is_alive` and `kill` block."""

    def __init__(self) -> None:
        path = [folder for folder in sys.path if Path(folder).is_absolute()]
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own words
            [sys.executable, "-I", "-c", _BOOT.format(path=path, room=str(Path(__file__).parent))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Decoders write lines of their own there, some for each damaged byte.
            stderr=subprocess.DEVNULL,
            env=variables(_LOADER_VARIABLES),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._tasks = cast("IO[bytes]", self._process.stdin)
        self._replies = cast("IO[bytes]", self._process.stdout)

    def is_alive(self) -> bool:
        """Tell whether it has not ended."""
        return self._process.poll() is None

    def wait_until_ready(self) -> None:
        """Wait until it is locked down.

        Raises:
            DiedError: it has ended instead.
        """
        if self._replies.read(len(READY)) != READY:
            raise DiedError

    def do(self, task: Task, returns: type[T]) -> Returned[T] | Exception:
        """Return what the task returned, or the error that it raised.

        Raises:
            DiedError: it ended, or answered as no worker does.
            RetiredError: it had ended before.
        """
        try:
            pickle.dump(task, self._tasks, pickle.HIGHEST_PROTOCOL)
            self._tasks.flush()
            return read_reply(self._replies, returns)
        except BrokenReplyError as error:
            raise DiedError from error
        except (EOFError, OSError) as error:
            # Its pipe is closed: it has ended, or the deadline ends it.
            retired = self._process.wait() == RETIRED
            raise (RetiredError if retired else DiedError) from error

    def kill(self) -> None:
        """Kill it, whatever it does."""
        self._process.kill()

    def end(self) -> None:
        """Kill it, and leave nothing of it behind."""
        self.kill()
        for pipe in (self._tasks, self._replies):
            try:
                pipe.close()
            except OSError:
                continue  # what was still to be written has no reader
        self._process.wait()


class Start:
    """The start of a worker, which can be given up whatever has become of it."""

    def __init__(self) -> None:
        self._worker: Worker | None = None
        self._given_up = False

    def make(self) -> Worker:
        """Return the worker, started; blocks.

        Raises:
            DiedError: the start was given up.
            OSError: the system starts none.
        """
        if not self._given_up:
            self._worker = Worker()
        # Given up meanwhile: either it is seen here, or the worker is seen there.
        if self._worker is None or self._given_up:
            self.end()
            raise DiedError
        return self._worker

    def kill(self) -> None:
        """Kill the worker if it was made, and see that none is made."""
        self._given_up = True
        if self._worker:
            self._worker.kill()

    def end(self) -> None:
        """Do the same, and leave nothing of it behind; blocks."""
        self.kill()
        if self._worker:
            self._worker.end()
