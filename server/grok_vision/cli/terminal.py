"""What people see: errors on one line, answers as Markdown on a terminal and plain elsewhere."""

import codecs
import json
import logging
import re
import sys
import unicodedata
from collections.abc import AsyncGenerator, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

import anyio
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.markdown import Markdown
from rich.status import Status
from rich.text import Text

from grok_vision.alongside import alongside
from grok_vision.cli.wrapping import wrapped
from grok_vision.errors import AnswerError, ProviderError, SharedStateError, VisionError
from grok_vision.results import Answered, Comparison, Result, Sent, SentImage, Usage
from grok_vision.texts import all_sendable

_PATIENCE = 1.0
_LAYOUT = {"\n", "\t"}
_CONTROLS = re.compile("[\x7f-\x9f]")


def printable(text: str) -> str:
    """Return `text` without control characters: an answer must not drive the terminal."""
    return "".join(
        char for char in text if char in _LAYOUT or unicodedata.category(char) not in {"Cc", "Cs"}
    )


def on_a_line(text: str) -> str:
    """Return `text` printable and on one line, with single spaces."""
    return " ".join(printable(text).split())


def exit_code(error: VisionError) -> int:
    """Return 1 where the provider or Redis failed, 2 where the person can mend it."""
    return 1 if isinstance(error, ProviderError | SharedStateError | AnswerError) else 2


def tell_error(code: str, message: str) -> None:
    """Write a failure to stderr, on one line; a terminal may need several."""
    told = wrapped(f"error[{code}]: {on_a_line(message)}", sys.stderr)
    sys.stderr.write(f"{told}\n")


def print_json(result: Result) -> None:
    """Print exactly the structured result, in plain ASCII where stdout is not UTF-8."""
    print(as_json(all_sendable(result.told())))


def as_json(value: object) -> str:
    """Return the value as indented JSON, in plain ASCII where stdout is not UTF-8."""
    is_utf8 = codecs.lookup(sys.stdout.encoding).name == "utf-8"
    text = json.dumps(value, indent=2, ensure_ascii=not is_utf8)
    # Those that JSON leaves as they are, and a terminal obeys.
    return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def print_aligned(rows: Sequence[tuple[str, ...]], *, right: Collection[int] = ()) -> None:
    """Print rows of which the first is the header, each column as wide as its longest cell.

    `right` are the numbers of columns that are aligned to the right.
    """
    shown = [tuple(map(on_a_line, row)) for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        cells = (
            " " * (width - cell_len(cell)) + cell if number in right else set_cell_size(cell, width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        print("  ".join(cells).rstrip())


def print_answer(text: str, result: Answered) -> None:
    """Print the answer and then its warnings; on a terminal rendered, with what was used."""
    if not sys.stdout.isatty():
        print(printable(text), flush=True)
        tell_warnings(result)
        return
    Console().print(rendered(text))
    tell_warnings(result)
    print_footer(result)


def rendered(text: str) -> Markdown:
    """Return the answer as a terminal shows it."""
    # Links would let an answer hide where they lead.
    return Markdown(printable(text), hyperlinks=False)


def tell_warnings(result: Sent) -> None:
    """Write to stderr what is to be known of an answer."""
    for warning in result.warnings:
        sys.stderr.write(f"warning: {printable(warning)}\n")
    # Where a failure ended the answer, a warning has said so, and why.
    if result.truncated and (result.finish_reason == "length" or not result.warnings):
        sys.stderr.write("warning: the answer was cut off before its end.\n")


def print_footer(result: Answered | Comparison) -> None:
    """Print who answered, what was sent and what was used."""
    Console().print(f"\n{_footer(result)}", style="dim", markup=False, highlight=False)


def _footer(result: Answered | Comparison) -> str:
    told = [f"{result.provider}: {result.model}", *_came(result)]
    return " · ".join(printable(word) for word in told)


def _came(result: Sent) -> list[str]:
    """Return what the answer took."""
    if result.cached:
        return ["kept from an earlier call", "nothing sent"]
    return [f"sent {', '.join(map(_sent, result.images))}", *_used(result.usage)]


def _sent(image: SentImage) -> str:
    if image.sent_format is None:
        return "a URL"
    sent = f"{image.sent_width}x{image.sent_height} {image.sent_format}"
    parts = len(image.regions or ())
    return f"{parts} parts of up to {sent}" if parts > 1 else sent


def _used(usage: Usage | None) -> list[str]:
    if usage is None:
        return []
    told = []
    if usage.input_tokens is not None and usage.output_tokens is not None:
        told.append(f"{usage.input_tokens:,} tokens in, {usage.output_tokens:,} out")
    if usage.cost_usd is not None:
        told.append(f"${usage.cost_usd:.4f}")
    return told


class Waiting:
    """What is shown of a call that goes on: that it does, and what it comes to."""

    def __init__(self, words: str) -> None:
        self._words = words
        self._told = words
        self._status: Status | None = None
        self._hidden = False

    def stage(self, told: str) -> None:
        """Show what begins now."""
        self._told = f"{self._words} {on_a_line(told)}"
        if self._status is not None:
            self._status.update(Text(self._told))

    def written(self, text: str) -> None:
        """Pass it over: who prints the answer hides this first."""

    def hide(self) -> None:
        """Show nothing from now on."""
        self._hidden = True
        if self._status is not None:
            self._status.stop()

    async def run(self) -> None:
        """Show it, once the call takes over a second."""
        await anyio.sleep(_PATIENCE)
        if not self._hidden:
            with Console(stderr=True).status(Text(self._told)) as self._status, logs_above():
                await anyio.sleep_forever()


@contextmanager
def logs_above() -> Iterator[None]:
    """Have log lines written above what is shown, by what rich puts in the place of stderr."""
    logs = [
        each
        for each in logging.getLogger().handlers
        if isinstance(each, logging.StreamHandler) and each.stream is sys.__stderr__
    ]
    for each in logs:
        each.setStream(sys.stderr)
    try:
        yield
    finally:
        for each in logs:
            each.setStream(sys.__stderr__)


@asynccontextmanager
async def waiting(words: str) -> AsyncGenerator[Waiting, None]:
    """Show that work goes on, once it takes over a second, where stderr is a terminal."""
    shown = Waiting(words)
    if not sys.stderr.isatty():
        yield shown
        return
    async with alongside(shown.run):
        yield shown
