"""What has come of a batch, for programs and for people."""

from typing import Annotated, Self

from pydantic import Field

from grok_vision.batch.arguments import ToolName
from grok_vision.batch.tally import Tally
from grok_vision.results import Result


class Stopped(Result):
    """Why a batch ended before its last job."""

    code: Annotated[str, Field(description="The code of the error; disk where it is full.")]
    message: str


class Summary(Result):
    """What the results of a batch hold at its end."""

    tool: ToolName
    jobs: int
    done: Annotated[int, Field(description="Those with a result, of earlier runs too.")]
    failed: int
    failed_by_code: dict[str, int]
    not_begun: Annotated[int, Field(description="Those without a line in the results.")]
    invalid: Annotated[
        int | None, Field(description="Of those done: data that does not fit its schema.")
    ] = None
    other_results: Annotated[
        int | None, Field(description="Lines of what is not among these jobs.")
    ] = None
    cost_usd: Annotated[float, Field(description="Of all results.")]
    without_cost: Annotated[
        int | None, Field(description="How many of them do not tell what they cost.")
    ] = None
    input_tokens: int
    output_tokens: Annotated[int, Field(description="Those of reasoning included.")]
    ended_now: Annotated[int, Field(description="Jobs that got their line in this run.")]
    seconds: Annotated[float, Field(description="How long this run took.")]
    results: Annotated[str, Field(description="The file.")]
    stopped: Annotated[
        Stopped | None, Field(description="Why it ended early; absent where it did not.")
    ] = None

    @classmethod
    def of(
        cls,
        tool: ToolName,
        tally: Tally,
        *,
        results: str,
        ended: int,
        seconds: float,
        stopped: Stopped | None,
    ) -> Self:
        """Return the summary of what was counted."""
        return cls(
            tool=tool,
            jobs=tally.jobs,
            done=tally.done,
            failed=tally.failed.total(),
            failed_by_code=dict(tally.failed.most_common()),
            not_begun=tally.jobs - tally.ended,
            invalid=tally.invalid or None,
            other_results=tally.others or None,
            cost_usd=round(tally.cost_usd, 10),
            without_cost=tally.without_cost or None,
            input_tokens=tally.input_tokens,
            output_tokens=tally.output_tokens,
            ended_now=ended,
            seconds=round(seconds, 3),
            results=results,
            stopped=stopped,
        )
