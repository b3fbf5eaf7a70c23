"""The folders that may be read when nothing is configured, and those of a home that are secret."""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

_USER_FOLDERS = ("Desktop", "Documents", "Downloads", "Pictures")
_USER_DIR = re.compile(
    r'^\s*XDG_(?:DESKTOP|DOCUMENTS|DOWNLOAD|PICTURES)_DIR="\$HOME/([^"\n]+)"', re.MULTILINE
)
# Where programs keep messages, keys and profiles of a user, and what is the user's own in there:
# the folders of iCloud Drive, and of Dropbox and its like.
_STORES = {"Library": ("Mobile Documents", "CloudStorage"), "AppData": ()}
_DARWIN_USER_TEMP_DIR = 65537  # _CS_DARWIN_USER_TEMP_DIR of <unistd.h>, which Python names not
_HOMES = {"home", "Users"}
# Closed as a working directory themselves …
_SYSTEM = {"/", "/home", "/media", "/mnt", "/opt", "/root", "/srv", "/Users", "/var", "/Volumes"}
# … and closed with everything below them.
_SYSTEM_TREES = (
    *("/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/run", "/sbin", "/sys", "/usr"),
    *("/var/cache", "/var/db", "/var/lib", "/var/log", "/var/run", "/var/spool"),
    *("/Applications", "/Library", "/System", "/private/etc", "/private/var/db"),
)


def default_roots() -> tuple[Path, ...]:
    """Return the folders that tools may read when GROK_VISION_ROOTS is unset.

    The working directory counts unless it is a system folder, the home or above the home: hosts
    such as Claude Desktop start servers in `/`.
    """
    return tuple(dict.fromkeys(folder for folder in _candidates() if os.path.isdir(folder)))


def working_folder() -> Path | None:
    """Return the working directory, or None where it was removed under the process."""
    try:
        return Path.cwd()
    except OSError:
        return None


def is_store(folder: Path, path: Path) -> bool:
    """Tell whether `folder` is one in which a home's programs keep what is secret.

    `path` is the folder or lies in it; some paths in such a folder are the user's own.
    """
    if folder.name not in _STORES or not _is_home(folder.parent):
        return False
    inside = path.relative_to(folder).parts
    return not inside or inside[0] not in _STORES[folder.name]


def _is_home(folder: Path) -> bool:
    home = _home()
    if home is not None and folder in {home, Path(os.path.realpath(home))}:
        return True
    return folder.parent.name in _HOMES and folder.parent.parent == Path(folder.anchor)


def _candidates() -> Iterator[Path]:
    home = _home()
    working = working_folder()
    if working is not None and not _is_closed(working, home):
        yield working
    if home is not None:
        yield from (home / name for name in _USER_FOLDERS)
        yield from _localized(home)
    yield from _temporary()


def _localized(home: Path) -> Iterator[Path]:
    """Yield the user's folders as a Linux desktop calls them in the user's language."""
    try:
        lines = os.fsdecode((home / ".config" / "user-dirs.dirs").read_bytes())
    except OSError:
        return
    for name in _USER_DIR.findall(lines):
        folder = Path(os.path.normpath(home / name))
        # A folder that was never made is written as the home itself.
        if home in folder.parents:
            yield folder


def _home() -> Path | None:
    try:
        return Path.home()
    except RuntimeError:  # a user without an entry and without HOME, as in some containers
        return None


def _temporary() -> Iterator[Path]:
    try:
        yield Path(tempfile.gettempdir())
    except FileNotFoundError:  # there is no folder at all that can be written
        return
    if sys.platform != "win32":
        yield Path("/tmp")  # noqa: S108 - where browsers' screenshot tools write
    if sys.platform == "darwin" and (own := os.confstr(_DARWIN_USER_TEMP_DIR)):
        yield Path(own)  # a host may hand on no TMPDIR


def _is_closed(folder: Path, home: Path | None) -> bool:
    # The working directory is told by its real name, and the home perhaps by a link's.
    homes = {home, Path(os.path.realpath(home))} if home else set()
    if any(folder == one or folder in one.parents for one in homes):
        return True
    if any(is_store(one, folder) for one in (folder, *folder.parents)):
        return True
    windows = os.path.expandvars("%SystemRoot%") if sys.platform == "win32" else ""
    trees = (*_SYSTEM_TREES, windows) if windows else _SYSTEM_TREES
    return (
        str(folder) in _SYSTEM
        or folder == Path(folder.anchor)
        or any(folder.is_relative_to(tree) for tree in trees)
    )
