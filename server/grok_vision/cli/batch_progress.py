"""How far a batch is: a bar on a terminal, else a line now and then."""

import sys
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager

import anyio
from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, TextColumn

from grok_vision.alongside import alongside
from grok_vision.batch import Batch
from grok_vision.cli.terminal import logs_above
from grok_vision.texts import dollars, duration

_REDRAWN_SECONDS = 0.25
_LINE_SECONDS = 30.0


@asynccontextmanager
async def shown(batch: Batch, *, every: float = _LINE_SECONDS) -> AsyncGenerator[None, None]:
    """Show on stderr how far the batch is; in a pipe a line `every` so many seconds."""

    async def lines() -> None:
        while True:
            await anyio.sleep(every)
            sys.stderr.write(f"{_ended(batch)}, {told(batch)}\n")
            sys.stderr.flush()

    async def bar() -> None:
        tally = batch.results.tally
        console = Console(stderr=True, highlight=False)
        with _Bar(
            BarColumn(bar_width=None),
            TextColumn("{task.fields[ended]}"),
            TextColumn("{task.fields[told]}", style="dim"),
            console=console,
            transient=True,
            expand=True,
            # Drawn when something changed, which is looked for below.
            auto_refresh=False,
        ) as progress:
            task = progress.add_task("", total=tally.jobs, ended="", told="")
            with logs_above():
                while True:
                    progress.update(
                        task,
                        completed=tally.ended,
                        ended=f"{tally.ended:,}/{tally.jobs:,}",
                        told=told(batch),
                        refresh=True,
                    )
                    await anyio.sleep(_REDRAWN_SECONDS)

    async with alongside(bar if sys.stderr.isatty() else lines):
        yield


class _Bar(Progress):
    """A bar below which the cursor waits, where the ^C of a person disturbs nothing."""

    def get_renderables(self) -> Iterable[RenderableType]:
        """Return the bar and a blank line."""
        yield from super().get_renderables()
        yield ""


def told(batch: Batch) -> str:
    """Return what there is to be known besides: failures, rate, cost, time left, a pause."""
    tally = batch.results.tally
    failed = tally.failed.total()
    told = [f"{failed:,} failed"] if failed else []
    rate = batch.ended / batch.seconds if batch.seconds else 0.0
    if rate:
        told.append(f"{rate:.3g}/s" if rate >= 1 else f"{60 * rate:.3g}/min")
    told.append(dollars(tally.cost_usd))
    if batch.gate.seconds:
        told.append(f"waiting {duration(batch.gate.seconds)} for the provider")
    elif rate:
        told.append(f"{duration((tally.jobs - tally.ended) / rate)} left")
    return ", ".join(told)


def _ended(batch: Batch) -> str:
    tally = batch.results.tally
    return f"{tally.ended:,} of {tally.jobs:,} jobs ended"
