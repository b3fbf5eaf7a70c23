"""The command `models`: what is known of them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grok_vision.cli.figures import cents, mib, price, three_prices, window
from grok_vision.cli.terminal import print_aligned
from grok_vision.errors import RequestError
from grok_vision.results import ModelRow, ModelTable
from grok_vision.texts import shortened

_LEGEND = """\
* is asked where a call names no model. Prices: US dollars for a million tokens.
shot: tokens of a 1920x1080 screenshot. $/1000: what 1,000 of them cost."""
_PIPED = (
    "",
    "provider",
    "model",
    "context",
    "input $/M",
    "cached $/M",
    "output $/M",
    "screenshot tokens",
    "$/1000 screenshots",
    "images",
    "MiB each",
    "MiB together",
    "MiB request",
    "tokens of a picture",
    "known from",
    "date",
    "also called",
)
_NUMBERS = range(3, 13)


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    width: int
    of: Callable[[ModelRow], str]


_COLUMNS = (
    _Column("context", 7, lambda row: window(row.context_window)),
    _Column("input", 5, lambda row: price(row.input_usd)),
    _Column("cached", 6, lambda row: price(row.cached_usd)),
    _Column("output", 6, lambda row: price(row.output_usd)),
    _Column("shot", 6, lambda row: f"{row.screenshot_tokens:,}"),
    _Column("$/1000", 6, lambda row: cents(row.screenshot_usd)),
)
_GAP = 2
_MARK = 1
_BESIDES = _MARK + _GAP + sum(_GAP + column.width for column in _COLUMNS)
_BREAK_AFTER = re.compile(r"(?<=[-/:_ ])")


def only(table: ModelTable, provider: str) -> ModelTable:
    """Return the rows of this provider; all where it is empty.

    Raises:
        RequestError: `bad_argument` for a name that no row has.
    """
    names = list(dict.fromkeys(row.provider for row in table.models))
    if not provider:
        return table
    if provider not in names:
        raise RequestError(
            "bad_argument",
            f"no provider is called {shortened(provider)}; use one of: {', '.join(names)}.",
        )
    rows = [row for row in table.models if row.provider == provider]
    return table.model_copy(update={"models": rows})


def show(table: ModelTable) -> None:
    """Print the table: by provider on a terminal, one line for each model elsewhere."""
    console = Console(highlight=False)
    if not console.is_terminal:
        print_aligned([_PIPED, *map(_line, table.models)], right=_NUMBERS)
        return
    longest = max(len(_title(row)) for row in table.models)
    width = max(12, min(longest, console.width - _BESIDES))
    for _, alike in groupby(table.models, key=_section):
        _show_section(console, list(alike), width)
        console.print()
    console.print(Text(_LEGEND, style="dim"))


def _show_section(console: Console, rows: Sequence[ModelRow], width: int) -> None:
    """Print what the rows share, then those that count pictures alike, and how they do."""
    providers = ", ".join(dict.fromkeys(row.provider for row in rows))
    console.print(Text.assemble((providers, "bold"), f"  {_limits(rows[0])}"))
    columns = [column for column in _COLUMNS if any(map(column.of, rows))]
    named = rows if rows[0].model else rows[:1]
    for number, (rule, alike) in enumerate(groupby(named, key=_rule)):
        console.print(_grid(list(alike), columns, width, header=number == 0))
        console.print(Text(f"{' ' * (_MARK + _GAP)}tokens: {rule}", style="dim"))


def _grid(
    rows: Sequence[ModelRow], columns: Sequence[_Column], width: int, *, header: bool
) -> Table:
    grid = Table(
        box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="dim", show_header=header
    )
    grid.add_column("", width=_MARK)
    grid.add_column("model", width=width, overflow="fold")
    for column in columns:
        grid.add_column(column.name, width=column.width, justify="right")
    for row in rows:
        called = Text(_broken(_title(row), width))
        if row.aliases:
            also = _broken(f"also {', '.join(row.aliases)}", width)
            called.append(f"\n{also}", style="dim")
        grid.add_row("*" if row.default else "", called, *(column.of(row) for column in columns))
    return grid


def _broken(names: str, width: int) -> str:
    """Return the names in lines of `width`, each ending after a word or a mark where it can."""
    lines = [""]
    for part in _BREAK_AFTER.split(names):
        if lines[-1] and len(lines[-1]) + len(part.rstrip()) > width:
            lines.append("")
        lines[-1] += part
    return "\n".join(line.rstrip() for line in lines)


def _title(row: ModelRow) -> str:
    return row.model or "whatever is served"


def _rule(row: ModelRow) -> str:
    return f"{row.rule.rpartition(': ')[2]} ({row.evidence}, {row.date})"


def _section(row: ModelRow) -> str:
    """Return what the rows of one table share: providers of no known model have one together."""
    return row.provider if row.model else f"{_limits(row)} {row.rule}"


def _limits(row: ModelRow) -> str:
    """Return what may be sent, in words; it is the same for all models of a provider."""
    if row.max_image_bytes is None:
        return "open models, wherever they are served"
    told = [f"{mib(row.max_image_bytes)} MiB each"]
    if number := _images(row):
        told.insert(0, f"{number} number of pictures" if number == "any" else f"{number} pictures")
    if row.max_images_bytes:
        told.append(f"{mib(row.max_images_bytes)} MiB together")
    if row.max_body_bytes:
        told.append(f"request {mib(row.max_body_bytes)} MiB")
    if row.limits_evidence == "assumed":
        told.append("assumed")
    return ", ".join(told)


def _images(row: ModelRow) -> str:
    """Return how many pictures a request may hold; blank where that is not known."""
    if row.max_images is None:
        return "" if row.limits_evidence in {None, "assumed"} else "any"
    return f"{row.max_images:,}"


def _line(row: ModelRow) -> tuple[str, ...]:
    return (
        "*" if row.default else "",
        row.provider,
        row.model or "",
        window(row.context_window),
        *three_prices(row),
        f"{row.screenshot_tokens:,}",
        cents(row.screenshot_usd),
        _images(row),
        mib(row.max_image_bytes),
        mib(row.max_images_bytes),
        mib(row.max_body_bytes),
        row.rule,
        row.evidence,
        row.date,
        " ".join(row.aliases),
    )
