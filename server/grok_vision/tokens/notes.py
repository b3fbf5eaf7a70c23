"""What the reader of an estimate should know beside its figures."""

from collections.abc import Sequence
from dataclasses import replace

from grok_vision.providers import Choice, ModelProfile
from grok_vision.texts import shortened
from grok_vision.tokens.count import NOTHING, Correction
from grok_vision.tokens.measured import Measured, Reading

# From here on answers tell that a rule with evidence no longer holds.
_STRAYS = 0.1


def of_output(profile: ModelProfile, max_output_tokens: int) -> list[str]:
    """Return what is known of the answer's length that the figures do not tell."""
    told = []
    if profile.always_reasons:
        told.append(
            f"{shortened(profile.name)} reasons before every answer: that is output too, nothing "
            "bounds it, and these figures leave it out."
        )
    if profile.max_output is not None and max_output_tokens > profile.max_output:
        told.append(
            f"{shortened(profile.name)} writes {profile.max_output} tokens at most, and "
            f"max_output_tokens is {max_output_tokens}."
        )
    return told


def of_input(profile: ModelProfile, input_tokens: int) -> list[str]:
    """Say so where a request fits the window and is too long all the same."""
    if profile.max_input is None or input_tokens <= profile.max_input:
        return []
    return [
        f"{shortened(profile.name)} reads {profile.max_input} tokens at most: the rest of its "
        "window is for the answer."
    ]


def of_cost(choice: Choice) -> list[str]:
    """Say so where the cost is not known, or not sure."""
    where = choice.elsewhere or choice.provider.title
    if choice.prices_are_presumed:
        return [f"The prices are those of {choice.provider.title}: {shortened(where)} answers."]
    if choice.prices is not None:
        return []
    return [f"No price is known of {shortened(choice.profile.name)} at {shortened(where)}."]


def of_answers(
    reading: Reading, pictures: Sequence[Measured], expected: int, correction: Correction | None
) -> list[str]:
    """Say so where answers differ from a rule that they do not correct.

    `expected` are the tokens by the rule.
    """
    if correction is None:
        return []
    by_answers = replace(reading, choice=reading.choice.answering, correction=correction)
    seen = sum((by_answers.of(picture.sent) for picture in pictures), NOTHING).tokens
    if abs(seen - expected) <= _STRAYS * expected:
        return []
    answers = "one answer" if correction.answers == 1 else f"{correction.answers} answers"
    return [
        f"By {answers} of {shortened(by_answers.choice.profile.name)} to this server these "
        f"pictures would be {seen} tokens; the rule may no longer hold."
    ]
