"""Where jobs come from: a file of lines, standard input, or a folder of pictures."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Protocol

from pydantic import JsonValue
from pydantic_core import from_json

from grok_vision.batch.arguments import ToolName
from grok_vision.errors import RequestError
from grok_vision.images import PICTURES
from grok_vision.texts import shortened

_BOM = b"\xef\xbb\xbf"
# The largest picture that is read is 20 MB by default, and a third more as a data URI.
_LONGEST_LINE = 64 * 1024 * 1024


class Lines(Protocol):
    """What can be read from its beginning as often as it is needed.

    Attributes:
        name: What messages call it.
    """

    name: str

    def read(self) -> Iterator[tuple[str, Mapping[str, JsonValue] | str]]:
        """Yield each job with its place, or in its stead what is wrong with its line."""

    def close(self) -> None:
        """Close what is open."""


class FileLines:
    """One JSON object a line. What cannot be read twice is kept in a temporary file."""

    def __init__(self, name: str, file: BinaryIO) -> None:
        self.name = name
        if file.seekable():
            self._file = file
        else:
            with file:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
                shutil.copyfileobj(file, self._file)

    def read(self) -> Iterator[tuple[str, Mapping[str, JsonValue] | str]]:
        """Yield the lines that are not blank."""
        self._file.seek(0)
        number = 0
        while line := self._file.readline(_LONGEST_LINE):
            number += 1
            if number == 1:
                line = line.removeprefix(_BOM)
            if line.strip():
                yield f"line {number:,}", _parsed(line)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class FolderLines:
    """The pictures of a folder, by name."""

    def __init__(self, name: str, tool: ToolName) -> None:
        self.name = name
        self._argument = "image" if tool == "describe_image" else "images"
        self._pictures = sorted(_pictures(name))

    def read(self) -> Iterator[tuple[str, Mapping[str, JsonValue] | str]]:
        """Yield a job for each."""
        for picture in self._pictures:
            yield shortened(picture), {self._argument: os.path.join(self.name, picture)}  # noqa: PTH118 - as it was written

    def close(self) -> None:
        """Nothing is open."""


def lines_of(name: str, tool: ToolName) -> Lines:
    """Open what `name` is: a folder, a file, or `-` for standard input.

    Raises:
        RequestError: `bad_argument` where it cannot be read.
    """
    if name == "-":
        return FileLines("standard input", sys.stdin.buffer)
    path = Path(name).expanduser()
    try:
        if not os.path.isdir(path):
            return FileLines(shortened(name), path.open("rb"))
        if tool != "compare_images":
            return FolderLines(str(path) if name.startswith("~") else name, tool)
    except OSError as error:
        raise RequestError(
            "bad_argument", f"--batch: {shortened(name)} cannot be read: {error.strerror}."
        ) from None
    raise RequestError(
        "bad_argument",
        f"--batch: {shortened(name)} is a folder, and nothing says which of its pictures are to be "
        "compared; write a file of jobs.",
    )


def _pictures(folder: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name
            if name.lower().endswith(PICTURES) and not name.startswith(".") and entry.is_file():
                yield name


def _parsed(line: bytes) -> Mapping[str, JsonValue] | str:
    if len(line) >= _LONGEST_LINE:
        return "it is longer than 64 MiB"
    try:
        value = from_json(line, allow_inf_nan=False)
    except ValueError as error:
        return f"it is not JSON: {str(error).partition(' at line ')[0]}"
    return value if isinstance(value, dict) else "it is not a JSON object"
