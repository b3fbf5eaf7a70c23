"""The command `models`: what is known, and what the provider tells otherwise."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grok_vision.cli.terminal import print_aligned, printable
from grok_vision.errors import ProviderError
from grok_vision.providers import compared, endpoint
from grok_vision.results import Difference, Differences, Fact, ListedModel, ModelRow, ModelTable
from grok_vision.settings import Settings
from grok_vision.vision import build_vision

_MIB = 1024 * 1024
_WORDS: dict[Fact, str] = {
    "takes_images": "pictures",
    "context_window": "context window",
    "input_usd": "input",
    "cached_usd": "cached input",
    "output_usd": "output",
    "long_context_from": "long prompts from",
    "long_input_usd": "input of long prompts",
    "long_output_usd": "output of long prompts",
}
_LEGEND = "* is asked where a call names no model. Prices: US dollars for a million tokens."
_OTHER_COLUMNS = 58  # and what they need at least
_PIPED = (
    "provider",
    "model",
    "context",
    "input",
    "cached",
    "output",
    "images",
    "MiB each",
    "MiB together",
    "MiB request",
    "tokens of a picture",
    "known from",
    "date",
    "also called",
)


async def ask(settings: Settings) -> Differences:
    """Hold the configured provider's own list of models against the built-in facts.

    Raises:
        VisionError: the endpoint cannot be asked, or has no list.
    """
    target = endpoint(settings)
    async with build_vision(settings) as vision:
        listed = await vision.catalogue(complete=True)
    if listed is None:
        raise ProviderError(
            "unavailable",
            f"{target.provider.title} has no list of models at {target.base_url}; check "
            "GROK_VISION_BASE_URL if calls fail too.",
        )
    return compared(target.provider, listed)


def show(table: ModelTable) -> None:
    """Print the table: by provider on a terminal, one line for each model elsewhere."""
    console = Console(highlight=False)
    if not console.is_terminal:
        print_aligned([("", *_PIPED), *map(_line, table.models)])
        return
    longest = max(len(row.model or "") for row in table.models)
    width = max(12, min(longest, 30, console.width - _OTHER_COLUMNS))
    for _, alike in groupby(table.models, key=_section):
        rows = list(alike)
        providers = ", ".join(dict.fromkeys(row.provider for row in rows))
        console.print(Text.assemble((providers, "bold"), f"  {_limits(rows[0])}"))
        console.print(_grid(rows if rows[0].model else rows[:1], width))
        console.print()
    console.print(Text(_LEGEND, style="dim"))


def show_differences(differences: Differences) -> None:
    """Print what the provider tells otherwise, for a person who keeps the facts up to date."""
    print(f"{differences.provider} lists {counted(differences.listed, 'model')}.")
    if differences.differing:
        changes = [(one.model, *said) for one in differences.differing for said in figures([one])]
        print("\nTold otherwise than known here:")
        print_aligned([("model", "fact", "here", "there"), *changes])
    _print_names("Known here, and not listed", differences.missing)
    if differences.new:
        print("\nNew, and taking pictures:")
        header = ("model", "context", "input", "cached", "output", "also called")
        print_aligned([header, *map(_new, differences.new)])
    _print_names("Not known here, nor whether they take pictures", differences.untold)
    if not (differences.differing or differences.missing):
        print("Nothing differs from what is known here.")


def figures(differences: Sequence[Difference]) -> Iterator[tuple[str, str, str]]:
    """Yield for people: which fact, what is known here, and what the provider tells."""
    for one in differences:
        yield _WORDS[one.fact], _figure(one.fact, one.ours), _figure(one.fact, one.theirs)


def counted(number: int, noun: str) -> str:
    """Return the number with its noun."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _figure(fact: Fact, value: float | None) -> str:
    if value is None:
        return "not known"
    if fact == "takes_images":
        return "yes" if value else "no"
    return f"${_price(value)}" if fact.endswith("_usd") else f"{value:,}"


def _price(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" if round(value, 2) == value else f"{value:.6g}"


def _window(tokens: int | None) -> str:
    if tokens is None:
        return ""
    return f"{tokens / 1e6:.3g}M" if tokens >= 1_000_000 else f"{tokens / 1000:.0f}k"


def _mib(size: int | None) -> str:
    return "" if size is None else f"{size / _MIB:.3g}"


def _line(row: ModelRow) -> tuple[str, ...]:
    return (
        "*" if row.default else "",
        row.provider,
        row.model or "",
        _window(row.context_window),
        *_three_prices(row),
        "" if row.max_images is None else str(row.max_images),
        _mib(row.max_image_bytes),
        _mib(row.max_images_bytes),
        _mib(row.max_body_bytes),
        row.rule,
        row.evidence,
        row.date,
        " ".join((*row.aliases, *row.names)),
    )


def _new(model: ListedModel) -> tuple[str, ...]:
    window = _window(model.context_window)
    return (model.model, window, *_three_prices(model), " ".join(model.aliases))


def _three_prices(model: ModelRow | ListedModel) -> tuple[str, str, str]:
    return _price(model.input_usd), _price(model.cached_usd), _price(model.output_usd)


def _section(row: ModelRow) -> str:
    """Return what the rows of one table share: providers of no known model have one together."""
    return row.provider if row.model else f"{_limits(row)} {row.rule}"


def _limits(row: ModelRow) -> str:
    """Return what may be sent, in words; it is the same for all models of a provider."""
    if row.max_image_bytes is None:
        return "open models, wherever they are served"
    number = "any number of pictures" if row.max_images is None else f"{row.max_images} pictures"
    told = [number, f"{_mib(row.max_image_bytes)} MiB each"]
    if row.max_images_bytes:
        told.append(f"{_mib(row.max_images_bytes)} MiB together")
    if row.max_body_bytes:
        told.append(f"request {_mib(row.max_body_bytes)} MiB")
    return ", ".join(told)


def _grid(rows: Sequence[ModelRow], width: int) -> Table:
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    grid.add_column("", width=1)
    grid.add_column("model", width=width, overflow="fold")
    for name, size in (("context", 7), ("input", 5), ("cached", 6), ("output", 6)):
        grid.add_column(name, width=size, justify="right")
    grid.add_column("tokens of a picture", overflow="fold")
    above = ""
    for row in rows:
        called = Text(row.model or "whatever is served")
        if also := ", ".join(row.aliases or (row.names if row.provider == "any" else ())):
            called.append(f"\n{also}", style="dim")
        rule = f"{row.rule.rpartition(': ')[2]} ({row.evidence} {row.date})"
        mark = "*" if row.default else ""
        told = rule if rule != above else '"'
        grid.add_row(mark, called, _window(row.context_window), *_three_prices(row), Text(told))
        above = rule
    return grid


def _print_names(heading: str, names: Sequence[str]) -> None:
    if names:
        print(f"\n{heading}:")
        for name in names:
            print(f"  {printable(name)}")
