"""From settings to what a call goes through."""

from pathlib import Path

from grok_vision.cache import AnswerCache, Answers, AnswersInFile
from grok_vision.errors import ConfigurationError
from grok_vision.heaps import bound_heaps
from grok_vision.images import Images
from grok_vision.local import LocalTransport
from grok_vision.providers import endpoint
from grok_vision.relay import Relay, Transport
from grok_vision.settings import Settings
from grok_vision.shared import Shared
from grok_vision.tokens import Calibration, Observations, ObservationsInFile
from grok_vision.vision.asking import Asking
from grok_vision.vision.drawings import Drawings
from grok_vision.vision.journey import Journey
from grok_vision.vision.state import State

# An answer that nobody asks for is of no use after as long.
_ANSWER_SECONDS = 30 * 24 * 3600.0


def build_journey(
    settings: Settings,
    images: Images,
    state: State,
    transport: Transport | None,
    *,
    desktop: bool,
) -> Journey:
    """Build it; nothing is opened before it is needed."""
    # Not at the start: it takes some milliseconds, and only pictures need it.
    bound_heaps()
    offline = _is_offline(settings)
    relay = Relay(
        concurrency=settings.concurrency,
        retries=settings.retries,
        transport=LocalTransport() if offline else transport,
    )
    asking = Asking(
        relay,
        state.books.budget,
        _observations(settings, state.shared),
        None if offline else _answers(settings, state.shared),
    )
    drawings = Drawings(settings.output_dir, state.drawings)
    return Journey(settings, images=images, asking=asking, drawings=drawings, tell_paths=desktop)


def _answers(settings: Settings, shared: Shared | None) -> Answers | None:
    if settings.cache is None:
        return None
    place, most_bytes = settings.cache
    if isinstance(place, Path):
        return AnswersInFile(AnswerCache(place, most_bytes))
    if shared is None:
        return None  # the settings do not allow it
    from grok_vision.cache import SharedAnswers
    from grok_vision.shelves import RedisShelf

    return SharedAnswers(
        RedisShelf(
            shared,
            "answers",
            per_owner=most_bytes,
            in_all=most_bytes,
            seconds=_ANSWER_SECONDS,
            refreshes=True,
        )
    )


def _observations(settings: Settings, shared: Shared | None) -> Observations:
    if shared is None:
        return ObservationsInFile(Calibration(settings.state_dir))
    from grok_vision.tokens import SharedObservations

    return SharedObservations(shared)


def _is_offline(settings: Settings) -> bool:
    try:
        return endpoint(settings).offline
    except ConfigurationError:
        # Each call tells it: a server that does not start could tell nobody.
        return False
