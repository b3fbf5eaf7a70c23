"""The end of the process: it waits for no thread that nobody waits for."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import NoReturn, TypeVar, TypeVarTuple, Unpack

import anyio

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")


def run_async(function: Callable[[Unpack[Arguments]], Awaitable[T]], *arguments: *Arguments) -> T:
    """Run an asynchronous function and return what it returns, whatever lookups still hang.

    Raises:
        KeyboardInterrupt: after all that it had begun is closed.
    """

    async def main() -> T:
        # The event loop's own, for the names of hosts: it would wait for every answer.
        asyncio.get_running_loop().set_default_executor(_Unawaited())
        return await function(*arguments)

    return anyio.run(main)


class _Unawaited(ThreadPoolExecutor):
    """Threads that are left alone when they are no longer needed."""

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002
        """Take no more work."""
        super().shutdown(wait=False, cancel_futures=True)


def leave(code: int) -> NoReturn:
    """End the process at once, with this exit code.

    Python itself would wait for threads that are still at work: at a picture that nobody wants any
    more, or a file on a network that does not answer. Worker processes end with this one.
    """
    for stream in (sys.stdout, sys.stderr):
        # What cannot be written was told before, or nobody is there to be told.
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
