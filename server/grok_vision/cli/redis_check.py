"""What `doctor` looks at of the Redis that processes share."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from grok_vision.cli.checks import Check, failed, passed
from grok_vision.errors import ConfigurationError
from grok_vision.settings import Settings
from grok_vision.shared import Shared, UnavailableError
from grok_vision.vision import State

_KEEPS = "noeviction"


def told(settings: Settings) -> str:
    """Return where processes share what they know, without user and password."""
    if settings.redis_url is None:
        return "nothing: this process is by itself"
    parts = urlsplit(settings.redis_url.get_secret_value())
    where = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    return f"through {where}, keys {settings.redis_prefix}:…"


async def redis(settings: Settings) -> list[Check]:
    """Ask Redis what it is and whether it keeps what it is given; nothing where none is set."""
    try:
        shared = State(settings).shared
        return [] if shared is None else [await _asked(shared, settings)]
    except ConfigurationError as error:
        return [failed("redis", str(error))]


async def _asked(shared: Shared, settings: Settings) -> Check:
    try:
        await shared.call(lambda client: client.ping())
        info = await _info(shared)
    except UnavailableError as error:
        return failed("redis", f"{error} (GROK_VISION_REDIS_URL)")
    finally:
        await shared.aclose()
    if info is None:
        return passed("redis", "answers, and does not let our user see its version and settings")
    version = f"Redis {info.get('redis_version', 'of an unknown version')} answers"
    doubts = _doubts(info) if settings.max_usd is not None else []
    return passed("redis", "; ".join([version, *doubts]))


async def _info(shared: Shared) -> Mapping[str, object] | None:
    """Return what Redis tells of itself; None where our user may not ask, which calls never do."""
    try:
        return await shared.call(lambda client: client.info())
    except UnavailableError:
        return None


def _doubts(info: Mapping[str, object]) -> list[str]:
    """Return what may make it forget what was spent."""
    doubts = []
    policy = info.get("maxmemory_policy", _KEEPS)
    if policy != _KEEPS:
        doubts.append(f"its maxmemory-policy {policy} may forget what was spent: set {_KEEPS}")
    if not info.get("aof_enabled"):
        doubts.append("without appendonly, a crash of it may forget what was spent last")
    return doubts
