"""Whether one result is really better than another: paired differences with intervals and corrected p-values.

All of it works on items: a query and its translations are one observation, drawn and swapped together.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from equilingua.errors import InputError
from equilingua.evaluation.aggregation import by_setting
from equilingua.evaluation.comparison import Comparison, Difference
from equilingua.evaluation.naming import parse_measure
from equilingua.evaluation.resampling import interval, macro_mean, resampled
from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.scores import all_items, item_matrix
from equilingua.evaluation.slots import Values

_SWAPS_A_CHUNK = 2000
_NO_SHARES = frozenset({"rank_distance", "Max@R_norm"})

Matrices = dict[tuple[str, str], tuple[Values, Values]]


def compare(
    baseline: EvaluationResult,
    *others: EvaluationResult,
    measures: Sequence[str] | None = None,
    margin: float | None = None,
    resamples: int = 10_000,
    seed: int = 0,
) -> Comparison:
    """Differences of other results from a baseline, setting by setting and measure by measure.

    Intervals come from a paired bootstrap over items, p-values from a paired permutation test that swaps the two models
    on single items, corrected by Holm's method over all settings and results compared by the same measure.

    Args:
        baseline: the result compared with.
        others: results on the same benchmark, languages and queries.
        measures: names; if not given, every measure that both results have.
        margin: the loss (in shares, such as .01 mAP) below which another result counts as not worse.
        resamples: of the bootstrap and of the permutation test.
        seed: of both.

    Raises:
        InputError: if there is nothing to compare, or the results are not of the same queries.

    Source: Holm 1979; the permutation (randomisation) test as in Smucker et al. 2007.
    """
    if not others:
        raise InputError("nothing to compare: give at least two results, the baseline first")
    for name in measures or ():
        parse_measure(name)
    found = []
    for other in others:
        _check_comparable(baseline, other)
        matrices = _paired_matrices(baseline, other, measures)
        if not matrices:
            raise InputError(f"{_pair(baseline, other)}: they share no setting and measure of those asked for")
        found += _differences(matrices, other.model, margin=margin, resamples=resamples, seed=seed)
    return Comparison(baseline.benchmark, baseline.model, tuple(_corrected(found)), margin)


def holm(p_values: Sequence[float]) -> list[float]:
    """Corrected p-values, in the order given: the chance of any false alarm among all stays below the level.

    Source: Holm 1979, "A Simple Sequentially Rejective Multiple Test Procedure".

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_values)
    factors = np.arange(len(order), 0, -1)
    corrected = np.empty(len(order))
    corrected[order] = np.minimum(1, np.maximum.accumulate(np.asarray(p_values, dtype=np.float64)[order] * factors))
    return [float(p) for p in corrected]


def permutation_p(differences: Values, *, resamples: int, seed: int) -> float:
    """Two-sided p-value of the macro mean of paired differences, if the models may be swapped on any item.

    Args:
        differences: shape (items, pairs), NaN where an item is missing.
        resamples: random swaps drawn; the smallest p-value is 1 / (resamples + 1).
        seed: of the swaps.
    """
    present = ~np.isnan(differences)
    # Swapping turns the sign of all an item's differences, so the macro mean is a signed sum of one number an item.
    of_item = (np.where(present, differences, 0.0) / present.sum(axis=0)).mean(axis=1)
    observed = abs(of_item.sum())
    rng = np.random.default_rng(seed)
    extreme = 0
    for start in range(0, resamples, _SWAPS_A_CHUNK):
        rows = min(_SWAPS_A_CHUNK, resamples - start)
        signs = rng.integers(0, 2, size=(rows, len(of_item)), dtype=np.int8) * 2.0 - 1.0
        # The same numbers summed in another order differ in their last digits: that is no difference.
        extreme += int(np.count_nonzero(np.abs(signs @ of_item) >= observed - 1e-12))
    return (1 + extreme) / (1 + resamples)


def _check_comparable(baseline: EvaluationResult, other: EvaluationResult) -> None:
    """Refuse results that were not taken from the same queries, naming the first thing that differs."""
    pair = _pair(baseline, other)
    mend = "Evaluate both on the same benchmark, languages and files"
    if baseline.benchmark != other.benchmark:
        raise InputError(f"{pair}: one is on {baseline.benchmark!r}, the other on {other.benchmark!r}. {mend}")
    if baseline.languages != other.languages:
        first, second = (", ".join(sorted(result.languages)) for result in (baseline, other))
        raise InputError(f"{pair}: one covers the languages {first}, the other {second}. {mend}")
    if baseline.provenance.get("data") != other.provenance.get("data"):
        raise InputError(f"{pair}: the files of {baseline.benchmark!r} were not the same. {mend}")
    first_queries, second_queries = _queries(baseline), _queries(other)
    for setting in first_queries.keys() & second_queries.keys():
        if first_queries[setting] != second_queries[setting]:
            raise InputError(f"{pair}: their queries differ in the {setting} setting. {mend}")


def _pair(baseline: EvaluationResult, other: EvaluationResult) -> str:
    return f"the results of {baseline.model!r} and {other.model!r} cannot be compared"


def _queries(result: EvaluationResult) -> dict[str, dict[tuple[str, str], tuple[str, ...]]]:
    """Per setting, the queries scored of each pair."""
    return {
        setting: {(pair.query_language, pair.corpus_language): pair.query_ids for pair in pairs}
        for setting, pairs in by_setting(result.scores).items()
    }


def _paired_matrices(first: EvaluationResult, second: EvaluationResult, measures: Sequence[str] | None) -> Matrices:
    """Values of both results as items by pairs, per setting and measure that both have."""
    items = all_items([*first.scores, *second.scores])
    of_second = by_setting(second.scores)
    matrices: Matrices = {}
    for setting, pairs in by_setting(first.scores).items():
        others = of_second.get(setting, [])
        shared = [name for name in pairs[0].values if others and name in others[0].values]
        for name in shared if measures is None else [name for name in measures if name in shared]:
            matrices[setting, name] = (item_matrix(pairs, name, items), item_matrix(others, name, items))
    return matrices


def _differences(
    matrices: Matrices, model: str, *, margin: float | None, resamples: int, seed: int
) -> list[Difference]:
    """Differences before correction."""
    deltas = {place: second - first for place, (first, second) in matrices.items()}
    draws = resampled(deltas, resamples=resamples, seed=seed)
    found = []
    for (setting, measure), (first, second) in matrices.items():
        low, high = interval(draws[setting, measure])
        p = permutation_p(deltas[setting, measure], resamples=resamples, seed=seed)
        not_worse = None if margin is None or measure in _NO_SHARES else low > -margin
        means = macro_mean(first), macro_mean(second)
        found.append(Difference(model, setting, measure, *means, low, high, p, p, not_worse))
    return found


def _corrected(found: Sequence[Difference]) -> list[Difference]:
    """The differences with Holm's correction among those of one measure."""
    families: dict[str, list[int]] = defaultdict(list)
    for place, difference in enumerate(found):
        families[difference.measure].append(place)
    corrected = list(found)
    for places in families.values():
        for place, p in zip(places, holm([found[place].p for place in places]), strict=True):
            corrected[place] = replace(found[place], p_corrected=p)
    return corrected
