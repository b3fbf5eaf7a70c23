"""From settings to what a call goes through."""

from grok_vision.cache import AnswerCache
from grok_vision.errors import ConfigurationError
from grok_vision.heaps import bound_heaps
from grok_vision.images import Images
from grok_vision.local import LocalTransport
from grok_vision.providers import endpoint
from grok_vision.relay import Ledger, Relay, Transport
from grok_vision.settings import Settings
from grok_vision.tokens import Calibration
from grok_vision.vision.asking import Asking
from grok_vision.vision.journey import Journey


def build_journey(
    settings: Settings,
    images: Images,
    ledger: Ledger,
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
    cache = None if offline or settings.cache is None else AnswerCache(*settings.cache)
    asking = Asking(relay, ledger, Calibration(settings.state_dir), cache)
    return Journey(settings, images=images, asking=asking, tell_paths=desktop)


def _is_offline(settings: Settings) -> bool:
    try:
        return endpoint(settings).offline
    except ConfigurationError:
        # Each call tells it: a server that does not start could tell nobody.
        return False
