"""The command that starts this very installation, for a host that knows nothing of it."""

import importlib.metadata
import json
import os
import re
import shutil
import sys
from pathlib import Path

from grok_vision.cli.extras import installed

_NAME = "grok-vision-mcp"
# Folders of uv's cache in which `uvx` makes its environments: they go when the cache is cleaned.
# Seen with uv 0.9.7 and 0.13.8, 2026-11-21.
_OF_UVX = re.compile(r"(?:archive|builds|environments)-v\d+")


def command() -> tuple[str, ...]:
    """Return the command and its arguments.

    Paths are absolute: hosts with a window do not see the `PATH` of a shell.
    """
    if any(_OF_UVX.fullmatch(part) for part in Path(sys.prefix).parts):
        return _by_uvx()
    script = _script()
    if script is not None:
        return (str(script),)
    # Safe path: the host's folder may have a module of the same name.
    return (sys.executable, "-P", "-m", "grok_vision")


def _by_uvx() -> tuple[str, ...]:
    uvx = shutil.which("uvx") or "uvx"
    wanted = _requirement()
    return (uvx, _NAME) if wanted == _NAME else (uvx, "--from", wanted, _NAME)


def _requirement() -> str:
    """Return what `uvx` is to install: the extras that are here, from where this came."""
    extras = ",".join(name for name, is_here in installed().items() if is_here)
    named = f"{_NAME}[{extras}]" if extras else _NAME
    origin = _origin()
    return f"{named} @ {origin}" if origin else named


def _origin() -> str | None:
    """Return the address that this was installed from, where that is no index (PEP 610)."""
    told = importlib.metadata.distribution(_NAME).read_text("direct_url.json")
    if told is None:
        return None
    direct = json.loads(told)
    if "vcs_info" not in direct:
        return str(direct["url"])
    vcs = direct["vcs_info"]
    revision = vcs.get("requested_revision")
    return f"{vcs['vcs']}+{direct['url']}" + (f"@{revision}" if revision else "")


def _script() -> Path | None:
    """Return the script that was started, else the one of this environment."""
    suffix = ".exe" if sys.platform == "win32" else ""
    started = Path(os.path.abspath(sys.argv[0])).with_suffix(suffix)  # noqa: PTH100 - links stay
    here = Path(sys.executable).with_name(_NAME + suffix)
    found = (path for path in (started, here) if path.stem == _NAME and path.is_file())
    return next(found, None)
