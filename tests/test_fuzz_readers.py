"""A short run of ``benchmarks/fuzz_readers``: no reader crashes, hangs or loses anything without a word."""

import importlib
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def fuzzing() -> ModuleType:
    if not (ROOT / "benchmarks" / "fuzz_readers").is_dir():
        pytest.skip("benchmarks/ lies beside a checkout's tests only")
    sys.path.insert(0, str(ROOT))
    try:
        return importlib.import_module("benchmarks.fuzz_readers.run")
    finally:
        sys.path.remove(str(ROOT))


@pytest.mark.parametrize("begin", [0, 1_000_000])
def test_no_reader_crashes_hangs_or_loses_anything_silently(fuzzing: ModuleType, begin: int) -> None:
    outcomes = fuzzing.run(range(begin, begin + 400))
    wrong = [one for one in outcomes if one.kind not in (fuzzing.REFUSED, fuzzing.READ)]
    assert wrong == []
    readers = {one.reader for one in outcomes}
    assert len(readers) >= 25


def test_what_is_lost_without_a_word_is_noticed(fuzzing: ModuleType, tmp_path: Path) -> None:
    """A reader that gives all but one row loses it, and one that raises anything else crashes."""
    rows = [{"id": str(number), "text": "t"} for number in range(4)]
    inputs = importlib.import_module("benchmarks.fuzz_readers.inputs")

    def given(read: object) -> object:
        return inputs.Input("r", "lines", "r.jsonl", rows, {}, read, inputs._by_id("id", "text"))

    sound = Counter(given(None).parts(rows))
    for read, kind in (
        (lambda _: Counter(list(sound)[1:]), fuzzing.LOSS),
        (lambda _: Counter({("0", "other"): 4}), fuzzing.LOSS),
        (lambda _: {}["x"], fuzzing.TRACEBACK),
        (lambda _: sound, fuzzing.READ),
    ):
        assert fuzzing._judged(given(read), 0, tmp_path, sound).kind == kind
