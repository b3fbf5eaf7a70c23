"""Asking an endpoint for its own list of models, wherever it keeps that."""

from grok_vision.providers import Endpoint
from grok_vision.relay import catalogue, failures
from grok_vision.relay.connection import Connection
from grok_vision.results import ListedModel

# Not found, or not for GET: what a path answers that is not there.
_ABSENT = frozenset({404, 405, 501})


async def listed(
    connection: Connection, endpoint: Endpoint, *, complete: bool
) -> tuple[ListedModel, ...] | None:
    """Return the models that the endpoint lists, or None where it has no list of them.

    One list is asked for, the first that is there; with `complete` all that the provider has, since
    each may tell what the others leave out.

    Raises:
        ProviderError: the endpoint cannot be reached or does not take the key.
    """
    found: tuple[ListedModel, ...] | None = None
    paths = endpoint.provider.catalogues
    for path in paths:
        told = await _at(path, connection, endpoint, is_last=path == paths[-1])
        if told is not None:
            found = told if found is None else catalogue.merged(found, told)
        if found is not None and not complete:
            break
    return found


async def _at(
    path: str, connection: Connection, endpoint: Endpoint, *, is_last: bool
) -> tuple[ListedModel, ...] | None:
    reply = await connection.get(endpoint, path)
    if not reply.is_error:
        # Some relays answer unknown paths with their web page, so does a wrong address.
        if isinstance(reply.document, dict | list) or not is_last:
            return catalogue.read(reply.document)
    elif reply.status in _ABSENT:
        return None
    raise failures.from_reply(reply, endpoint, endpoint.default_model, wanted="a list of models")
