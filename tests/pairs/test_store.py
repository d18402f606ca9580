import json
import pickle
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from itertools import product
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from equilingua.errors import InputError, Problems
from equilingua.files import cache_folder
from equilingua.pairs import store
from equilingua.pairs.answers import text_key
from equilingua.pairs.pair import ParallelPair
from equilingua.pairs.parts import ROWS_PER_PART
from equilingua.pairs.store import ParallelPairs

LANGUAGES = ("de", "en", "fi")
sides = st.dictionaries(st.sampled_from(LANGUAGES), st.text(min_size=1, max_size=12), min_size=1)
pairs_strategy = st.lists(
    st.builds(
        ParallelPair,
        id=st.text(min_size=1, max_size=4),
        source=st.sampled_from(["a", "b"]),
        queries=sides,
        passages=sides,
        numbers=st.dictionaries(st.sampled_from(["fit", "size"]), st.floats(-2, 2)),
        negatives=st.dictionaries(st.sampled_from(LANGUAGES), st.tuples(st.text(min_size=1, max_size=3)), max_size=2),
        provenance=st.dictionaries(st.sampled_from(LANGUAGES), st.just("native"), max_size=2),
    ),
    min_size=1,
    max_size=30,
)


def pair(number: int, languages: Iterable[str] = ("en", "fi"), source: str = "s", **fields) -> ParallelPair:
    texts = {tag: f"{tag} query {number}" for tag in languages}
    return ParallelPair(f"id{number}", source, texts, {tag: f"{tag} passage {number}" for tag in languages}, **fields)


def write(path: Path, pairs: Iterable[ParallelPair]) -> Path:
    lines = [
        json.dumps({"id": p.id, "source": p.source, "queries": p.queries, "passages": p.passages} | p.numbers)
        for p in pairs
    ]
    path.write_text("\n".join(lines))
    return path


def by_text(pairs: Iterable[ParallelPair]) -> list[str]:
    return sorted(repr((p.id, p.source, sorted(p.queries.items()), sorted(p.passages.items()))) for p in pairs)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(pairs=pairs_strategy)
def test_every_pair_comes_back_as_it_was_stored(pairs: list[ParallelPair]) -> None:
    def sorted_records(records: Iterable[ParallelPair]) -> list[str]:
        fields = ("queries", "passages", "negatives", "provenance", "numbers")
        return sorted(
            repr((record.id, record.source, *(sorted(getattr(record, field).items()) for field in fields)))
            for record in records
        )

    assert sorted_records(ParallelPairs.from_pairs(pairs)) == sorted_records(pairs)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(
    pairs=pairs_strategy,
    languages=st.sets(st.sampled_from(LANGUAGES), min_size=1),
    longest=st.integers(1, 12),
    least=st.floats(-2, 2),
)
def test_a_selection_keeps_what_a_loop_over_the_records_keeps(
    pairs: list[ParallelPair], languages: set[str], longest: int, least: float
) -> None:
    def kept(record: ParallelPair) -> ParallelPair | None:
        if record.numbers.get("fit", least) < least:
            return None
        queries, passages = (
            {tag: text for tag, text in side.items() if tag in languages and len(text) <= longest}
            for side in (record.queries, record.passages)
        )
        return ParallelPair(record.id, record.source, queries, passages) if queries and passages else None

    store = ParallelPairs.from_pairs(pairs)
    expected = by_text(found for found in map(kept, pairs) if found)
    where = [f"fit>={least!r}"] if any("fit" in p.numbers for p in pairs) else []
    present = [tag for tag in languages if tag in store.languages]
    if not expected or not present:
        return
    assert by_text(store.select(languages=present, where=where, max_characters=longest)) == expected


def test_several_files_are_one_store_and_parts_are_crossed(tmp_path: Path) -> None:
    first = write(tmp_path / "a.jsonl", [pair(n) for n in range(ROWS_PER_PART + 3)])
    second = write(tmp_path / "b.jsonl", [pair(n, ["en"], "t") for n in range(2)])
    pairs = ParallelPairs.read(first, second, progress=False)
    assert len(pairs) == ROWS_PER_PART + 5
    assert pairs.languages == ("en", "fi")
    assert pairs.sources == ("s", "t")
    assert pairs[ROWS_PER_PART + 2].id == f"id{ROWS_PER_PART + 2}"
    assert [p.source for p in (pairs[-2], pairs[-1])] == ["t", "t"]


def test_a_file_is_stored_once_and_found_again_by_content(tmp_path: Path) -> None:
    path = write(tmp_path / "p.jsonl", [pair(1)])
    ParallelPairs.read(path)
    stores = list((cache_folder() / "pairs").iterdir())
    before = stores[0].stat().st_mtime_ns
    assert by_text(ParallelPairs.read(path)) == by_text([pair(1)])
    assert [store.stat().st_mtime_ns for store in (cache_folder() / "pairs").iterdir()] == [before]


