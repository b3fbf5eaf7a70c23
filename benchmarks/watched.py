"""A real stdio server process that is watched: memory, files, threads (Linux), tasks, objects.

Run by the benchmarks: python benchmarks/watched.py STATE. It is the server as hosts start it, but
for a signal upon which it writes its tasks and objects to the file STATE.
"""

import asyncio
import ctypes
import gc
import json
import os
import signal
import statistics
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TextIO

import anyio
from mcp import StdioServerParameters
from mcp.client import Transport
from mcp.client.stdio import stdio_client

_KINDS = 2000
_MALLINFO = (
    *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
    *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """What the system says of a process at one moment, `rss` and `all_rss` in KiB."""

    at: float
    rss: int
    all_rss: int
    threads: int
    files: int
    processes: int


class Watched:
    """A server process; `env` is for its settings, `state` and `log` are files for its words."""

    def __init__(self, env: dict[str, str], folder: Path) -> None:
        self._env = env
        self._folder = folder
        self._state = folder / "state.json"
        self.log = folder / "stderr.txt"

    def transport(self, errors: TextIO) -> Transport:
        """Returns what a client connects with, which starts the process."""
        arguments = [__file__, str(self._state)]
        server = StdioServerParameters(
            command=sys.executable, args=arguments, env=self._env, cwd=self._folder
        )
        return stdio_client(server, errlog=errors)

    @property
    def pid(self) -> int:
        """The number of the process, once it runs."""
        return int(json.loads(self._state.read_text())["pid"])

    def sample(self) -> Sample:
        """Returns what the system says of it now."""
        pid = self.pid
        own = _status(pid)
        children = [int(child) for child in _children(pid)]
        return Sample(
            at=time.monotonic(),
            rss=own["VmRSS"],
            all_rss=own["VmRSS"] + sum(_status(child)["VmRSS"] for child in children),
            threads=own["Threads"],
            files=sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir()),
            processes=1 + len(children),
        )

    async def inside(self) -> dict[str, object]:
        """Returns how many tasks and which objects it has."""
        before = self._state.stat().st_mtime_ns
        os.kill(self.pid, signal.SIGUSR1)
        with anyio.fail_after(30):
            while self._state.stat().st_mtime_ns == before:  # noqa: ASYNC110 - another process
                await anyio.sleep(0.05)
        found: dict[str, object] = json.loads(self._state.read_text())
        return found


def slope(samples: list[Sample]) -> float:
    """Returns the growth of the process in KiB per minute, by least squares."""
    times = [sample.at / 60 for sample in samples]
    return statistics.linear_regression(times, [sample.rss for sample in samples]).slope


def _status(pid: int) -> dict[str, int]:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:  # it has just ended
        lines = []
    found = {name: value.split() for name, _, value in (line.partition(":") for line in lines)}
    return {name: int(found.get(name, ["0"])[0]) for name in ("VmRSS", "Threads")}


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def _tell(state: Path) -> None:
    def tell(_: int, __: FrameType | None) -> None:
        gc.collect()
        kinds = Counter(type(thing).__qualname__ for thing in gc.get_objects())
        tasks = asyncio.all_tasks()
        held, in_use = _status(os.getpid())["VmRSS"], _in_use()
        _write(
            state,
            {
                "tasks": len(tasks),
                "rss": held,
                "in_use": in_use,
                "objects": sum(kinds.values()),
                "kinds": dict(kinds.most_common(_KINDS)),
            },
        )

    signal.signal(signal.SIGUSR1, tell)


class _Mallinfo(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_size_t) for name in _MALLINFO)


def _in_use() -> int:
    """Returns the KiB that are allocated; what else is resident the C library keeps for later.

    Objects of up to 512 bytes are not among them.
    """
    try:
        mallinfo = ctypes.CDLL(None).mallinfo2
    except AttributeError:  # another C library
        return 0
    mallinfo.restype = _Mallinfo
    told = mallinfo()
    return int(told.uordblks + told.hblkhd) // 1024


def _write(state: Path, told: dict[str, object]) -> None:
    new = state.with_suffix(".new")
    new.write_text(json.dumps({"pid": os.getpid(), **told}))
    new.replace(state)


def main() -> None:
    state = Path(sys.argv[1])
    _tell(state)
    _write(state, {})
    from grok_vision.__main__ import main as serve

    serve([])


if __name__ == "__main__":
    main()
