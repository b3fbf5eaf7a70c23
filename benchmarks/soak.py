"""Agents that call one stdio server for minutes: answers, memory and speed (Linux).

Run: python benchmarks/soak.py [--seconds 300] [--agents 16] [--faults 0.01] [--deadline 8]

One host: a client with one real server process, through which all agents call at once, each waiting
for its answer. The provider runs in a process of its own on the loopback, takes 50 to 300 ms, and
of its answers some fail in ways that pass: 503, 429, a reset, a stream that breaks off, one that
pauses for 2 s, one that never goes on. Pictures carry numbers and prompts carry marks: an answer
tells both, so that one that belongs to another call is found.

Exit code 1 where an answer was wrong, or the server's memory grew by more than 5 % after the first
minute.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import anyio
import soak_calls
from mcp import Client
from provider import counts, providing
from watched import Sample, Watched, slope

_MOST_GROWTH = 0.05
_WARM_SECONDS = 60.0
_SHOWN = 5
_REST_SECONDS = 12.0


class Soak:
    """What was seen of the calls and of the process."""

    def __init__(self, watched: Watched) -> None:
        self.watched = watched
        self.ended: list[soak_calls.Ended] = []
        self.samples: list[Sample] = []
        self.states: list[tuple[Sample, dict[str, Any]]] = []

    async def sample(self) -> None:
        """Looks at the process every second."""
        while True:
            self.samples.append(self.watched.sample())
            await anyio.sleep(1)

    async def work(self, agent: soak_calls.Agent, until: float) -> None:
        """Lets an agent call until then."""
        while time.monotonic() < until:
            self.ended.append(await agent.call())

    async def look(self) -> None:
        """Looks into the process while nothing is asked of it."""
        await anyio.sleep(1)
        inside = await self.watched.inside()
        self.states.append((self.watched.sample(), inside))


async def run(soak: Soak, pictures: list[soak_calls.Pictures], seconds: float) -> None:
    with soak.watched.log.open("w") as errors:
        async with Client(soak.watched.transport(errors), mode="legacy") as client:
            agents = [soak_calls.Agent(client, it, seed) for seed, it in enumerate(pictures)]
            for name in agents[0].names:  # loads what first calls load
                await agents[0].call(name)
            await soak.look()
            until = time.monotonic() + seconds
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(soak.sample)
                async with anyio.create_task_group() as working:
                    for agent in agents:
                        working.start_soon(soak.work, agent, until)
                tasks.cancel_scope.cancel()
            # Threads that idle end after a while, with the next that is needed.
            await anyio.sleep(_REST_SECONDS)
            for name in agents[0].names:
                await agents[0].call(name)
            await soak.look()


def report(soak: Soak, seconds: float, provider: dict[str, int]) -> bool:
    """Prints what was seen, and tells whether it is as wanted."""
    print(f"{'call':28}{'calls':>7}{'p50 ms':>9}{'p95 ms':>9}  ended")
    for tool in sorted({it.tool for it in soak.ended}):
        of_tool = [it for it in soak.ended if it.tool == tool]
        took = sorted(it.seconds * 1000 for it in of_tool)
        ends = ", ".join(f"{how} {n}" for how, n in Counter(it.how for it in of_tool).most_common())
        p95 = took[int(len(took) * 0.95)]
        print(f"{tool:28}{len(took):7}{statistics.median(took):9.1f}{p95:9.1f}  {ends}")
    all_ends = Counter(it.how for it in soak.ended)
    print(f"all: {dict(all_ends.most_common())}, {len(soak.ended) / seconds:.1f} calls/s")
    print(f"provider: {provider}")
    wrong = [it for it in soak.ended if it.how == soak_calls.WRONG]
    for it in wrong[:_SHOWN]:
        print(f"WRONG {it.tool}: {it.told[:600]}")
    log = soak.watched.log.read_text().splitlines()
    worse = [line for line in log if "ERROR" in line or "Traceback" in line]
    print(f"log: {len(log)} lines, of errors {len(worse)}", *worse[:_SHOWN], sep="\n  ")
    grown = _memory(soak.samples, seconds)
    _states(soak.states)
    return not wrong and grown <= _MOST_GROWTH


def _memory(samples: list[Sample], seconds: float) -> float:
    """Prints how memory went, and returns by which part it grew after the warm-up."""
    warm = min(_WARM_SECONDS, seconds / 3)
    after = [it for it in samples if it.at >= samples[0].at + warm]
    minute = min(60.0, (seconds - warm) / 2)
    first = [it.rss for it in after if it.at < after[0].at + minute]
    last = [it.rss for it in after if it.at >= after[-1].at - minute]
    before, now = statistics.median(first), statistics.median(last)
    print(
        f"RSS after {warm:.0f} s: {slope(after):+.0f} KiB/min; median of the first {minute:.0f} s "
        f"{before / 1024:.1f} MiB, of the last {now / 1024:.1f} MiB ({now / before - 1:+.1%}); "
        f"peak {max(it.rss for it in samples) / 1024:.1f} MiB, with its worker processes "
        f"{max(it.all_rss for it in samples) / 1024:.1f} MiB"
    )
    minutes: dict[int, list[int]] = {}
    for it in samples:
        minutes.setdefault(int((it.at - samples[0].at) // 60), []).append(it.rss)
    told = (f"{statistics.median(it) / 1024:.0f}" for it in minutes.values())
    print(f"median of each minute, MiB: {', '.join(told)}")
    print(
        f"most: {max(it.threads for it in samples)} threads, {max(it.files for it in samples)} "
        f"files, {max(it.processes for it in samples)} processes"
    )
    return now / before - 1


def _states(states: list[tuple[Sample, dict[str, Any]]]) -> None:
    for when, (sample, inside) in zip(("before", "after"), states, strict=True):
        print(
            f"{when}: RSS {inside['rss'] / 1024:.1f} MiB, allocated {inside['in_use'] / 1024:.1f} "
            f"MiB, {sample.files} files, "
            f"{sample.threads} threads, {inside['tasks']} tasks, {inside['objects']:,} objects"
        )
    (_, before), (_, after) = states
    kinds = Counter(after["kinds"])
    kinds.subtract(before["kinds"])
    print("more objects:", ", ".join(f"{kind} {more:+}" for kind, more in kinds.most_common(12)))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--agents", type=int, default=16)
    parser.add_argument("--faults", type=float, default=0.01)
    parser.add_argument("--deadline", type=float, default=8)
    given = parser.parse_args()
    with (
        providing(0.05, 0.3, given.faults) as address,
        tempfile.TemporaryDirectory() as name,
    ):
        folder = Path(name)
        (folder / "pictures").mkdir()
        pictures = [soak_calls.drawn(folder / "pictures", it) for it in range(given.agents)]
        settings = {"ROOTS": "pictures", "STATE_DIR": "state", "OUTPUT_DIR": "drawn"}
        env = {f"GROK_VISION_{it}": str(folder / where) for it, where in settings.items()}
        env |= {"XAI_API_KEY": "k", "GROK_VISION_BASE_URL": address}
        env |= {it: os.environ[it] for it in os.environ if it.startswith(("MALLOC_", "PYTHON"))}
        env |= {"GROK_VISION_PROVIDER": "xai", "GROK_VISION_DEADLINE": str(given.deadline)}
        seen = Soak(Watched(env, folder))
        anyio.run(run, seen, pictures, given.seconds)
        passed = report(seen, given.seconds, counts(address))
    raise SystemExit(0 if passed else 1)


if __name__ == "__main__":
    main()
