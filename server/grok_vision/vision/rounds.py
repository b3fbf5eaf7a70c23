"""The rounds of one extraction: a question, and another where the answer does not do."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from anyio import to_thread

from grok_vision.answers import JsonAnswer, JsonReader, check_said, check_seen, is_filtered
from grok_vision.chat import REST_WORDS, ChatRequest, continued, repair_words
from grok_vision.errors import VisionError
from grok_vision.relay import Completion
from grok_vision.results import Usage
from grok_vision.vision.asked import Asked
from grok_vision.vision.asking import Asking
from grok_vision.vision.call import Call
from grok_vision.vision.expectation import Expectation

LONGEST_RAW = 50_000
"""What is told of an answer as it came: a longer one has lost its way, and hosts take no more."""
_REST = "\n[when the rest was asked for:]\n"


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
        attempts: How many times the model was asked.
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
        self._reported: list[tuple[str, Expectation, Usage | None]] = []
        self._unbilled = 0
        # Whether it may not be what the pictures show.
        self._doubtful = False
        self.attempts = 0
        self.answers: list[Round] = []
        self.warnings: list[str] = []

    async def ask(self) -> None:
        """Ask, and once more where the answer does not do.

        Raises:
            VisionError: the round that was going on failed; `answers` holds those before it.
        """
        first = await self._answer(self._request)
        self.answers.append(first)
        if first.answer.is_valid or not self._may_be_mended(first.completion):
            return
        if first.answer.cut_off:
            await self._ask_for_the_rest(first)
        else:
            await self._ask_for_a_better_one(first)

    async def learn(self) -> None:
        """Keep the answer if it does, and hold what was reported against the rules of models."""
        if self.answers and self.best.answer.is_valid and not (self.cached or self._doubtful):
            # Also one that took two rounds: the first question has it the next time.
            kept = replace(self.best.completion, text=self.best.answer.text)
            await self._asking.keep(self.call, self._request, kept)
        for model, expected, used in self._reported:
            await self._asking.learn(self.call.choice.answered_by(model), expected, used)

    def failed(self, error: VisionError) -> None:
        """Note why a further round brought nothing."""
        # A round that was answered may fail, too, when it is read.
        if self.attempts > len(self._reported):
            self.attempts -= error.unsent
            self._unbilled += error.unbilled and not error.unsent
        self.warnings.append(f"asking once more, for an answer that fits, failed: {error}")

    @property
    def best(self) -> Round:
        """The answer that is of most use; of two that are alike the later one.

        One that lost half of what the other had is none, unless it is valid.
        """
        best = self.answers[0]
        for later in self.answers[1:]:
            is_whole = 2 * len(later.answer.text) >= len(best.answer.text)
            if later.answer.is_valid or (is_whole and later.answer.rank <= best.answer.rank):
                best = later
        return best

    @property
    def model(self) -> str:
        """The model that gave the best answer, as it names itself."""
        return self.best.completion.model or self.call.choice.profile.name

    @property
    def raw(self) -> str | None:
        """The best answer as it came, only where it is not valid."""
        answer = self.best.answer
        return None if answer.is_valid else answer.text[:LONGEST_RAW]

    @property
    def usage(self) -> Usage | None:
        """What all rounds used; the cost only where every one of them told it."""
        told = [used for _, _, used in self._reported]
        total = _sum([used for used in told if used is not None])
        are_told = len(told) + self._unbilled == self.attempts and None not in told
        if total is None or self.cached or are_told:
            return total
        return total.model_copy(update={"cost_usd": None, "cost_source": None})

    @property
    def cached(self) -> bool:
        """Whether the answer was kept from an earlier call, so that nobody was asked."""
        return bool(self.answers) and self.attempts == 0

    def _may_be_mended(self, completion: Completion) -> bool:
        """Tell whether asking again may help: not an engine, a filter, or one that declined.

        Nor is there time for it where the time of the call ended the answer.
        """
        declined = completion.refusal or is_filtered(completion)
        late = completion.broken_off == "deadline"
        return not (self.call.target.offline or declined or late)

    async def _ask_for_a_better_one(self, first: Round) -> None:
        places = [
            (f"{first.answer.within}{problem.path}", problem.message)
            for problem in first.answer.problems
        ]
        problems = [f"at {place}: {told}" if place else told for place, told in places]
        again = continued(self._request, first.completion.text, repair_words(problems))
        self.call.watch.stage("asking once more, for an answer that fits")
        self.answers.append(await self._answer(again))

    async def _ask_for_the_rest(self, first: Round) -> None:
        self.call.watch.stage("asking for the rest of the answer")
        # A schema would have it begin anew.
        asked = await self._completion(
            continued(self._request, first.completion.text, REST_WORDS, free=True)
        )
        completion = asked.completion
        self.warnings += asked.broken
        self._doubtful = True
        joined = await to_thread.run_sync(self.reader.joined, first.answer, completion)
        if joined is None:
            self.warnings.append(
                "the answer was cut off, and it is not sure how it goes on with what came when its "
                "rest was asked for; ask for less in one call."
            )
            both = f"{first.answer.text}{_REST}{completion.text}"
            self.answers[-1] = replace(first, answer=replace(first.answer, text=both))
            return
        self.warnings.append(
            "the answer was cut off, and its rest was asked for: look where they join."
        )
        self.answers.append(Round(completion, joined))

    async def _answer(self, request: ChatRequest) -> Round:
        asked = await self._completion(request)
        # Not on the event loop: an answer may be large, and of many mistakes. And to its end: it
        # was paid for.
        answer = await to_thread.run_sync(self.reader.read, asked.completion)
        self.warnings += asked.broken if answer.cut_off else ()
        return Round(asked.completion, answer)

    async def _completion(self, request: ChatRequest) -> Asked:
        expected = self.call.expect(request)
        target = self.call.target
        self.attempts += 1
        asked = await self._asking.ask(self.call, request, expected)
        completion = asked.completion
        self.attempts -= asked.cached
        self._reported.append((completion.model, expected, asked.used))
        check_said(completion, provider=target.provider.title)
        unseen = check_seen(asked.used, target.provider)
        self._doubtful = self._doubtful or bool(unseen)
        told = (*asked.warnings, *unseen)
        self.warnings += [warning for warning in told if warning not in self.warnings]
        return asked


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
