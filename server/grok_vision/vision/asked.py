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
    "size": "the answer of {title} is longer than 8 MiB",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer, and what it used.

    Attributes:
        cached: Whether it was kept from an earlier call, so that nobody was asked.
        broken: What ended it before its end; empty where nothing did.
        warnings: What the caller should know besides.
    """

    completion: Completion
    used: Usage | None
    cached: bool
    broken: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def told_of_break(completion: Completion, provider: Provider) -> tuple[str, ...]:
    """Return why an answer ended before its end, and what that means."""
    if not completion.broken_off:
        return ()
    why = _BROKEN[completion.broken_off].format(title=provider.title)
    billed = " It may be billed in full." if provider.bills else ""
    return (f"{why}: this is what had come until then.{billed}",)


def told_of_bills(failed: Sequence[Attempt], provider: Provider) -> tuple[str, ...]:
    """Return what attempts that failed before an answer may cost."""
    billed = sum(attempt.may_be_billed for attempt in failed)
    if not billed or not provider.bills:
        return ()
    return (f"{provider.title} may bill {counted(billed, 'failed attempt')} besides.",)
