import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import ir_measures
import numpy as np
import pytest

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.benchmarks.load import load_benchmark
from equilingua.errors import InputError
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.scorer import benchmark_vectors
from equilingua.evaluation.scores import all_items, item_matrix
from equilingua.evaluation.trec import export_trec
from equilingua.retrieval.precomputed import PrecomputedVectors
from equilingua.statistics.intervals import mean_intervals

Vectors = Callable[..., PrecomputedVectors]

ORACLES = {
    "mAP": ir_measures.AP,
    "mAP@20": ir_measures.AP @ 20,
    "R@1": ir_measures.R @ 1,
    "R@10": ir_measures.R @ 10,
    "MRR@20": ir_measures.RR @ 20,
    "nDCG@10": ir_measures.nDCG @ 10,
    "R@100": ir_measures.R @ 100,
    "Success@10": ir_measures.Success @ 10,
}


def assert_as_ir_measures_has_it(result: EvaluationResult, vectors: Any, benchmark: Benchmark, folder: Path) -> None:
    """Every measure of every query, from the exported run of the whole pool."""
    pool = sum(len(corpus.ids) for corpus in benchmark.corpora.values())
    export_trec(vectors, benchmark, folder, depth=pool)
    for setting in result.measures:
        qrels = list(ir_measures.read_trec_qrels(str(folder / f"{setting}.qrels")))
        run = list(ir_measures.read_trec_run(str(folder / f"{setting}.run")))
        oracle = {
            (str(found.measure), found.query_id): found.value
            for found in ir_measures.iter_calc(list(ORACLES.values()), qrels, run)
        }
        for pair in (pair for pair in result.scores if pair.setting == setting):
            crossed = pair.corpus_language not in ("*", pair.query_language)
            topic = f"{pair.query_language}-{pair.corpus_language}" if crossed else pair.query_language
            for name, measure in ORACLES.items():
                expected = [oracle[str(measure), f"{topic}/{query}"] for query in pair.query_ids]
                np.testing.assert_allclose(pair.values[name], expected, atol=1e-6, err_msg=f"{setting} {topic} {name}")


def test_every_measure_of_every_query_is_that_of_ir_measures(
    small_benchmark: Benchmark, vectors_for: Vectors, tmp_path: Path
) -> None:
    vectors = benchmark_vectors(vectors_for(small_benchmark), small_benchmark)
    result = evaluate(vectors, small_benchmark, measures=[*ORACLES, "rank_distance"])
    assert set(result.measures) == {"monolingual", "cross-lingual", "multilingual"}
    assert_as_ir_measures_has_it(result, vectors, small_benchmark, tmp_path)


@pytest.mark.shared_data
def test_xquad_r_in_three_languages_is_what_ir_measures_makes_of_it(
    shared_data: Path, static_model: Callable[..., Any], tmp_path: Path
) -> None:
    benchmark = load_benchmark("xquad-r", data=shared_data, languages=["de", "en", "th"])
    asked = {language: rows.ids[:25] for language, rows in benchmark.queries.items()}
    benchmark = reduced(benchmark, asked)
    model = static_model([text for corpus in benchmark.corpora.values() for text in corpus.texts])
    vectors = benchmark_vectors(model, benchmark)
    result = evaluate(vectors, benchmark, measures=[*ORACLES, "rank_distance"], resamples=0)
    assert result.counts["pool"] == 1276 + 1180 + 852
    assert_as_ir_measures_has_it(result, vectors, benchmark, tmp_path)


def reduced(benchmark: Benchmark, asked: dict[str, tuple[str, ...]]) -> Benchmark:
    """The benchmark with fewer queries and the same corpora."""
    from dataclasses import replace

    queries = {
        language: replace(rows, ids=asked[language], texts=rows.texts[: len(asked[language])])
        for language, rows in benchmark.queries.items()
    }
    qrels = {
        language: {query: judged for query, judged in rows.items() if query in set(asked[language])}
        for language, rows in benchmark.qrels.items()
    }
    return replace(benchmark, queries=queries, qrels=qrels)


