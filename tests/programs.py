"""Short programs in processes of their own."""

import os
import subprocess
import sys


def python(code: str) -> "subprocess.Popen[str]":
    """Start a program in a process of its own, with pipes for its outputs."""
    # Coverage in the child would itself load SQLite and write files.
    environment = {name: value for name, value in os.environ.items() if "COVERAGE" not in name}
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: "subprocess.Popen[str]") -> tuple[str, str]:
    """Wait for the end of a process, which must be a good one; return its outputs."""
    with process:
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out, err
