"""One attempt to get a completion, and what is known of it at every moment."""

from collections.abc import AsyncIterator
from typing import Literal

from grok_vision.providers import Endpoint
from grok_vision.relay import failures
from grok_vision.relay.body import Body
from grok_vision.relay.completion import Completion, WireUsage, in_vain, read, reported
from grok_vision.relay.connection import Connection
from grok_vision.relay.reading import Heard
from grok_vision.watch import Watch

PATH = "chat/completions"


class Attempt:
    """One request. What it tells holds also after a failure or a cancellation.

    Attributes:
        outcome: `not sent` until the last byte of the request is handed to the network, since a
            part of it makes nobody answer; then `unknown`, until the reply was read. `refused` is
            an error that the provider tells.
        model: The model that the reply names; may be empty.
        usage: What the reply tells of use and cost, which an error may do, too.
        status: That of the reply; None before there is one.
    """

    def __init__(
        self,
        connection: Connection,
        endpoint: Endpoint,
        asked: str,
        body: Body,
        heard: Heard,
    ) -> None:
        """Take the request; `heard` is told of the headers when they are here."""
        self._connection = connection
        self._heard = heard
        self._endpoint = endpoint
        self._asked = asked
        self._body = body
        self.outcome: Literal["not sent", "unknown", "refused", "answered"] = "not sent"
        self.model = ""
        self.usage: WireUsage | None = None
        self.status: int | None = None

    @property
    def may_be_billed(self) -> bool:
        """Whether the provider may charge for it: it answered, or nobody knows how it ended."""
        return self.outcome in {"unknown", "answered"}

    @property
    def request_bytes(self) -> int:
        """How long the body of the request is."""
        return self._body.length

    async def complete(self, watch: Watch) -> Completion:
        """Send the request and return the completion; to be called once.

        Raises:
            FailedError: for every way in which the provider or the network can fail.
            ConfigurationError: `bad_setting`, where proxy or certificate settings cannot be used.
        """
        reply = await self._connection.post(
            self._endpoint, PATH, self._content(), self._body.length, watch, self._heard
        )
        self.status = reply.status
        self.model, self.usage = reported(reply.document)
        completion = (
            read(reply.document, reply.broken) if reply.is_success else in_vain(reply.document)
        )
        if completion is not None:
            self.outcome = "answered"
            return completion
        if reply.is_final:
            self.outcome = "refused"
        raise failures.failed(reply, self._endpoint, self._asked, wanted="a chat completion")

    async def _content(self) -> AsyncIterator[bytes]:
        left = self._body.length
        for chunk in self._body.chunks():
            left -= len(chunk)
            if not left:
                # Before it is handed over: it may arrive although its sender is cancelled.
                self.outcome = "unknown"
            yield chunk
