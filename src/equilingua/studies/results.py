"""What a study measures (macro means of arms, their sums and quotients), and the scores behind it as seeds by items."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from equilingua.errors import InputError, Problems, did_you_mean
from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.scores import PairScores, all_items
from equilingua.metrics.retrieval import Values
from equilingua.statistics.bootstrap import influences, macro_mean

ResultPlace = tuple[str, int, str]
"""Arm, seed and evaluation."""


@dataclass(frozen=True, slots=True)
class MacroMean:
    """A macro mean that every training has: over the pairs of these query languages, or of all (None)."""

    evaluation: str
    setting: str
    measure: str
    languages: tuple[str, ...] | None = None

    def __str__(self) -> str:
        of = f", {', '.join(self.languages)}" if self.languages else ""
        return f"{self.setting}, {self.evaluation}{of}"


@dataclass(frozen=True, slots=True)
class Term:
    """One arm's mean with its weight in a sum."""

    weight: float
    arm: str
    macro_mean: MacroMean


@dataclass(frozen=True, slots=True)
class Retention:
    """What is left of an arm's mean on other data: the shifted mean over the reference.

    With another arm to stand against, the difference of both arms' quotients.
    """

    arm: str
    shifted: MacroMean
    reference: MacroMean
    against: str | None = None


Sum = tuple[Term, ...]
Quantity = Sum | Retention


def difference(arm: str, against: str, macro_mean: MacroMean) -> Sum:
    """An arm minus another."""
    return Term(1.0, arm, macro_mean), Term(-1.0, against, macro_mean)


def macro_means(quantity: Quantity) -> tuple[MacroMean, ...]:
    """The means that a quantity is made of, in its order."""
    if isinstance(quantity, Retention):
        return quantity.shifted, quantity.reference
    return tuple(term.macro_mean for term in quantity)


@dataclass(frozen=True, eq=False, slots=True)
class MeanScores:
    """One macro mean of every arm and seed, over the items of its evaluation.

    Attributes:
        arms: in the order of the first axis.
        means: macro means, shape (arms, seeds).
        shares: by how much each item moves its training's mean, shape (arms, seeds, items): they sum to 0.
        measured: whether the mean is taken over the item at all, shape (items,).
    """

    arms: tuple[str, ...]
    means: Values
    shares: Values
    measured: npt.NDArray[np.bool_]


