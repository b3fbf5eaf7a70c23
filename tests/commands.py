"""Commands, run as people run them: in a pipe or on a terminal, or in this process."""

import os
import pty
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from unittest.mock import patch

import pytest

from grok_vision.cli import commands


@dataclass
class Done:
    """What became of a command that was run in this process."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


def in_process(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs a command in this process, in a pipe."""

    def command(*arguments: str, env: Mapping[str, str] | None = None, given: str = "") -> Done:
        for name in ("XAI_API_KEY", "GROK_VISION_BASE_URL") if env else ():
            monkeypatch.setenv(name, (env or {})[name])
        monkeypatch.setattr("sys.stdin", StringIO(given))
        code = commands.run(arguments)
        return Done(code, *capsys.readouterr())

    return command


def here(*arguments: str, env: Mapping[str, str]) -> Done:
    """Run a command in this process, in a pipe and in this environment and no other."""
    out, err = (TextIOWrapper(BytesIO(), "utf-8", newline="") for _ in range(2))
    with (
        patch.dict(os.environ, env, clear=True),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        code = commands.run(arguments)
    told = []
    for stream in (out, err):
        stream.flush()
        stream.seek(0)
        told.append(stream.read())
    return Done(code, *told)


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
