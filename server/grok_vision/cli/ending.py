"""The end of the process: it waits for no thread that nobody waits for."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import NoReturn, TypeVar, TypeVarTuple, Unpack

import anyio

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")


def run_async(function: Callable[[Unpack[Arguments]], Awaitable[T]], *arguments: *Arguments) -> T:
    """Run an asynchronous function and return what it returns, whatever lookups still hang."""

    async def main() -> T:
        # The event loop's own, for the names of hosts: it would wait for every answer.
        asyncio.get_running_loop().set_default_executor(_Unawaited())
        return await function(*arguments)

    return anyio.run(main)


def run_command(function: Callable[[Unpack[Arguments]], Awaitable[T]], *arguments: *Arguments) -> T:
    """Do the same where SIGINT and SIGTERM end it after what is open was closed.

    Raises:
        KeyboardInterrupt: it was interrupted; where it was terminated, the process is ended.
    """
    told: list[int] = []

    async def main() -> list[T]:
        task = asyncio.current_task()

        def end(number: int) -> None:
            if told or task is None:
                os._exit(128 + number)  # told twice
            told.append(number)
            task.cancel()

        _on_signals(end)
        try:
            return [await function(*arguments)]
        except asyncio.CancelledError:
            if not told:
                raise
            return []

    returned = run_async(main)
    if returned:
        return returned[0]
    if told == [signal.SIGTERM]:
        # Its handler is the system's again, since the loop is closed.
        signal.raise_signal(signal.SIGTERM)
    raise KeyboardInterrupt


def _on_signals(end: Callable[[int], None]) -> None:
    """Let signals wake the event loop: Python's own handlers run only once it is awake."""
    loop = asyncio.get_running_loop()
    # Windows knows none of it; there Python's own handler must do.
    with suppress(NotImplementedError):
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, end, number)


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
