"""Pictures that a caller may mean who has typed only the start: of what may be read, and no more.

Names are told only as a folder shows them that was opened and verified, as `listing` does it.
"""

import os
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from grok_vision.errors import SourceError
from grok_vision.images.access import Access
from grok_vision.images.descriptor import resolved
from grok_vision.images.latest import newest_pictures
from grok_vision.images.listing import PICTURES, Entry, Listings
from grok_vision.images.machine import this_machine
from grok_vision.images.roots import working_folder
from grok_vision.images.spelling import readings

_LONGEST_PATH = 4096
_MOST_NEWEST = 1_000
# Control characters, which no list of choices can show, and what UTF-8 cannot carry.
_UNSHOWN = {"Cc", "Cs"}


def suggested(text: str, roots: Sequence[Path], most: int) -> list[str]:
    """Return at most so many pictures that `text` may become the path of; blocks.

    A path is completed in its folder, in the spelling in which it was begun, with the folders on
    the way, which end in a slash. Text without a slash may begin one in the working folder, and is
    looked for in the names of the newest pictures.
    """
    if len(text) > _LONGEST_PATH:
        return []
    # Given from the working folder or not: paths above a root lead to it.
    access = Access(Path(os.path.abspath(root)) for root in roots)  # noqa: PTH100 - links stay
    cut = max(text.rfind("/"), text.rfind(os.sep)) + 1
    found = _continued(text[:cut], text[cut:], access) if cut else _begun(text, access)
    return list(islice(_each_once(filter(_is_shown, found)), most))


def _begun(text: str, access: Access) -> Iterator[str]:
    mention = "@" if text.startswith("@") else ""
    if text != mention:
        yield from _continued(mention, text.removeprefix(mention), access)
    yield from _newest(text, access)


def _newest(text: str, access: Access) -> Iterator[str]:
    mention = "@" if text.startswith("@") else ""
    word = text.removeprefix(mention).casefold()
    listings = Listings(access)
    verified: dict[Path, set[Entry]] = {}
    for path in newest_pictures(access.roots or (), _MOST_NEWEST):
        if word not in path.name.casefold():
            continue
        # The walk only names what it found, perhaps by a folder that was a link at that moment.
        if path.parent not in verified:
            verified[path.parent] = set(listings.of(path.parent))
        if Entry(path.name, is_folder=False) in verified[path.parent]:
            yield f"{mention}{path}"


def _continued(written: str, start: str, access: Access) -> Iterator[str]:
    listings = Listings(access)
    begun = start.casefold()
    for folder in _folders(written):
        roots = (root for root in access.roots or () if folder in root.parents)
        names = (f"{root.relative_to(folder).as_posix()}/" for root in roots)
        yield from (f"{written}{name}" for name in names if name.casefold().startswith(begun))
        for entry in sorted(listings.of(folder)):
            if entry.name.casefold().startswith(begun) and _leads_on(folder, entry, access):
                yield f"{written}{entry.name}{'/' if entry.is_folder else ''}"


def _folders(written: str) -> Iterator[Path]:
    """Yield the folders that the text may mean, made absolute as those of a picture are."""
    working = working_folder()
    if written in {"", "@"}:
        yield from [working] if working else []
        return
    try:
        meant = readings(written, this_machine())
    except SourceError:
        return
    for reading in meant:
        if working or Path(reading.name).is_absolute():
            yield Path(os.path.normpath((working or Path()) / reading.name))


def _leads_on(folder: Path, entry: Entry, access: Access) -> bool:
    """Tell whether it is a picture or a folder, and may be read: a link may lead elsewhere."""
    if not entry.is_folder and not entry.name.lower().endswith(PICTURES):
        return False
    try:
        real = resolved(str(folder / entry.name))
    except SourceError:
        return False
    return access.holds_folder(real) if entry.is_folder else access.holds(real)


def _each_once(names: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if name not in seen:
            seen.add(name)
            yield name


def _is_shown(name: str) -> bool:
    return name.isprintable() or _UNSHOWN.isdisjoint(map(unicodedata.category, name))
