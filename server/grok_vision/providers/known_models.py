"""What is known of a model by its name, whoever serves it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from grok_vision.providers.evidence import Evidence
from grok_vision.providers.facts import ImageLimits, ModelProfile, Provider
from grok_vision.providers.families import FAMILIES, REMAINING
from grok_vision.providers.token_rules import TokenRule

_UNKNOWN = Evidence("assumed", "the model is not in the table", "2026-11-20")


@dataclass(frozen=True, slots=True)
class Choice:
    """The model that a call will use, and what its caller should know about that.

    `elsewhere` is the host where the settings name another base URL than the provider's, and
    `redirected` tells that another model answers to the name.
    """

    provider: Provider
    profile: ModelProfile
    warnings: tuple[str, ...] = ()
    elsewhere: str = ""
    redirected: bool = False

    @property
    def served_by(self) -> str:
        """Who serves the model: another host may count otherwise than the provider does."""
        return f"{self.provider.name} at {self.elsewhere}" if self.elsewhere else self.provider.name

    @property
    def known_as(self) -> str:
        """The model's own name, where it was asked for by an alias."""
        known = self.provider.known(self.profile.name)
        return known.name if known else self.profile.name

    @property
    def fetches_urls(self) -> bool:
        """Whether pictures may be sent as URLs.

        Not through another base URL: who fetches there, and from which network, is not known.
        """
        return not self.elsewhere and self.provider.fetches_urls

    @property
    def may_be_listed(self) -> bool:
        """Whether the price that others list for the provider is that of this model."""
        return not self.elsewhere and self.provider.bills

    def answered_by(self, model: str) -> "Choice | None":
        """Return the model that gave an answer which names `model`; None where that is unclear."""
        if known := self.provider.known(model):
            return Choice(self.provider, known, elsewhere=self.elsewhere)
        return None if self.redirected else self

    @property
    def tokens(self) -> TokenRule:
        """The rule by which the model counts the tokens of a picture."""
        return self.profile.tokens or self.provider.tokens

    @property
    def images(self) -> ImageLimits:
        """The provider's limits, with the sizes that this model can use."""
        provider = self.provider
        return replace(provider.images, fits=self.tokens.fits, taken_by=provider.title)


def profile_of(provider: Provider, name: str, others: Sequence[Provider] = ()) -> ModelProfile:
    """Return what is known of a model that `provider` serves, under the name that was asked for.

    An alias goes on the wire as it is: a relay may know no other name. A model that the provider's
    own table does not hold has the window, the token rule and the habit with system messages of its
    like in the open families and among `others`, never their prices or parameters: those are its
    server's affair.
    """
    if own := provider.known(name):
        return replace(own, name=name)
    profile = ModelProfile(name=name, evidence=_UNKNOWN)
    for like in _likes(name, others):
        return replace(
            profile,
            tokens=like.tokens,
            context_window=like.context_window,
            system_message=like.system_message,
        )
    return profile


def _likes(name: str, others: Sequence[Provider]) -> Iterator[ModelProfile]:
    bare = name.rpartition("/")[2]
    # Families first: another host of an open model may count by a rule of its own, as Groq does.
    yield from (family for family in FAMILIES if family.is_of_family(bare))
    for spelled in dict.fromkeys((name, bare)):
        for provider in others:
            if known := provider.known(spelled):
                yield replace(known, tokens=known.tokens or provider.tokens)
            elif redirect := provider.redirected.get(spelled):
                yield ModelProfile(name=name, tokens=redirect.tokens, evidence=redirect.evidence)
    yield from (family for family in REMAINING if family.is_of_family(bare))
