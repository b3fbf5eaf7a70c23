"""How many heaps the C library keeps for threads, and how much of what was freed."""

import ctypes
import sys

# glibc, malloc.h. By default it makes eight for each core, and what is freed stays in the heap of
# the thread that took it: after some minutes of large pictures that was half of the memory of a
# server (benchmarks/soak.py, 2026-11-21). With two, calls take no longer.
_M_ARENA_MAX, _MOST = -8, 2


def bound_heaps() -> None:
    """Let threads share two heaps, where the C library is glibc; it holds for the whole process."""
    _call("mallopt", _M_ARENA_MAX, _MOST)


def trim_heaps() -> None:
    """Give the system back what was freed, where the C library is glibc: it keeps most of it."""
    _call("malloc_trim", 0)


def _call(name: str, *arguments: int) -> None:
    if sys.platform == "linux":
        function = getattr(ctypes.CDLL(None), name, None)
        if function is not None:
            function(*arguments)
