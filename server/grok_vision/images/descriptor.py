"""Opening without waiting, and the real name of what was opened."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grok_vision.errors import SourceError

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_CLOEXEC", 0)
    # A FIFO or a terminal must not hold the call.
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)


@contextmanager
def opened(path: str, flags: int = 0) -> Iterator[int]:
    """Give the descriptor of a file or folder; it is closed at the end.

    Raises:
        OSError: as the system says.
    """
    descriptor = os.open(path, _FLAGS | flags)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def content(descriptor: int, size: int, most: int) -> bytes:
    """Return what a file of `size` bytes holds, up to `most` bytes where it grows meanwhile.

    Raises:
        OSError: as the system says.
    """
    # No more memory is asked for than the file needs.
    with os.fdopen(descriptor, "rb", closefd=False) as file:
        data = file.read(size + 1)
        return data + file.read(most - len(data)) if len(data) > size else data


def real_name(descriptor: int, path: str) -> Path:
    """Return the real name of what was opened, from the descriptor where the system tells it.

    Raises:
        SourceError: `not_allowed`, where it must be told by `path`, which leads elsewhere by now.
    """
    if sys.platform == "linux":
        return Path(f"/proc/self/fd/{descriptor}").readlink()
    elif sys.platform == "darwin":  # noqa: RET505 - mypy reads each system's branch by itself
        import fcntl

        name = fcntl.fcntl(descriptor, fcntl.F_GETPATH, bytes(1024))
        return Path(os.fsdecode(name.rstrip(b"\0")))
    else:
        real = resolved(path)
        if not os.path.samestat(os.fstat(descriptor), real.stat()):
            raise _changed()
        return real


def resolved(path: str) -> Path:
    """Return the path without links, whether there is such a file or not.

    Raises:
        SourceError: `not_allowed`, where a link changes at this moment.
    """
    try:
        return Path(os.path.realpath(path))
    except OSError:
        raise _changed() from None


def _changed() -> SourceError:
    return SourceError("not_allowed", "the file changed while it was opened; try again.")
