"""The folders that may be read when nothing is configured."""

import os
import sys
import tempfile
from pathlib import Path

_SYSTEM_FOLDERS = ("/", "/bin", "/boot", "/etc", "/lib", "/opt", "/root", "/sbin", "/usr", "/var")
_USER_FOLDERS = ("Desktop", "Documents", "Downloads", "Pictures")


def default_roots() -> tuple[Path, ...]:
    """Return the folders that tools may read when GROK_VISION_ROOTS is unset.

    The working directory counts unless it is a system folder or the home: hosts such as Claude
    Desktop start servers in `/`.
    """
    home = Path.home()
    found = [home / name for name in _USER_FOLDERS]
    found += [Path(tempfile.gettempdir())]
    if sys.platform != "win32":
        found.append(Path("/tmp"))  # noqa: S108 - where browsers' screenshot tools write
    working = working_folder()
    if working is not None and working != home and not _is_system(working):
        found.insert(0, working)
    return tuple(dict.fromkeys(folder for folder in found if folder.is_dir()))


def working_folder() -> Path | None:
    """Return the working directory, or None where it was removed under the process."""
    try:
        return Path.cwd()
    except OSError:
        return None


def _is_system(folder: Path) -> bool:
    windows = os.path.expandvars("%SystemRoot%") if sys.platform == "win32" else ""
    return str(folder) in _SYSTEM_FOLDERS or bool(windows and folder.is_relative_to(windows))
