"""The result of an extraction, from the rounds that it took."""

from collections.abc import Iterator

from grok_vision.answers import rounded
from grok_vision.results import Extraction, SchemaProblem
from grok_vision.schemas import Translation, pointer
from grok_vision.vision.call import Call
from grok_vision.vision.rounds import Rounds
from grok_vision.vision.wanted import Wanted

# A result must stay well under what hosts take; an answer so long has lost its way.
_LONGEST_RAW = 200_000
_MOST_PLACES = 5


def extraction(wanted: Wanted, rounds: Rounds) -> Extraction:
    """Return the best answer, what is wrong with it, and what all rounds used."""
    call, best = rounds.call, rounds.best
    answer = best.answer
    return Extraction(
        data=answer.value,
        valid=answer.is_valid,
        errors=[
            SchemaProblem(path=problem.path, message=problem.message) for problem in answer.problems
        ],
        attempts=rounds.attempts,
        raw=None if answer.is_valid else answer.text[:_LONGEST_RAW],
        truncated=answer.cut_off,
        finish_reason=best.completion.finish_reason or None,
        model=best.completion.model or call.choice.profile.name,
        provider=call.target.provider.name,
        usage=rounds.usage,
        images=call.sent,
        warnings=[
            *call.choice.warnings,
            *_of_schema(call, wanted, rounds.reader.translation),
            *rounds.warnings,
            *_of_numbers(answer.value),
            *_of_length(answer.text, answer.is_valid),
            *call.warnings,
        ],
    )


def _of_schema(call: Call, wanted: Wanted, translation: Translation) -> Iterator[str]:
    if call.target.offline:
        if wanted.prompt.strip() and wanted.preset != "checklist":
            yield "the offline engine follows no instructions: prompt was not used."
    elif not wanted.preset:
        # What a preset loses on its way is not for its caller to mend.
        yield from translation.warnings


def _of_numbers(value: object) -> Iterator[str]:
    places = [pointer(path) or "the root" for path in rounded(value)]  # type: ignore[arg-type]
    if places:
        told = ", ".join(places[:_MOST_PLACES]) + (
            " and more" if len(places) > _MOST_PLACES else ""
        )
        yield (
            f"the numbers at {told} have more digits than JavaScript keeps, so some hosts round "
            "them; ask for them as strings."
        )


def _of_length(text: str, is_valid: bool) -> Iterator[str]:
    if not is_valid and len(text) > _LONGEST_RAW:
        yield f"raw has the first {_LONGEST_RAW:,} of {len(text):,} characters."
