"""Jobs and results of batches, for tests."""

import json
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from grok_vision.batch import Job, Jobs, ToolName
from grok_vision.batch.lines import FileLines
from grok_vision.results import Description, Result, Usage

Line = Mapping[str, Any]


def text_of(*lines: object) -> str:
    """Return each as JSON on a line of its own; a text as it is."""
    told = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    return "".join(f"{line}\n" for line in told)


def jobs_of(
    *lines: object, tool: ToolName = "describe_image", defaults: Mapping[str, Any] | None = None
) -> Jobs:
    """Return the jobs of these lines."""
    return Jobs(tool, FileLines("jobs.jsonl", BytesIO(text_of(*lines).encode())), defaults or {})


def shots(count: int) -> list[Line]:
    """Return lines of jobs that differ by their picture."""
    return [{"image": f"{number}.png"} for number in range(count)]


def read(jobs: Jobs) -> list[Job]:
    """Return all jobs."""
    return list(jobs.read(jobs.keys()))


def described(text: str = "A picture.", cost_usd: float | None = 0.001) -> Result:
    """Return a result of describe_image."""
    usage = Usage(input_tokens=700, output_tokens=3, reasoning_tokens=4, cost_usd=cost_usd)
    return Description(text=text, images=[], model="grok-4.3", provider="xai", usage=usage)


def lines_in(path: Path) -> list[dict[str, Any]]:
    """Return the lines of a file, each of which has an end and is JSON."""
    lines = path.read_bytes().splitlines(keepends=True)
    assert all(line.endswith(b"\n") for line in lines)
    return [json.loads(line) for line in lines]
