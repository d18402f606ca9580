"""The record of language bias, against plain loops over sorted rankings."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import friedmanchisquare, kruskal, rankdata, spearmanr

from equilingua.benchmarks.benchmark import Benchmark, Corpus, Queries
from equilingua.benchmarks.load import load_benchmark
from equilingua.errors import InputError
from equilingua.evaluation.bias import LanguageBias
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.scorer import benchmark_vectors
from equilingua.retrieval.precomputed import PrecomputedVectors

Vectors = Callable[..., PrecomputedVectors]


def regraded(benchmark: Benchmark, change: Callable[[str, dict[str, int]], dict[str, int]]) -> Benchmark:
    """The benchmark with other judgements: ``change`` gets a query's language and its judged passages."""
    qrels = {
        language: {query: change(language, dict(judged)) for query, judged in rows.items()}
        for language, rows in benchmark.qrels.items()
    }
    return replace(benchmark, qrels=qrels)


def one_in_each(benchmark: Benchmark) -> Benchmark:
    return regraded(benchmark, lambda _, judged: {id_: grade for id_, grade in judged.items() if grade == 1})


def two_in_english(benchmark: Benchmark) -> Benchmark:
    return regraded(benchmark, lambda _, judged: {id_: min(grade, 1) for id_, grade in judged.items()})


@dataclass(frozen=True)
class Loops:
    """What every check starts from: sorted rankings of the whole pool.

    Attributes:
        language_of: every passage's language.
        orders: per query language and query, every passage from best to worst.
        ranks: likewise, the rank of every relevant passage.
    """

    language_of: dict[str, str]
    orders: dict[str, dict[str, list[str]]]
    ranks: dict[str, dict[str, dict[str, int]]]

    def split(self, asked: str, query: str) -> tuple[list[int], list[int]]:
        """Ranks of relevant passages in the query's language, and in the others."""
        found = self.ranks[asked][query].items()
        own = [rank for id_, rank in found if self.language_of[id_] == asked]
        return own, [rank for id_, rank in found if self.language_of[id_] != asked]

    def groups(self, asked: str, query: str) -> list[list[int]]:
        """Ranks of relevant passages by passage language; languages without any are left out."""
        found = self.ranks[asked][query].items()
        grouped = [[rank for id_, rank in found if self.language_of[id_] == of] for of in self.languages]
        return [group for group in grouped if group]

    @property
    def languages(self) -> list[str]:
        return sorted(set(self.language_of.values()))


def loops(scorer: Any, benchmark: Benchmark) -> Loops:
    language_of = {id_: language for language in sorted(benchmark.corpora) for id_ in benchmark.corpora[language].ids}
    passages = list(language_of)
    orders: dict[str, dict[str, list[str]]] = {}
    ranks: dict[str, dict[str, dict[str, int]]] = {}
    for language, rows in benchmark.queries.items():
        scores = np.concatenate([block for _, block in scorer.pool.blocks(scorer.queries[language])])
        orders[language], ranks[language] = {}, {}
        for query, row in zip(rows.ids, scores.tolist(), strict=True):
            order = [passages[place] for place in sorted(range(len(passages)), key=lambda place: (-row[place], place))]
            judged = benchmark.qrels[language].get(query, {})
            orders[language][query] = order
            ranks[language][query] = {id_: order.index(id_) + 1 for id_, grade in judged.items() if grade > 0}
    return Loops(language_of, orders, ranks)


def assert_as_loops_have_it(result: EvaluationResult, found: Loops, k: int) -> None:
    assert result.language_bias is not None
    assert result.language_bias.k == k
    assert_exposure(result.language_bias, found, k)
    assert_top_hits(result.language_bias, found)
    assert_friedman(result.language_bias, found)
    assert_rank_correlation(result.language_bias, found, k)
    assert_peer(result.language_bias, found, k)
    assert_measures(result.measures["multilingual"], found)


def assert_exposure(bias: LanguageBias, found: Loops, k: int) -> None:
    passages = list(found.language_of.values())
    for language in found.languages:
        for asked, of_language in found.orders.items():
            shares = [np.mean([found.language_of[id_] == language for id_ in top[:k]]) for top in of_language.values()]
            assert bias.exposure_per_language[asked][language].share == pytest.approx(np.mean(shares))
        overall = bias.exposure[language]
        mean = np.mean([of_language[language].share for of_language in bias.exposure_per_language.values()])
        assert overall.share == pytest.approx(mean)
        assert overall.pool_share == pytest.approx(passages.count(language) / len(passages))
        assert overall.difference == pytest.approx(overall.share - overall.pool_share)


