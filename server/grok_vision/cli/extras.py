"""The extras of this package, and whether what they bring is here."""

import importlib.metadata
from importlib.util import find_spec

from grok_vision.images import missing_formats
from grok_vision.local import missing

_SPANS = "opentelemetry-exporter-otlp-proto-http"


def installed() -> dict[str, bool]:
    """Return the name of each extra, and whether it is installed."""
    return {
        "local": not missing(),
        "formats": not missing_formats(),
        "otel": sends_spans(),
        "redis": find_spec("redis") is not None,
    }


def sends_spans() -> bool:
    """Tell whether what sends spans is installed; it is not loaded for that."""
    return any(importlib.metadata.distributions(name=_SPANS))
