"""What all questions to one provider share."""

from grok_vision.chat import ChatRequest
from grok_vision.providers import Endpoint
from grok_vision.relay.connection import Connection, Transport
from grok_vision.relay.pace import Pace
from grok_vision.relay.retry import RetryBudget
from grok_vision.relay.slots import Slots


class Traffic:
    """The connections, the places for calls in flight, the retries left and the rate limits.

    Attributes:
        retries: How many attempts are made after the first.
    """

    def __init__(self, *, concurrency: int, retries: int, transport: Transport | None) -> None:
        self.connection = Connection(transport)
        self.slots = Slots(concurrency)
        self.budget = RetryBudget()
        self.pace = Pace()
        self.retries = retries
        self._whole: set[str] = set()

    def streams(self, endpoint: Endpoint, request: ChatRequest) -> bool:
        """Tell whether the answer to the request can come word by word."""
        streams = endpoint.provider.streams
        if streams == "none" or endpoint.base_url in self._whole:
            return False
        return streams == "all" or "response_format" not in request.parameters

    def never_stream(self, endpoint: Endpoint) -> None:
        """Remember that the endpoint answers in one piece only."""
        self._whole.add(endpoint.base_url)