def assert_top_hits(bias: LanguageBias, found: Loops) -> None:
    for asked, of_language in found.orders.items():
        compared = [query for query in of_language if all(found.split(asked, query))]
        first = {query: of_language[query][0] for query in compared}
        cells = [(id_ in found.ranks[asked][query], found.language_of[id_] == asked) for query, id_ in first.items()]
        assert (asked in bias.top_hits) == bool(compared)
        if compared:
            hits = bias.top_hits[asked]
            counted = [hits.right_own, hits.right_other, hits.wrong_own, hits.wrong_other]
            assert counted == [cells.count((right, own)) for right in (True, False) for own in (True, False)]
            assert hits.queries == len(compared)


def assert_friedman(bias: LanguageBias, found: Loops) -> None:
    over_items: dict[str, list[list[int]]] = {}
    for asked, of_language in found.orders.items():
        groups = {query: found.groups(asked, query) for query in of_language}
        rows = {
            query: [group[0] for group in of_query]
            for query, of_query in groups.items()
            if len(of_query) == len(found.languages) and max(map(len, of_query)) == 1
        }
        for query, row in rows.items():
            over_items.setdefault(query, []).append(row)
        assert (asked in bias.friedman_per_language) == bool(rows)
        if rows:
            test = bias.friedman_per_language[asked]
            expected = friedmanchisquare(*np.array(list(rows.values())).T)
            assert (test.blocks, test.p) == (len(rows), pytest.approx(expected.pvalue))
    assert (bias.friedman is None) == (not over_items)
    if bias.friedman is not None:
        expected = friedmanchisquare(
            *np.array([np.sum(rankdata(rows, axis=1), axis=0) for rows in over_items.values()]).T
        )
        assert bias.friedman.chi_square == pytest.approx(expected.statistic)
        assert bias.friedman.blocks == len(over_items)


def assert_rank_correlation(bias: LanguageBias, found: Loops, k: int) -> None:
    assert bias.rank_correlation is not None
    means = []
    for one, two in combinations(found.orders, 2):
        values = []
        for query in found.orders[one].keys() & found.orders[two].keys():
            tops = found.orders[one][query][:k], found.orders[two][query][:k]
            places = [[top.index(id_) if id_ in top else k for id_ in {*tops[0], *tops[1]}] for top in tops]
            values.append(float(spearmanr(*places).statistic))
        means.append(float(np.mean(values)))
        assert bias.rank_correlation.pairs[one][two] == bias.rank_correlation.pairs[two][one]
        assert bias.rank_correlation.pairs[one][two] == pytest.approx(means[-1])
    assert bias.rank_correlation.mean == pytest.approx(np.mean(means))


def assert_peer(bias: LanguageBias, found: Loops, k: int) -> None:
    """All passages must have one grade."""
    means = []
    for asked, of_language in found.orders.items():
        values = []
        for query in of_language:
            groups = [[min(rank, k + 1) for rank in group] for group in found.groups(asked, query)]
            if len(groups) > 1 and max(map(len, groups)) > 1:
                tied = len({rank for group in groups for rank in group}) == 1
                values.append(1.0 if tied else float(kruskal(*groups).pvalue))
        means += [np.mean(values)] if values else []
    assert bias.peer.value == (pytest.approx(np.mean(means)) if means else None)


def assert_measures(measures: Mapping[str, float], found: Loops) -> None:
    means: dict[str, list[float]] = {"language_preference": [], "same_language_R@10": [], "cross_language_R@10": []}
    for asked, of_language in found.orders.items():
        splits = [found.split(asked, query) for query in of_language]
        values = {
            "language_preference": [float(min(own) < min(other)) for own, other in splits if own and other],
            "same_language_R@10": [np.mean(np.array(own) <= 10) for own, _ in splits if own],
            "cross_language_R@10": [np.mean(np.array(other) <= 10) for _, other in splits if other],
        }
        for name, of_queries in values.items():
            means[name] += [float(np.mean(of_queries))] if of_queries else []
    for name, of_languages in means.items():
        assert name in measures if of_languages else name not in measures
        assert not of_languages or measures[name] == pytest.approx(np.mean(of_languages))