def test_a_changed_file_is_read_anew(tmp_path: Path) -> None:
    path = write(tmp_path / "p.jsonl", [pair(1)])
    old = ParallelPairs.read(path)
    write(path, [pair(2)])
    new = ParallelPairs.read(path)
    assert (old[0].id, new[0].id) == ("id1", "id2")
    assert old.fingerprint != new.fingerprint


def test_bad_lines_leave_nothing_behind(tmp_path: Path) -> None:
    path = write(tmp_path / "p.jsonl", [pair(1)])
    path.write_text(path.read_text() + "\n{broken\n")
    for _ in range(2):  # the second time must not find what the first one wrote
        with pytest.raises(InputError, match=r"p\.jsonl:2: broken JSON"):
            ParallelPairs.read(path)
        assert list((cache_folder() / "pairs").iterdir()) == []


def test_with_problems_collected_good_lines_are_kept_and_a_strict_reader_still_refuses(tmp_path: Path) -> None:
    path = write(tmp_path / "p.jsonl", [pair(1)])
    path.write_text(path.read_text() + "\n{broken\n")
    for _ in range(2):  # the problems are told again when the store is found in the cache
        problems = Problems("files")
        assert len(ParallelPairs.read(path, problems=problems)) == 1
        assert problems.count == 1
    with pytest.raises(InputError, match=r"p\.jsonl:2: broken JSON"):
        ParallelPairs.read(path)


FULL_DISK = """
import resource, sys
from equilingua.pairs.store import ParallelPairs
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    ParallelPairs.read(sys.argv[1], progress=False)
except ValueError as error:
    print(error)
"""


def test_a_disk_without_room_leaves_nothing_behind(tmp_path: Path) -> None:
    path = write(tmp_path / "p.jsonl", [pair(n) for n in range(5_000)])
    done = subprocess.run([sys.executable, "-c", FULL_DISK, str(path)], capture_output=True, text=True, check=True)
    assert "no room to store the pairs of" in done.stdout
    assert "nothing was kept. Free some space, or set EQUILINGUA_CACHE" in done.stdout
    assert list((cache_folder() / "pairs").iterdir()) == []
    assert len(ParallelPairs.read(path, progress=False)) == 5_000


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"languages": ["de"]}, r"no pair has the language 'de'\. Allowed: en, fi\."),
        ({"languages": ["xx"]}, "unknown language 'xx'"),
        ({"sources": ["squat"]}, r"no pair has the source 'squat'"),
        ({"where": ["fitt>=1"]}, r"no pair has the numeric column 'fitt'\. Did you mean 'fit'\?"),
        ({"where": ["fit~1"]}, "condition 'fit~1': write a column, one of"),
        ({"where": ["fit>=9"]}, "none of the 3 pairs is left"),
        ({"max_characters": 0}, "max_characters must be at least 1, got 0"),
    ],
)
def test_a_selection_that_cannot_be_says_why(options: dict, message: str) -> None:
    pairs = ParallelPairs.from_pairs([pair(n, numbers={"fit": float(n)}) for n in range(3)])
    with pytest.raises(InputError, match=message):
        pairs.select(**options)


def test_selections_stack_and_change_the_fingerprint() -> None:
    pairs = ParallelPairs.from_pairs([pair(n, numbers={"fit": float(n)}) for n in range(5)])
    once = pairs.select(where=["fit>=1"])
    twice = once.select(where=["fit<4"], languages=["fi"])
    assert [p.id for p in twice] == ["id1", "id2", "id3"]
    assert twice.languages == ("fi",)
    assert len({pairs.fingerprint, once.fingerprint, twice.fingerprint}) == 3


def test_the_fingerprint_tells_how_a_file_was_read_and_nothing_else(tmp_path: Path) -> None:
    context = {"context": "There. Here.", "qas": [{"id": "1", "question": "Where?", "answers": [{"answer_start": 7}]}]}
    (tmp_path / "s.json").write_text(json.dumps({"data": [{"paragraphs": [context]}]}))
    (tmp_path / "other.json").write_bytes((tmp_path / "s.json").read_bytes())
    german, english, renamed = (
        ParallelPairs.read(tmp_path / name, language=language, progress=False)
        for name, language in (("s.json", "de"), ("s.json", "en"), ("other.json", "en"))
    )
    assert len({german.fingerprint, english.fingerprint, renamed.fingerprint}) == 3
    assert english.select().fingerprint == english.fingerprint


