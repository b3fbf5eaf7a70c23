"""A provider that stops in the middle of its answer until it is told to go on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anyio.to_thread

from tests.fake_xai import FakeXAI
from tests.fake_xai.response import Response
from tests.fake_xai.standin import Message, Receive, Send

# The head of the response, and the event that names the role.
_BEFORE_WORDS = 2


class Held(FakeXAI):
    """A stand-in that sends so many words of an answer, and the rest when `go` is set."""

    def __init__(self, words: int, **given: Any) -> None:
        super().__init__(**given)
        self.words = words
        self.go = threading.Event()

    async def _write(self, response: Response, receive: Receive, send: Send) -> bool:
        sent = 0

        async def held(message: Message) -> None:
            nonlocal sent
            await send(message)
            sent += 1
            if sent == self.words + _BEFORE_WORDS:
                await anyio.to_thread.run_sync(self.go.wait, 30, abandon_on_cancel=True)

        return await super()._write(response, receive, held)

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve over loopback HTTP; gives the base URL."""
        with self.serve() as address:
            try:
                yield address
            finally:
                self.go.set()
