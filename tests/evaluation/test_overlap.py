import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.overlap import TrainedOn, benchmark_target, read_trained_on, trained_on
from equilingua.evaluation.result import EvaluationResult
from equilingua.files import cache_folder
from equilingua.pairs.pair import ParallelPair
from equilingua.pairs.store import ParallelPairs
from equilingua.reports.tables import results_table, settings_table
from equilingua.training.record import DataRecord, TrainingRecord


def texts_of(benchmark: Benchmark) -> list[ParallelPair]:
    """The queries of a benchmark with a passage that answers each."""
    passages = {
        id_: text for corpus in benchmark.corpora.values() for id_, text in zip(corpus.ids, corpus.texts, strict=True)
    }
    return [
        ParallelPair(f"{tag}/{id_}", "s", {tag: text}, {tag: passages[next(iter(benchmark.qrels[tag][id_]))]})
        for tag, rows in benchmark.queries.items()
        for id_, text in zip(rows.ids, rows.texts, strict=True)
        if benchmark.qrels[tag].get(id_)
    ]


def trained(folder: Path, pairs: ParallelPairs, model: dict | None = None) -> Path:
    """A folder with the record of a training on pairs."""
    data = DataRecord.of(pairs)
    start = {"from_scratch": "static"} if model is None else model
    TrainingRecord("finished", start, {}, {}, {}, data, None, {}, {}).write(folder)
    return folder


@pytest.fixture
def file(small_benchmark: Benchmark, tmp_path: Path) -> Path:
    lines = [
        json.dumps({"id": pair.id, "source": "s", "queries": pair.queries, "passages": pair.passages})
        for pair in texts_of(small_benchmark)
    ]
    path = tmp_path / "own.jsonl"
    path.write_text("\n".join(lines))
    return path


def test_pairs_are_compared_by_the_cache_and_else_by_their_files(
    small_benchmark: Benchmark, file: Path, tmp_path: Path
) -> None:
    folder = trained(tmp_path / "run", ParallelPairs.read(file, progress=False))
    found = trained_on(folder, small_benchmark, progress=False)
    assert found is not None
    [overlap] = found.overlaps
    assert overlap.queries.same == overlap.queries.total == len(benchmark_target(small_benchmark).queries)
    assert found.not_compared == ()
    shutil.rmtree(cache_folder())
    assert trained_on(folder, small_benchmark, progress=False) == found
    shutil.rmtree(cache_folder())
    file.write_text(file.read_text().splitlines()[0])
    changed = trained_on(folder, small_benchmark, progress=False)
    assert changed is not None
    assert changed.overlaps == ()
    assert changed.not_compared[0].startswith(f"{folder}: its pairs ({file}) are not there as they were")


def test_a_selection_is_compared_and_not_the_rest_of_its_file(
    small_benchmark: Benchmark, file: Path, tmp_path: Path
) -> None:
    pairs = ParallelPairs.read(file, progress=False)
    [first, *_] = pairs.languages
    folder = trained(tmp_path / "run", pairs.select(languages=[first]))
    for _ in range(2):
        found = trained_on(folder, small_benchmark, progress=False)
        assert found is not None
        assert found.overlaps[0].queries.languages == (first,)
        shutil.rmtree(cache_folder())


def test_what_a_model_went_on_from_is_compared_too_or_told(
    small_benchmark: Benchmark, file: Path, tmp_path: Path
) -> None:
    first = trained(tmp_path / "first", ParallelPairs.read(file, progress=False))
    other = ParallelPairs.from_pairs([ParallelPair("1", "s", {"en": "unrelated"}, {"en": "nothing alike"})])
    second = trained(tmp_path / "second", other, {"name": str(first)})
    found = trained_on(second, small_benchmark, progress=False)
    assert found is not None
    assert [overlap.queries.count > 0 for overlap in found.overlaps] == [False, True]
    third = trained(tmp_path / "third", other, {"name": "some/model", "revision": None})
    found = trained_on(third, small_benchmark, progress=False)
    assert found is not None
    assert [overlap.queries.count for overlap in found.overlaps] == [0]
    assert found.not_compared[0].startswith("some/model: what it was trained on is not known")


@pytest.mark.parametrize("model", ["bm25", "tfidf", "openai:some@http://localhost:1/v1", "vectors:a.npy,b.npy"])
def test_a_retriever_that_has_no_folder_is_not_asked(model: str, small_benchmark: Benchmark) -> None:
    assert trained_on(model, small_benchmark) is None


def test_a_result_keeps_and_tells_what_was_compared(
    small_benchmark: Benchmark, file: Path, tmp_path: Path, vectors_for
) -> None:
    folder = trained(tmp_path / "run", ParallelPairs.read(file, progress=False))
    training = trained_on(folder, small_benchmark, progress=False)
    result = evaluate(vectors_for(small_benchmark), small_benchmark, training=training, resamples=0)
    result.save(tmp_path / "result")
    read = EvaluationResult.load(tmp_path / "result")
    assert read_trained_on(read.provenance["trained_on"]) == training
    for table in (settings_table(read), results_table([("a", read)])):
        assert "TRAINED ON WHAT IT IS JUDGED BY: " in str(table)
    without = replace(result, provenance={**result.provenance, "trained_on": {"compared": [{"name": 3}]}})
    assert "cannot be read" in str(settings_table(without))
    unknown = TrainedOn(not_compared=("X: what it was trained on is not known",))
    unknown_result = replace(result, provenance={"trained_on": unknown.as_json()})
    assert "X: what it was trained on is not known." in str(settings_table(unknown_result))
