"""What a folder shows: the file that is meant though it is spelled otherwise, and near names.

A folder is opened and verified like a file before it is listed, so that nothing is told of what
lies outside the roots.
"""

import difflib
import json
import os
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from grok_vision.errors import SourceError
from grok_vision.images.access import Access, is_hidden, refuse_system
from grok_vision.images.descriptor import opened, real_name, resolved
from grok_vision.texts import shortened

PICTURES = (
    *(".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"),
    *(".ico", ".heic", ".heif", ".svg", ".pdf"),
)
_MOST_ENTRIES = 5_000
# A twin must be the only one, so a folder of which less than all is seen has none.
_MOST_SIBLINGS = 100_000
# Unicode's space separators. Tabs and line breaks are not among them: nobody mistypes those.
_SPACES = re.compile("[ \xa0\u1680\u2000-\u200a\u202f\u205f\u3000]+")


class Entry(NamedTuple):
    """A name in a folder."""

    name: str
    is_folder: bool


class Listings:
    """What folders show of what may be read; each is listed once."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._entries: dict[Path, list[Entry]] = {}
        self._alike: dict[Path, dict[str, list[str]]] = {}

    def of(self, folder: Path) -> list[Entry]:
        """Return at most 100,001 names; none where the folder may not be read."""
        if folder not in self._entries:
            self._entries[folder] = _listed(folder, self._access)
        return self._entries[folder]

    def alike(self, folder: Path, name: str) -> list[str]:
        """Return, sorted, the names that differ from `name` only in how Unicode codes them."""
        if folder not in self._alike:
            groups: dict[str, list[str]] = {}
            for entry in self.of(folder):
                groups.setdefault(_plain(entry.name), []).append(entry.name)
            self._alike[folder] = groups
        return sorted(self._alike[folder].get(_plain(name), []))


def twin_of(path: str, listings: Listings) -> Path | None:
    """Return the one path that differs from `path` only in how Unicode codes spaces and letters.

    macOS writes U+202F before AM and PM, or U+00A0, and parts accents from letters; who types the
    name again writes plain spaces and whole letters. None where there is no such path.

    Raises:
        SourceError: `not_found` where several differ only so.
    """
    folder, missing = _existing(path)
    for name in missing:
        same = listings.alike(folder, name)
        if name in same:
            same = [name]
        if not same or len(listings.of(folder)) > _MOST_SIBLINGS:
            return None
        if len(same) > 1:
            raise _several(same)
        folder /= same[0]
    # A slash at the end says that it is a folder.
    return None if folder == Path(path) or path.endswith("/") else folder


def near_names(path: Path, listings: Listings) -> str:
    """Return the end of a sentence that says which files in the same folder are called so."""
    entries = listings.of(path.parent)[:_MOST_ENTRIES]
    names = [entry.name for entry in entries if not entry.is_folder]
    if path.name != path.name.rstrip() and path.name.rstrip() in names:
        return ": the name ends in white space; leave that out"
    folded: dict[str, list[str]] = {}
    for name in names:
        folded.setdefault(name.casefold(), []).append(name)
    found = difflib.get_close_matches(path.name.casefold(), folded, 3, 0.5)
    near = [name for one in found for name in folded[one]][:3]
    if near:
        return f"; near names in the same folder: {', '.join(map(_spelled_out, near))}"
    return (
        "; check the path" if os.path.isdir(path.parent) else "; the folder does not exist either"
    )


def pictures_in(folder: Path, listings: Listings) -> str:
    """Return the end of a sentence that names some pictures of the folder."""
    pictures = sorted(
        entry.name
        for entry in listings.of(folder)[:_MOST_ENTRIES]
        if entry.name.lower().endswith(PICTURES) and not entry.is_folder
    )
    return f" in it, such as {', '.join(map(shortened, pictures[:3]))}" if pictures else " instead"


def _listed(folder: Path, access: Access) -> list[Entry]:
    try:
        with _verified(folder, access) as entries:
            found = [
                Entry(entry.name, entry.is_dir(follow_symlinks=False))
                for entry in islice(entries, _MOST_SIBLINGS + 1)
            ]
    except (OSError, SourceError):
        return []
    return [entry for entry in found if not is_hidden(entry.name, folder=entry.is_folder)]


@contextmanager
def _verified(folder: Path, access: Access) -> Iterator[Iterator[os.DirEntry[str]]]:
    if os.scandir not in os.supports_fd:  # Windows opens no folders
        _check(resolved(str(folder)), access)
        with os.scandir(folder) as entries:
            yield entries
        return
    with opened(str(folder), getattr(os, "O_DIRECTORY", 0)) as descriptor:
        _check(real_name(descriptor, str(folder)), access)
        with os.scandir(descriptor) as entries:
            yield entries


def _check(real: Path, access: Access) -> None:
    refuse_system(str(real))
    if not access.holds_folder(real):
        raise access.outside()


def _existing(path: str) -> tuple[Path, list[str]]:
    """Part a path into the deepest folder that there is and the names below it."""
    missing: list[str] = []
    folder = Path(path)
    while folder.name and not os.path.isdir(folder):
        missing.insert(0, folder.name)
        folder = folder.parent
    return folder, missing


def _plain(name: str) -> str:
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", name))


def _several(names: list[str]) -> SourceError:
    told = ", ".join(map(_spelled_out, names[:5]))
    return SourceError(
        "not_found",
        f"no file has exactly that name, and {len(names)} differ from it only in invisible ways "
        f"({told}); pass one of these.",
    )


def _spelled_out(name: str) -> str:
    """Return the name with what the eye cannot tell apart written as JSON does."""
    return shortened(
        "".join(
            char
            if char.isprintable() and not unicodedata.combining(char)
            else json.dumps(char).strip('"')
            for char in name
        )
    )
