"""An HTTP transport that answers in the process itself: no socket is ever opened."""

import importlib
import importlib.util
import logging
import threading
from typing import TYPE_CHECKING

import anyio
import httpx2

from grok_vision.errors import ConfigurationError
from grok_vision.local import wire
from grok_vision.threads import in_thread

if TYPE_CHECKING:
    from grok_vision.local.engine import Engine

MODEL = "local/ocr"

_log = logging.getLogger(__name__)

_DISTRIBUTIONS = {
    "rapidocr": "rapidocr",
    "onnxruntime": "onnxruntime",
    "zxing-cpp": "zxingcpp",
}
_INSTALL = (
    'Install it with `pip install "grok-vision-mcp[local]"`, '
    "or set `XAI_API_KEY` to use xAI instead."
)


def missing() -> tuple[str, ...]:
    """The distributions of the `[local]` extra that are not installed."""
    return tuple(
        name for name, module in _DISTRIBUTIONS.items() if importlib.util.find_spec(module) is None
    )


class LocalTransport(httpx2.AsyncBaseTransport):
    """Answers `POST …/chat/completions` and `GET …/models` of any host, in OpenAI's format.

    Requests take turns in a worker thread; a cancelled one ends at its next strip. Whatever else
    the engine's native libraries raise is logged and answered with 500.

    Raises:
        ConfigurationError: `missing_extra`, where the engine is not installed.
    """

    def __init__(self) -> None:
        self._turn = anyio.CapacityLimiter(1)
        self._loading = threading.Lock()
        self._loaded: Engine | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answers one request."""
        body = await request.aread()
        path = request.url.path
        if request.method == "GET" and path.endswith("/models"):
            _require_extra()
            return httpx2.Response(200, json=wire.models(MODEL))
        if request.method == "POST" and path.endswith("/chat/completions"):
            _require_extra()
            return await self._complete(body)
        message = f"The offline engine has no {request.method} {path}."
        return httpx2.Response(404, json=wire.problem(message, "not_found"))

    async def _complete(self, body: bytes) -> httpx2.Response:
        stop = threading.Event()
        try:
            reply = await in_thread(self._answer, body, stop, limiter=self._turn)
        except wire.BadRequest as error:
            return httpx2.Response(400, json=wire.problem(error.message, error.code))
        except ConfigurationError:
            raise
        except Exception:  # noqa: BLE001 - the boundary of the native libraries
            _log.exception("the offline engine failed")
            return httpx2.Response(500, json=wire.problem("The engine failed.", "engine_failed"))
        finally:
            stop.set()  # a cancelled caller leaves its thread behind: it ends at the next strip
        return httpx2.Response(200, json=wire.completion(MODEL, reply))

    def _answer(self, body: bytes, stop: threading.Event) -> wire.Reply:
        request = wire.parse(body)
        return self._engine().answer(request, stop)

    def _engine(self) -> "Engine":
        with self._loading:
            if self._loaded is None:
                try:
                    module = importlib.import_module("grok_vision.local.engine")
                    self._loaded = module.Engine()
                except ImportError as error:
                    message = f"The offline engine cannot be loaded ({error}). {_INSTALL}"
                    raise ConfigurationError("missing_extra", message) from error
            return self._loaded


def _require_extra() -> None:
    if absent := missing():
        message = f"The offline engine is not installed: {', '.join(absent)} missing. {_INSTALL}"
        raise ConfigurationError("missing_extra", message)
