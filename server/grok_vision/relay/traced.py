"""What spans tell of a question to a provider."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from grok_vision.providers import Endpoint
from grok_vision.relay.attempt import Attempt
from grok_vision.relay.completion import WireUsage
from grok_vision.spans import span


@contextmanager
def traced(
    attempt: Attempt, endpoint: Endpoint, model: str, *, number: int, stream: bool
) -> Iterator[None]:
    """Surround an attempt, the `number`th of its question, with a span that tells how it went."""
    with span(
        "attempt",
        provider=endpoint.provider.name,
        model=model,
        host=urlsplit(endpoint.base_url).hostname,
        number=number,
        stream=stream,
        request_bytes=attempt.request_bytes,
    ) as told:
        try:
            yield
        finally:
            used = attempt.usage or WireUsage()
            told.add(
                status=attempt.status,
                outcome=attempt.outcome,
                answered_by=attempt.model or None,
                input_tokens=used.prompt_tokens,
                output_tokens=used.completion_tokens,
                cached_tokens=used.prompt_tokens_details.cached_tokens,
                image_tokens=used.prompt_tokens_details.image_tokens,
            )
