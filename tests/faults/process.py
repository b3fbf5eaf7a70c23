"""The fault server in a process of its own, so that its memory is not taken for the client's."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults.visit import Seen

_ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True, slots=True)
class Served:
    """The ports of a fault server, by the names of its listeners."""

    ports: dict[str, int]

    async def seen(self, fault: str, way: str) -> list[Seen]:
        """Return the requests of one run that arrived."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.ports["plain"])
        writer.write(f"GET /-/{fault}/{way} HTTP/1.1\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        return [Seen(**seen) for seen in json.loads(answer)]


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """Serve faults; `folder` is for certificates, of which `trusted.pem` is to be trusted."""
    command = [sys.executable, "-m", "tests.faults", str(folder)]
    with subprocess.Popen(
        command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield Served(json.loads(process.stdout.readline()))
        finally:
            process.kill()
