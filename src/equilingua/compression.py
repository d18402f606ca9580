"""Compressed files as streams of bytes, which say so where their end is missing or something else follows it."""

import bz2
import io
import lzma
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Protocol

# Small, since a few bytes may unpack to forty thousand times as many.
_CHUNK = 1 << 12
# Texts and vectors are packed to a third or a tenth; what unpacks beyond both is a bomb, or a file full of zeros.
MOST_UNPACKED = 1 << 30
MOST_RATIO = 200


class _Stream(Protocol):
    """One member of a gzip, xz or bzip2 file, or one frame of Zstandard."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, /) -> bytes: ...


def _zstandard() -> Any:
    import zstandard

    return zstandard.ZstdDecompressor().decompressobj()


_STREAMS: dict[str, Callable[[], _Stream]] = {
    ".gz": lambda: zlib.decompressobj(wbits=31),
    ".bz2": bz2.BZ2Decompressor,
    ".xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ),
    ".zst": _zstandard,
}

COMPRESSIONS = tuple(_STREAMS)


def uncompressed_suffix(path: str | Path) -> str:
    """The suffix that tells the format, compression left aside.

    >>> uncompressed_suffix("squad.train.jsonl.gz")
    '.jsonl'
    """
    path = Path(path)
    return (path.with_suffix("") if path.suffix in COMPRESSIONS else path).suffix


def decompressed(source: IO[bytes], suffix: str) -> IO[bytes]:
    """An open file, decompressed as a suffix says (any other: as it is); closing it closes the source.

    Several members or frames one after another are one stream, as their formats have it; zeros may stand between and
    behind them. The standard library and zstandard pass over a missing end (of .zst), or over a second member that is
    damaged (of .xz and .bz2), and so lose lines without a word; here reading raises.

    Raises:
        EOFError: as it is read, where the end of a stream is missing.
        OSError: where something else than another stream follows, or more is unpacked than such a file can mean.
    """
    make = _STREAMS.get(suffix)
    return source if make is None else io.BufferedReader(_Decompressing(source, make), 1 << 16)


def check_ratio(unpacked: int, packed: int) -> None:
    """Raise ``OSError`` where bytes unpack to more than data do: to a gigabyte, and two hundred times their size."""
    if unpacked > MOST_UNPACKED and unpacked > MOST_RATIO * packed:
        raise OSError(f"{packed:,} bytes unpack to more than {unpacked:,}, as no data do")


class _Decompressing(io.RawIOBase):
    """The bytes of all streams of a file."""

    def __init__(self, source: IO[bytes], make: Callable[[], _Stream]) -> None:
        self._source, self._make = source, make
        self._stream: _Stream | None = make()
        self._waiting = memoryview(b"")
        self._packed = self._unpacked = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        while not self._waiting and self._stream is not None:
            self._waiting = memoryview(self._next(self._stream))
        part, self._waiting = self._waiting[: len(buffer)], self._waiting[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)

    def close(self) -> None:
        if not self.closed:
            self._source.close()
        super().close()

    def _next(self, stream: _Stream) -> bytes:
        """What comes of the next bytes of the source, perhaps nothing yet."""
        if stream.eof:
            following = self._after(stream.unused_data)
            self._stream = self._make() if following else None
            return self._made(self._stream, following) if self._stream else b""
        packed = self._read()
        if not packed:
            raise EOFError("the file is cut off: its compressed data have no end")
        return self._made(stream, packed)

    def _after(self, rest: bytes) -> bytes:
        """What follows the end of a stream, but for zeros."""
        while not (rest := rest.lstrip(b"\0")):
            if not (rest := self._read()):
                return b""
        return rest

    def _read(self) -> bytes:
        packed = self._source.read(_CHUNK)
        self._packed += len(packed)
        return packed

    def _made(self, stream: _Stream, packed: bytes) -> bytes:
        unpacked = stream.decompress(packed)
        self._unpacked += len(unpacked)
        check_ratio(self._unpacked, self._packed)
        return unpacked
