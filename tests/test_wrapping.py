"""Sentences on a terminal that is narrow: words stay whole, and so does what is copied."""

import os
import sys
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path

import pytest

from grok_vision.cli import commands

if sys.platform == "win32":
    pytest.skip("Windows has no such terminals", allow_module_level=True)

import pty
import termios

COLUMNS = 40


def seen(*arguments: str, columns: int = COLUMNS) -> list[str]:
    """Return the lines that a command, run in this process, writes to a terminal."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, columns))
    with open(theirs, "w", encoding="utf-8") as out, redirect_stdout(out), redirect_stderr(out):
        commands.run(arguments)
    written = b""
    # In pieces, and then Linux says that the other side is closed.
    with suppress(OSError):
        while part := os.read(ours, 65536):
            written += part
    os.close(ours)
    return written.decode().splitlines()


def test_an_error_is_broken_between_words() -> None:
    lines = seen("install", "no-such-host")
    assert len(lines) > 1
    assert max(map(len, lines)) <= COLUMNS
    words = "error[bad_argument]: no-such-host is no host known here; known are claude-desktop,"
    assert " ".join(lines).startswith(words)


def test_install_breaks_its_sentences_and_not_its_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    long = "a-model-whose-name-is-longer-than-the-terminal-is-wide"
    lines = seen("install", "cursor", "--set", f"GROK_VISION_MODEL={long}")
    assert "Nothing is written yet: run the same" in lines
    assert f'        "GROK_VISION_MODEL": "{long}"' in lines


def test_a_terminal_that_knows_no_width_gets_one_line() -> None:
    assert len(seen("install", "no-such-host", columns=0)) == 1
