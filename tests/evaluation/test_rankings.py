"""Rankings of a benchmark's languages: whose scores they take, and what parallel queries leave out."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from equilingua.benchmarks.benchmark import Benchmark, Corpus, Queries
from equilingua.errors import InputError
from equilingua.evaluation.bias import LanguageBias
from equilingua.evaluation.evaluate import evaluate
from equilingua.evaluation.rankings import rank_languages
from equilingua.evaluation.scorer import benchmark_vectors

LANGUAGES = ("de", "en", "th")


def sentences(count: int, languages: tuple[str, ...] = LANGUAGES) -> Benchmark:
    """Parallel sentences: each is a query and a passage of its language, and leaves itself out of its ranking."""
    ids = [f"s{n}" for n in range(count)]
    return Benchmark(
        "sentences",
        {lang: Queries(tuple(ids), tuple(f"{lang} {id_}" for id_ in ids)) for lang in languages},
        {
            lang: Corpus(tuple(f"{lang}/{id_}" for id_ in ids), tuple(f"{lang} {id_}" for id_ in ids))
            for lang in languages
        },
        {
            lang: {id_: {f"{other}/{id_}": 1 for other in languages if other != lang} for id_ in ids}
            for lang in languages
        },
        excluded={lang: {id_: (f"{lang}/{id_}",) for id_ in ids} for lang in languages},
    )


def without_language(benchmark: Benchmark, *, depth: int, resamples: int = 0) -> LanguageBias:
    """The bias of an encoder that gives a sentence one vector in all languages."""
    rows = np.random.default_rng(0).standard_normal((len(benchmark.queries["de"].ids), 8))
    vectors = dict.fromkeys(benchmark.languages, rows)
    bias = evaluate((vectors, vectors), benchmark, depth=depth, resamples=resamples).language_bias
    assert bias is not None
    return bias


@pytest.mark.parametrize("depth", [3, 6, 9, 100])
def test_an_encoder_blind_to_language_has_no_bias_on_parallel_sentences(depth: int) -> None:
    bias = without_language(sentences(12), depth=depth, resamples=50)
    assert bias.rank_correlation is not None
    assert bias.rank_correlation.mean == pytest.approx(1)
    for shares in (bias.exposure, *bias.exposure_per_language.values()):
        for language in LANGUAGES:
            assert shares[language].pool_share == pytest.approx(1 / 3)
            assert shares[language].difference == pytest.approx(0)
            # Twelve queries without a difference do not show that there is none.
            low, high = shares[language].interval
            assert low < -0.1 < 0.1 < high


def test_exposure_is_set_against_the_passages_that_could_stand_there() -> None:
    """One query in four leaves out a German passage, so German has 3 of 11 for it and 4 of 12 for the others."""
    whole = sentences(4)
    benchmark = replace(whole, excluded={"de": {"s0": ("de/s0",)}})
    bias = without_language(benchmark, depth=2)
    assert bias.exposure["de"].pool_share == pytest.approx((3 / 11 + 3 * 4 / 12) / 4)
    assert bias.exposure["en"].pool_share == pytest.approx((4 / 11 + 3 * 4 / 12) / 4)


@pytest.mark.parametrize("depth", [1, 4, 8, 9, 50])
def test_the_best_passages_never_hold_one_that_is_left_out(depth: int) -> None:
    benchmark = sentences(3)
    rows = np.random.default_rng(1).standard_normal((9, 4))
    given = {lang: rows[3 * place : 3 * place + 3] for place, lang in enumerate(LANGUAGES)}
    passages = [id_ for lang in LANGUAGES for id_ in benchmark.corpora[lang].ids]
    for ranking in rank_languages(benchmark_vectors((given, given), benchmark), benchmark, depth=depth):
        tops = ranking.ranks.top.best, ranking.ranks.shared_top.best
        for query, best, shared in zip(ranking.query_ids, *tops, strict=True):
            # All that take part and no other: 8 of 9 passages for the query, 6 for it and its translations together.
            assert np.count_nonzero(best >= 0) == min(depth, 8)
            assert np.count_nonzero(shared >= 0) == min(depth, 6)
            assert f"{ranking.query_language}/{query}" not in {passages[place] for place in best if place >= 0}
            translations = {f"{lang}/{query}" for lang in LANGUAGES}
            assert translations.isdisjoint(passages[place] for place in shared if place >= 0)
        assert ranking.shared_sizes.tolist() == [[2, 2, 2]] * 3


def test_where_nothing_is_left_there_is_no_language_bias() -> None:
    vectors = {lang: np.ones((1, 2)) for lang in LANGUAGES}
    result = evaluate((vectors, vectors), sentences(1), resamples=0)
    assert result.language_bias is None
    assert result.measures["multilingual"]["mAP"] == 1


def test_a_scorer_of_another_benchmark_is_refused(
    small_benchmark: Benchmark, vectors_for: Callable[..., object]
) -> None:
    scorer = benchmark_vectors(vectors_for(small_benchmark), small_benchmark)
    with pytest.raises(InputError) as told:
        evaluate(scorer, small_benchmark.only(["de", "en"]))
    assert str(told.value) == (
        "the scorer is not of this benchmark: 'small' has queries de 10, en 12 and passages de 30, en 23, the scorer "
        "queries de 10, en 12 and corpora of 30, 23, 17 passages. Give the model itself, or a scorer made for this "
        "benchmark"
    )
    for queries, listed in (
        ({**scorer.queries, "en": scorer.queries["en"][:5]}, "queries de 10, en 5, th 8 and"),
        ({"de": scorer.queries["de"]}, "the scorer queries de 10 and"),
    ):
        with pytest.raises(InputError, match=f"the scorer is not of this benchmark: .*{listed}"):
            rank_languages(replace(scorer, queries=queries), small_benchmark, depth=10)
