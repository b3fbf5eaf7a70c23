"""From settings to the endpoint that answers, and from a model's name to what is known of it."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import SecretStr

from grok_vision.errors import ConfigurationError, ProviderError
from grok_vision.providers.choosing import choice_of, is_dead, no_model
from grok_vision.providers.everyone import BY_NAME
from grok_vision.providers.facts import Provider
from grok_vision.providers.known_models import Choice
from grok_vision.providers.offline import LOCAL
from grok_vision.providers.self_hosted import CUSTOM
from grok_vision.providers.xai import XAI
from grok_vision.settings import Settings, is_this_machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where requests go: the provider's facts with the settings applied."""

    provider: Provider
    base_url: str
    key: SecretStr | None
    key_variable: str
    default_model: str

    @property
    def elsewhere(self) -> str:
        """The host that the settings name in the provider's place; empty where there is none."""
        return host_of(self.provider, self.base_url)

    @property
    def host(self) -> str:
        """The host and port that requests go to."""
        return urlsplit(self.base_url).netloc

    @property
    def own_address(self) -> bool:
        """Whether the provider itself answers: elsewhere names of models are that host's affair."""
        return not self.elsewhere

    @property
    def offline(self) -> bool:
        """Whether the embedded engine answers, which follows no instructions."""
        return self.provider is LOCAL

    @property
    def on_this_machine(self) -> bool:
        """Whether requests stay on this machine, where no proxy has a part in them."""
        return is_this_machine(self.base_url)

    def choose(self, model: str = "") -> Choice:
        """Return the model that answers, `model` or the configured one where it is empty.

        An unknown name is not an error: the provider may know it.

        Raises:
            ProviderError: `model_not_found` for a name that is known to be dead.
            ConfigurationError: `bad_setting` where no model is configured at all.
        """
        name = model.strip() or self.default_model
        if not name:
            raise ConfigurationError("bad_setting", no_model(self.provider))
        if self.own_address and (dead := self.provider.retirement_of(name)):
            raise ProviderError("model_not_found", is_dead(name, dead))
        return choice_of(self.provider, name, elsewhere=self.elsewhere)


def host_of(provider: Provider, base_url: str | None) -> str:
    """Return the host that answers in the provider's place; empty where it does so itself."""
    if base_url is None or base_url == provider.base_url:
        return ""
    return urlsplit(base_url).netloc


def configured(settings: Settings) -> Provider:
    """Return the provider that the settings choose; no key is needed."""
    return BY_NAME[_provider_name(settings)]


def endpoint(settings: Settings) -> Endpoint:
    """Return the endpoint that the settings choose.

    Raises:
        ConfigurationError: `missing_key` where the named provider needs one; `bad_setting` where
            `custom` has no base URL, or a key would travel in clear text.
    """
    provider = BY_NAME[_provider_name(settings)]
    if provider is LOCAL:
        return _offline()
    base_url = settings.base_url or provider.base_url
    if base_url is None:
        raise ConfigurationError(
            "bad_setting",
            "GROK_VISION_PROVIDER=custom needs GROK_VISION_BASE_URL, such as https://host/v1.",
        )
    return Endpoint(
        provider=provider,
        base_url=base_url,
        key=_key(settings, provider, base_url),
        key_variable=_key_variable(settings, provider),
        default_model=settings.model or provider.default_model,
    )


def _offline() -> Endpoint:
    """Return the embedded engine's endpoint: another's address, key or model is nothing to it."""
    return Endpoint(
        provider=LOCAL,
        base_url=LOCAL.base_url or "",
        key=None,
        key_variable="",
        default_model=LOCAL.default_model,
    )


def _provider_name(settings: Settings) -> str:
    """Return who answers. A key for one provider never decides where the general key goes."""
    if settings.provider != "auto":
        return settings.provider
    if settings.xai_api_key:
        return XAI.name
    if settings.base_url:
        return CUSTOM.name
    if settings.api_key:
        return XAI.name
    for provider in BY_NAME.values():
        if provider.key_field and getattr(settings, provider.key_field):
            return provider.name
    return LOCAL.name


def _key(settings: Settings, provider: Provider, base_url: str) -> SecretStr | None:
    own: SecretStr | None = getattr(settings, provider.key_field) if provider.key_field else None
    key = settings.api_key or own
    if key is None and provider.key_field:
        raise ConfigurationError(
            "missing_key",
            f"{provider.title} needs a key; set {_key_variable(settings, provider)} in this "
            "server's environment.",
        )
    if key is not None and not base_url.startswith("https:") and not is_this_machine(base_url):
        raise ConfigurationError(
            "bad_setting",
            "GROK_VISION_BASE_URL must be https where a key is sent; http is for this machine, "
            "or for a server that needs no key.",
        )
    return key


def _key_variable(settings: Settings, provider: Provider) -> str:
    """Return the variable that the key comes from, or should come from."""
    general = settings.api_key is not None or provider.key_field is None
    return settings.variable("api_key" if general else str(provider.key_field))
