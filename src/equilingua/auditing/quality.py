"""Where quality is lost by language: what an audit calls a problem.

That the query's language, or any other, comes first is no loss while the right passages are found: a passage is taken
by itself (``evaluation.reach``), and only what is found less, beyond chance, is a problem.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from equilingua.auditing.checks import FEW_QUERIES, SMALL, interval_text, mixed_pool
from equilingua.auditing.findings import Finding, listed, worded
from equilingua.auditing.retrievers import RetrieverKind
from equilingua.evaluation.reach import Reach, ReachDifference, together
from equilingua.evaluation.scores import PairScores
from equilingua.statistics.evidence import likely_bounds
from equilingua.statistics.intervals import infer
from equilingua.statistics.significance import measure_bounds
from equilingua.statistics.unseen import Bounds


def reach_findings(reach: Reach | None, *, retriever: RetrieverKind) -> Iterator[Finding]:
    """Relevant passages found less for the language they are in: another than the query's, the query's, or any."""
    if reach is None:
        return
    for cause, sign in (("other languages lost", 1), ("own language lost", -1)):
        lost = _lost(reach.query_languages, sign)
        if lost or _is_lost(reach.overall, sign):
            told = {tag: interval_text(one.difference, one.interval) for tag, one in lost.items()}
            figures = {"k": reach.k, "own": reach.overall.own, "others": reach.overall.others}
            overall = f"mean {interval_text(reach.overall.difference, reach.overall.interval)}"
            yield worded(cause, *told, retriever=retriever, listed=listed(told) or overall, **figures)
    behind = {
        tag: one
        for tag, one in reach.passage_languages.items()
        if one.queries >= FEW_QUERIES and one.behind <= -SMALL and one.interval is not None and one.interval[1] < 0
    }
    if behind:
        ordered = sorted(behind, key=lambda tag: behind[tag].behind)
        told = {
            tag: f"{behind[tag].value:.3f}, {interval_text(behind[tag].behind, behind[tag].interval)}"
            for tag in ordered
        }
        yield worded("passages lost", *told, retriever=retriever, k=reach.k, listed=listed(told))


def baseline_findings(
    scores: Sequence[PairScores],
    baseline: Sequence[PairScores],
    *,
    name: str,
    measure: str,
    retriever: RetrieverKind,
    resamples: int,
    seed: int,
) -> Iterator[Finding]:
    """Query languages in which a baseline, scored on the same queries, finds more beyond chance; none without one."""
    if not baseline:
        return
    pairs, values = mixed_pool(scores, measure)
    others = mixed_pool(baseline, measure)[1]
    difference = values - others
    columns = {pair.query_language: difference[:, [place]] for place, pair in enumerate(pairs)}
    low, high = measure_bounds(measure) or likely_bounds(np.concatenate([values, others]))
    bounds = Bounds(low - high, high - low)
    drawn = infer(columns, resamples=resamples, seed=seed, bounds_of=lambda _: bounds)
    intervals = drawn.intervals(together(len(columns)))
    lost = {
        language: (estimate, (low, high))
        for language, estimate, (low, high) in zip(columns, drawn.estimates.tolist(), intervals, strict=True)
        if high < 0 and np.count_nonzero(~np.isnan(columns[language])) >= FEW_QUERIES
    }
    if lost:
        told = {tag: interval_text(*lost[tag]) for tag in sorted(lost, key=lambda tag: lost[tag][0])}
        yield worded(
            "behind the baseline", *told, retriever=retriever, baseline=name, measure=measure, listed=listed(told)
        )


def _lost(differences: Mapping[str, ReachDifference], sign: int) -> dict[str, ReachDifference]:
    """The query languages of which one side is found less beyond chance, those that lose most first."""
    lost = {tag: one for tag, one in differences.items() if _is_lost(one, sign)}
    return dict(sorted(lost.items(), key=lambda item: -sign * item[1].difference))


def _is_lost(one: ReachDifference, sign: int) -> bool:
    """Whether what is on this side (1: in other languages, -1: in the query's) is found less, beyond chance."""
    if one.queries < FEW_QUERIES or one.interval is None:
        return False
    least = one.interval[0] if sign > 0 else -one.interval[1]
    return sign * one.difference >= SMALL and least > 0
