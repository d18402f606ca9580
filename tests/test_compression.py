"""Compressed files say so where their end is missing, or something else follows it."""

import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from equilingua.archives import files_below
from equilingua.compression import COMPRESSIONS, decompressed
from equilingua.data_files import data_file
from equilingua.errors import InputError, Problems
from equilingua.rows import document, read_rows

COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.compress,
}
LINES = [f'{{"id": {number}}}\n'.encode() for number in range(1000)]
CONTENT = b"".join(LINES)

every_compression = pytest.mark.parametrize("suffix", COMPRESSIONS)


def unpacked(content: bytes, suffix: str) -> bytes:
    return decompressed(io.BytesIO(content), suffix).read()


def in_blocks(lines: list[bytes]) -> list[bytes]:
    """The bytes of a .zst file, a block of each line."""
    compressor = zstandard.ZstdCompressor(level=3).compressobj()
    blocks = [compressor.compress(line) + compressor.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK) for line in lines]
    return [*blocks, compressor.flush()]


@every_compression
def test_several_streams_in_one_file_are_read_one_after_another(suffix: str) -> None:
    one = COMPRESS[suffix](CONTENT)
    empty = COMPRESS[suffix](b"")
    assert unpacked(one, suffix) == CONTENT
    assert unpacked(one + empty + one + empty, suffix) == 2 * CONTENT
    assert unpacked(one + bytes(512) + one + bytes(70_000), suffix) == 2 * CONTENT


@every_compression
@pytest.mark.parametrize("before", [b"", CONTENT])
def test_a_stream_cut_at_any_byte_is_told(suffix: str, before: bytes) -> None:
    first, second = (COMPRESS[suffix](before) if before else b""), COMPRESS[suffix](b"".join(LINES[:20]))
    for length in range(bool(before), len(second)):
        with pytest.raises((EOFError, OSError, ValueError, lzma.LZMAError, zstandard.ZstdError)):
            unpacked(first + second[:length], suffix)


@every_compression
def test_what_follows_a_stream_and_is_none_is_told(suffix: str) -> None:
    for rest in (b"no stream at all", CONTENT, COMPRESS[suffix](CONTENT)[1:], b"\0\0x" + bytes(40_000)):
        with pytest.raises(Exception, match=r"."):
            unpacked(COMPRESS[suffix](CONTENT) + rest, suffix)


@pytest.mark.parametrize("kept", [1, 503, 999, 1000])
def test_a_zst_file_cut_where_a_block_ends_at_a_line_end_is_told(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "p.jsonl.zst"
    path.write_bytes(b"".join(in_blocks(LINES)[:kept]))
    problems = Problems("p")
    assert len(list(read_rows(data_file(path), problems))) == kept
    assert problems.shown == [
        f"{path}:{kept + 1}: cannot be read further: the file is cut off: its compressed data have no end"
    ]
    path.write_bytes(b"".join(in_blocks(LINES)))
    assert len(list(read_rows(data_file(path), Problems("p")))) == 1000


@pytest.mark.parametrize("suffix", COMPRESSIONS)
def test_a_document_and_a_member_of_an_archive_that_are_cut_off_are_told(tmp_path: Path, suffix: str) -> None:
    cut = COMPRESS[suffix](b"[1,\n2]\n" + bytes(1000).replace(b"\0", b" "))[:-3]
    path = tmp_path / f"d.json{suffix}"
    path.write_bytes(cut)
    with zipfile.ZipFile(tmp_path / "d.zip", "w") as archive:
        archive.write(path, path.name)
    for file in (data_file(path), *files_below(tmp_path / "d.zip").values()):
        with pytest.raises(InputError, match=r"d\.json\.\w+: cannot be read: .*cut off"):
            document(file)


@every_compression
def test_a_file_that_unpacks_without_end_is_refused_before_it_fills_the_memory(
    suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("equilingua.compression.MOST_UNPACKED", 1 << 22)
    source = io.BytesIO(COMPRESS[suffix](bytes(1 << 20)) * 20)
    with pytest.raises(OSError, match=r"bytes unpack to more than [\d,]+, as no data do"):
        decompressed(source, suffix).read()
    assert unpacked(COMPRESS[suffix](CONTENT) * 500, suffix) == CONTENT * 500


@pytest.mark.parametrize("length", [0, 3, 4, 100, -1, -4, -8, -9, -200])
def test_parquet_without_its_end_is_told(tmp_path: Path, length: int) -> None:
    path = tmp_path / "p.parquet"
    pq.write_table(pa.table({"id": [f"{number}" for number in range(1000)]}), path)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(InputError, match=r"p\.parquet: not a Parquet file: "):
        list(read_rows(data_file(path), Problems("p")))
