"""Whether one result is really better than another: paired differences with intervals and corrected p-values.

All of it works on items: a query and its translations are one observation, drawn and swapped together.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np

from equilingua.errors import InputError
from equilingua.evaluation.comparison import Comparison, Difference, MarginTests, MeanRatio
from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.scores import Matrices, all_items, by_setting, setting_matrices
from equilingua.evaluation.settings import COMPARED_MEASURES
from equilingua.metrics.naming import IN_RANKS, LOWER_IS_BETTER, NO_DIRECTION, parse_metric
from equilingua.metrics.retrieval import Values
from equilingua.statistics.bootstrap import Draws, macro_mean
from equilingua.statistics.evidence import is_bounded, likely_bounds
from equilingua.statistics.intervals import Inference, infer
from equilingua.statistics.power import smallest_difference
from equilingua.statistics.significance import (
    Margins,
    holm,
    item_shares,
    margin_p_values,
    margins_by_measure,
    measure_bounds,
    permutation_p,
    standardized_effect,
)
from equilingua.statistics.unseen import UNBOUNDED, Bounds


@dataclass(frozen=True, eq=False, slots=True)
class _Paired:
    """The values of two results, shape (items, pairs) each; NaN in both where either has none."""

    model: str
    against: str
    setting: str
    measure: str
    baseline: Values
    value: Values

    @property
    def deltas(self) -> Values:
        return self.value - self.baseline

    @property
    def bounds(self) -> Bounds:
        """Of the differences."""
        low, high = measure_bounds(self.measure) or likely_bounds(np.concatenate([self.baseline, self.value]))
        return Bounds(low - high, high - low)


def compare(
    baseline: EvaluationResult | str | Path,
    *others: EvaluationResult | str | Path,
    measures: Sequence[str] | None = COMPARED_MEASURES,
    margin: Margins | None = None,
    pairwise: bool = False,
    resamples: int = 10_000,
    seed: int = 0,
) -> Comparison:
    """Differences of other results from a baseline, setting by setting and measure by measure.

    Intervals come from a paired studentised bootstrap over items, p-values from a paired permutation test that swaps
    the two models on single items, corrected by Holm's method over all settings and pairs of results compared by the
    same measure. With a margin, two one-sided tests tell which results are equivalent and which are not worse. Where
    items are too few for these (``equilingua.statistics.evidence``), intervals allow for items unlike any seen, and
    what does not hold with them is not said.

    Args:
        baseline: the result compared with, or the folder that it was saved to.
        others: results, or their folders, on the same benchmark, languages and queries.
        measures: names, of which those are compared that both results have; None for every measure that both have.
        margin: the difference from which on it matters: a number for all measures between 0 and 1 (.01 is one point of
            mAP), or one for each measure, as in ``{"shares": 0.01, "rank_distance": 20}``, where ``shares`` stands for
            the measures between 0 and 1 that are not named.
        pairwise: compare every two results, each with those before it, not only each with the baseline.
        resamples: of the bootstrap and of the permutation test.
        seed: of both.

    Raises:
        InputError: if there is nothing to compare, the results are not of the same queries, or a margin is no positive
            number or for measures that are not compared, or a folder holds no result.

    Source: Holm 1979; the permutation (randomisation) test as in Smucker et al. 2007; intervals: see
    ``equilingua.statistics.bootstrap``, margins: ``equilingua.statistics.significance``.
    """
    if not others:
        raise InputError("nothing to compare: give at least two results, the baseline first")
    for name in measures or ():
        parse_metric(name)
    loaded = [EvaluationResult.load(one) if isinstance(one, str | Path) else one for one in (baseline, *others)]
    results = named_results(loaded)
    chosen = list(combinations(results, 2)) if pairwise else [(results[0], other) for other in results[1:]]
    # Over all results at once, so that every comparison draws the same resamples of the same items.
    items = all_items(pair for result in results for pair in result.scores)
    values = {result.model: setting_matrices(result.scores, items, measures) for result in results}
    paired: list[_Paired] = []
    for first, second in chosen:
        _check_comparable(first, second)
        shared = list(_shared(first.model, second.model, values[first.model], values[second.model]))
        if not shared:
            looked_for = (
                f" (looked for: {', '.join(measures)}). Name others, or all: measures=None, --measures all"
                if measures
                else ""
            )
            raise InputError(f"{_pair(first, second)}: they share no setting and measure{looked_for}")
        paired += shared
    compared: dict[str, list[Values]] = defaultdict(list)
    for pair in paired:
        compared[pair.measure] += [pair.baseline, pair.value]
    margins = margins_by_measure(margin, compared)
    return Comparison(
        benchmark=results[0].benchmark,
        baseline=results[0].model,
        differences=tuple(_differences(paired, margins, resamples=resamples, seed=seed)),
        margins=margins,
        pairwise=pairwise,
        resamples=resamples,
        seed=seed,
    )


def _check_comparable(baseline: EvaluationResult, other: EvaluationResult) -> None:
    """Refuse results that were not taken from the same queries, naming the first thing that differs."""
    pair = _pair(baseline, other)
    mend = "Evaluate both on the same benchmark, languages and files"
    if baseline.benchmark != other.benchmark:
        raise InputError(f"{pair}: one is on {baseline.benchmark!r}, the other on {other.benchmark!r}. {mend}")
    if baseline.languages != other.languages:
        first, second = (", ".join(sorted(result.languages)) for result in (baseline, other))
        raise InputError(f"{pair}: one covers the languages {first}, the other {second}. {mend}")
    # Queries are compared by id below: the same ids may stand for other texts in other files.
    if baseline.provenance.get("data") != other.provenance.get("data"):
        raise InputError(f"{pair}: the files of {baseline.benchmark!r} were not the same. {mend}")
    least = [result.provenance.get("min_grade", 1) for result in (baseline, other)]
    if least[0] != least[1]:
        raise InputError(
            f"{pair}: one counts passages from grade {least[0]} on as relevant, the other from grade {least[1]} on. "
            "Evaluate both with the same --min-grade (min_grade)"
        )
    first_queries, second_queries = (
        {
            setting: {(pair.query_language, pair.corpus_language): pair.query_ids for pair in pairs}
            for setting, pairs in by_setting(result.scores).items()
        }
        for result in (baseline, other)
    )
    for setting in first_queries.keys() & second_queries.keys():
        if first_queries[setting] != second_queries[setting]:
            raise InputError(f"{pair}: their queries differ in the {setting} setting. {mend}")


def _pair(baseline: EvaluationResult, other: EvaluationResult) -> str:
    return f"the results of {baseline.model!r} and {other.model!r} cannot be compared"


def named_results(results: Sequence[EvaluationResult]) -> list[EvaluationResult]:
    """The results, told apart by a number where several have the same model's name."""
    names: list[str] = []
    for result in results:
        alike = 1 + sum(other.model == result.model for other in results[: len(names)])
        names.append(result.model if alike == 1 else f"{result.model} ({alike})")
    return [replace(result, model=name) for result, name in zip(results, names, strict=True)]


