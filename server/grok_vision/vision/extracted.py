"""The result of an extraction, from the rounds that it took."""

from collections.abc import Iterator

from grok_vision.answers import JsonAnswer, rounded
from grok_vision.results import Extraction, SchemaProblem
from grok_vision.schemas import Translation, pointer
from grok_vision.vision.call import Call
from grok_vision.vision.rounds import LONGEST_RAW, Rounds
from grok_vision.vision.wanted import Wanted

_LARGE = 500_000
_MOST_PLACES = 5
_SET_KEY = "Set XAI_API_KEY, or another provider, for an answer of one."
_OFFLINE = {
    "table": "the offline engine put the largest table together from where words stand, without "
    "its lines and colours: check it against the picture.",
    "checklist": 'the offline engine decides whether a text in quotes was read, as in "Save" is '
    "shown, and nothing else; small, slanted or covered text it may not have read.",
    "": "the offline engine reads text and measures pixels.",
}


def extraction(wanted: Wanted, rounds: Rounds) -> Extraction:
    """Return the best answer, what is wrong with it, and what all rounds used."""
    call, best = rounds.call, rounds.best
    answer = best.answer
    is_table = wanted.preset == "table" and answer.is_valid
    return Extraction(
        data=answer.value,
        valid=answer.is_valid,
        errors=[
            SchemaProblem(path=problem.path, message=problem.message) for problem in answer.problems
        ],
        attempts=rounds.attempts,
        raw=rounds.raw,
        truncated=answer.cut_off,
        cached=rounds.cached,
        finish_reason=best.completion.finish_reason or None,
        model=rounds.model,
        provider=call.target.provider.name,
        usage=rounds.usage,
        images=call.sent,
        warnings=[
            *call.choice.warnings,
            *_of_schema(call, wanted, rounds.reader.translation),
            *rounds.warnings,
            *(_of_table(answer.value) if is_table else ()),
            *_of_numbers(answer.value),
            *_of_length(answer),
            *call.warnings,
        ],
    )


def _of_schema(call: Call, wanted: Wanted, translation: Translation) -> Iterator[str]:
    if call.target.offline:
        yield from _of_offline(wanted)
    elif not wanted.preset:
        # What a preset loses on its way is not for its caller to mend.
        yield from translation.warnings


def _of_offline(wanted: Wanted) -> Iterator[str]:
    yield f"no vision model was asked: {_OFFLINE.get(wanted.preset, _OFFLINE[''])} {_SET_KEY}"
    if wanted.prompt.strip() and wanted.preset != "checklist":
        yield "the offline engine follows no instructions: prompt was not used."


def _of_table(value: object) -> Iterator[str]:
    """Tell of rows that have more or fewer cells than there are columns."""
    if not isinstance(value, dict):
        return
    columns = len(value["columns"])
    odd = [str(at) for at, row in enumerate(value["rows"]) if len(row) != columns]
    if odd:
        told = ", ".join(odd[:_MOST_PLACES]) + (" and more" if len(odd) > _MOST_PLACES else "")
        yield f"there are {columns} columns, and other numbers of cells in /rows/ {told}."


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


def _of_length(answer: JsonAnswer) -> Iterator[str]:
    length = len(answer.text)
    if not answer.is_valid and length > LONGEST_RAW:
        yield f"raw has the first {LONGEST_RAW:,} of {length:,} characters."
    if answer.is_json and length > _LARGE:
        yield f"the data has {length:,} characters: some hosts take no result so large."
