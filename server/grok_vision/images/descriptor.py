"""Opening without waiting, and the real name of what was opened."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grok_vision.errors import SourceError
from grok_vision.images.headers import Needed, next_goal

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


def content(descriptor: int, size: int, most: int, needed: Needed) -> bytes:
    """Return as much of a file of `size` bytes as is needed, from its start.

    Where it grows meanwhile, that is up to `most` bytes.

    Raises:
        OSError: as the system says.
    """
    data = b""
    with os.fdopen(descriptor, "rb", closefd=False) as file:
        while (goal := next_goal(len(data), needed(data))) > len(data):
            # No more memory is asked for than the file needs.
            more = file.read(int(min(goal, size + 1 if len(data) <= size else most)) - len(data))
            if not more:
                break
            data += more
    return data


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