def test_ranks_measures_and_means_are_those_of_plain_loops(small_benchmark: Benchmark, vectors_for: Vectors) -> None:
    given = vectors_for(small_benchmark)
    result = evaluate(given, small_benchmark, resamples=0)
    unit = {
        role: {lang: rows / np.linalg.norm(rows, axis=1, keepdims=True) for lang, rows in arrays.items()}
        for role, arrays in (("query", given.queries), ("passage", given.passages))
    }
    languages = ("de", "en", "th")
    recalls: dict[str, list[float]] = {"monolingual": [], "cross-lingual": [], "multilingual": []}
    distances = []
    for asked in languages:
        for setting, corpora in (
            *((("monolingual" if asked == other else "cross-lingual"), (other,)) for other in languages),
            ("multilingual", languages),
        ):
            of_queries, spreads = [], []
            for row, query in enumerate(small_benchmark.queries[asked].ids):
                scored = [
                    (-float(np.float32(unit["query"][asked][row] @ passage)), place, id_)
                    for place, (id_, passage) in enumerate(
                        (id_, passage)
                        for other in corpora
                        for id_, passage in zip(small_benchmark.corpora[other].ids, unit["passage"][other], strict=True)
                    )
                ]
                order = [id_ for _, _, id_ in sorted(scored)]
                judged = small_benchmark.qrels[asked][query]
                ranks = [order.index(id_) + 1 for id_, grade in judged.items() if grade > 0 and id_ in order]
                if ranks:
                    of_queries.append(sum(rank <= 10 for rank in ranks) / len(ranks))
                    spreads.append(max(ranks) - min(ranks))
            recalls[setting].append(float(np.mean(of_queries)))
            if setting == "multilingual":
                distances.append(float(np.mean(spreads)))
    for setting, means in recalls.items():
        assert result.measures[setting]["R@10"] == pytest.approx(float(np.mean(means)))
    assert result.measures["multilingual"]["rank_distance"] == pytest.approx(float(np.mean(distances)))


def test_queries_without_relevant_passage_in_a_corpus_are_dropped_and_counted(
    small_benchmark: Benchmark, vectors_for: Vectors
) -> None:
    result = evaluate(vectors_for(small_benchmark), small_benchmark, resamples=0)
    scored = {(pair.query_language, pair.corpus_language): len(pair.query_ids) for pair in result.scores}
    assert scored["en", "th"] == scored["th", "en"] == scored["de", "th"] == 8
    assert scored["en", "de"] == 10
    assert scored["en", "*"] == 12
    assert result.counts == {
        "queries": {"de": 10, "en": 12, "th": 8},
        "passages": {"de": 30, "en": 23, "th": 17},
        "pool": 70,
        "settings": {
            "monolingual": {"pairs": 3, "scored": 30, "dropped": 0},
            "cross-lingual": {"pairs": 6, "scored": 52, "dropped": 8},
            "multilingual": {"pairs": 3, "scored": 30, "dropped": 0},
        },
    }


def test_means_are_macro_means_over_languages_and_pairs(small_benchmark: Benchmark, vectors_for: Vectors) -> None:
    result = evaluate(vectors_for(small_benchmark), small_benchmark, resamples=0)
    assert len(result.per_pair) == 6
    cross = [means["mAP"] for means in result.per_pair.values()]
    assert result.measures["cross-lingual"]["mAP"] == pytest.approx(np.mean(cross))
    english = [result.per_pair[pair]["mAP"] for pair in ("en-de", "en-th")]
    assert result.per_language["cross-lingual"]["en"]["mAP"] == pytest.approx(np.mean(english))
    pooled = np.concatenate([pair.values["mAP"] for pair in result.scores if pair.setting == "monolingual"]).mean()
    assert result.measures["monolingual"]["mAP"] != pytest.approx(pooled)


WITHOUT_BOUNDS = {"rank_distance", "Max@R_norm"}


