"""The newest pictures in some folders: what an agent means by the screenshot it just took."""

import heapq
import os
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from grok_vision.images.access import Identity, identity, is_hidden
from grok_vision.images.listing import PICTURES
from grok_vision.images.roots import is_store
from grok_vision.uris import DRAWING

_DEEPEST = 3
_MOST_ENTRIES = 20_000
_UNSEEN = {"node_modules"}


def newest_pictures(roots: Iterable[Path], most: int) -> list[Path]:
    """Return the newest files that are named like pictures, the newest first.

    The walk is bounded: three folders deep, 20,000 entries in all, no links, nothing hidden, no
    file of another user. What it finds is only named here; it is to be opened and verified like
    any other file.
    """
    found = map(_dated, islice(_entries(roots), _MOST_ENTRIES))
    return [Path(path) for _, path in heapq.nlargest(most, filter(None, found))]


def _entries(roots: Iterable[Path]) -> Iterator[os.DirEntry[str]]:
    """Yield everything in and below the roots; what is near a root comes first."""
    folders = deque((root, 0) for root in roots)
    seen: set[Identity | None] = {None}
    while folders:
        folder, depth = folders.popleft()
        if (one := identity(folder, follow=True)) in seen:
            continue
        seen.add(one)
        for entry in _listed(folder):
            yield entry
            if depth < _DEEPEST and _is_open(entry):
                folders.append((Path(entry.path), depth + 1))


def _listed(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except OSError:
        return


def _is_open(entry: os.DirEntry[str]) -> bool:
    if entry.name in _UNSEEN or is_hidden(entry.name, folder=True):
        return False
    path = Path(entry.path)
    return entry.is_dir(follow_symlinks=False) and not is_store(path, path)


def _is_picture(entry: os.DirEntry[str]) -> bool:
    named = entry.name.lower().endswith(PICTURES) and not is_hidden(entry.name, folder=False)
    # What a comparison drew is not the screenshot that somebody just took.
    is_ours = DRAWING.fullmatch(entry.name) is not None
    return named and not is_ours and entry.is_file(follow_symlinks=False)


def _dated(entry: os.DirEntry[str]) -> tuple[int, str] | None:
    """Return when the picture was modified, and its path; None for what does not count."""
    if not _is_picture(entry):
        return None
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return None
    return (status.st_mtime_ns, entry.path) if _is_own(status) else None


def _is_own(status: os.stat_result) -> bool:
    # Anybody may put a picture with a date of its own choice into /tmp.
    return sys.platform == "win32" or status.st_uid == os.geteuid()
