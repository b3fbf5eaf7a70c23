"""Kills batches, goes on with them, and tells what came of their jobs and what was paid.

Usage: python -m tests.killed_batches FOLDER JOBS KILLS

Prints one JSON object. The provider is the stand-in, which fails in 2 % of its answers.
"""

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.commands import COMMAND
from tests.fake_xai import FakeXAI, Recorded, Response
from tests.support import encoded, quadrants

FAULTS = (500, 502, 503, 429)
SHARE = 0.02
CONCURRENCY = 4
# As many jobs are begun at once: those that are asked, and half as many that are prepared.
AT_ONCE = CONCURRENCY + CONCURRENCY // 2


@dataclass
class Report:
    """What was found: the last four should be zero or empty."""

    jobs: int
    requests: int = 0
    faults: int = 0
    kills: int = 0
    lines_at_kills: list[int] = field(default_factory=list)
    seconds: float = 0.0
    code: int = -1
    torn: int = 0
    wrong: int = 0
    unanswered: int = 0
    twice: int = 0


class Provider:
    """Answers with the question, fails now and then, and says when so many requests have come."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._chance = random.Random(7)
        self._until = 0
        self._reached = threading.Event()

    def answer(self, request: Recorded) -> str | Response:
        self._report.requests += 1
        if self._report.requests >= self._until:
            self._reached.set()
        if self._chance.random() < SHARE:
            self._report.faults += 1
            return Response(self._chance.choice(FAULTS), b"{}", {})
        return request.texts[-1]

    def wait_for(self, requests: int) -> None:
        """Wait until so many requests have come in all."""
        self._until = requests
        self._reached.clear()
        if not self._reached.wait(120):
            raise TimeoutError(f"{self._report.requests} requests came")


def write_jobs(folder: Path, count: int) -> Path:
    (folder / "shot.png").write_bytes(encoded(quadrants(), "PNG"))
    jobs = folder / "jobs.jsonl"
    with jobs.open("w", encoding="utf-8") as file:
        for number in range(count):
            job = {"id": f"job-{number}", "image": "shot.png", "prompt": f"Question {number}?"}
            file.write(json.dumps(job) + "\n")
    return jobs


def environment(folder: Path, base_url: str) -> dict[str, str]:
    # Coverage in the processes would itself write files.
    kept = {name: value for name, value in os.environ.items() if "COVERAGE" not in name}
    return kept | {
        "XAI_API_KEY": "test",
        "GROK_VISION_BASE_URL": base_url,
        "GROK_VISION_CONCURRENCY": str(CONCURRENCY),
        "GROK_VISION_STATE_DIR": str(folder / "state"),
        "GROK_VISION_LOG_LEVEL": "ERROR",
    }


def started(folder: Path, env: dict[str, str]) -> "subprocess.Popen[str]":
    command = [*COMMAND, "describe", "--batch", "jobs.jsonl", "--out", "results.jsonl", "--json"]
    return subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.PIPE, text=True)


def results(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of the results, each of which must be JSON with an end."""
    path = folder / "results.jsonl"
    if path.exists():
        for line in path.read_bytes().splitlines(keepends=True):
            if not line.endswith(b"\n"):
                raise ValueError("the last line has no end")
            yield json.loads(line)


def run(folder: Path, jobs: int, kills: int) -> Report:
    report = Report(jobs)
    provider = Provider(report)
    chance = random.Random()
    write_jobs(folder, jobs)
    with FakeXAI(answer=provider.answer).serve() as base_url:
        env = environment(folder, base_url)
        begun = time.monotonic()
        for number in range(kills):
            process = started(folder, env)
            part = jobs / (kills + 1)
            provider.wait_for(round(part * (number + chance.uniform(0.2, 1.0))))
            process.kill()
            process.communicate()
            report.kills += 1
            try:
                report.lines_at_kills.append(sum(1 for _ in results(folder)))
            except ValueError:
                report.torn += 1
        last = started(folder, env)
        last.communicate()
        report.seconds = round(time.monotonic() - begun, 2)
        report.code = last.returncode
    _look(folder, report)
    return report


def _look(folder: Path, report: Report) -> None:
    answered = Counter[str]()
    for line in results(folder):
        answered[line["id"]] += 1
        number = line["id"].removeprefix("job-")
        report.wrong += not line.get("result", {}).get("text", "").endswith(f"Question {number}?")
    report.unanswered = report.jobs - len(answered)
    report.twice = answered.total() - len(answered)


def main(folder: Path, jobs: int, kills: int) -> None:
    sys.stdout.write(json.dumps(asdict(run(folder, jobs, kills))) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
