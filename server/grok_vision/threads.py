"""Work in threads that nobody has to wait for, and of which there are never too many."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TypeVar, TypeVarTuple, Unpack

import anyio
import anyio.to_thread

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")


async def in_thread(
    work: Callable[[Unpack[Arguments]], T],
    *arguments: *Arguments,
    limiter: anyio.CapacityLimiter,
) -> T:
    """Return what the work returns, done in a thread; a caller that is cancelled leaves at once.

    What has begun goes on to its end, and its result is dropped. It counts until then: `limiter`
    bounds the threads at work, not the callers that wait. (anyio's own `abandon_on_cancel` gives
    the token back with the caller, so that calls which are cancelled one after the other pile up.)
    """
    turn = object()
    await limiter.acquire_on_behalf_of(turn)
    give_back = partial(limiter.release_on_behalf_of, turn)
    loop = asyncio.get_running_loop()
    # Taken by the thread that begins, or by the caller who leaves before.
    taken = threading.Lock()

    def run() -> T:
        if not taken.acquire(blocking=False):
            raise RuntimeError("nobody waits for it any more")
        try:
            return work(*arguments)
        finally:
            # Where the loop is closed, nobody waits for a turn.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(give_back)

    try:
        return await anyio.to_thread.run_sync(
            run, abandon_on_cancel=True, limiter=anyio.CapacityLimiter(1)
        )
    finally:
        if taken.acquire(blocking=False):
            give_back()
