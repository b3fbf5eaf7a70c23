"""A file that grows by whole lines, and reaches the disk soon after."""

import errno
import os
from collections.abc import Callable
from contextlib import suppress

import anyio
import anyio.to_thread

_SYNC_SECONDS = 1.0


class Appended:
    """Lines at the end of an open file: each is there as a whole, or not at all."""

    def __init__(self, descriptor: int, *, write: Callable[[int, bytes], int] = os.write) -> None:
        self._descriptor = descriptor
        self._write = write
        self._size = os.fstat(descriptor).st_size
        self._news = anyio.Event()
        self._synced = self._size

    def append(self, line: bytes) -> None:
        """Write a line.

        Raises:
            OSError: where there is no room for all of it; none of it is left then.
        """
        try:
            if self._write(self._descriptor, line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            os.ftruncate(self._descriptor, self._size)
            raise
        self._size += len(line)
        self._news.set()

    async def keep_synced(self) -> None:
        """Bring what was written to the disk, once a second.

        Raises:
            OSError: where it cannot be brought there.
        """
        while True:
            await self._news.wait()
            self._news = anyio.Event()
            await anyio.to_thread.run_sync(self.sync)
            await anyio.sleep(_SYNC_SECONDS)

    def sync(self) -> None:
        """Bring what was written to the disk; blocks."""
        size = self._size
        if size != self._synced:
            _to_disk(self._descriptor)
            self._synced = size

    def close(self) -> None:
        """Bring what was written to the disk, and close the file, whose lock ends with it."""
        # Where it cannot be brought there, that was told before.
        with suppress(OSError):
            self.sync()
        os.close(self._descriptor)


# Not on every system: of the two it leaves out what is not needed to read the file again.
_to_disk: Callable[[int], None] = getattr(os, "fdatasync", os.fsync)
