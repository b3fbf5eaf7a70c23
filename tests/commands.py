"""Commands as processes, run as people run them: in a pipe, or on a terminal."""

import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

COMMAND = (sys.executable, "-m", "grok_vision")


def run(
    *arguments: str,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    given: str = "",
) -> subprocess.CompletedProcess[str]:
    """Run a command; its outputs are pipes, and `given` is its input."""
    return subprocess.run(
        [*COMMAND, *arguments],
        env=env,
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        input=given,
    )


def on_terminal(*arguments: str, env: Mapping[str, str], errors: bool = True) -> tuple[int, str]:
    """Run a command on a terminal; return its exit code and what is seen.

    Without `errors`, standard error leads nowhere.
    """
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        env=env,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs if errors else subprocess.DEVNULL,
    )
    os.close(theirs)
    seen = b""
    try:
        while chunk := os.read(ours, 4096):
            seen += chunk
    except OSError:  # Linux says so when the other side is closed
        pass
    os.close(ours)
    return process.wait(), seen.decode()
