"""Figures of models, for people; what is not known is blank."""

from grok_vision.results import ListedModel, ModelRow

_MIB = 1024 * 1024


def price(value: float | None) -> str:
    """Return US dollars with all their digits, two at least."""
    if value is None:
        return ""
    return f"{value:.2f}" if round(value, 2) == value else f"{value:.6g}"


def three_prices(model: ModelRow | ListedModel) -> tuple[str, str, str]:
    """Return the prices of input, cached input and output."""
    return price(model.input_usd), price(model.cached_usd), price(model.output_usd)


def window(tokens: int | None) -> str:
    """Return a context window, rounded."""
    if tokens is None:
        return ""
    return f"{tokens / 1e6:.3g}M" if tokens >= 1_000_000 else f"{tokens / 1000:.0f}k"


def mib(size: int | None) -> str:
    """Return bytes as MiB, rounded."""
    return "" if size is None else f"{size / _MIB:.3g}"


def cents(value: float | None) -> str:
    """Return US dollars to two digits, and below ten cents to those that tell it."""
    if value is None:
        return ""
    return f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"


def counted(number: int, noun: str) -> str:
    """Return the number with its noun."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
