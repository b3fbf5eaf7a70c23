"""What people see: errors on one line, answers as Markdown on a terminal and plain elsewhere."""

import codecs
import json
import re
import sys
import unicodedata
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager

import anyio
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.markdown import Markdown

from grok_vision.errors import AnswerError, ProviderError, VisionError
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
    """Return 1 where the provider failed, 2 where the person can mend it."""
    return 1 if isinstance(error, ProviderError | AnswerError) else 2


def tell_error(code: str, message: str) -> None:
    """Write a failure to stderr, on one line."""
    sys.stderr.write(f"error[{code}]: {on_a_line(message)}\n")


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
    """Print the answer; on a terminal rendered, with a line on what was used."""
    tell_warnings(result)
    if not sys.stdout.isatty():
        print(printable(text))
        return
    # Links would let an answer hide where they lead.
    Console().print(Markdown(printable(text), hyperlinks=False))
    print_footer(result)


def tell_warnings(result: Sent) -> None:
    """Write to stderr what is to be known of an answer."""
    for warning in result.warnings:
        sys.stderr.write(f"warning: {printable(warning)}\n")
    if result.truncated:
        sys.stderr.write("warning: the answer was cut off before its end.\n")


def print_footer(result: Answered | Comparison) -> None:
    """Print who answered, what was sent and what was used."""
    Console().print(f"\n{_footer(result)}", style="dim", markup=False, highlight=False)


def _footer(result: Answered | Comparison) -> str:
    sent = ", ".join(map(_sent, result.images))
    told = [f"{result.provider}: {result.model}", f"sent {sent}", *_used(result.usage)]
    return " · ".join(printable(word) for word in told)


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


@asynccontextmanager
async def waiting(words: str) -> AsyncIterator[None]:
    """Show that work goes on, once it takes over a second, where stderr is a terminal."""
    if not sys.stderr.isatty():
        yield
        return

    async def spin() -> None:
        await anyio.sleep(_PATIENCE)
        with Console(stderr=True).status(words):
            await anyio.sleep_forever()

    failure: VisionError | None = None
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(spin)
        try:
            yield
        except VisionError as error:
            failure = error  # out of the group, which would wrap it
        tasks.cancel_scope.cancel()
    if failure is not None:
        raise failure
