"""Answers that are larger than any answer, made on the fly."""

import struct
import zlib

from tests.faults.breaking import fault
from tests.faults.completion import head
from tests.faults.visit import Visit, chunk

_MIB = 1024 * 1024
_CHUNKED = "Transfer-Encoding: chunked"


@fault("huge-500mb")
async def _huge(visit: Visit) -> bool:
    await visit.send(head("200 OK", f"Content-Length: {500 * _MIB}"))
    await visit.pour(b"x" * _MIB, 500)
    return False


@fault("huge-500mb-error")
async def _huge_error(visit: Visit) -> bool:
    await visit.send(head("400 Bad Request", f"Content-Length: {500 * _MIB}"))
    await visit.pour(b"x" * _MIB, 500)
    return False


@fault("huge-json-string")
async def _huge_json(visit: Visit) -> bool:
    await visit.send(head("200 OK", _CHUNKED) + chunk(b'{"choices": [{"message": {"content": "'))
    await visit.pour(chunk(b"x" * _MIB), 300)
    return False


@fault("endless-whitespace")
async def _endless_whitespace(visit: Visit) -> bool:
    await visit.send(head("200 OK", _CHUNKED))
    await visit.pour(chunk(b" " * _MIB), 500)
    return False


@fault("endless-headers")
async def _endless_headers(visit: Visit) -> bool:
    await visit.send(b"HTTP/1.1 200 OK\r\n")
    await visit.pour(b"X-More: and more\r\n" * 1000, 20_000)
    return False


@fault("endless-header-line")
async def _endless_header_line(visit: Visit) -> bool:
    await visit.send(b"HTTP/1.1 200 OK\r\nX-Long: ")
    await visit.pour(b"x" * _MIB, 300)
    return False


@fault("endless-trailers")
async def _endless_trailers(visit: Visit) -> bool:
    await visit.send(head("200 OK", _CHUNKED) + chunk(b"{}") + b"0\r\n")
    await visit.pour(b"X-More: and more\r\n" * 1000, 20_000)
    return False


@fault("endless-chunk-extension")
async def _endless_chunk_extension(visit: Visit) -> bool:
    await visit.send(head("200 OK", _CHUNKED) + b"5;x=")
    await visit.pour(b"x" * _MIB, 300)
    return False


@fault("gzip-bomb")
async def _gzip_bomb(visit: Visit) -> bool:
    return await _bomb(visit, "gzip", zeros(1024, zlib.MAX_WBITS | 16))


@fault("gzip-bomb-error")
async def _gzip_bomb_error(visit: Visit) -> bool:
    return await _bomb(visit, "gzip", zeros(1024, zlib.MAX_WBITS | 16), "503 Service Unavailable")


@fault("deflate-bomb")
async def _deflate_bomb(visit: Visit) -> bool:
    return await _bomb(visit, "deflate", zeros(1024, zlib.MAX_WBITS))


@fault("gzip-bomb-nested")
async def _gzip_bomb_nested(visit: Visit) -> bool:
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    inner = packer.compress(zeros(1024, zlib.MAX_WBITS | 16)) + packer.flush()
    return await _bomb(visit, "gzip, gzip", inner)


@fault("zstd-bomb")
async def _zstd_bomb(visit: Visit) -> bool:
    # RFC 8878: a frame with a window of 128 KiB, and 8192 blocks that repeat one byte 2^17 times.
    block = struct.pack("<I", (1 << 17) << 3 | 1 << 1)[:3] + b"\0"
    return await _bomb(visit, "zstd", b"\x28\xb5\x2f\xfd\0\x38" + block * 8192)


async def _bomb(visit: Visit, coding: str, data: bytes, status: str = "200 OK") -> bool:
    length = f"Content-Length: {len(data)}"
    await visit.send(head(status, length, f"Content-Encoding: {coding}") + data)
    return True


def zeros(mebibytes: int, window: int) -> bytes:
    """Return so many mebibytes of zeros, compressed, but for the end of the stream.

    Flushed blocks do not look back, so that one of them can be repeated.
    """
    packer = zlib.compressobj(wbits=window)
    first = packer.compress(bytes(_MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    more = packer.compress(bytes(_MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + more * (mebibytes - 1)
