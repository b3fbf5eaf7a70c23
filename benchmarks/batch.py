"""A batch that is killed three times against a provider that answers at once (Linux).

Run: python benchmarks/batch.py [--jobs 2000] [--lines 50000]

The provider is the stand-in of the tests in a thread of this process; 2 % of its answers fail and
are asked for again. Told are jobs a second with all starts in it, the requests beside what they may
be at most (jobs, faults, and the jobs in flight at each kill), and the peak of memory of a run that
has 500 jobs left of so many lines.

Exit code 1 where a job has not exactly one right answer, or there were more requests.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.fake_xai import FakeXAI
from tests.killed_batches import (
    AT_ONCE,
    environment,
    results,
    run,
    started,
    write_jobs,
)

LEFT = 500


def killed(jobs: int) -> bool:
    """Tells what came of a batch that was killed three times, and whether it was right."""
    with tempfile.TemporaryDirectory() as folder:
        report = run(Path(folder), jobs, kills=3)
    most = report.jobs + report.faults + report.kills * AT_ONCE
    print(f"{jobs:,} jobs, killed with {report.lines_at_kills} lines: {report.seconds:.1f} s,")
    print(f"  {jobs / report.seconds:.0f} jobs a second with all four starts;")
    print(f"  {report.requests:,} requests, at most {most:,} ({report.faults} faults);")
    wrong = report.torn + report.wrong + report.unanswered + report.twice
    print(f"  jobs without exactly one right answer: {wrong}")
    return report.code == 0 and not wrong and report.requests <= most


def peak(process: "subprocess.Popen[str]") -> int:
    """Waits for the end of a process; returns the peak of its memory in KiB."""
    found = 0
    while process.poll() is None:
        status = Path(f"/proc/{process.pid}/status").read_text("utf-8").splitlines()
        found = max([found, *(int(line.split()[1]) for line in status if "VmHWM" in line)])
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
    return found


def memory(count: int) -> None:
    """Tells the peak of memory where almost all jobs are done."""
    with tempfile.TemporaryDirectory() as name, FakeXAI().serve() as base_url:
        folder = Path(name)
        env = environment(folder, base_url)
        write_jobs(folder, 1)
        started(folder, env).communicate()
        [first] = results(folder)
        write_jobs(folder, count)
        with (folder / "results.jsonl").open("w", encoding="utf-8") as file:
            for number in range(count - LEFT):
                job = {**first["job"], "prompt": f"Question {number}?"}
                file.write(json.dumps({**first, "id": f"job-{number}", "job": job}) + "\n")
        with started(folder, env) as process:
            print(f"{count:,} lines, {LEFT} left: peak of memory {peak(process) / 1024:.0f} MiB")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=2000)
    parser.add_argument("--lines", type=int, default=50_000)
    arguments = parser.parse_args()
    right = killed(arguments.jobs)
    memory(arguments.jobs)
    memory(arguments.lines)
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
