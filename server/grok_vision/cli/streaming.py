"""The answer of `describe` on its way to people: in one piece, or as it is written."""

import sys
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio
from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.segment import Segment

from grok_vision.alongside import alongside
from grok_vision.cli.terminal import (
    Waiting,
    print_answer,
    print_json,
    printable,
    rendered,
    tell_warnings,
)
from grok_vision.errors import RequestError
from grok_vision.image_tags import settled, without_images
from grok_vision.results import Description
from grok_vision.watch import Watch

_PAUSE = 0.1
# Drawing takes at most a quarter of the time, however long the answer grows.
_REST_PER_DRAWING = 3
# No screen holds more: of a longer answer only the end is drawn while it grows.
_LONGEST_DRAWN = 16_384


class Output:
    """An answer that is printed when all of it is there."""

    def __init__(self, *, as_json: bool = False) -> None:
        self._as_json = as_json

    @asynccontextmanager
    async def following(self, waiting: Waiting) -> AsyncGenerator[Watch, None]:
        """Give what is to follow the call; `waiting` is shown until there is something better."""
        yield waiting

    def end(self, description: Description) -> None:
        """Print what is not printed yet."""
        if self._as_json:
            print_json(description)
        else:
            print_answer(description.text, description)


def output(stream: bool | None, *, as_json: bool) -> Output:
    """Return what the options ask for; without `stream`, an answer grows on a terminal only.

    Raises:
        RequestError: `bad_argument` where they exclude each other.
    """
    if stream and as_json:
        raise RequestError("bad_argument", "give either --stream or --json.")
    is_terminal = sys.stdout.isatty()
    if as_json or not (is_terminal if stream is None else stream):
        return Output(as_json=as_json)
    return _OnTerminal() if is_terminal else _InPipe()


class _Growing(Output, ABC):
    """An answer that is shown while it is written.

    What is shown is what the result will have: what may still become an image, or a blank at the
    end, is held back until it is known.
    """

    def __init__(self) -> None:
        super().__init__()
        self._held = ""
        self._shown: list[str] = []

    @asynccontextmanager
    async def following(self, waiting: Waiting) -> AsyncGenerator[Watch, None]:
        """Give what is to follow the call, and show what it is told."""
        self._waiting = waiting
        self._news = anyio.Event()
        is_whole = False
        try:
            async with alongside(self._run):
                yield self
            is_whole = True
        finally:
            self._stop(is_whole=is_whole)

    def stage(self, told: str) -> None:
        """Pass on what begins now."""
        self._waiting.stage(told)

    def written(self, text: str) -> None:
        """Take in what was written since the last time."""
        self._held += text
        self._news.set()

    async def _run(self) -> None:
        # Beside the call, which is so given up when nobody reads any more.
        while True:
            await self._news.wait()
            self._news = anyio.Event()
            if words := self._settled():
                self._waiting.hide()
                self._shown.append(printable(without_images(words)))
                await anyio.sleep(self._show(self._shown))

    def _settled(self) -> str:
        text = self._held if self._shown else self._held.lstrip()
        words = text[: settled(text)].rstrip()
        self._held = text[len(words) :]
        return words

    def _came(self) -> str:
        """Return all that came, where nothing follows."""
        return "".join(self._shown) + printable(without_images(self._held.rstrip()))

    @abstractmethod
    def _show(self, words: list[str]) -> float:
        """Show all words, of which the last are new; return the seconds until the next time."""

    @abstractmethod
    def _stop(self, *, is_whole: bool) -> None:
        """Show nothing more; where the answer broke off, leave what came."""


class _InPipe(_Growing):
    """Words that are handed on at once, for a program that reads them."""

    def _show(self, words: list[str]) -> float:
        sys.stdout.write(words[-1])
        sys.stdout.flush()
        return 0.0

    def _stop(self, *, is_whole: bool) -> None:
        if self._shown and not is_whole:
            print(self._came().removeprefix("".join(self._shown)), flush=True)

    def end(self, description: Description) -> None:
        """Print the rest, and then what is to be known of it."""
        text, shown = printable(description.text), "".join(self._shown)
        print(text.removeprefix(shown) if text.startswith(shown) else f"\n{text}", flush=True)
        tell_warnings(description)


class _OnTerminal(_Growing):
    """An answer that is drawn again and again, its end in view; at last all of it is printed."""

    def __init__(self) -> None:
        super().__init__()
        self._live: Live | None = None

    def _show(self, words: list[str]) -> float:
        begun = time.monotonic()
        if self._live is None:
            self._live = Live(auto_refresh=False, transient=True, vertical_overflow="crop")
            self._live.start()
        self._live.update(_End("".join(words)), refresh=True)
        return max(_PAUSE, _REST_PER_DRAWING * (time.monotonic() - begun))

    def _stop(self, *, is_whole: bool) -> None:
        if self._live is not None:
            self._live.stop()
        if self._shown and not is_whole:
            Console().print(rendered(self._came()))


class _End:
    """The end of a growing answer, as much of it as the screen holds."""

    def __init__(self, text: str) -> None:
        # From the beginning of a line; what is drawn of a block that begins before is corrected
        # when all is printed.
        end = text[-_LONGEST_DRAWN:]
        self._text = text if end == text else end.partition("\n")[2] or end

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = console.render_lines(rendered(self._text), options, pad=False)
        for line in lines[2 - console.height :]:
            yield from line
            yield Segment.line()
        # The cursor waits on a line of its own, where the ^C of a person disturbs nothing.
        yield Segment.line()
