"""The SDK of OpenTelemetry, set up."""

from collections.abc import Sequence

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from grok_vision import __version__

_LONGEST = 200
_ID = "jsonrpc.request.id"


class DiscreetExporter(SpanExporter):
    """Hands spans on without the words of exceptions, of which some quote what a caller wrote.

    Those are not ours: the SDK of the protocol notes the message of what failed, and the id that a
    caller gave to a request.
    """

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Hand them on."""
        return self._inner.export([_without_words(span) for span in spans])

    def shutdown(self) -> None:
        """Send no more."""
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Send what is left."""
        return self._inner.force_flush(timeout_millis)


def exporting(address: str) -> TracerProvider:
    """Return what makes spans of this process and sends them to the address."""
    ours = Resource.create({"service.name": "grok-vision-mcp", "service.version": __version__})
    provider = TracerProvider(
        # What the environment says of the service goes before.
        resource=ours.merge(OTELResourceDetector().detect()),
        span_limits=SpanLimits(max_span_attribute_length=_LONGEST),
        shutdown_on_exit=False,
    )
    exporter = DiscreetExporter(OTLPSpanExporter(endpoint=address))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return provider


def _without_words(span: ReadableSpan) -> ReadableSpan:
    told = span.attributes or {}
    return ReadableSpan(
        name=span.name[:_LONGEST],
        context=span.get_span_context(),
        parent=span.parent,
        resource=span.resource,
        attributes={name: value for name, value in told.items() if name != _ID},
        links=span.links,
        kind=span.kind,
        status=trace.Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )
