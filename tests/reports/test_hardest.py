import dataclasses
import json

import numpy as np
import pytest

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.errors import InputError
from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.scores import PairScores
from equilingua.reports.hardest import hardest, hardest_queries

Results = tuple[tuple[str, EvaluationResult], ...]


@pytest.fixture
def scores() -> PairScores:
    values = {"mAP": np.array([0.5, 0.1, np.nan, 0.1]), "rank_distance": np.array([3.0, 9.0, 1.0, 2.0])}
    return PairScores("multilingual", "en", "*", ("a", "b", "c", "d"), np.array([[2], [10], [4], [12]]), values)


def test_the_worst_come_first_ties_by_worst_rank_and_no_value_last(scores: PairScores) -> None:
    assert hardest(scores, "mAP", 4) == [3, 1, 0, 2]
    assert hardest(scores, "mAP", 1) == [3]


def test_high_is_bad_where_lower_is_better(scores: PairScores) -> None:
    assert hardest(scores, "rank_distance", 2) == [1, 0]


def test_every_rank_stands_beside_the_passage_it_belongs_to(results: Results, report_benchmark: Benchmark) -> None:
    document = hardest_queries(results[:1], "mAP", count=5, benchmark=report_benchmark).document
    groups = {(g["setting"], g["query"], g["corpus"]): g for g in document["results"][0]["groups"]}
    assert len(groups) == 3 + 6 + 3
    pool = groups["multilingual", "en", "*"]
    scored = next(p for p in results[0][1].scores if (p.setting, p.query_language) == ("multilingual", "en"))
    assert len(pool["rows"]) == 5
    for query, ranks, values, passages, above in pool["rows"]:
        row = scored.query_ids.index(query)
        assert [(rank, id_) for rank, id_, _ in above] == [(one.rank, one.passage) for one in scored.above[row]]
        assert all(document["passages"][number][0] == id_[:2] for _, id_, number in above)
        assert ranks == scored.ranks[row].tolist()
        assert values[0] == pytest.approx(scored.values["mAP"][row], abs=5e-5)
        assert [document["passages"][place][0] for place in passages] == ["ar", "en", "zh"]
        assert all(
            document["passages"][place][1] == _text(report_benchmark, query, place_language)
            for place, place_language in zip(passages, ("ar", "en", "zh"), strict=True)
        )
    assert {len(row[3]) for row in groups["cross-lingual", "en", "zh"]["rows"]} == {1}


def test_measures_are_those_of_the_printed_table_and_the_one_asked_for(results: Results) -> None:
    document = hardest_queries(results[:1], "Success@10", count=2, benchmark=None).document
    mono = document["results"][0]["groups"][0]
    assert document["results"][0]["measures"]["monolingual"] == [
        "mAP",
        "R@1",
        "R@10",
        "MRR@20",
        "nDCG@10",
        "R@100",
        "Success@10",
    ]
    assert {len(row[2]) for row in mono["rows"]} == {7}


def test_texts_stand_once_and_only_where_needed(results: Results, report_benchmark: Benchmark) -> None:
    document = hardest_queries(results, "mAP", count=3, benchmark=report_benchmark).document
    texts = [tuple(passage) for passage in document["passages"]]
    assert len(set(texts)) == len(texts)
    named = {row[0] for result in document["results"] for group in result["groups"] for row in group["rows"]}
    assert set(document["queries"]["en"]) <= named


def test_without_a_benchmark_there_are_ranks_but_no_texts(results: Results) -> None:
    document = hardest_queries(results, "mAP", count=2, benchmark=None).document
    assert (document["queries"], document["passages"]) == ({}, [])
    rows = [row for group in document["results"][0]["groups"] for row in group["rows"]]
    assert any(row[4] for row in rows)
    assert all(number is None for row in rows for _, _, number in row[4])
    assert all(row[1] and row[3] == [] for row in document["results"][0]["groups"][0]["rows"])


def test_the_document_is_valid_json_with_missing_values(results: Results) -> None:
    label, result = results[0]
    pair = result.scores[0]
    holes = dataclasses.replace(pair, values={**pair.values, "R@1": np.full(len(pair.query_ids), np.nan)})
    document = hardest_queries(
        [(label, dataclasses.replace(result, scores=(holes,)))], "mAP", count=2, benchmark=None
    ).document
    read = json.loads(json.dumps(document, allow_nan=False))
    place = read["results"][0]["measures"]["monolingual"].index("R@1")
    assert [row[2][place] for row in read["results"][0]["groups"][0]["rows"]] == [None, None]


def test_long_texts_are_cut(results: Results, report_benchmark: Benchmark) -> None:
    corpus = report_benchmark.corpora["en"]
    long = dataclasses.replace(corpus, texts=tuple("x" * 5000 for _ in corpus.texts))
    changed = dataclasses.replace(report_benchmark, corpora={**report_benchmark.corpora, "en": long})
    document = hardest_queries(results[:1], "mAP", count=2, benchmark=changed).document
    lengths = {len(text) for language, text in document["passages"] if language == "en"}
    assert lengths == {600}


def test_texts_of_another_benchmark_are_refused(results: Results, report_benchmark: Benchmark) -> None:
    other = dataclasses.replace(report_benchmark, hashes={"small.json": "1" * 64})
    with pytest.raises(InputError, match="texts of 'small' do not belong to the result of 'weak'"):
        hardest_queries(results, "mAP", count=2, benchmark=other)


def _text(benchmark: Benchmark, query: str, language: str) -> str:
    return benchmark.corpora[language].texts[int(query[1:])]
