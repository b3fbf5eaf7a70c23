"""What has come of the jobs so far."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue


@dataclass(slots=True)
class Tally:
    """Counts of the lines of the results.

    Attributes:
        jobs: How many jobs there are.
        done: How many of them have a result, those of earlier runs included.
        invalid: How many of these hold data that does not fit its schema.
        failed: How many ended with an error, by its code.
        others: How many results are of jobs that are not among these.
        cost_usd: What all results cost, those of other jobs included.
        without_cost: How many results do not tell what they cost.
    """

    jobs: int
    done: int = 0
    invalid: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    others: int = 0
    cost_usd: float = 0.0
    without_cost: int = 0
    input_tokens: int = 0
    output_tokens: int = 0

    @property
    def ended(self) -> int:
        """How many jobs have a line."""
        return self.done + self.failed.total()

    def add(self, line: Mapping[str, JsonValue]) -> None:
        """Count the line of a job, as it is in the results."""
        result, error = line.get("result"), line.get("error")
        if isinstance(error, dict):
            self.failed[str(error.get("code"))] += 1
        elif isinstance(result, dict):
            self.done += 1
            self.invalid += result.get("valid") is False
            self._add_usage(result)

    def add_other(self, line: Mapping[str, JsonValue]) -> None:
        """Count a line of a job that is not among these."""
        self.others += 1
        if isinstance(result := line.get("result"), dict):
            self._add_usage(result)

    def _add_usage(self, result: Mapping[str, JsonValue]) -> None:
        usage = result.get("usage")
        used = usage if isinstance(usage, dict) else {}
        cost = _figure(used.get("cost_usd"))
        self.cost_usd += cost or 0.0
        # Where no model was asked, nothing was paid.
        self.without_cost += cost is None and "model" in result
        self.input_tokens += int(_figure(used.get("input_tokens")) or 0)
        for name in ("output_tokens", "reasoning_tokens"):
            self.output_tokens += int(_figure(used.get(name)) or 0)


def _figure(value: JsonValue) -> float | None:
    return value if isinstance(value, int | float) else None
