"""What of this machine decides how a path is read: Windows, Linux inside Windows, or neither."""

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from string import ascii_lowercase

_DISTRIBUTION = "WSL_DISTRO_NAME"


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
    name = variables([_DISTRIBUTION]).get(_DISTRIBUTION, "")
    return Machine(drives=drives, distribution=name)


def variables(names: Iterable[str]) -> dict[str, str]:
    """Return those of the environment's variables that are set: what a child is to be given."""
    found = os.environ  # noqa: TID251 - of the system, and none of ours to be set by
    return {name: found[name] for name in names if found.get(name)}
