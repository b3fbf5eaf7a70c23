"""The spans of tests: every span of the process goes to a list that tests look at."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from grok_vision.tracing.exporting import DiscreetExporter

_exporter = InMemorySpanExporter()


def _provide() -> None:
    # A process has one provider to its end; which test asks for it first is all the same.
    if not isinstance(trace.get_tracer_provider(), TracerProvider):
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(DiscreetExporter(_exporter)))
        trace.set_tracer_provider(provider)


class Spans:
    """What ended since the beginning, in the order in which it began."""

    def __init__(self, found: Sequence[ReadableSpan]) -> None:
        self._found = sorted(found, key=lambda one: one.start_time or 0)

    def __iter__(self) -> Iterator[ReadableSpan]:
        return iter(self._found)

    def named(self, name: str) -> list[ReadableSpan]:
        return [one for one in self._found if one.name == name]

    def one(self, name: str) -> ReadableSpan:
        [found] = self.named(name)
        return found

    def parent(self, span: ReadableSpan) -> str | None:
        """Return the name of the span above; None where there is none."""
        above = {one.context.span_id: one.name for one in self._found}
        return above.get(span.parent.span_id) if span.parent else None

    def tree(self) -> list[tuple[str | None, str]]:
        """Return each span as the names of its parent and its own."""
        return [(self.parent(one), one.name) for one in self._found]

    def text(self) -> str:
        """Return all that is exported of them."""
        return "\n".join(one.to_json() for one in self._found)


class Recording:
    """Spans while they are recorded."""

    def spans(self) -> Spans:
        return Spans(_exporter.get_finished_spans())


@contextmanager
def recorded() -> Iterator[Recording]:
    """Record the spans that end within."""
    _provide()
    _exporter.clear()
    yield Recording()
    _exporter.clear()


def told(span: ReadableSpan) -> Mapping[str, Any]:
    """Return the attributes of a span."""
    return dict(span.attributes or {})
