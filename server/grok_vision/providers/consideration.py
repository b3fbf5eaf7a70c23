"""The model that a call would use, whether or not it could be made now."""

from dataclasses import replace

from grok_vision.errors import ConfigurationError
from grok_vision.providers.choosing import choice_of, is_dead, no_model
from grok_vision.providers.everyone import PROVIDERS
from grok_vision.providers.facts import ModelProfile, Provider
from grok_vision.providers.known_models import Choice
from grok_vision.providers.offline import LOCAL
from grok_vision.providers.registry import configured
from grok_vision.providers.xai import XAI
from grok_vision.settings import Settings
from grok_vision.texts import shortened


def considered(settings: Settings, model: str = "") -> Choice:
    """Return the model that a call would use, whether or not it could be made now.

    No key is needed. Where the configured provider does not know the model and another does, that
    one is meant; where nobody is configured and no model is named, it is xAI's.

    Raises:
        ConfigurationError: `bad_setting` where no model is configured at all.
    """
    ours = configured(settings)
    name = model.strip() or (settings.model if ours is not LOCAL else "")
    provider, told = _meant(settings, ours, name)
    own_address = provider is not ours or settings.base_url in {None, provider.base_url}
    name = name or provider.default_model
    if not name:
        raise ConfigurationError("bad_setting", no_model(provider))
    dead = provider.retired.get(name) if own_address else None
    if dead is None:
        choice = choice_of(provider, name, own_address=own_address)
        return replace(choice, warnings=(*told, *choice.warnings))
    profile = provider.known(name) or ModelProfile(name=name, evidence=dead.evidence)
    profile = replace(profile, name=name, tokens=dead.tokens or profile.tokens)
    return Choice(provider, profile, (*told, is_dead(name, dead)))


def _meant(settings: Settings, ours: Provider, name: str) -> tuple[Provider, tuple[str, ...]]:
    """Return who serves the model: the configured provider where it may, and what to tell else."""
    told: tuple[str, ...] = ()
    if ours is LOCAL and settings.provider == "auto":
        ours = XAI
        told = ("no key is configured: calls are answered offline, and cost nothing.",)
    # Where a table is empty, any name may be known.
    if not name or not ours.models or _knows(ours, name):
        return ours, told
    for other in PROVIDERS:
        if _knows(other, name):
            elsewhere = f"{ours.title} is configured and does not serve {shortened(name)}."
            return other, told or (elsewhere,)
    return ours, told


def _knows(provider: Provider, name: str) -> bool:
    return bool(provider.known(name) or name in provider.redirected or name in provider.retired)
