"""Windows' names: those that must not even be touched, and how the two sides of WSL write a path.

Pure: the machine is a parameter, and nothing is looked up.
"""

import re

from grok_vision.errors import SourceError
from grok_vision.images.machine import Machine

_DRIVE = re.compile(r"([A-Za-z]):[\\/]")
_DRIVE_RELATIVE = re.compile(r"[A-Za-z]:(?![\\/])")
# A shell never puts a backslash before these.
_BACKSLASHED = re.compile(r"\\[\w.]")
_NETWORK = re.compile(r"[\\/]{2}")
_DEVICE_PREFIX = re.compile(r"[\\/]{2}[?.][\\/]|\\\?\?\\")
_DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])", re.IGNORECASE)
_IN_WSL = re.compile(
    r"[\\/]{2}wsl(?:\$|\.localhost)[\\/]([^\\/]+)([\\/].*)", re.IGNORECASE | re.DOTALL
)
# WSL's and Git Bash's names of a drive.
_MOUNTED = re.compile(r"/(?:mnt/)?([A-Za-z])(/.*)", re.DOTALL)


def translated(text: str, machine: Machine) -> str | None:
    """Return how `machine` names the file that `text` names on the other side of WSL, if it can."""
    if machine.windows:
        mounted = _MOUNTED.fullmatch(text)
        return f"{mounted[1].upper()}:{mounted[2]}".replace("/", "\\") if mounted else None
    drive = drive_of(text)
    if drive:
        rest = text[2:].replace("\\", "/")
        return f"/mnt/{drive}{rest}" if drive in machine.drives else None
    inside = _IN_WSL.fullmatch(text) if machine.drives or machine.distribution else None
    # Where a host drops the variable that names this distribution, any is taken for it: the path
    # is a local one all the same.
    if inside and machine.distribution.lower() in {inside[1].lower(), ""}:
        return re.sub("^/+", "/", inside[2].replace("\\", "/"))
    return None


def drive_of(text: str) -> str:
    """Return the drive, in small letters, of an absolute path of Windows; else nothing."""
    drive = _DRIVE.match(text)
    return drive[1].lower() if drive else ""


def slashed(text: str) -> str:
    """Return a relative path of Windows with slashes; any other text as it is."""
    relative = _BACKSLASHED.search(text) and not text.startswith(("/", "\\")) and not drive_of(text)
    return text.replace("\\", "/") if relative else text


def is_network(text: str) -> bool:
    """Tell whether the path names another machine: to touch it would send it credentials."""
    return _NETWORK.match(text) is not None


def refuse_name(text: str, machine: Machine) -> None:
    """Refuse by its spelling a path that must not be touched.

    Raises:
        SourceError: `not_allowed` for network paths, devices and streams; `bad_source` for a drive
            without a folder.
    """
    if _DEVICE_PREFIX.match(text) or (machine.windows and _names_device(text)):
        raise SourceError("not_allowed", "devices are not read; pass the plain path of a picture.")
    if is_network(text):
        raise SourceError(
            "not_allowed", "network paths are not read; copy the file to this machine."
        )
    if _DRIVE_RELATIVE.match(text):
        raise SourceError(
            "bad_source",
            "it names a drive without a folder; pass the whole path, such as C:\\folder\\shot.png.",
        )
    if ":" in text[2:] and (machine.windows or drive_of(text) or _BACKSLASHED.search(text)):
        raise SourceError(
            "not_allowed", "streams behind a file are not read; pass the path without the colon."
        )


def is_refused(text: str, machine: Machine) -> bool:
    """Tell whether `refuse_name` refuses the path."""
    try:
        refuse_name(text, machine)
    except SourceError:
        return True
    return False


def _names_device(text: str) -> bool:
    parts = re.split(r"[\\/]", text)
    return any(_DEVICE.fullmatch(re.split("[.:]", part)[0].rstrip()) for part in parts)
