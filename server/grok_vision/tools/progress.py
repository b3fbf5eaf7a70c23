"""What a host is told while a tool works, if it wants to know."""

from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from itertools import count

import anyio
from mcp.server.mcpserver import Context

from grok_vision.alongside import alongside
from grok_vision.image_tags import without_images
from grok_vision.texts import on_a_line
from grok_vision.vision import Vision
from grok_vision.watch import NOBODY, Watch

# In seconds. Hosts give up calls that stay silent, the strictest after 60 (mcp SDKs, 2026).
_PAUSE = 0.35
_QUIET = 5.0
# Claude Code shows so many characters (2.1, 2026).
_LONGEST = 200
# Enough of what was written for a line of that length, blanks included.
_KEPT = 1_000
# Of those that come faster than a host reads.
_MOST_STAGES = 8


@asynccontextmanager
async def reported(ctx: Context[Vision]) -> AsyncGenerator[Watch, None]:
    """Give what follows a call and tells its host, until the block ends.

    Without a token the host does not listen, and nothing is done.
    """
    if "progress_token" not in (ctx.request_context.meta or {}):
        yield NOBODY
        return
    progress = _Progress(ctx)
    async with alongside(progress.run):
        yield progress


class _Progress:
    """What is to be told of a call, in its own time: a host that does not read holds nothing up."""

    def __init__(self, ctx: Context[Vision]) -> None:
        self._ctx = ctx
        self._stage = "starting"
        self._since = anyio.current_time()
        self._stages: deque[str] = deque(maxlen=_MOST_STAGES)
        self._begun = anyio.Event()
        self._written = ""
        self._news = anyio.Event()
        self._told = ""

    def stage(self, told: str) -> None:
        """Take in what begins now."""
        self._stage, self._since, self._written = told, anyio.current_time(), ""
        self._stages.append(told)
        self._begun.set()
        self._news.set()

    def written(self, text: str) -> None:
        """Take in what was written since the last time."""
        self._written = (self._written + text)[-_KEPT:]
        self._news.set()

    async def run(self) -> None:
        """Tell each stage at once, what is written not too often, and that the call goes on."""
        for number in count(1):
            self._told = await self._next()
            await self._ctx.report_progress(number, message=self._told)
            with anyio.move_on_after(_PAUSE):
                await self._begun.wait()

    async def _next(self) -> str:
        with anyio.move_on_after(_QUIET - _PAUSE):
            while not (message := self._newest()):
                await self._news.wait()
                self._news = anyio.Event()
            return message
        return _shown(f"{self._stage} ({anyio.current_time() - self._since:.0f} s so far)")

    def _newest(self) -> str:
        """Return the next stage, or the last line that was written; nothing where it was told."""
        self._begun = anyio.Event()
        if self._stages:
            return _shown(self._stages.popleft())
        lines = map(_shown, reversed(self._written.splitlines()))
        line = next(filter(None, lines), "")
        return "" if line == self._told else line


def _shown(text: str) -> str:
    """Return the end of a text that may come from a picture, fit to be shown on a line."""
    line = without_images(on_a_line(text))
    return line if len(line) <= _LONGEST else f"…{line[1 - _LONGEST :]}"