def _shared(against: str, model: str, first: Matrices, second: Matrices) -> Iterator[_Paired]:
    """What both results have, where at least one item has a value in both."""
    for (setting, measure), baseline in first.items():
        if (setting, measure) in second:
            value = second[setting, measure]
            # A query that only one of them answered would pass for a difference between the two.
            missing = np.isnan(baseline) | np.isnan(value)
            if not missing.all():
                values = np.where(missing, np.nan, baseline), np.where(missing, np.nan, value)
                yield _Paired(model, against, setting, measure, *values)


def _differences(
    paired: Sequence[_Paired], margins: dict[str, float], *, resamples: int, seed: int
) -> Iterator[Difference]:
    deltas = [pair.deltas for pair in paired]
    bounds = [pair.bounds for pair in paired]
    draws = Draws(len(deltas[0]), resamples, seed)
    drawn = infer(
        dict(enumerate(deltas)), resamples=resamples, seed=seed, bounds_of=lambda place: bounds[place], draws=draws
    )
    p_values = permutation_p(deltas, resamples=resamples, seed=seed)
    parts = zip(drawn.intervals(), p_values, _corrected(paired, p_values), strict=True)
    unseen = zip(drawn.too_few, _corrected(paired, drawn.p_unseen), _smallest(paired, drawn), drawn.short, strict=True)
    tests, ratios = _margin_tests(paired, drawn, margins), _ratios(paired, draws)
    of_each = zip(paired, deltas, parts, unseen, tests, ratios, strict=True)
    for pair, delta, ((low, high), p, p_corrected), (too_few, p_unseen, smallest, short), of_margin, ratio in of_each:
        yield Difference(
            model=pair.model,
            against=pair.against,
            setting=pair.setting,
            measure=pair.measure,
            items=int((~np.isnan(delta)).any(axis=1).sum()),
            baseline=macro_mean(pair.baseline),
            value=macro_mean(pair.value),
            low=low,
            high=high,
            p=p,
            p_corrected=p_corrected,
            p_unseen_corrected=p_unseen,
            too_few=too_few,
            smallest=smallest,
            unseen=short,
            effect=standardized_effect(delta),
            shares=item_shares(delta, lower_is_better=pair.measure in LOWER_IS_BETTER),
            tests=of_margin,
            ratio=ratio,
        )


