"""Serve faults until the input ends: `python -m tests.faults FOLDER`, for certificates.

Writes the ports as one line of JSON.
"""

import asyncio
import json
import sys
from pathlib import Path

from tests.faults.server import FaultServer


async def main() -> None:
    """Serve."""
    server = FaultServer()
    await server.open(Path(sys.argv[1]))
    sys.stdout.write(json.dumps(server.ports) + "\n")
    sys.stdout.flush()
    # Whoever started us holds the other end: we end with them, however they end.
    await asyncio.to_thread(sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
