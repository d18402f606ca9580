import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.benchmarks.load import load_benchmark
from equilingua.errors import InputError
from equilingua.evaluation import search as corpus_search
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.search import SearchOptions, search_corpus
from equilingua.retrieval.lexical import BM25, METHODS
from equilingua.retrieval.registry import retriever
from equilingua.retrieval.search import Hits, search


def written(benchmark: Benchmark, language: str, folder: Path) -> tuple[list[Path], list[Path]]:
    """Files of a language's corpus and queries."""
    files = []
    for name, rows in (("corpus", benchmark.corpora[language]), ("queries", benchmark.queries[language])):
        lines = [json.dumps({"id": i, "text": text}) for i, text in zip(rows.ids, rows.texts, strict=True)]
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        files.append([folder / f"{name}.jsonl"])
    return files[0], files[1]


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["bm25", "tfidf", "static"])
@pytest.mark.parametrize("language", ["el", "zh"])
def test_relevant_passages_of_xquad_r_have_the_ranks_of_evaluate(
    shared_data: Path, static_model: Callable[..., Any], tmp_path: Path, name: str, language: str
) -> None:
    benchmark = load_benchmark("xquad-r", data=shared_data, languages=[language])
    model: Any = static_model(benchmark.corpora[language].texts) if name == "static" else retriever(name)
    corpus, queries = written(benchmark, language, tmp_path)
    depth = len(benchmark.corpora[language].ids)
    run = search_corpus(model, corpus, queries, SearchOptions(depth=depth), work=tmp_path)
    scores = evaluate(model, benchmark, settings=["monolingual"], resamples=0).scores
    assert len(scores[0].query_ids) > 1_000
    rows = {query: row for row, query in enumerate(run.query_ids)}
    for query, ranks in zip(scores[0].query_ids, scores[0].ranks.tolist(), strict=True):
        relevant = benchmark.qrels[language][query]
        found = [run.passage_ids[position] for position in run.hits.positions[rows[query]] if position >= 0]
        assert name != "static" or len(found) == depth
        # Lexical retrievers leave out passages that score 0, which evaluate ranks behind all others.
        given = sorted(found.index(id_) + 1 for id_ in relevant if id_ in found)
        assert given == sorted(rank for rank in ranks if rank)[: len(given)]
        assert len(given) == sum(0 < rank <= len(found) for rank in ranks)


def test_passages_in_several_files_keep_their_order_and_vectors_leave_no_file(
    static_model: Callable[..., Any], tmp_path: Path
) -> None:
    words = ["red", "green", "blue"]
    for word in words:
        (tmp_path / f"{word}.tsv").write_text(f"{word}\t{word}\n")
    files = [tmp_path / f"{word}.tsv" for word in words]
    run = search_corpus(static_model(words), files, [files[1]], SearchOptions(depth=9), work=tmp_path / "new")
    assert run.passage_ids == ("red", "green", "blue")
    assert run.hits.positions[0, 0] == 1
    assert run.hits.scores.shape == (1, 3)
    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.parametrize("name", ["bm25", "tfidf", *METHODS])
def test_passages_that_share_no_term_with_a_query_are_not_found(tmp_path: Path, name: str) -> None:
    (tmp_path / "c.tsv").write_text("1\tgreen owls\n2\tblue cats\n3\tgreen green trees\n4\tdogs\n5\tmice\n")
    (tmp_path / "q.tsv").write_text("a\tgreen\nb\t!!!\n")
    model = BM25(method=name) if name in METHODS else name
    run = search_corpus(model, [tmp_path / "c.tsv"], [tmp_path / "q.tsv"], SearchOptions(depth=4), work=tmp_path)
    assert {int(position) for position in run.hits.positions[0]} == {0, 2, -1}
    assert run.hits.positions[1].tolist() == [-1] * 4
    run.save(tmp_path / "run.trec")
    lines = [line.split() for line in (tmp_path / "run.trec").read_text().splitlines()]
    assert sorted((line[0], line[2]) for line in lines) == [("a", "1"), ("a", "3")]
    assert [line[3] for line in lines] == ["1", "2"]


@pytest.mark.parametrize(("stored", "dtype"), [("float32", np.float32), ("float16", np.float16)])
def test_passage_vectors_lie_in_a_file(
    static_model: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stored: str, dtype: type
) -> None:
    (tmp_path / "c.tsv").write_text("1\tred\n2\tblue\n3\tred\n")
    searched = []

    def watched(queries: Any, passages: Any, depth: int, **options: Any) -> Hits:
        searched.append((type(passages), passages.dtype, Path(passages.filename).parent.parent))
        return search(queries, passages, depth, **options)

    monkeypatch.setattr(corpus_search, "search", watched)
    options = SearchOptions(stored=stored)
    run = search_corpus(static_model(["red blue"]), [tmp_path / "c.tsv"], [tmp_path / "c.tsv"], options, work=tmp_path)
    assert searched == [(np.memmap, dtype, tmp_path)]
    assert run.hits.positions[:, 0].tolist() == [0, 1, 0]


def test_files_of_vectors_are_read_by_language_and_id(tmp_path: Path) -> None:
    rows = [{"id": "a", "text": "x"}, {"id": "b", "text": "y", "language": "de"}, {"id": "c", "text": "z"}]
    (tmp_path / "c.jsonl").write_text("\n".join(map(json.dumps, rows)))
    np.savez(tmp_path / "p.npz", ids=["c", "b", "a"], vectors=np.float32([[3, 0], [2, 0], [1, 0]]))
    languages = {
        "ids": ["a", "b", "b"],
        "languages": ["", "en", "de"],
        "vectors": np.float32([[1, 0], [9, 9], [-1, 0]]),
    }
    np.savez(tmp_path / "q.npz", **languages)
    files = [tmp_path / "c.jsonl"]
    spec = f"vectors:{tmp_path / 'q.npz'},{tmp_path / 'p.npz'},dot"
    with pytest.raises(InputError, match="no vector for 1 of 2 ids, the first 'c'"):
        search_corpus(spec, files, files, SearchOptions(), work=tmp_path)
    (tmp_path / "q.jsonl").write_text("\n".join(map(json.dumps, rows[:2])))
    run = search_corpus(spec, files, [tmp_path / "q.jsonl"], SearchOptions(), work=tmp_path)
    assert run.hits.positions.tolist() == [[2, 1, 0], [0, 1, 2]]
    assert run.hits.scores.tolist() == [[3, 2, 1], [-1, -2, -3]]
    assert run.model == spec


def test_a_full_disk_leaves_nothing_that_stands_in_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, texts in (("corpus", ["They fly.", "They swim."]), ("queries", ["What can fly?"])):
        rows = [{"id": f"{name}{n}", "text": text, "language": "en"} for n, text in enumerate(texts)]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    files = [tmp_path / "corpus.jsonl"], [tmp_path / "queries.jsonl"]
    run = search_corpus("bm25", *files, SearchOptions(), work=tmp_path)
    before = sorted(tmp_path.iterdir())

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("equilingua.evaluation.trec._lines_of_query", full)
        with pytest.raises(OSError, match="No space"):
            run.save(tmp_path / "found.run")
    assert sorted(tmp_path.iterdir()) == before
    run.save(tmp_path / "found.run")
    assert (tmp_path / "found.run").read_text().split()[:3] == ["queries0", "Q0", "corpus0"]
    assert json.loads((tmp_path / "found.run.json").read_text())["queries"] == 1
