"""What calls share: those of a process, or with a Redis those of all processes that name it."""

import math
import threading
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from grok_vision.errors import ConfigurationError
from grok_vision.settings import Settings
from grok_vision.shared import Shared
from grok_vision.shelves import MemoryShelf, Shelf
from grok_vision.uploads import Uploads
from grok_vision.vision.gallery import Gallery

if TYPE_CHECKING:
    from grok_vision.relay import Budget, Ledger

_MIB = 1024 * 1024
# Many tokens hold little each: all of them together have the room of some that hold much.
_TIMES = 4
_HOUR = 3600.0
# The pictures of comparisons as they were read: a few pairs of large ones, many of screenshots.
_COMPARED_BYTES = 64 * _MIB
# As many as the folder of one process holds.
_DRAWN_BYTES = 256 * _MIB


@dataclass(frozen=True, slots=True)
class OwnLimit:
    """A limit on what one run spends, beside that of the settings.

    Attributes:
        name: What people call it.
        usd: How much it is in US dollars.
        spent_usd: What earlier runs spent of it.
    """

    name: str
    usd: float
    spent_usd: float = 0.0


class Books:
    """The budget, opened with the first call or the first look at it."""

    def __init__(
        self,
        settings: Settings,
        shared: Shared | None = None,
        own_limit: OwnLimit | None = None,
    ) -> None:
        self._settings = settings
        self._shared = shared
        self._own_limit = own_limit
        self._budget: Budget | None = None
        # First calls of several sessions ask at once, from threads of their own.
        self._lock = threading.Lock()

    @property
    def budget(self) -> "Budget":
        """The limit and what was spent; blocks while its code is loaded."""
        with self._lock:
            if self._budget is None:
                self._budget = _budget(self._settings, self._shared, self._own_limit)
            return self._budget

    async def aclose(self) -> None:
        """Enter what could not be entered before, where anything was."""
        if self._budget is not None:
            await self._budget.aclose()

    @property
    def ledger(self) -> "Ledger":
        """What this process alone has used; blocks while its code is loaded."""
        return self.budget.ledger


class State:
    """Everything that outlives a call, made from settings; nothing is opened before it is needed.

    `remote` is for servers that others can call: their pictures may be uploaded. `own_limit` is for
    a run with a limit on spending of its own, which is kept beside that of the settings.

    Attributes:
        shared: The Redis, where there is one.
        books: The limit on spending, and what was spent.
        gallery: Pictures of the last comparisons.
        drawings: Where other processes find what was drawn, beside the folder of each; None where
            there are none.
        uploads: Pictures that clients have sent; None where they cannot.

    Raises:
        ConfigurationError: `missing_extra`.
    """

    def __init__(
        self, settings: Settings, *, remote: bool = False, own_limit: OwnLimit | None = None
    ) -> None:
        self.shared = _shared(settings)
        self.books = Books(settings, self.shared, own_limit)
        hours = math.inf if self.shared is None else 1.0
        self.gallery = Gallery(
            self._shelf("compared", per_owner=_COMPARED_BYTES, in_all=_COMPARED_BYTES, hours=hours)
        )
        self.drawings: Shelf | None = None
        if self.shared is not None:
            self.drawings = self._shelf(
                "drawn", per_owner=_DRAWN_BYTES, in_all=_DRAWN_BYTES, hours=24
            )
        self.uploads: Uploads | None = None
        if remote and settings.upload_bytes:
            self.uploads = Uploads(
                self._shelf(
                    "uploads",
                    per_owner=settings.upload_bytes,
                    in_all=_TIMES * settings.upload_bytes,
                    hours=settings.upload_hours,
                ),
                hours=settings.upload_hours,
            )

    async def aclose(self) -> None:
        """Close the connections to Redis; they are opened again where they are needed."""
        if self.shared is not None:
            await self.books.aclose()
            await self.shared.aclose()

    def _shelf(self, name: str, *, per_owner: int, in_all: int, hours: float) -> Shelf:
        seconds = hours * _HOUR
        if self.shared is None:
            return MemoryShelf(per_owner=per_owner, in_all=in_all, seconds=seconds)
        from grok_vision.shelves import RedisShelf

        return RedisShelf(self.shared, name, per_owner=per_owner, in_all=in_all, seconds=seconds)


def _shared(settings: Settings) -> Shared | None:
    if settings.redis_url is None:
        return None
    if find_spec("redis") is None:
        raise ConfigurationError(
            "missing_extra",
            "GROK_VISION_REDIS_URL is set, and the client of Redis is not installed: install it "
            'with `pip install "grok-vision-mcp[redis]"`, or unset the variable.',
        )
    return Shared(settings.redis_url.get_secret_value(), prefix=settings.redis_prefix)


def _budget(settings: Settings, shared: Shared | None, own: OwnLimit | None) -> "Budget":
    from grok_vision.relay import Ledger, OwnBudget

    ours = Ledger(own.usd, spent_usd=own.spent_usd, name=own.name) if own else Ledger()
    if shared is None:
        # One account is held against one limit: the one that is reached first.
        most = math.inf if own is None else own.usd - own.spent_usd
        is_lower = settings.max_usd is not None and settings.max_usd < most
        return OwnBudget(Ledger(settings.max_usd) if is_lower else ours)
    from grok_vision.relay import SharedBudget

    return SharedBudget(ours, shared, limit=settings.max_usd, seconds=settings.deadline)
