"""What came of asking a provider."""

from collections.abc import Sequence
from dataclasses import dataclass

from grok_vision.providers import Provider
from grok_vision.relay import Attempt, Broken, Completion
from grok_vision.results import Usage
from grok_vision.texts import counted

_BROKEN: dict[Broken, str] = {
    "provider": "{title} failed before the end of its answer",
    "connection": "the connection to {title} broke off before the end of the answer",
    "deadline": "the time of the call was over before the end of the answer (GROK_VISION_DEADLINE)",
    "size": "the answer of {title} is longer than any",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer, and what it used.

    Attributes:
        cached: Whether it was kept from an earlier call, so that nobody was asked.
        warnings: What the caller should know of how it came.
    """

    completion: Completion
    used: Usage | None
    cached: bool
    warnings: tuple[str, ...]


def warnings_of(
    completion: Completion, provider: Provider, attempts: Sequence[Attempt]
) -> tuple[str, ...]:
    """Return what is to be told of an answer that the last of the attempts brought."""
    told = []
    if completion.broken_off:
        why = _BROKEN[completion.broken_off].format(title=provider.title)
        told.append(f"{why}: this is what had come until then.")
    billed = sum(attempt.may_be_billed for attempt in attempts[:-1])
    if billed and provider.bills:
        told.append(f"{provider.title} may bill {counted(billed, 'failed attempt')} besides.")
    return tuple(told)