def halved(benchmark: Benchmark) -> Benchmark:
    """German queries have relevant passages in Thai alone, the others in every language but Thai."""
    return regraded(
        benchmark,
        lambda language, judged: {
            id_: min(grade, 1) for id_, grade in judged.items() if (language == "de") == id_.startswith("th")
        },
    )


@pytest.mark.parametrize("change", [one_in_each, two_in_english, halved])
@pytest.mark.parametrize("k", [3, 10])
def test_the_record_is_that_of_plain_loops(
    small_benchmark: Benchmark, vectors_for: Vectors, change: Callable[[Benchmark], Benchmark], k: int
) -> None:
    benchmark = change(small_benchmark)
    scorer = benchmark_vectors(vectors_for(benchmark), benchmark)
    result = evaluate(scorer, benchmark, resamples=0, depth=k)
    assert_as_loops_have_it(result, loops(scorer, benchmark), k)
    assert result.language_bias is not None
    assert (result.language_bias.peer.value is None) == (change is one_in_each)


@pytest.mark.shared_data
def test_xquad_r_in_eleven_languages_is_that_of_plain_loops(shared_data: Path) -> None:
    from sklearn.feature_extraction.text import HashingVectorizer

    benchmark = load_benchmark("xquad-r", data=shared_data)
    queries = {
        language: replace(rows, ids=rows.ids[:15], texts=rows.texts[:15])
        for language, rows in benchmark.queries.items()
    }
    qrels = {
        language: {query: judged for query, judged in rows.items() if query in queries[language].ids}
        for language, rows in benchmark.qrels.items()
    }
    benchmark = replace(benchmark, queries=queries, qrels=qrels)
    hashing = HashingVectorizer(analyzer="char_wb", ngram_range=(2, 3), n_features=128)
    arrays = tuple(
        {language: hashing.transform(rows.texts).toarray() for language, rows in part.items()}
        for part in (benchmark.queries, benchmark.corpora)
    )
    scorer = benchmark_vectors(arrays, benchmark)
    result = evaluate(scorer, benchmark, resamples=50)
    assert_as_loops_have_it(result, loops(scorer, benchmark), k=10)
    assert result.language_bias is not None
    assert "0.4405 for 11 languages" in result.language_bias.peer.reason
    # An encoder of letters looks at the script: it shows each language its own.
    assert all(shares[asked].difference > 0.1 for asked, shares in result.language_bias.exposure_per_language.items())


