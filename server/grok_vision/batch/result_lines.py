"""Lines of results, as they are read again."""

from collections.abc import Mapping
from mmap import ACCESS_READ, mmap
from pathlib import Path

from pydantic import JsonValue
from pydantic_core import from_json

from grok_vision.batch.job import Key, key_of

Line = Mapping[str, JsonValue]
"""A line of a batch: a job, and what came of it."""


def unended(path: Path) -> tuple[int, bytes]:
    """Return where the last line begins that has no end, and what is there of it."""
    if not path.stat().st_size:
        return 0, b""
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as all_of_it:
        end = all_of_it.rfind(b"\n") + 1
        return end, all_of_it[end:]


def parsed(raw: bytes) -> Line | None:
    """Return a line of results, or None where it is none."""
    try:
        line = from_json(raw)
    except ValueError:
        return None
    if not isinstance(line, dict):
        return None
    is_ours = isinstance(line.get("tool"), str) and isinstance(line.get("job"), dict)
    has_come = isinstance(line.get("result"), dict) or isinstance(line.get("error"), dict)
    return line if is_ours and has_come else None


def key_in(line: Line) -> Key:
    """Return what the job of the line is known by."""
    name = line.get("id")
    return key_of(str(line["tool"]), name if isinstance(name, str) else None, line["job"])