def test_intervals_are_laid_out_as_the_measures_and_hold_them(small_benchmark: Benchmark, vectors_for: Vectors) -> None:
    vectors = vectors_for(small_benchmark)
    result = evaluate(vectors, small_benchmark, seed=4)
    # Twelve items are too few for the mean of a measure without bounds.
    assert {setting: list(of) for setting, of in result.intervals.items()} == {
        setting: [name for name in of if name not in WITHOUT_BOUNDS] for setting, of in result.measures.items()
    }
    for setting, of_setting in result.intervals.items():
        for measure, (low, high) in of_setting.items():
            assert low <= result.measures[setting][measure] <= high
    assert evaluate(vectors, small_benchmark, seed=4).intervals == result.intervals
    assert evaluate(vectors, small_benchmark, seed=5).intervals != result.intervals


@pytest.mark.parametrize("block", [1024, 5])
def test_every_pair_has_intervals_of_its_own_mean_over_the_same_resamples(
    small_benchmark: Benchmark, vectors_for: Vectors, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr("equilingua.evaluation.evaluate.PAIRS_A_BLOCK", block)
    result = evaluate(vectors_for(small_benchmark), small_benchmark, seed=4, resamples=200)
    items = all_items(result.scores)
    for pair in result.scores:
        assert set(result.intervals_of(pair)) == set(pair.values) - WITHOUT_BOUNDS
        for measure, (low, high) in result.intervals_of(pair).items():
            assert low <= result.means_of(pair)[measure] <= high
            alone = mean_intervals({"": item_matrix([pair], measure, items)}, resamples=200, seed=4)
            assert alone[""] == pytest.approx((low, high))
    assert evaluate(vectors_for(small_benchmark), small_benchmark, resamples=0).pair_intervals == {}


def test_a_model_and_its_vectors_give_one_result(small_benchmark: Benchmark, static_model: Callable[..., Any]) -> None:
    model = static_model([text for corpus in small_benchmark.corpora.values() for text in corpus.texts])
    direct = evaluate(model, small_benchmark, model_name="tiny")
    arrays = (
        {lang: model.encode_query(list(rows.texts)) for lang, rows in small_benchmark.queries.items()},
        {lang: model.encode_document(list(rows.texts)) for lang, rows in small_benchmark.corpora.items()},
    )
    assert evaluate(arrays, small_benchmark).measures == direct.measures
    assert (direct.model, direct.provenance["precision"]) == ("tiny", "fp32")


def test_equal_texts_of_different_languages_are_encoded_once(small_benchmark: Benchmark) -> None:
    class Encoder:
        def __init__(self) -> None:
            self.texts: list[str] = []

        def encode_query(self, texts: list[str]) -> np.ndarray:
            return np.ones((len(texts), 2))

        def encode_document(self, texts: list[str]) -> np.ndarray:
            self.texts += texts
            return np.ones((len(texts), 2))

    encoder = Encoder()
    evaluate(encoder, small_benchmark, resamples=0)
    assert len(encoder.texts) == len(set(encoder.texts)) == 20 + 20 + 17


def test_passages_that_all_tie_rank_by_their_texts(small_benchmark: Benchmark) -> None:
    ones = ({lang: np.ones((len(rows.ids), 3)) for lang, rows in small_benchmark.queries.items()},
            {lang: np.ones((len(rows.ids), 3)) for lang, rows in small_benchmark.corpora.items()})  # fmt: skip
    result = evaluate(ones, small_benchmark, settings=["multilingual"])
    english = next(pair for pair in result.scores if pair.query_language == "en")
    texts = {
        id_: text
        for corpus in small_benchmark.corpora.values()
        for id_, text in zip(corpus.ids, corpus.texts, strict=True)
    }
    hashes = {id_: hashlib.blake2b(text.encode(), digest_size=8).digest() for id_, text in texts.items()}
    order = sorted(texts, key=lambda id_: hashes[id_])
    judged = small_benchmark.qrels["en"][english.query_ids[0]]
    relevant = sorted(id_ for id_, grade in judged.items() if grade > 0)
    assert sorted(english.ranks[0].tolist()) == sorted(order.index(id_) + 1 for id_ in relevant)


def test_settings_and_measures_are_those_asked_for(small_benchmark: Benchmark, vectors_for: Vectors) -> None:
    result = evaluate(
        vectors_for(small_benchmark),
        small_benchmark,
        settings=["multilingual", "monolingual"],
        measures=["Complete@30", "nDCG", "Max@R_norm"],
    )
    assert {setting: list(means) for setting, means in result.measures.items()} == {
        "multilingual": ["Complete@30", "nDCG", "Max@R_norm"],
        "monolingual": ["nDCG"],
    }


def test_one_language_has_the_monolingual_setting_alone(small_benchmark: Benchmark, vectors_for: Vectors) -> None:
    benchmark = small_benchmark.only(["en"])
    result = evaluate(vectors_for(benchmark), benchmark)
    assert list(result.measures) == ["monolingual"]


def test_a_corpus_in_one_language_has_no_mixed_pool(small_benchmark: Benchmark, vectors_for: Vectors) -> None:
    benchmark = replace(
        small_benchmark,
        corpora={"en": small_benchmark.corpora["en"]},
        qrels={
            lang: {
                query: {id_: grade for id_, grade in judged.items() if id_.startswith("en")}
                for query, judged in rows.items()
            }
            for lang, rows in small_benchmark.qrels.items()
        },
    )
    assert list(evaluate(vectors_for(benchmark), benchmark).measures) == ["monolingual", "cross-lingual"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"measures": ["R"]}, r"unknown measure 'R'"),
        ({"measures": ["RR@5"]}, r"unknown measure 'RR@5'. Did you mean 'MRR@10'\?"),
        ({"measures": ["R@0"]}, r"unknown measure 'R@0'"),
        ({"measures": ["same_language_R"]}, r"unknown measure 'same_language_R'. Did you mean 'same_language_R@10'\?"),
        ({"measures": ["Max@R@5"]}, r"unknown measure 'Max@R@5'. Did you mean 'Max@R'\?"),
        ({"measures": ["rank_distance@3"]}, r"unknown measure 'rank_distance@3'. Did you mean 'rank_distance'"),
        ({"settings": ["crosslingual"]}, r"unknown setting 'crosslingual'. Did you mean 'cross-lingual'\?"),
    ],
)
def test_unknown_names_are_told(
    small_benchmark: Benchmark, vectors_for: Vectors, options: dict[str, list[str]], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        evaluate(vectors_for(small_benchmark), small_benchmark, **options)


def test_vectors_that_do_not_fit_are_told(small_benchmark: Benchmark, vectors_for: Vectors) -> None:
    given = vectors_for(small_benchmark)
    with pytest.raises(InputError, match=r"query vectors of th are missing, .*; those of de, en were given"):
        evaluate(({k: v for k, v in given.queries.items() if k != "th"}, given.passages), small_benchmark)
    with pytest.raises(InputError, match=r"passage vectors of 'en': shape \(22, 12\), but 23 texts need one row each"):
        evaluate((given.queries, {**given.passages, "en": given.passages["en"][1:]}), small_benchmark)
    with pytest.raises(InputError, match=r"must have one width"):
        evaluate((given.queries, {**given.passages, "en": given.passages["en"][:, 1:]}), small_benchmark)
    broken = {**given.passages, "en": given.passages["en"].copy()}
    broken["en"][[4, 7], 0] = np.inf
    message = r"passage vectors of 'en': 2 of 23 hold NaN or infinite values, the first that of 'en passage 4'"
    with pytest.raises(InputError, match=message):
        evaluate((given.queries, broken), small_benchmark)


def test_a_benchmark_in_which_nothing_is_relevant_is_told(small_benchmark: Benchmark, vectors_for: Vectors) -> None:
    from dataclasses import replace

    empty = replace(small_benchmark, qrels={})
    with pytest.raises(InputError, match="no query has a relevant passage in the settings asked for"):
        evaluate(vectors_for(small_benchmark), empty)
