"""Nothing from outside the roots is read, however fast names are swapped while they are opened."""

import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from grok_vision.errors import SourceError
from grok_vision.images.local import LocalFiles
from grok_vision.images.source import FileSource, parse

OPENS = 10_000  # for each attack; 33,400 of each were held, too (2026-11-20)

# Each is a loop of another process, which takes no turns with the reader as a thread would. It
# counts a little in each state: a race is won by meeting both, the one just after the other.
SWAPS = {
    "a link that leads in and out": """
while True:
    for target in ("inside.png", "../outside/x.png"):
        os.symlink(target, "next")
        os.rename("next", "x.png")
        for _ in range(1000): pass
""",
    "a folder and a link to a folder outside": """
os.symlink("../outside", "link")
while True:
    os.rename("folder", "away")
    os.rename("link", "folder")
    for _ in range(1000): pass
    os.rename("folder", "link")
    os.rename("away", "folder")
    for _ in range(1000): pass
""",
    "a folder that is moved out, and one outside in its place": """
os.symlink("../outside", "link")
while True:
    os.rename("folder", "../folder")
    os.rename("link", "folder")
    for _ in range(1000): pass
    os.rename("folder", "link")
    os.rename("../folder", "folder")
    for _ in range(1000): pass
""",
}
READ = {
    "a link that leads in and out": "x.png",
    "a folder and a link to a folder outside": "folder/x.png",
    "a folder that is moved out, and one outside in its place": "folder/x.png",
}


@contextmanager
def swapping(folder: Path, loop: str) -> Iterator[None]:
    """Run a loop of renames in the folder, in a process of its own."""
    code = f"import os, sys\nprint('ready', flush=True){loop}"
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=folder, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        try:
            process.stdout.readline()
            yield
            assert process.poll() is None, "the attack ended before the reads did"
        finally:
            process.kill()


def outcomes(files: LocalFiles, source: FileSource, opens: int) -> Counter[str]:
    """Return how often each content, or each code of an error, came of opening the source."""
    found: Counter[str] = Counter()
    for _ in range(opens):
        try:
            found[files.read(source).data.decode()] += 1
        except SourceError as error:
            found[error.code] += 1
    return found


@pytest.fixture
def ground() -> Iterator[Path]:
    """A folder with a short name: each folder above a file costs a look at every open."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(os.path.realpath(name))


@pytest.mark.parametrize("attack", SWAPS)
def test_a_name_that_is_swapped_while_it_is_opened_never_leaks(ground: Path, attack: str) -> None:
    root, outside = ground / "root", ground / "outside"
    for folder, content in ((root / "folder", "inside"), (outside, "secret")):
        folder.mkdir(parents=True)
        (folder / "x.png").write_text(content)
    (root / "inside.png").write_text("inside")
    (root / "x.png").symlink_to("inside.png")
    source = parse(str(root / READ[attack]), max_bytes=100)
    assert isinstance(source, FileSource)
    files = LocalFiles([root], max_bytes=100)
    with swapping(root, SWAPS[attack]):
        found = outcomes(files, source, OPENS)
    assert set(found) <= {"inside", "not_allowed", "not_found"}
    # Both ends of the swap were met, or nothing was raced.
    assert found["inside"] > 0
    assert found["not_allowed"] > 0
