"""The result of a comparison, from what was measured and what a model said."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import get_args

from grok_vision.results import Comparison, PixelDifference, SentImage, Verdict
from grok_vision.vision.comparing import Comparing
from grok_vision.vision.figures import shift_told, summary
from grok_vision.vision.measuring import Seen
from grok_vision.vision.outcome import Outcome
from grok_vision.vision.rounds import Rounds
from grok_vision.vision.seen import Said, said

_OFFLINE = (
    "no vision model was asked: the offline engine read the text in what changed, and severity is "
    "set by rule (major where text changed). Set XAI_API_KEY, or another provider, for an "
    "answer of one."
)
_SEVERITY: tuple[Verdict, ...] = get_args(Verdict)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came of asking a model."""

    rounds: Rounds
    said: Said | None


def outcome(comparing: Comparing, *, tell_paths: bool) -> Outcome:
    """Return what came of a comparison that was measured.

    `tell_paths` says whether paths of this machine are of use to the caller.
    """
    sizes = [one.size for one in _seen(comparing)]
    paths = {one.image: one.path for one in comparing.drawings} if tell_paths else {}
    pixels = [
        one.difference.model_copy(update={"diff_path": str(path)}) if path else one.difference
        for one in comparing.measured
        for path in (paths.get(one.difference.image),)
    ]
    return Outcome(_comparison(comparing, pixels), comparing.drawings, comparing.opened, sizes)


def _comparison(comparing: Comparing, pixels: Sequence[PixelDifference]) -> Comparison:
    answer = _answer(comparing, pixels)
    told = answer.said if answer else None
    result = Comparison(
        verdict=max((one.verdict for one in pixels), key=_SEVERITY.index),
        summary=(told and told.summary) or summary(pixels),
        differences=list(told.differences) if told else [],
        pixels=list(pixels),
        images=_images(comparing),
        warnings=list(dict.fromkeys(_warnings(comparing, pixels, answer))),
    )
    return _with_answer(result, answer) if answer else result


def _answer(comparing: Comparing, pixels: Sequence[PixelDifference]) -> _Answer | None:
    rounds, shown = comparing.rounds, comparing.shown
    if rounds is None or shown is None or not rounds.answers:
        return None
    best = rounds.best.answer
    return _Answer(rounds, said(best.value, pixels, shown.closeups) if best.is_valid else None)


def _with_answer(result: Comparison, answer: _Answer) -> Comparison:
    rounds = answer.rounds
    best = rounds.best
    return result.model_copy(
        update={
            "raw": rounds.raw,
            "truncated": best.answer.cut_off,
            "cached": rounds.cached,
            "finish_reason": best.completion.finish_reason or None,
            "model": rounds.model,
            "provider": rounds.call.target.provider.name,
            "usage": rounds.usage,
        }
    )


def _images(comparing: Comparing) -> list[SentImage]:
    if comparing.shown is not None and comparing.rounds is not None and comparing.rounds.answers:
        return list(comparing.shown.images)
    return [one.report for one in _seen(comparing)]


def _seen(comparing: Comparing) -> list[Seen]:
    first = [comparing.reference] if comparing.reference else []
    return [*first, *(one.seen for one in comparing.measured)]


def _warnings(
    comparing: Comparing, pixels: Sequence[PixelDifference], answer: _Answer | None
) -> Iterator[str]:
    if answer:
        if answer.rounds.call.target.offline:
            yield _OFFLINE
        yield from answer.rounds.call.choice.warnings
        yield from answer.rounds.warnings
        if answer.said:
            # The engine claims nothing that it did not read.
            yield from () if answer.rounds.call.target.offline else answer.said.warnings
        else:
            problem = answer.rounds.best.answer.problems[0]
            yield f"the model's answer could not be read: {problem.message}; raw has it."
    yield from comparing.warnings
    if comparing.question.mode == "pixels" and comparing.question.prompt.strip():
        yield "mode=pixels asks no model: prompt was not used."
    yield from _of_pixels(comparing, pixels)
    for number, seen in enumerate(_seen(comparing), 1):
        yield from (f"image {number}: {warning}" for warning in seen.warnings)
    if answer:
        for number, picture in enumerate(answer.rounds.call.prepared, 1):
            yield from (f"image {number}: {warning}" for warning in picture.warnings)


def _of_pixels(comparing: Comparing, pixels: Sequence[PixelDifference]) -> Iterator[str]:
    for number, seen in enumerate(_seen(comparing), 1):
        if seen.scale != 1:
            yield (
                f"image {number} is a drawing, and was compared as drawn in {_sides(seen)} pixels: "
                "places are told in these."
            )
    reference, *others = _seen(comparing)
    for seen, one in zip(others, pixels, strict=True):
        if one.scale is not None:
            yield (
                f"image {one.image} is like the reference at {one.scale:g} times its size, and was "
                "not compared pixel by pixel: take both at one scale for that."
            )
        elif not one.same_size:
            yield (
                f"image {one.image} is {_sides(seen)} and the reference {_sides(reference)}: "
                "nothing was resized, and what only one of them shows counts as changed."
            )
        if shift := one.shift:
            yield f"in image {one.image} {shift_told(shift)}."
        if one.verdict == "different" and (reference.transparent or seen.transparent):
            yield (
                f"image {one.image} or the reference is transparent in places: pixels were "
                "compared on a chequered ground, and a model sees them on white."
            )


def _sides(seen: Seen) -> str:
    return f"{seen.size[0]}x{seen.size[1]}"
