"""A task beside a block of code."""

from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import anyio


@asynccontextmanager
async def alongside(task: Callable[[], Coroutine[Any, Any, None]]) -> AsyncGenerator[None, None]:
    """Run the task until the block ends, which waits for its end.

    What either raises ends the other, and comes out as it is: a task group alone would wrap it.
    """
    failure: BaseException | None = None
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(task)
            yield
            tasks.cancel_scope.cancel()
    except BaseExceptionGroup as group:
        failure = group.exceptions[0]
    if failure is not None:
        # Out here, so that it keeps its own cause and context.
        raise failure
