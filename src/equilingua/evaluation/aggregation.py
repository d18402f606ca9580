"""Macro means: over queries within a language or pair, then over languages or pairs; never pooled.

A mean is over the queries that have a value; a language or pair without any is left out of the mean over languages.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from equilingua.evaluation.scores import PairScores
from equilingua.evaluation.settings import CROSS_LINGUAL

Means = dict[str, float]


def by_setting(scores: Iterable[PairScores]) -> dict[str, list[PairScores]]:
    """The pairs of each setting, in the order met."""
    settings: dict[str, list[PairScores]] = {}
    for pair in scores:
        settings.setdefault(pair.setting, []).append(pair)
    return settings


def macro_means(scores: Sequence[PairScores]) -> dict[str, Means]:
    """Per setting and measure, the mean over its languages or pairs."""
    return {setting: _mean_of_means(pairs) for setting, pairs in by_setting(scores).items()}


def language_means(scores: Sequence[PairScores]) -> dict[str, dict[str, Means]]:
    """Per setting and query language; in the cross-lingual setting the mean over that language's corpora."""
    return {
        setting: {
            language: _mean_of_means([pair for pair in pairs if pair.query_language == language])
            for language in dict.fromkeys(pair.query_language for pair in pairs)
        }
        for setting, pairs in by_setting(scores).items()
    }


def pair_means(scores: Sequence[PairScores]) -> dict[str, Means]:
    """Per ordered pair of the cross-lingual setting, written ``query language-corpus language``."""
    pairs = [pair for pair in scores if pair.setting == CROSS_LINGUAL]
    return {f"{pair.query_language}-{pair.corpus_language}": _means(pair.values) for pair in pairs}


def _means(values: Mapping[str, np.ndarray]) -> Means:
    return {measure: float(np.nanmean(of_queries)) for measure, of_queries in values.items()}


def _mean_of_means(pairs: Sequence[PairScores]) -> Means:
    means = [_means(pair.values) for pair in pairs]
    named = dict.fromkeys(measure for mean in means for measure in mean)
    return {measure: float(np.mean([mean[measure] for mean in means if measure in mean])) for measure in named}
