"""Which files may be read: those under the roots, without what is hidden or secret there."""

from collections.abc import Iterable
from pathlib import Path

from grok_vision.errors import SourceError
from grok_vision.images.roots import is_store
from grok_vision.texts import sendable

# /proc/self/environ is a regular file, and it holds the keys.
_NEVER = ("/proc", "/sys", "/dev")
_OPEN_HIDDEN = ".playwright-mcp"

Identity = tuple[int, int]


class Access:
    """The folders that may be read: those in `roots`, or all where `roots` is None."""

    def __init__(self, roots: Iterable[Path] | None) -> None:
        self.roots = None if roots is None else tuple(roots)

    def holds(self, real: Path) -> bool:
        """Tell whether a root is above `real`, by identity, with nothing closed between.

        Identity (device and inode) serves volumes without case, short names and aliases such as
        macOS's /tmp, which no comparison of strings does. `real` has no links in it.
        """
        if self.roots is None:
            return True
        roots = {one for root in self.roots if (one := identity(root, follow=True))}
        if identity(real) in roots:
            return True
        if not real.is_absolute() or is_hidden(real.name, folder=False):
            return False
        below = real
        for folder in real.parents:
            if is_store(below, real):
                return False
            if identity(folder) in roots:
                return True
            if is_hidden(folder.name, folder=True):
                return False
            below = folder
        return False

    def holds_folder(self, real: Path) -> bool:
        """Tell whether what lies in the folder may be read."""
        return self.holds(real / "_")

    def outside(self) -> SourceError:
        """Return the refusal, which is the same whether there is such a file or not."""
        if not self.roots:
            return SourceError(
                "not_allowed",
                "no local file may be read here; set GROK_VISION_ROOTS to the folders that may.",
            )
        return SourceError(
            "not_allowed",
            f"it is not in a folder that may be read ({told(self.roots)}), or it is "
            "hidden; copy it there, or add its folder to GROK_VISION_ROOTS.",
        )


def told(folders: Iterable[Path]) -> str:
    """Return how messages name folders, whose names UTF-8 may not be able to carry."""
    return sendable(", ".join(map(str, folders)))


def identity(path: Path, *, follow: bool = False) -> Identity | None:
    """Return what makes the file or folder the same under any name; None where there is none."""
    # Links are followed for roots only: a folder that becomes a link to a root while it is looked
    # at must not pass for that root.
    try:
        status = path.stat(follow_symlinks=follow)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def is_hidden(name: str, *, folder: bool) -> bool:
    """Tell whether a file or folder is hidden; two dots hide a folder, and no file."""
    return name.startswith(".") and name != _OPEN_HIDDEN and (folder or not name.startswith(".."))


def refuse_system(path: str) -> None:
    """Refuse by its name what the system makes up.

    Raises:
        SourceError: `not_allowed`.
    """
    if any(path == folder or path.startswith(f"{folder}/") for folder in _NEVER):
        raise SourceError("not_allowed", "system files are never read; pass a picture file.")
