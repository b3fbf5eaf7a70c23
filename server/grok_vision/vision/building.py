"""From settings to everything that calls share."""

from pathlib import Path

from grok_vision.errors import ConfigurationError
from grok_vision.images import Images, Policy, default_roots
from grok_vision.local import LocalTransport
from grok_vision.providers import endpoint
from grok_vision.relay import Ledger, Relay, Transport
from grok_vision.settings import Settings
from grok_vision.tokens import Calibration
from grok_vision.vision.asking import Asking
from grok_vision.vision.journey import Vision

# A host that does not deliver by then must not take the time that the provider needs.
_FETCH_SECONDS = 20.0


def build_vision(
    settings: Settings,
    *,
    any_file: bool = False,
    desktop: bool = True,
    transport: Transport | None = None,
    ledger: Ledger | None = None,
) -> Vision:
    """Build everything that calls share; nothing is opened before the first call.

    `any_file` lifts the roots: on the command line the person names the files. `desktop` opens
    `latest`, `clipboard` and the default roots, where nobody but the user of this machine can
    call. `transport` replaces the network on the way to the provider. `ledger` is that of the
    process, where several are built in it.

    Raises:
        ConfigurationError: `bad_setting`.
    """
    folders = readable_roots(settings, desktop=desktop)
    policy = Policy(
        roots=None if any_file else folders,
        searched=folders,
        allow_hosts=settings.allow_hosts,
        url_mode=settings.url_mode,
        desktop=desktop,
        max_bytes=settings.max_image_bytes,
        max_pixels=settings.max_pixels,
        fetch_deadline=min(settings.deadline / 2, _FETCH_SECONDS),
    )
    relay = Relay(
        concurrency=settings.concurrency,
        transport=LocalTransport() if _is_offline(settings) else transport,
    )
    asking = Asking(relay, ledger or Ledger(settings.max_usd), Calibration(settings.state_dir))
    return Vision(settings, images=Images(policy), asking=asking)


def readable_roots(settings: Settings, *, desktop: bool = True) -> tuple[Path, ...]:
    """Return the folders that tools may read; by default none where others can call."""
    if settings.roots is not None:
        return settings.roots
    return default_roots() if desktop else ()


def _is_offline(settings: Settings) -> bool:
    try:
        return endpoint(settings).offline
    except ConfigurationError:
        # Each call tells it: a server that does not start could tell nobody.
        return False
