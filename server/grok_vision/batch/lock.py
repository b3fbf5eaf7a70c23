"""One writer to a file: a lock that ends with the process that holds it, however that ends."""

import errno
import os
from contextlib import suppress
from pathlib import Path

# What a file system says that knows no locks, such as some on a network.
_WITHOUT_LOCKS = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}
FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
"""How a file is opened to which lines are appended; Windows would write other ends of lines."""

# On Windows neither of two files may be open where one is put in the place of the other; there is
# no lock to be kept.
_CLOSED_FIRST = os.name == "nt"


def opened_alone(path: Path) -> int | None:
    """Open the file to append to it, and lock it; None where another process has it.

    Raises:
        OSError: where it cannot be opened.
    """
    while True:
        descriptor = os.open(path, FLAGS, 0o666)
        if not locked(descriptor):
            os.close(descriptor)
            return None
        if _is_there(descriptor, path):
            return descriptor
        # Its last writer put another file in its place meanwhile.
        os.close(descriptor)


def locked(descriptor: int) -> bool:
    """Lock an open file, where that is possible; False where another process has it."""
    try:
        import fcntl
    except ImportError:  # Windows
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in _WITHOUT_LOCKS:
            raise
    return True


def put_in_place(beside: Path, descriptor: int, path: Path, ours: int) -> int:
    """Put an open file in the place of another that is open; return what is open at its end.

    Raises:
        OSError: where it cannot be put there.
    """
    if _CLOSED_FIRST:
        os.close(descriptor)
        os.close(ours)
        beside.replace(path)
        return os.open(path, FLAGS)
    beside.replace(path)
    os.close(ours)
    folder = os.open(path.parent, os.O_RDONLY)
    # The new name is to reach the disk, too; not every file system can do so.
    with suppress(OSError):
        os.fsync(folder)
    os.close(folder)
    return descriptor


def _is_there(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
