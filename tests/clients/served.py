"""Our server in a process of its own, as its users start it."""

import os
import re
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

Transport = Literal["stdio", "http", "sse"]

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLES = ROOT / "examples"
_ADDRESS = re.compile(r"Serving MCP at (http://\S+)")


def environment(**ours: str) -> dict[str, str]:
    """Return this process's environment without settings and keys, but with `ours`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GROK_VISION_") and not name.endswith("_API_KEY")
    }
    return {**kept, **ours}


def command(transport: Transport, module: str = "grok_vision") -> list[str]:
    """Return the command that serves the examples; over HTTP on a free port."""
    port = [] if transport == "stdio" else ["--port", "0"]
    return [sys.executable, "-m", module, "serve", str(EXAMPLES), "--transport", transport, *port]


@contextmanager
def served(command: Sequence[str], environment: Mapping[str, str]) -> Generator[str]:
    """Start an HTTP server, and give the address that it announces.

    Raises:
        RuntimeError: it ended without one.
    """
    # From the root, where the modules of the tests are found.
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    told: deque[str] = deque(maxlen=40)
    try:
        address = _announced(process.stderr, told)
        # What it logs from now on must go somewhere, or it would wait for a reader.
        reader = threading.Thread(target=told.extend, args=(process.stderr,))
        reader.start()
        yield address
    finally:
        process.terminate()
        process.wait(30)


def _announced(lines: Iterable[str], told: deque[str]) -> str:
    for line in lines:
        told.append(line)
        if found := _ADDRESS.search(line):
            return found[1]
    raise RuntimeError(f"The server did not start:\n{''.join(told)}")