def test_pairs_written_otherwise_are_stored_anew_and_keep_their_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    before = ParallelPairs.from_pairs([pair(n) for n in range(3)])
    monkeypatch.setattr(store, "LAYOUT", store.LAYOUT + 1)
    after = ParallelPairs.from_pairs([pair(n) for n in range(3)])
    assert len(list((cache_folder() / "pairs").glob("*-*"))) == 2
    assert after.fingerprint == before.fingerprint
    monkeypatch.setattr(store, "READING", store.READING + 1)
    assert ParallelPairs.from_pairs([pair(n) for n in range(3)]).fingerprint != before.fingerprint


def test_a_store_can_be_sent_to_another_process() -> None:
    pairs = ParallelPairs.from_pairs([pair(n) for n in range(4)]).select(languages=["en"])
    again = pickle.loads(pickle.dumps(pairs))
    assert list(again) == list(pairs)


def test_positions_outside_raise() -> None:
    pairs = ParallelPairs.from_pairs([pair(0)])
    with pytest.raises(IndexError):
        pairs[1]


@pytest.mark.parametrize(
    "change",
    [
        {"replaced_passages": {"en": "en passage of before"}},
        {"replaced_queries": {"en": "en query of before"}},
        {"negatives": {"en": ("wrong",)}},
        {"provenance": {"en": "native"}},
        {"numbers": {"fit": 0.5}},
        {"sentences": True, "passages": {"en": "en query 0", "fi": "fi query 0"}},
        {"source": "other"},
        {"id": "other"},
    ],
)
def test_records_that_differ_in_anything_are_other_pairs(change: dict) -> None:
    one = pair(0)
    pairs = [ParallelPairs.from_pairs([record]) for record in (one, replace(one, **change))]
    assert pairs[0].fingerprint != pairs[1].fingerprint
    assert [next(iter(store)) for store in pairs] == [one, replace(one, **change)]


def test_the_same_pairs_have_one_store_in_whatever_order_their_languages_stand() -> None:
    one = pair(0)
    turned = replace(one, queries=dict(reversed(one.queries.items())), passages=MappingProxyType(dict(one.passages)))
    assert ParallelPairs.from_pairs([one]).fingerprint == ParallelPairs.from_pairs([turned]).fingerprint


def test_answers_are_those_of_a_search_over_all_pairs_of_all_files() -> None:
    rng = np.random.default_rng([0])

    def texts(what: str) -> dict[str, str]:
        tags = rng.permutation(LANGUAGES)[: rng.integers(1, 4)].tolist()
        return {tag: f"{tag} {what} {rng.integers(0, 12)}" for tag in tags}

    records = [ParallelPair(f"id{n}", "s", texts("query"), texts("passage")) for n in range(24)]
    stores = [ParallelPairs.from_pairs(records[:10], name="a"), ParallelPairs.from_pairs(records[10:], name="b")]
    answers = ParallelPairs.joined(stores).answers

    def joined(side: str) -> list[set[int]]:
        groups = [{n} for n in range(len(records))]
        for _ in records:
            for n, m in product(range(len(records)), repeat=2):
                if getattr(records[n], side).items() & getattr(records[m], side).items():
                    groups[n] = groups[m] = groups[n] | groups[m]
        return groups

    questions, passages = joined("queries"), joined("passages")
    assert 1 < len({min(group) for group in passages}) < len(records)
    for n in range(len(records)):
        assert set(np.flatnonzero(answers.queries == answers.queries[n])) == questions[n]
        assert set(np.flatnonzero(answers.passages == answers.passages[n])) == passages[n]
        right = {int(answers.passages[m]) for m in questions[n]}
        assert set(answers.answering(n).tolist()) == right
        for language, text in records[n].passages.items():
            assert answers.passage_of(text_key(language, text)) == answers.passages[n]
    assert answers.passage_of(text_key("en", "of no pair")) is None


@pytest.mark.shared_data
def test_real_pairs_have_the_published_counts(shared_data: Path) -> None:
    pairs = ParallelPairs.read(shared_data / "pairs" / "squad.dev.jsonl.gz", progress=False)
    counts = {tag: len(pairs.select(languages=[tag])) for tag in ("en", "zh", "it", "da", "es", "fi", "sv", "id")}
    assert counts == {
        "en": 9254, "zh": 6957, "it": 5944, "da": 5743, "es": 4784, "fi": 4599, "sv": 4491, "id": 3277,
    }  # fmt: skip


def test_numeric_columns_follow_the_selection() -> None:
    records = [
        ParallelPair(str(n), "b" if n % 2 else "a", {"en": f"q{n}"}, {"en": f"p{n}"}, numbers={"fit": n} if n else {})
        for n in range(4)
    ]
    pairs = ParallelPairs.from_pairs(records)
    assert pairs.number_columns == ("fit",)
    assert np.array_equal(pairs.numbers("fit"), [np.nan, 2, 1, 3], equal_nan=True)
    assert pairs.select(sources=["b"]).numbers("fit").tolist() == [1, 3]
