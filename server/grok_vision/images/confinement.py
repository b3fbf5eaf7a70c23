"""The inside of a worker process: locked down, it does one task after another.

Against hostile bytes that make a decoder take all memory, run on, or write, open or send what it
must not. It is no wall against code that was brought in by such bytes: that could lift most of
these limits again. The time limit, and what of the answer is believed, are the server's (`worker`).
"""

import contextlib
import faulthandler
import importlib
import os
import pickle
import select
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from grok_vision.errors import VisionError
from grok_vision.images.boundary import no_memory
from grok_vision.images.replies import written, written_error

if sys.platform != "win32":
    import resource

READY = b"R"
RETIRED = 75
"""The exit code of a worker that is to be replaced; what was asked last is not begun."""

# Function, arguments, whether it may open files, and the seconds after which it is killed.
Task = tuple[Callable[..., Any], tuple[Any, ...], bool, float]

# In seconds.
_RETIRE_AFTER = 60.0
_ORPHAN_AFTER = 2.0

# In characters, of which the last are told.
_LONGEST_TRACEBACK = 20_000

# Address space in bytes: the most that is taken, a PNG of 64 megapixels with alpha, needs 860 MB, a
# progressive JPEG of 100 megapixels 720 MB (measured 2026-11-21).
_LIMITS = {
    "RLIMIT_AS": 1536 * 1024 * 1024,  # macOS does not enforce it, and Windows has no limits
    "RLIMIT_CORE": 0,
    "RLIMIT_FSIZE": 0,
}

# Loaded beforehand: while no file can be opened, nothing can be imported, and a decoder that lacks
# a part of itself takes every picture for damaged.
_DECODERS = (
    "PIL.AvifImagePlugin",
    "PIL.BmpImagePlugin",
    "PIL.GifImagePlugin",
    "PIL.IcoImagePlugin",
    "PIL.ImageCms",
    "PIL.JpegImagePlugin",
    "PIL.MpoImagePlugin",
    "PIL.PngImagePlugin",
    "PIL.TiffImagePlugin",
    "PIL.WebPImagePlugin",
    "pillow_heif",
    "pypdfium2",
    "resvg_py",
)


def serve() -> None:
    """Do what is asked on stdin until it ends, answering on stdout. Does not return."""
    replies = _replies()
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    _load_decoders()
    for name, most in _LIMITS.items():
        _limit(name, most, hard=most)
    replies.write(READY)
    while True:
        replies.flush()
        if _is_idle_for_long():
            os._exit(RETIRED)
        replies.writelines(_reply(*_task(replies)))


def _replies() -> BinaryIO:
    """Return where answers go; what decoders themselves print on stdout goes nowhere."""
    replies = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return replies


def _load_decoders() -> None:
    from PIL import Image

    for name in _DECODERS:
        try:
            importlib.import_module(name)
        except ImportError:
            # An extra that is not installed. It stays so here: if it were installed meanwhile, to
            # import it without opening a file would look as if the picture were damaged.
            sys.modules[name] = None  # type: ignore[assignment] # as `import` has it
    Image.preinit()


def _end_with_the_server() -> None:
    """End in the middle of a task when the other end of stdin is closed: the server has ended."""
    if sys.platform == "win32":
        return  # there is nothing to wait with: a task goes on until it is late
    ending = select.poll()
    ending.register(0, 0)
    ending.poll()
    os._exit(0)


def _is_idle_for_long() -> bool:
    # Windows waits for sockets only; its workers end with the server.
    return sys.platform != "win32" and not select.select([0], [], [], _RETIRE_AFTER)[0]


def _task(replies: BinaryIO) -> Task:
    try:
        task: Task = pickle.load(sys.stdin.buffer)  # noqa: S301 - written by the server
    except EOFError:
        os._exit(0)
    except Exception:  # noqa: BLE001 - what is missing here is told where there is a log
        # The rest of the task is unread: another worker takes the next.
        replies.writelines(_failed())
        replies.flush()
        os._exit(RETIRED)
    return task


def _failed() -> list[bytes]:
    return written("failed", traceback.format_exc()[-_LONGEST_TRACEBACK:])


def _reply(
    function: Callable[..., Any],
    arguments: tuple[Any, ...],
    may_open_files: bool,
    kill_after: float,
) -> list[bytes]:
    # The server kills a worker that is late; this one is for when the server itself was killed, and
    # the decoder lets no other thread of ours run.
    faulthandler.dump_traceback_later(kill_after + _ORPHAN_AFTER, exit=True, file=2)
    try:
        with contextlib.nullcontext() if may_open_files else _no_new_files():
            return written("returned", function(*arguments))
    except VisionError as error:
        return written_error(error)
    except MemoryError:
        return written_error(no_memory())
    except Exception:  # noqa: BLE001 - the edge of the process: the server is told and logs it
        return _failed()
    finally:
        faulthandler.cancel_dump_traceback_later()


@contextlib.contextmanager
def _no_new_files() -> Iterator[None]:
    """Let no file and no socket be opened meanwhile; tasks are read outside, and may import."""
    if sys.platform == "win32":
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    _limit("RLIMIT_NOFILE", 0, hard=hard)
    try:
        yield
    finally:
        _limit("RLIMIT_NOFILE", soft, hard=hard)


def _limit(name: str, soft: int, *, hard: int) -> None:
    if sys.platform == "win32":
        return
    with contextlib.suppress(OSError, ValueError):  # a system may not know or not take a limit
        resource.setrlimit(getattr(resource, name), (soft, hard))
