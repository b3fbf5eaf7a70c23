"""Spans sent to a collector of OpenTelemetry, where that is wanted. Others import from here only.

The SDK of OpenTelemetry is loaded only then: nobody else's start is to wait for it.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

HTTP = "http/protobuf"
"""The one form in which spans are sent, as OpenTelemetry names it."""

_log = logging.getLogger(__name__)
# What is left at the end goes out within, or is lost: a host waits no longer for a server to end.
_FLUSH_SECONDS = 2.0


def collector(
    endpoint: str | None, traces_endpoint: str | None = None, *, exporters: str = "otlp"
) -> str | None:
    """Return the address that spans are to be sent to, None where none are."""
    base = endpoint.rstrip("/") + "/v1/traces" if endpoint else None
    is_wanted = "otlp" in (one.strip() for one in exporters.split(","))
    return (traces_endpoint or base) if is_wanted else None


def is_address(text: str) -> bool:
    """Tell whether spans can be sent there."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


@contextmanager
def export_traces(
    endpoint: str | None,
    traces_endpoint: str | None = None,
    *,
    exporters: str = "otlp",
    protocol: str = HTTP,
) -> Iterator[None]:
    """Send the spans that are made within to a collector, over OTLP/HTTP.

    `endpoint` is the collector's address, `traces_endpoint` the whole one, of which either may be
    given. Nothing is sent where `exporters`, a list with commas, does not name `otlp`; another
    `protocol` than ours is warned of. Further settings are OpenTelemetry's own variables, such as
    OTEL_EXPORTER_OTLP_HEADERS and OTEL_RESOURCE_ATTRIBUTES.
    """
    address = collector(endpoint, traces_endpoint, exporters=exporters)
    provider = _provider(address, protocol) if address else None
    try:
        yield
    finally:
        if provider is not None:
            _shut_down(provider)


def _provider(address: str, protocol: str) -> "TracerProvider | None":
    try:
        from grok_vision.tracing.exporting import exporting
    except ImportError:
        # Such variables are often set for all programs of a machine: no reason not to serve.
        _log.warning(
            "no spans are sent, since the extra [otel] is not installed; install "
            "grok-vision-mcp[otel], or unset OTEL_EXPORTER_OTLP_ENDPOINT."
        )
        return None
    if not is_address(address):
        _log.warning(
            "no spans are sent, since OTEL_EXPORTER_OTLP_ENDPOINT is no http(s) address such as "
            "http://collector:4318; correct or unset it."
        )
        return None
    if protocol != HTTP:
        _log.warning(
            "spans are sent as %s, the only form that is spoken here; set "
            "OTEL_EXPORTER_OTLP_PROTOCOL to that, and the endpoint to where the collector takes "
            "it (usually port 4318).",
            HTTP,
        )
    return exporting(address)


def _shut_down(provider: "TracerProvider") -> None:
    """Send what is left. The SDK would wait up to half a minute for a collector that is gone."""
    last = threading.Thread(target=provider.shutdown, daemon=True)
    last.start()
    last.join(_FLUSH_SECONDS)
