"""What of this machine decides how a path is read: Windows, Linux inside Windows, or neither."""

import os
import sys
from dataclasses import dataclass
from functools import cache
from string import ascii_lowercase


@dataclass(frozen=True, slots=True)
class Machine:
    """Windows itself, or under WSL the mounted drives and the distribution, where that is known."""

    windows: bool = False
    drives: frozenset[str] = frozenset()
    distribution: str = ""


@cache
def this_machine() -> Machine:
    """Return the machine that this process runs on."""
    if sys.platform == "win32":
        return Machine(windows=True)
    # Docker Desktop's containers have WSL's kernel, too, but neither drives nor a distribution.
    if "microsoft" not in os.uname().release.lower():
        return Machine()
    drives = frozenset(name for name in ascii_lowercase if os.path.isdir(f"/mnt/{name}"))
    name = os.path.expandvars("$WSL_DISTRO_NAME")
    return Machine(drives=drives, distribution="" if name.startswith("$") else name)