class StudyScores:
    """The results of a study's trainings, checked to be of the same seeds and the same queries.

    A query that any training has no value of (some measures are not defined for all) is left out for all of them.

    Args:
        results: by arm, seed and evaluation. An arm may lack an evaluation, but not some of its seeds.

    Raises:
        InputError: if there is no result, a seed is missing or queries differ; it names arm, seed and evaluation.
    """

    def __init__(self, results: Mapping[ResultPlace, EvaluationResult]) -> None:
        if not results:
            raise InputError("a study without results: give at least one, by arm, seed and evaluation")
        self._results = dict(results)
        self.arms = tuple(dict.fromkeys(arm for arm, _, _ in results))
        self.seeds = tuple(sorted({seed for _, seed, _ in results}))
        self.evaluations = tuple(dict.fromkeys(evaluation for _, _, evaluation in results))
        self._check()
        self._means: dict[MacroMean, MeanScores] = {}

    def of(self, mean: MacroMean) -> MeanScores:
        """The scores behind a macro mean, computed once.

        Raises:
            InputError: if no evaluation has it, or a training lacks it.
        """
        if mean not in self._means:
            self._means[mean] = self._computed(mean)
        return self._means[mean]

    def has(self, evaluation: str, setting: str, measure: str) -> bool:
        """Whether the trainings have a measure in a setting of an evaluation."""
        return any(measure in pair.values for pair in self._of_setting(evaluation, setting))

    def query_languages(self, evaluation: str, setting: str) -> tuple[str, ...]:
        """The languages of the queries scored in a setting of an evaluation, sorted."""
        return tuple(sorted({pair.query_language for pair in self._of_setting(evaluation, setting)}))

    def _of_setting(self, evaluation: str, setting: str) -> list[PairScores]:
        """The pairs of any one training: those of all trainings are checked to be alike."""
        of_evaluation = (result for (_, _, name), result in self._results.items() if name == evaluation)
        first = next(of_evaluation, None)
        return [] if first is None else [pair for pair in first.scores if pair.setting == setting]

    def _check(self) -> None:
        problems = Problems("the results of this study")
        for arm, evaluation in dict.fromkeys((arm, evaluation) for arm, _, evaluation in self._results):
            lacking = [str(seed) for seed in self.seeds if (arm, seed, evaluation) not in self._results]
            if lacking:
                problems.add(f"arm {arm!r} lacks seed {', '.join(lacking)} of {evaluation!r}. Evaluate it as well")
        for evaluation in self.evaluations:
            first, *others = [key for key in self._results if key[2] == evaluation]
            for other in others:
                differing = _differing(self._results[first], self._results[other])
                if differing:
                    problems.add(f"{_named(other)} and {_named(first)}: {differing} differ. Evaluate both on the same")
        problems.raise_if_any()

    def _computed(self, mean: MacroMean) -> MeanScores:
        _check_known(mean.evaluation, self.evaluations, f"unknown evaluation {mean.evaluation!r}")
        arms = tuple(arm for arm in self.arms if (arm, self.seeds[0], mean.evaluation) in self._results)
        chosen = [[self._pairs(arm, seed, mean) for seed in self.seeds] for arm in arms]
        first = chosen[0][0]
        items = all_items(self._results[arms[0], self.seeds[0], mean.evaluation].scores)
        place = {item: row for row, item in enumerate(items)}
        rows = [np.array([place[query] for query in pair.query_ids], dtype=np.intp) for pair in first]
        lacking = np.ones((len(items), len(first)), dtype=np.bool_)
        for column in range(len(first)):
            values = [of_training[column].values[mean.measure] for of_arm in chosen for of_training in of_arm]
            lacking[rows[column], column] = np.isnan(values).any(axis=0)
        means, shares = np.empty((len(arms), len(self.seeds))), np.empty((len(arms), len(self.seeds), len(items)))
        for arm, of_arm in enumerate(chosen):
            for seed, pairs in enumerate(of_arm):
                matrix = np.full(lacking.shape, np.nan)
                for column, pair in enumerate(pairs):
                    matrix[rows[column], column] = pair.values[mean.measure]
                matrix[lacking] = np.nan
                means[arm, seed], shares[arm, seed] = macro_mean(matrix), influences(matrix) / len(items)
        return MeanScores(arms, means, shares, np.logical_not(lacking.all(axis=1)))

    def _pairs(self, arm: str, seed: int, mean: MacroMean) -> list[PairScores]:
        """The pairs that a mean is taken over, in the order of their languages."""
        place = (arm, seed, mean.evaluation)
        pairs = list(self._results[place].scores)
        _check_known(mean.setting, {pair.setting for pair in pairs}, f"{_named(place)} has no {mean.setting!r} setting")
        pairs = [pair for pair in pairs if pair.setting == mean.setting]
        if mean.languages is not None:
            languages = {pair.query_language for pair in pairs}
            for language in mean.languages:
                _check_known(language, languages, f"{_named(place)} has no queries in {language!r}")
            pairs = [pair for pair in pairs if pair.query_language in mean.languages]
        measures = {name for pair in pairs for name in pair.values}
        _check_known(mean.measure, measures, f"{_named(place)} has no {mean.measure!r}")
        return sorted((pair for pair in pairs if mean.measure in pair.values), key=_languages)


def _check_known(name: str, known: Collection[str], problem: str) -> None:
    if name not in known:
        raise InputError(f"{problem}. {did_you_mean(name, known)}")


def _languages(pair: PairScores) -> tuple[str, str]:
    return pair.query_language, pair.corpus_language


def _differing(first: EvaluationResult, other: EvaluationResult) -> str | None:
    """The first thing in which two results are not of the same queries."""
    if first.benchmark != other.benchmark:
        return "benchmarks"
    if first.provenance.get("data") != other.provenance.get("data"):
        return "files"
    one, two = (
        {(pair.setting, *_languages(pair)): (pair.query_ids, set(pair.values)) for pair in result.scores}
        for result in (first, other)
    )
    if one.keys() != two.keys():
        return "settings or languages"
    if any(one[place][0] != two[place][0] for place in one):
        return "queries"
    return "measures" if any(one[place][1] != two[place][1] for place in one) else None


def _named(key: ResultPlace) -> str:
    arm, seed, evaluation = key
    return f"arm {arm!r}, seed {seed}, on {evaluation!r}"
