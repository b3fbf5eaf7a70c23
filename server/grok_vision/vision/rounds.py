"""The rounds of one extraction: a question, and another where the answer does not do."""

from collections.abc import Sequence
from dataclasses import dataclass

from grok_vision.answers import JsonAnswer, JsonReader, check_said, check_seen
from grok_vision.chat import REST_WORDS, ChatRequest, continued, repair_words
from grok_vision.errors import AnswerError, ProviderError, VisionError
from grok_vision.relay import Completion
from grok_vision.results import Usage
from grok_vision.vision.asking import Asking
from grok_vision.vision.call import Call

_FILTERED = "content_filter"


@dataclass(frozen=True, slots=True)
class Round:
    """One answer: what came back, and how it reads."""

    completion: Completion
    answer: JsonAnswer


class Rounds:
    """One extraction. What was answered holds also where a further round fails or is cut short.

    Attributes:
        call: Who is asked, with which pictures.
        reader: Reads the answers.
        answers: What was answered so far, in order.
        warnings: What the caller should know of it.
    """

    def __init__(
        self, asking: Asking, call: Call, request: ChatRequest, reader: JsonReader
    ) -> None:
        self._asking = asking
        self.call = call
        self._request = request
        self.reader = reader
        self._used: list[Usage | None] = []
        self._failed: VisionError | None = None
        self.answers: list[Round] = []
        self.warnings: list[str] = []

    async def ask(self) -> None:
        """Ask, and once more where the answer does not do.

        Raises:
            VisionError: the round that was going on failed; `answers` holds those before it.
        """
        completion = await self._completion(self._request)
        self.warnings += check_seen(self._used[-1], self.call.target.provider)
        first = Round(completion, self.reader.read(completion))
        self.answers.append(first)
        if first.answer.is_valid or not self._may_be_mended(completion):
            return
        if first.answer.cut_off:
            await self._ask_for_the_rest(first)
        else:
            await self._ask_for_a_better_one(first)

    def failed(self, error: VisionError) -> None:
        """Note why a further round brought nothing."""
        self._failed = error
        self.warnings.append(f"asking once more, for an answer that fits, failed: {error}")

    @property
    def best(self) -> Round:
        """The answer that is of most use; of two that are alike the later one."""
        best = self.answers[0]
        for later in self.answers[1:]:
            if not best.answer.is_better_than(later.answer):
                best = later
        return best

    @property
    def attempts(self) -> int:
        """How many times the model was asked."""
        asked_in_vain = isinstance(self._failed, ProviderError | AnswerError)
        return max(len(self._used), len(self.answers) + asked_in_vain)

    @property
    def usage(self) -> Usage | None:
        """What all rounds used, as far as every one of them told."""
        return _sum([used for used in self._used if used is not None])

    def _may_be_mended(self, completion: Completion) -> bool:
        """Tell whether asking again may help: not an engine, a filter, or one that declined."""
        is_filtered = completion.finish_reason == _FILTERED
        return not (self.call.target.offline or completion.refusal or is_filtered)

    async def _ask_for_a_better_one(self, first: Round) -> None:
        places = [
            (f"{first.answer.within}{problem.path}", problem.message)
            for problem in first.answer.problems
        ]
        problems = [f"at {place}: {told}" if place else told for place, told in places]
        completion = await self._completion(
            continued(self._request, first.completion.text, repair_words(problems))
        )
        self.answers.append(Round(completion, self.reader.read(completion)))

    async def _ask_for_the_rest(self, first: Round) -> None:
        # A schema would have it begin anew.
        completion = await self._completion(
            continued(self._request, first.completion.text, REST_WORDS, free=True)
        )
        joined = self.reader.joined(first.answer, completion)
        if joined is None:
            self.warnings.append(
                "the answer was cut off, and what came when its rest was asked for does not join; "
                "ask for less, or raise the limit of the model's answers."
            )
            return
        self.warnings.append(
            "the answer was cut off, and its rest was asked for: look where they join."
        )
        self.answers.append(Round(completion, joined))

    async def _completion(self, request: ChatRequest) -> Completion:
        expected = self.call.expect(request)
        completion, used = await self._asking.ask(
            self.call.target, self.call.choice, request, expected
        )
        self._used.append(used)
        await self._asking.learn(self.call.choice.answered_by(completion.model), expected, used)
        check_said(completion, provider=self.call.target.provider.title)
        return completion


def _sum(told: Sequence[Usage]) -> Usage | None:
    if len(told) < 2:
        return told[0] if told else None
    counts = {
        name: sum(values)
        for name in Usage.model_fields
        if name != "cost_source" and None not in (values := [getattr(used, name) for used in told])
    }
    sources = {used.cost_source for used in told}
    source = "reported" if sources == {"reported"} else "computed"
    return Usage(**counts, cost_source=source if "cost_usd" in counts else None)
