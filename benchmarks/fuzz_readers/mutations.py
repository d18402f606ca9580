"""Ways in which files go wrong: values of another shape, lines and bytes that are damaged, streams that are cut off."""

import bz2
import copy
import gzip
import json
import lzma
import random
from collections.abc import Callable
from typing import Any

import zstandard

COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.ZstdCompressor(write_checksum=True).compress,
}
DEEP = 1200
STRANGE: tuple[Any, ...] = (
    None, True, False, 0, -1, 3, 2**63, 10**30, 10**400, 1.5, -0.0, 1e308, float("nan"), float("inf"),
    "", " ", "0", "x", "ar", "english", "\x1b[31mred\x07", "a\u202eb", "a\u2028b", "a\rb", "a\nb", "a\tb", "a\0b",
    "\ud800", "x" * 5000, "\ufeff", [], {}, [[]], [None], [1], ["x"], {"x": 1}, {"en": None}, {"en": ["x"]}, {"": ""},
)  # fmt: skip
"""What may stand where something else was meant."""


def change_value(tree: Any, rng: random.Random) -> Any:
    """A copy of a JSON value with one field or element dropped, doubled, renamed, nested, moved or of another type."""
    tree = copy.deepcopy(tree)
    holders = list(_holders(tree))
    if not holders:
        return tree
    holder = rng.choice(holders)
    keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
    key = rng.choice(keys)
    match rng.choice(("drop", "retype", "retype", "nest", "list", "rename", "double", "swap", "deep", "edit")):
        case "drop":
            del holder[key]
        case "retype":
            holder[key] = copy.deepcopy(rng.choice(STRANGE))
        case "nest":
            holder[key] = {"value": holder[key]}
        case "list":
            holder[key] = [holder[key]]
        case "rename" if isinstance(holder, dict):
            holder[rng.choice((f"{key}s", str(key).upper(), f" {key}", "x", "\x1b", ""))] = holder.pop(key)
        case "double" if isinstance(holder, list):
            holder.insert(key, copy.deepcopy(holder[key]))
        case "swap":
            other = rng.choice(keys)
            holder[key], holder[other] = holder[other], holder[key]
        case "deep":
            for _ in range(DEEP // 2):
                holder[key] = [holder[key]]
        case _ if isinstance(holder[key], str):
            text = holder[key]
            at = rng.randrange(len(text) + 1)
            holder[key] = text[:at] + rng.choice(("\x00", "\x1b[2J", "\u202e", "\ud83d", "é", "\u2028")) + text[at:]
        case _:
            holder[key] = copy.deepcopy(rng.choice(STRANGE))
    return tree


def _holders(tree: Any) -> Any:
    if isinstance(tree, dict | list) and tree:
        yield tree
    for inner in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from _holders(inner)


def change_lines(content: bytes, rng: random.Random) -> bytes:
    """Text with a line or its ends changed: marks, foreign bytes, keys twice, numbers and lists without end."""
    lines = content.split(b"\n")
    at = rng.randrange(len(lines))
    line = lines[at]
    foreign = rng.choice(
        (b"\0", b"\r", b"\x1b[31m", b"\xff", b"\xc3", b"\xe2\x80\xa8", b"\xef\xbb\xbf", b"\xed\xa0\x80")
    )
    match rng.randrange(14):
        case 0:
            lines.insert(
                at, rng.choice((b"", b"  ", b"\t", b"\xe2\x80\xa8", b"#", b"null", b"[]", b"{}", b"0", b"..."))
            )
        case 1:
            lines[at] = b"\xef\xbb\xbf" + line
        case 2:
            lines[at] = line + b"\r"
        case 3:
            return content.replace(b"\n", b"\r\n")
        case 4:
            return content.replace(b"\n", b"\r")
        case 5:
            lines[at] = line.replace(b": ", b": " + b"[" * DEEP, 1)
        case 6:
            lines[at] = line.replace(b": ", b": " + b"9" * 5000, 1)
        case 7:  # a key twice
            lines[at] = line.replace(b'{"', b'{"id": "twice", "', 1)
        case 8:
            lines[at] = line.replace(b"a", rng.choice((b"\\ud800", b"\\udc00x")), 1)
        case 9:
            lines.insert(at, line)
        case 10:
            del lines[at]
        case 11:
            lines[at] = line.replace(b"\t", b" ") if b"\t" in line else line.replace(b" ", b"\t", 1)
        case 12:
            lines[at] = line[: rng.randrange(len(line) + 1)]
        case _:
            place = rng.randrange(len(line) + 1)
            lines[at] = line[:place] + foreign + line[place:]
    return b"\n".join(lines)


def change_bytes(content: bytes, rng: random.Random) -> bytes:
    """Bytes that are cut, flipped, zeroed, moved, doubled or in another encoding."""
    at, length = rng.randrange(len(content) + 1), rng.choice((1, 2, 8, 100))
    match rng.randrange(9):
        case 0:
            return content[:at]
        case 1:
            return content[at:]
        case 2:
            return content[:at] + bytes(rng.randrange(256) for _ in range(length)) + content[at + length :]
        case 3:
            return content[:at] + bytes(length) + content[at + length :]
        case 4:
            return content[:at] + content[at + length :]
        case 5:
            return content[:at] + content[max(0, at - length) : at] + content[at:]
        case 6:
            return _encoded(content, rng.choice(("utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252")))
        case 7:
            return rng.choice((b"", b"\0" * 64, b"PK\x03\x04", b"\x1f\x8b\x08", b"<html>", b"version https://git-lfs"))
        case _:
            return content + rng.choice((content, b"\0", b"\xff", b"x", b"\n\n"))


def _encoded(content: bytes, encoding: str) -> bytes:
    try:
        return content.decode().encode(encoding, "replace")
    except UnicodeDecodeError:
        return content[::-1]


def compressed(content: bytes, suffix: str, rng: random.Random) -> tuple[bytes, bool]:
    """Content compressed, in one stream or in several cut at line ends, and perhaps broken then; whether it was."""
    lines = content.splitlines(keepends=True)
    at = rng.randrange(len(lines) + 1)
    if rng.random() < 0.5:
        whole = b"".join(COMPRESS[suffix](b"".join(part)) for part in (lines[:at], lines[at:]))
    elif suffix == ".zst":
        stream = zstandard.ZstdCompressor(write_checksum=True).compressobj()
        blocks = [stream.compress(line) + stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK) for line in lines]
        if rng.random() < 0.5:
            return b"".join(blocks[: at + 1]), True
        whole = b"".join([*blocks, stream.flush()])
    else:
        whole = COMPRESS[suffix](content)
    match rng.randrange(4):
        case 0:
            return whole, False
        case 1:
            return whole[: rng.randrange(len(whole))], True
        case 2:
            return whole + rng.choice((b"x", b"garbage" * 10, whole[:8], whole[1:])), True
        case _:
            return change_bytes(whole, rng), True


def as_lines(records: list[Any]) -> bytes:
    """JSON lines, of whatever can be written so."""
    return "".join(f"{json.dumps(record, ensure_ascii=False)}\n" for record in records).encode("utf-8", "surrogatepass")
