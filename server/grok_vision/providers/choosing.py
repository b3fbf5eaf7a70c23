"""From a provider and a name to the model that answers."""

from grok_vision.providers.everyone import PROVIDERS
from grok_vision.providers.facts import Provider, Retired
from grok_vision.providers.known_models import Choice, profile_of, stand_in
from grok_vision.providers.offline import LOCAL
from grok_vision.providers.prices import Prices
from grok_vision.texts import shortened


def choice_of(provider: Provider, name: str, *, elsewhere: str) -> Choice:
    """Return the model that answers to a name at this provider, redirected where it is retired.

    `elsewhere` is the host where the settings name another base URL than the provider's.
    """
    if provider is LOCAL:
        return _only_one(provider, name)
    if not elsewhere and (redirect := provider.redirect_of(name)):
        profile = stand_in(provider, name, redirect)
        told = f"{name} is retired: {redirect.to} answers{_price(profile.prices)}."
        return Choice(provider, profile, (told,), redirected=redirect.to)
    return Choice(provider, profile_of(provider, name, PROVIDERS), elsewhere=elsewhere)


def _only_one(provider: Provider, name: str) -> Choice:
    """Return the one model of an engine that has no other."""
    (only,) = provider.models
    if name == only.name:
        return Choice(provider, only)
    told = f"{shortened(name)} was not asked: {only.name} answers offline."
    return Choice(provider, only, (told,))


def no_model(provider: Provider) -> str:
    """Return what to tell where no model is configured."""
    return f"{provider.title} has no default model; set GROK_VISION_MODEL or pass model."


def is_dead(name: str, dead: Retired) -> str:
    """Return what to tell of a model that no longer answers."""
    return f"{name} no longer answers ({dead.evidence.source}); use {dead.successor} instead."


def _price(prices: Prices | None) -> str:
    if prices is None:
        return " in its place"
    return (
        f" in its place, at ${prices.input:.2f} per million input tokens"
        f" and ${prices.output:.2f} per million output tokens"
    )
