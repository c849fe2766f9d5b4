"""Content encodings, undone within a limit on what comes out."""

from __future__ import annotations

import zlib

# 32 + 15: the largest window, and gzip or zlib recognised by the header. -15: deflate without one.
_GZIP_OR_ZLIB = 47
_RAW_DEFLATE = -15
_GZIP_MAGIC = b"\x1f\x8b"


class BoundedDecoder:
    """Undoes ``gzip`` and ``deflate`` without ever producing more than one byte over the limit.

    httpx decodes each network chunk whole, so that one chunk of a bomb becomes hundreds of
    megabytes before any count; ``zlib`` can be told how much to produce.

    Args:
        encoding: Value of Content-Encoding.
        limit: Most bytes of the whole body.

    Raises:
        ValueError: For an encoding that was not asked for.
    """

    def __init__(self, encoding: str, limit: int) -> None:
        names = [name.strip().lower() for name in encoding.split(",")]
        names = [name for name in names if name not in ("", "identity")]
        if len(names) > 1 or not set(names) <= {"gzip", "x-gzip", "deflate"}:
            raise ValueError(encoding)
        self.limit = limit
        self.produced = 0
        self._deflate = names == ["deflate"]
        self._inflater = zlib.decompressobj(_GZIP_OR_ZLIB) if names else None

    @property
    def exceeded(self) -> bool:
        """Whether the body is longer than the limit."""
        return self.produced > self.limit

    def decode(self, chunk: bytes) -> bytes:
        """Decode the next chunk, as far as the limit.

        Raises:
            ValueError: When the data is not what the encoding says.
        """
        if self._inflater is None:
            return self._count(chunk[: self._room])
        parts = []
        while chunk and not self.exceeded:
            if self._inflater.eof:
                # A gzip body may have several members; anything else after the end is padding.
                if not chunk.startswith(_GZIP_MAGIC):
                    break
                self._inflater = zlib.decompressobj(_GZIP_OR_ZLIB)
            parts.append(self._count(self._inflate(chunk)))
            chunk = self._inflater.unconsumed_tail or self._inflater.unused_data
        return b"".join(parts)

    @property
    def _room(self) -> int:
        """One byte more than may come, to tell a full body from one that is too long."""
        return max(self.limit + 1 - self.produced, 0)

    def _inflate(self, chunk: bytes) -> bytes:
        assert self._inflater is not None
        try:
            return self._inflater.decompress(chunk, self._room)
        except zlib.error as error:
            if not self._deflate or self.produced:
                raise ValueError("corrupt") from error
        # Some servers send "deflate" without the zlib header it should have.
        self._inflater = zlib.decompressobj(_RAW_DEFLATE)
        try:
            return self._inflater.decompress(chunk, self._room)
        except zlib.error as error:
            raise ValueError("corrupt") from error

    def _count(self, part: bytes) -> bytes:
        before = self.produced
        self.produced += len(part)
        return part[: self.limit - before] if self.exceeded else part
