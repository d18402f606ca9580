"""Changes the input of every reader in thousands of ways, and counts what it does wrong.

    python benchmarks/fuzz_readers/run.py --count 10000 --write

Wrong is any error but one that tells the user what is the matter (a traceback), a read that takes ten seconds (a hang),
and a read that tells nothing although something of the file is missing or different in what it gives (a silent loss).
With --write the table of docs/reading.md is made anew.
"""

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import Pool
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.fuzz_readers.inputs import Found, Input, every_input, zipped
from benchmarks.fuzz_readers.mutations import COMPRESS, change_bytes, change_lines, change_value, compressed

from equilingua.errors import EquilinguaWarning, InputError
from equilingua.tables import Table

CHANGED = ("changed", "")
PAGE = Path(__file__).parents[2] / "docs" / "reading.md"
BEGIN, END = "<!-- results -->", "<!-- end of results -->"
SECONDS = 10
TRACEBACK, HANG, LOSS, REFUSED, READ = "tracebacks", "hangs", "silent losses", "refused", "read"


@dataclass(frozen=True)
class Outcome:
    """What a reader did with a changed input, and what is wrong with that."""

    reader: str
    seed: int
    kind: str
    told: str = ""


class _HangError(BaseException):
    pass


def fuzz(inputs: list[Input], seed: int) -> Outcome:
    """One change of one reader's input, all drawn from a seed."""
    rng = random.Random(seed)
    given = inputs[seed % len(inputs)]
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    try:
        for name, content in given.others.items():
            _write(folder / name, content)
        expected = _change(given, folder, rng)
        given.after(folder)
        return _judged(given, seed, folder, expected)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _judged(given: Input, seed: int, folder: Path, expected: Found) -> Outcome:
    try:
        with _limited(), warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", EquilinguaWarning)
            found = given.read(folder)
    except InputError as error:
        told = str(error)
        return Outcome(given.name, seed, REFUSED if told.strip() else TRACEBACK, told)
    except _HangError:
        return Outcome(given.name, seed, HANG)
    except Exception as error:  # noqa: BLE001  any error is what is looked for
        return Outcome(given.name, seed, TRACEBACK, f"{type(error).__name__}: {error}"[:200])
    if any(issubclass(one.category, EquilinguaWarning) for one in caught):
        return Outcome(given.name, seed, READ)
    missing = Counter({part: count for part, count in expected.items() if part != CHANGED}) - found
    if missing or found.total() < expected.total():
        first = next(iter(missing), "a part that was changed")
        return Outcome(given.name, seed, LOSS, f"{found.total()} of {expected.total()} found, without {first!r:.150}")
    return Outcome(given.name, seed, READ)


def _change(given: Input, folder: Path, rng: random.Random) -> Found:
    """Write the changed file; gives what it surely still holds."""
    path = folder / given.file
    if given.kind == "zip":
        zipped(given.base, path)
        whole = path.read_bytes()
        path.write_bytes(change_bytes(whole, rng))
        rows = [json.loads(line) for line in given.base["corpus.jsonl"].splitlines()]
        return Counter(given.parts(rows))
    sound = Counter(given.parts(given.base))
    choice = rng.random()
    if choice < 0.5 and given.kind in ("lines", "document", "parquet"):
        value = change_value(given.base, rng)
        try:
            content = given.content(value)
        except Exception:  # noqa: BLE001  what no writer can write is no input
            value, content = given.base, given.content(given.base)
        expected = _surely(given, value, sound)
    elif choice < 0.75 and given.kind not in ("parquet", "bytes"):
        content = change_lines(given.content(given.base), rng)
        expected = _surely(given, _parsed(given, content), sound)
    else:
        content = change_bytes(given.content(given.base), rng)
        expected = sound if given.kind in ("parquet", "bytes") else _surely(given, _parsed(given, content), sound)
    if given.compressible and rng.random() < 0.4:
        suffix = rng.choice(list(COMPRESS))
        content, _ = compressed(content, suffix, rng)
        path = path.with_name(path.name + suffix)
    _write(path, content)
    return expected


def _surely(given: Input, value: Any, sound: Found) -> Found:
    """Parts that are as they were have to be found as they are; of others as many as there are, whatever they say."""
    try:
        parts = list(given.parts(value))
    except (TypeError, AttributeError, ValueError, RecursionError):
        return Counter()  # nothing of it can be found; that it is told is not asked for
    return Counter(part if part in sound else CHANGED for part in parts)


def _parsed(given: Input, content: bytes) -> Any:
    """What a file holds, as the standard library reads it; lines that it cannot read are there, and hold nothing."""
    match given.kind:
        case "lines":
            return [
                _json(line) for line in content.replace(b"\r", b"\n").split(b"\n") if line.strip(b" \t\xef\xbb\xbf")
            ]
        case "document":
            return _json(content)
        case "toml":
            return content.decode("utf-8", "replace")
        case _:
            lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
            return [
                tuple(line.decode("utf-8", "replace").split("\t")) for line in lines if line.strip(b" \r\xef\xbb\xbf")
            ]


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return {"id": None}


@contextmanager
def _limited() -> Iterator[None]:
    def end(*_: object) -> None:
        raise _HangError

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def run(seeds: range, *, processes: int = 1) -> list[Outcome]:
    """The outcomes of these seeds."""
    with tempfile.TemporaryDirectory() as work:
        os.environ["EQUILINGUA_CACHE"] = f"{work}/cache"
        global _inputs  # noqa: PLW0603  processes are forked, and find it there
        (Path(work) / "made").mkdir()
        _inputs = every_input(Path(work) / "made")
        if processes == 1:
            return [fuzz(_inputs, seed) for seed in seeds]
        with Pool(processes) as pool:
            return pool.map(_fuzz_seed, seeds, chunksize=50)


_inputs: list[Input] = []


def _fuzz_seed(seed: int) -> Outcome:
    return fuzz(_inputs, seed)


def table(outcomes: list[Outcome]) -> Table:
    """A row a reader, and one of all."""
    kinds = (REFUSED, READ, TRACEBACK, HANG, LOSS)
    counts = Counter((outcome.reader, outcome.kind) for outcome in outcomes)
    rows = []
    for reader in dict.fromkeys(outcome.reader for outcome in outcomes):
        of_reader = [counts[reader, kind] for kind in kinds]
        rows.append((reader, f"{sum(of_reader):,}", *(f"{count:,}" for count in of_reader)))
    total = [sum(counts[row[0], kind] for row in rows) for kind in kinds]
    rows.append(("all", f"{sum(total):,}", *(f"{count:,}" for count in total)))
    return Table("", ("reader", "changed inputs", *kinds), tuple(rows))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    begun = time.perf_counter()
    seeds = range(arguments.seed, arguments.seed + arguments.count)
    outcomes = run(seeds, processes=arguments.processes)
    for outcome in outcomes:
        if outcome.kind in (TRACEBACK, HANG, LOSS):
            print(f"seed {outcome.seed}: {outcome.reader}: {outcome.kind}: {outcome.told!r}")
    print(table(outcomes))
    print(f"{time.perf_counter() - begun:.0f} s")
    if arguments.write:
        text = PAGE.read_text(encoding="utf-8")
        before, after = text.split(BEGIN)[0], text.split(END)[1]
        told = f"{arguments.count:,} changed inputs, seeds from {arguments.seed}:"
        lines = "\n\n".join([BEGIN, told, *table(outcomes).markdown_parts(), END])
        PAGE.write_text(f"{before}{lines}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
