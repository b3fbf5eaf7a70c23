"""The file of results: what is in it already, and how it goes on."""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import anyio.to_thread
from pydantic_core import from_json

from grok_vision.batch.appended import Appended
from grok_vision.batch.checking import Jobs
from grok_vision.batch.job import BEGINNING, Key
from grok_vision.batch.lock import FLAGS, locked, opened_alone, put_in_place
from grok_vision.batch.result_lines import Line, key_in, parsed, unended
from grok_vision.batch.tally import Tally
from grok_vision.errors import RequestError
from grok_vision.texts import counted, shortened


class ResultsFile:
    """The results of a batch, open for one process; closed as a context manager.

    Attributes:
        path: Where they are.
        left: How often a job of each key is still to be done.
        tally: What is in the file.
        notes: What people are to know of it.
    """

    def __init__(self, name: str, jobs: Jobs, *, retry_failed: bool = False) -> None:
        """Open and read it. `retry_failed` takes out the failures of these jobs.

        Raises:
            RequestError: `bad_argument` where it cannot be written, another batch writes it, or it
                holds something else.
        """
        self.path = Path(os.path.realpath(os.path.expanduser(name)))  # noqa: PTH111 - never raises
        self._name = shortened(name)
        self._beside = self.path.with_name(f".{self.path.name}.without-failures")
        self.notes: list[str] = []
        try:
            self._descriptor = self._opened()
            try:
                self._count(jobs)
                if self._mend():
                    self._count(jobs)
                self._check_others()
                if retry_failed and self.tally.failed:
                    self._take_out_failures(jobs)
                    self._count(jobs)
                self._lines = Appended(self._descriptor)
            except BaseException:
                with suppress(OSError):
                    os.close(self._descriptor)
                raise
        except OSError as error:
            raise self._refused(f"it cannot be written: {error.strerror}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lines.close()

    def append(self, line: bytes) -> None:
        """Write and count the line of a job.

        Raises:
            OSError: where there is no room for it.
        """
        self._lines.append(line)
        self.tally.add(from_json(line))

    async def keep_synced(self) -> None:
        """Bring what was written to the disk, once a second.

        Raises:
            OSError: where it cannot be brought there.
        """
        await self._lines.keep_synced()

    async def sync_at_last(self) -> None:
        """Bring the last lines to the disk.

        Raises:
            OSError: where they cannot be brought there.
        """
        await anyio.to_thread.run_sync(self._lines.sync)

    def _opened(self) -> int:
        if self.path.exists() and not self.path.is_file():
            raise self._refused("it is no file; name one")
        descriptor = opened_alone(self.path)
        if descriptor is None:
            raise self._refused(
                "another batch writes it now; wait for its end, or name another file"
            )
        # What was left by a process that was killed: nobody else has the lock.
        with suppress(OSError):
            self._beside.unlink(missing_ok=True)
        return descriptor

    def _mend(self) -> bool:
        """Make the last line a whole one; True where all that it lacked was its end.

        What else of it is there is cut off: the machine died, or the disk was full.
        """
        end, last = unended(self.path)
        if not last:
            return False
        if parsed(last) is not None:
            os.write(self._descriptor, b"\n")
            return True
        # Blocks that were never written are read as zeros.
        begun = last.rstrip(b"\0")[: len(BEGINNING)]
        if not BEGINNING.startswith(begun):
            raise self._foreign("its last line")
        os.ftruncate(self._descriptor, end)
        self.notes.append(
            f"{self._name} ended within a line, which was cut off: its job is done again."
        )
        return False

    def _count(self, jobs: Jobs) -> None:
        """Count what is in the file, and what is left of the jobs."""
        self.left = jobs.keys()
        self.tally = Tally(jobs.count)
        for _, line in self._parsed_lines():
            key = key_in(line)
            if self.left[key] > 0:
                self.left[key] -= 1
                self.tally.add(line)
            else:
                self.tally.add_other(line)

    def _check_others(self) -> None:
        if not self.tally.others:
            return
        others = counted(self.tally.others, "result")
        if not self.tally.ended:
            raise self._refused(
                f"it holds {others}, none of them of these jobs as they are asked now; name "
                "another file, or ask as before to go on"
            )
        self.notes.append(
            f"{self._name} also holds {others} of what is not among these jobs, or was asked "
            "otherwise; they are kept."
        )

    def _take_out_failures(self, jobs: Jobs) -> None:
        """Put a file without them in the place of this one, at once and as a whole."""
        beside = self._beside
        descriptor = os.open(beside, FLAGS | os.O_TRUNC, 0o600)
        try:
            locked(descriptor)
            with os.fdopen(descriptor, "wb", closefd=False) as file:
                file.writelines(self._without_failures(jobs.keys()))
            shutil.copymode(self.path, beside)
            os.fsync(descriptor)
            self._descriptor = put_in_place(beside, descriptor, self.path, self._descriptor)
        except BaseException:
            with suppress(OSError):
                os.close(descriptor)
            beside.unlink(missing_ok=True)
            raise

    def _without_failures(self, keys: Counter[Key]) -> Iterator[bytes]:
        for raw, line in self._parsed_lines():
            key = key_in(line)
            keys[key] -= 1
            if keys[key] < 0 or "error" not in line:
                yield raw

    def _parsed_lines(self) -> Iterator[tuple[bytes, Line]]:
        """Yield the lines that have an end."""
        with self.path.open("rb") as file:
            for number, raw in enumerate(file, 1):
                if not raw.endswith(b"\n"):
                    return
                line = parsed(raw)
                if line is None:
                    raise self._foreign(f"line {number:,}")
                yield raw, line

    def _foreign(self, place: str) -> RequestError:
        return self._refused(f"{place} is no result of a batch; name another file")

    def _refused(self, reason: str) -> RequestError:
        return RequestError("bad_argument", f"--out {self._name}: {reason}.")