@dataclass(frozen=True)
class GivenScores:
    """A scorer whose pool knows no vectors: scores by query."""

    table: dict[str, np.ndarray]
    bounds: np.ndarray
    model: str = "given"
    similarity: str = "given"
    precision: str = "exact"
    prompts: tuple[()] = ()

    @property
    def queries(self) -> dict[str, np.ndarray]:
        return self.table

    @property
    def pool(self) -> "GivenScores":
        return self

    @property
    def size(self) -> int:
        return int(self.bounds[-1])

    def corpus(self, index: int) -> slice:
        return slice(int(self.bounds[index]), int(self.bounds[index + 1]))

    def blocks(self, queries: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
        for start in range(0, len(queries), 5):
            yield slice(start, min(start + 5, len(queries))), queries[start : start + 5]


def test_any_pool_will_do_and_gives_the_same(small_benchmark: Benchmark, vectors_for: Vectors) -> None:
    dense = benchmark_vectors(vectors_for(small_benchmark), small_benchmark)
    given = GivenScores(
        {language: dense.pool.scores(rows) for language, rows in dense.queries.items()}, dense.pool.bounds
    )
    one, two = evaluate(given, small_benchmark, seed=3), evaluate(dense, small_benchmark, seed=3)
    assert one.language_bias == two.language_bias
    assert one.measures == two.measures
    with pytest.raises(InputError, match=r"probes look at dense vectors, and 'given' has none. Leave probes out"):
        evaluate(given, small_benchmark, probes=True)


def test_a_query_that_ranks_its_passages_far_down_does_not_decide_the_order_of_its_item() -> None:
    """German and English queries put German first, Thai ones Thai: near the top for q2 and q3, far down for q0, q1."""
    ids, languages, size = ("q0", "q1", "q2", "q3"), ("de", "en", "th"), 40
    first = dict(zip(languages, (0, size, 2 * size), strict=True))
    scores = {language: np.zeros((4, 3 * size), dtype=np.float32) for language in languages}
    for language in languages:
        near = (3, 2, 1) if language != "th" else (1, 2, 3)
        scores[language][:, list(first.values())] = near
    scores["th"][:2, [first["de"], first["en"]]] = -2, -1
    benchmark = Benchmark(
        "far down",
        {language: Queries(ids, ids) for language in languages},
        {language: Corpus(tuple(f"{language}_{n}" for n in range(size)), ("text",) * size) for language in languages},
        {language: {id_: {f"{of}_0": 1 for of in languages} for id_ in ids} for language in languages},
    )
    bias = evaluate(GivenScores(scores, np.arange(4) * size), benchmark, resamples=0).language_bias
    assert bias is not None
    assert bias.friedman is not None
    assert (bias.friedman.blocks, bias.friedman.kendall_w) == (4, pytest.approx(1))


def test_intervals_hold_what_they_are_of_and_are_left_out_without_resamples(
    small_benchmark: Benchmark, vectors_for: Vectors
) -> None:
    benchmark = two_in_english(small_benchmark)
    result = evaluate(vectors_for(benchmark), benchmark, seed=1)
    bias = result.language_bias
    assert bias is not None
    assert bias.rank_correlation is not None
    found = [(row.difference, row.interval) for row in bias.exposure.values()]
    found += [(row.difference, row.interval) for rows in bias.exposure_per_language.values() for row in rows.values()]
    found += [(bias.rank_correlation.mean, bias.rank_correlation.interval), (bias.peer.value, bias.peer.interval)]
    for value, ends in found:
        assert value is not None
        assert ends is not None
        assert ends[0] - 1e-9 <= value <= ends[1] + 1e-9
    assert any(ends is not None and ends[0] < ends[1] for _, ends in found)
    bare = evaluate(vectors_for(benchmark), benchmark, resamples=0).language_bias
    assert bare is not None
    assert {row.interval for row in bare.exposure.values()} == {None}


def test_the_order_of_queries_does_not_count(small_benchmark: Benchmark, vectors_for: Vectors) -> None:
    given = vectors_for(small_benchmark)
    turned = replace(
        small_benchmark,
        queries={
            language: replace(rows, ids=rows.ids[::-1], texts=rows.texts[::-1])
            for language, rows in small_benchmark.queries.items()
        },
    )
    backwards = PrecomputedVectors({lang: rows[::-1] for lang, rows in given.queries.items()}, given.passages)
    one, two = (
        evaluate(vectors, benchmark, resamples=0)
        for vectors, benchmark in ((given, small_benchmark), (backwards, turned))
    )
    assert json.dumps(flat(one)) == json.dumps(flat(two))


def flat(result: EvaluationResult) -> Any:
    """The record as plain numbers, without the digits in which sums of another order differ."""
    assert result.language_bias is not None
    return json.loads(json.dumps(asdict(result.language_bias)), parse_float=lambda text: round(float(text), 9))


def test_probes_are_taken_when_asked_for(small_benchmark: Benchmark, vectors_for: Vectors, tmp_path: Path) -> None:
    result = evaluate(vectors_for(small_benchmark), small_benchmark, resamples=0, probes=True)
    assert result.language_bias is not None
    probes = result.language_bias.probes
    assert probes is not None
    assert (probes.passages, probes.chance) == (17, pytest.approx(1 / 3))
    assert set(probes.alignment["de"]) == {"en", "th"}
    assert EvaluationResult.load(result.save(tmp_path / "r")).language_bias == result.language_bias


def test_one_language_and_single_settings_have_no_language_bias(
    small_benchmark: Benchmark, vectors_for: Vectors
) -> None:
    vectors = vectors_for(small_benchmark)
    assert evaluate(vectors, small_benchmark.only(["en"]), resamples=0).language_bias is None
    assert evaluate(vectors, small_benchmark, settings=["monolingual"], resamples=0).language_bias is None


def test_a_depth_below_1_is_refused(small_benchmark: Benchmark, vectors_for: Vectors) -> None:
    with pytest.raises(InputError, match="depth 0: language bias is measured on at least the first passage"):
        evaluate(vectors_for(small_benchmark), small_benchmark, depth=0)
