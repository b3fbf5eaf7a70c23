"""Formats whose decoders are not installed by default."""

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager

from grok_vision.errors import ConfigurationError

_DISTRIBUTIONS = {
    "pillow-heif": "pillow_heif",
    "pypdfium2": "pypdfium2",
    "resvg-py": "resvg_py",
}


def missing_formats() -> tuple[str, ...]:
    """The distributions of the `[formats]` extra that are not installed."""
    return tuple(
        name for name, module in _DISTRIBUTIONS.items() if importlib.util.find_spec(module) is None
    )


@contextmanager
def needs_extra(found: str) -> Iterator[None]:
    """Tell what to install where an import within fails; `found` is what the bytes are.

    Raises:
        ConfigurationError: `missing_extra`.
    """
    try:
        yield
    except ImportError:
        raise ConfigurationError(
            "missing_extra",
            f"it is {found}, which needs an extra: install it with "
            '`pip install "grok-vision-mcp[formats]"`, or export it as PNG.',
        ) from None