def _smallest(paired: Sequence[_Paired], drawn: Inference) -> Iterator[float | None]:
    """The smallest difference that the items could show of each."""
    measures = [pair.measure for pair in paired]
    each = zip(paired, drawn.drawn.errors.tolist(), drawn.bounds, drawn.short, strict=True)
    for pair, error, bounds, short in each:
        items = int((~np.isnan(pair.deltas)).any(axis=1).sum())
        known = is_bounded(bounds)
        reach = float(np.mean(bounds.high)) if known and short else 0.0
        told = known or not short
        yield (
            smallest_difference(error, items=items, tests=measures.count(pair.measure), reach=reach) if told else None
        )


def _ratios(paired: Sequence[_Paired], draws: Draws) -> Iterator[MeanRatio | None]:
    """Of every difference in ranks, the ratio of the geometric means."""
    logs = {
        place: np.log1p(pair.value) - np.log1p(pair.baseline)
        for place, pair in enumerate(paired)
        if pair.measure in IN_RANKS
    }
    found: dict[int, MeanRatio] = {}
    if logs:
        resampling = {"resamples": draws.resamples, "seed": draws.seed}
        drawn = infer(logs, bounds_of=lambda _: UNBOUNDED, draws=draws, **resampling)
        p_values = permutation_p(list(logs.values()), **resampling)
        corrected = _corrected([paired[place] for place in logs], p_values)
        each = zip(logs, drawn.estimates.tolist(), drawn.intervals(), corrected, drawn.too_few, strict=True)
        for place, mean, (low, high), p, reason in each:
            ratio, lowest, highest = np.exp([mean, low, high]).tolist()
            found[place] = MeanRatio(ratio, lowest, highest, p, reason)
    yield from (found.get(place) for place in range(len(paired)))


def _margin_tests(
    paired: Sequence[_Paired], drawn: Inference, margins: dict[str, float]
) -> Iterator[MarginTests | None]:
    """The tests of every difference whose measure has a margin."""
    # NaN for a measure without a margin gives p-values that are never shown.
    bounds = np.array([margins.get(pair.measure, np.nan) for pair in paired])
    lower = [pair.measure in LOWER_IS_BETTER for pair in paired]
    not_worse, equivalent = (p.tolist() for p in margin_p_values(drawn, bounds, lower_is_better=lower))
    columns = not_worse, equivalent, _corrected(paired, not_worse), _corrected(paired, equivalent)
    for pair, p, p_equivalent, corrected, equivalent_corrected in zip(paired, *columns, strict=True):
        if pair.measure not in margins:
            yield None
        elif pair.measure in NO_DIRECTION:
            yield MarginTests(margins[pair.measure], None, p_equivalent, None, equivalent_corrected)
        else:
            yield MarginTests(margins[pair.measure], p, p_equivalent, corrected, equivalent_corrected)


def _corrected(paired: Sequence[_Paired], p_values: Sequence[float]) -> list[float]:
    """Holm's correction among the differences of one measure."""
    corrected = np.array(p_values, dtype=np.float64)
    measures = np.array([pair.measure for pair in paired])
    for measure in set(measures.tolist()):
        corrected[measures == measure] = holm(corrected[measures == measure].tolist())
    return [float(p) for p in corrected]
