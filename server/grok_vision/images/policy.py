"""What may be read, from where, and how much of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What may be read: folders (None: all), hosts that are open though private, sizes.

    `searched` are the folders of `latest`, where `roots` is None.

    `url_mode` says who fetches URLs, `fetch_deadline` in how many seconds with all redirects.
    `desktop` opens `latest` and `clipboard`, for servers that only their own user can call.
    """

    roots: tuple[Path, ...] | None
    searched: tuple[Path, ...] = ()
    allow_hosts: tuple[str, ...] = ()
    url_mode: Literal["inline", "pass", "off"] = "inline"
    desktop: bool = False
    max_bytes: int
    max_pixels: int
    fetch_deadline: float
