"""How much of a call's time is left for its provider."""

import anyio

# What comes after the last byte, as reading the answer, needs some of the call's time, too.
_MARGIN, _SHARE = 0.5, 0.15


def time_left() -> float:
    """Return the seconds until the provider must be done; infinite where nothing bounds the call.

    It ends a little before the scope that bounds the call, so that what came in time can still be
    told.
    """
    left = anyio.current_effective_deadline() - anyio.current_time()
    return max(0.0, left - min(_MARGIN, _SHARE * left))
