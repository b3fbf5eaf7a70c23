"""Standard output and error: whatever they lead to, a command does not end in a traceback."""

import errno
import os
import sys
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path

# Only writing fails so, and the output is all that commands write: of other files, failures are
# caught where they are written.
_UNWRITABLE = {errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def accept_any_text() -> None:
    """Let both streams write as escapes what their encoding does not know."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            # It was closed by who started this process, as `>&-` does.
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - stays open
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def written(command: Callable[[], int]) -> int:
    """Run the command and return its exit code; 1 where its output could not be written.

    Of a reader that left, such as `head`, nothing is told.
    """
    try:
        code = command()
        sys.stdout.flush()
    except OSError as error:
        if error.errno not in _UNWRITABLE:
            raise
        _discard()
        if error.errno != errno.EPIPE:
            sys.stderr.write(f"error: standard output cannot be written: {error.strerror}.\n")
        return 1
    return code


def _discard() -> None:
    """Drop what was not written: Python would try once more at its end, and tell the failure."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
