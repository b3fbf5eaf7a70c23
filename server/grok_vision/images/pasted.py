"""The clipboard of a Linux desktop, asked through a helper that is given little, and 3 s.

Not Pillow's ImageGrab (12, measured 2026-11-21): it waits for ever for a program that copied and
hangs, holds all that the helper writes, decodes it here with every format that it knows, and hands
the helper our environment with every key.
"""

import contextlib
import os
import selectors
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, cast

from anyio.from_thread import check_cancelled

from grok_vision.errors import SourceError
from grok_vision.images.machine import variables

# In seconds.
_WITHIN = 3.0
_BETWEEN_LOOKS = 0.1
_CHUNK = 64 * 1024
_MOST_ERRORS = 4096

# What leads to the session; nothing else of our environment is handed on.
_SESSION = ("DISPLAY", "WAYLAND_DISPLAY")
_VARIABLES = (*_SESSION, "XDG_RUNTIME_DIR", "XAUTHORITY", "HOME", "PATH")
# By the variable that tells of its kind of session.
_HELPERS = {
    "WAYLAND_DISPLAY": ("wl-paste", "--type", "image"),
    "DISPLAY": ("xclip", "-selection", "clipboard", "-t", "image/png", "-o"),
}
# What the helpers say where nothing, or no picture, was copied.
_EMPTY = (
    *(b"Nothing is copied", b"No selection", b"No suitable type of content copied"),
    *(b" not available", b"cannot convert ", b"There is no owner for the "),
)


def pasted(most: int) -> bytes:
    """Return what was copied as a picture, up to `most` bytes; nothing where no picture was.

    Runs in a worker thread of anyio: the helper ends when the call is cancelled.

    Raises:
        SourceError: `bad_source`, where the clipboard cannot be read here or in time.
    """
    known = variables(_VARIABLES)
    with _running(_command(known), known) as helper:
        end = time.monotonic() + _WITHIN
        data, errors = _output(helper, most, end)
        if len(data) >= most:
            return data
        failed = helper.wait(max(0, end - time.monotonic())) != 0
    if not failed or any(words in errors for words in _EMPTY):
        return b"" if failed else data
    raise _unreachable(known)


def _command(found: dict[str, str]) -> tuple[str, ...]:
    is_told = any(name in found for name in _SESSION)
    for name, (program, *arguments) in _HELPERS.items():
        # Without a word on the session either helper may still find it.
        if (name in found or not is_told) and (path := shutil.which(program)):
            return path, *arguments
    raise SourceError(
        "bad_source",
        "the clipboard cannot be read without a helper; install wl-clipboard (Wayland) or xclip "
        "(X11), or save the picture and pass its path.",
    )


@contextmanager
def _running(
    command: tuple[str, ...], environment: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a helper in a session of its own: whatever it starts ends with it."""
    try:
        helper = subprocess.Popen(  # noqa: S603 - one of two commands, no word of which is the caller's
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            bufsize=0,
            start_new_session=True,
        )
    except OSError:
        raise _unreachable(environment) from None
    with helper:
        try:
            yield helper
        except subprocess.TimeoutExpired:
            raise _no_answer() from None
        finally:
            _end(helper)


def _end(helper: subprocess.Popen[bytes]) -> None:
    if sys.platform != "win32":  # which is not asked so, and has no such call
        with contextlib.suppress(ProcessLookupError):
            os.killpg(helper.pid, signal.SIGKILL)


def _output(helper: subprocess.Popen[bytes], most: int, end: float) -> tuple[bytes, bytes]:
    """Return what the helper wrote to stdout, up to `most` bytes, and to stderr, in part."""
    data, errors = bytearray(), bytearray()
    kept = {cast("IO[bytes]", helper.stdout): data, cast("IO[bytes]", helper.stderr): errors}
    with selectors.DefaultSelector() as selector:
        for stream in kept:
            selector.register(stream, selectors.EVENT_READ)
        while selector.get_map() and len(data) < most:
            check_cancelled()
            if time.monotonic() > end:
                raise _no_answer()
            for key, _ in selector.select(_BETWEEN_LOOKS):
                stream = cast("IO[bytes]", key.fileobj)
                chunk = stream.read(_CHUNK)
                if not chunk:
                    selector.unregister(stream)
                kept[stream] += chunk
            del errors[_MOST_ERRORS:]
    return bytes(data[:most]), bytes(errors)


def _no_answer() -> SourceError:
    return SourceError(
        "bad_source",
        "the program that owns the clipboard does not answer; copy again, or save the picture and "
        "pass its path.",
    )


def _unreachable(environment: dict[str, str]) -> SourceError:
    why = "" if any(name in environment for name in _SESSION) else _DROPPED
    return SourceError(
        "bad_source",
        f"the clipboard of this session cannot be reached{why}; save the picture and pass its "
        "path.",
    )


_DROPPED = (
    ", as neither DISPLAY nor WAYLAND_DISPLAY is set here; set it in the host's configuration of "
    "this server"
)
