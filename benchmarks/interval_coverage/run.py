"""How often the intervals of ``compare`` cover a known difference, and how often it sees one where there is none.

    OMP_NUM_THREADS=1 python benchmarks/interval_coverage/run.py --repetitions 1000 --write

Draws new queries for synthetic models again and again. With --write the tables of the README beside this script are
made anew. It needs no data and no model.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import numpy.typing as npt

from equilingua.evaluation.compare import compare
from equilingua.evaluation.comparison import Comparison
from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.scores import PairScores, all_items, item_matrix
from equilingua.evaluation.settings import CROSS_LINGUAL, MONOLINGUAL, MULTILINGUAL, POOL, SETTINGS, language_pairs
from equilingua.metrics.language_bias import rank_distance
from equilingua.metrics.retrieval import RankArray, Values, average_precision, recall, reciprocal_rank
from equilingua.progress import track
from equilingua.statistics.bootstrap import influences, macro_mean
from equilingua.statistics.intervals import mean_intervals
from equilingua.statistics.significance import holm
from equilingua.studies.inference import Estimate, crossed_estimate
from equilingua.tables import Table

HERE = Path(__file__).parent
LANGUAGES = ("en", "es", "th")
ITEMS = (50, 200, 1000)
TEXTBOOK_ITEMS = 200
"""With more items SciPy's intervals, which are there for contrast, would take most of the time."""

NULL_ITEMS = (50, 200)
RESAMPLES = 1000
MANY = 400_000
LAST_RANK = 2000
WEAK, STRONG = 0.6, 1.1
PLACES = (
    (MONOLINGUAL, "mAP"),
    (CROSS_LINGUAL, "mAP"),
    (MULTILINGUAL, "mAP"),
    (MONOLINGUAL, "MRR@20"),
    (CROSS_LINGUAL, "R@1"),
    (MULTILINGUAL, "rank_distance"),
)
METHODS = ("percentile", "BCa", "compare")
Place = tuple[str, str]
Truth = Mapping[Place, float]
SPARSE = ((200, 10, 1), (200, 10, 2), (200, 50, 1), (200, 50, 2))
"""Items, how many of them a language has, and in how many languages: no item is in two."""

STUDY_ITEMS = 200
STUDY_SEEDS = (3, 5)
STUDY_RATIOS = (0.0, 0.1, 1.0, 3.0, 10.0, 100.0)
"""Variance of the mean that comes from the seeds, in units of that which comes from the items."""
STUDY_RESIDUALS = (0.3, 1.0)
STUDY_CLAIMS = 5

AT_MARGIN = PLACES[0], *PLACES[3:]
"""Where the margin is the true difference: a claim of equivalence there is false."""


@dataclass(frozen=True, eq=False, slots=True)
class Queries:
    """What two models have in common on some queries.

    Attributes:
        difficulty: of each item, shape (items,): shared by its translations and by all models.
        lacking: whether an item is missing in the last language, shape (items,).
    """

    difficulty: Values
    lacking: npt.NDArray[np.bool_]


def drawn_queries(items: int, rng: np.random.Generator) -> Queries:
    """New queries: difficulties are normal, three in ten items have no translation in the last language."""
    return Queries(rng.normal(size=items), rng.random(items) < 0.3)


def drawn_result(name: str, skill: float, queries: Queries, rng: np.random.Generator) -> EvaluationResult:
    """A model's result on these queries; what it finds hard is its own to a part, and the same in all languages.

    Ranks are log-normal and cut at 1, so reciprocal ranks pile up at 1 and rank distances have a long tail; in the pool
    of all languages, the better model ranks the others' passages closer together.
    """
    own = 0.3 * rng.normal(size=len(queries.difficulty))
    scores = []
    for setting in SETTINGS:
        for query, corpus in language_pairs(setting, LANGUAGES, LANGUAGES):
            rows = np.flatnonzero(~queries.lacking) if query == LANGUAGES[-1] else np.arange(len(own))
            slots = len(LANGUAGES) if corpus == POOL else 1
            ease = skill - queries.difficulty[rows, None] - own[rows, None]
            far = (3.0 - skill) * np.arange(slots)  # each further language of the pool is ranked lower
            logs = 1.0 - ease + far + 0.3 * rng.normal(size=(len(rows), slots))
            ranks = np.sort(np.ceil(np.exp(np.clip(logs, 0, np.log(LAST_RANK)))).astype(np.int64), axis=1)
            ranks += np.arange(slots)
            ids = tuple(f"q{row}" for row in rows)
            scores.append(PairScores(setting, query, corpus, ids, ranks, measured(setting, ranks)))
    return EvaluationResult(name, "synthetic", LANGUAGES, {}, {}, {}, {}, {}, {}, {}, tuple(scores))


def measured(setting: str, ranks: RankArray) -> Mapping[str, Values]:
    """The measures of the tables."""
    values = {"mAP": average_precision(ranks), "MRR@20": reciprocal_rank(ranks, k=20), "R@1": recall(ranks, k=1)}
    return values | ({"rank_distance": rank_distance(ranks)} if setting == MULTILINGUAL else {})


def true_differences() -> dict[Place, float]:
    """Strong minus weak on very many queries."""
    rng = np.random.default_rng(0)
    totals: dict[Place, list[float]] = {place: [] for place in PLACES}
    for _ in range(MANY // 20_000):
        queries = drawn_queries(20_000, rng)
        weak, strong = (drawn_result("", skill, queries, rng) for skill in (WEAK, STRONG))
        for place in PLACES:
            totals[place].append(macro_mean(paired(weak, strong, place)))
    return {place: float(np.mean(values)) for place, values in totals.items()}


def paired(first: EvaluationResult, second: EvaluationResult, place: Place) -> Values:
    """Differences as items by pairs."""
    setting, measure = place
    items = all_items(first.scores)
    one, other = (
        item_matrix([pair for pair in result.scores if pair.setting == setting], measure, items)
        for result in (first, second)
    )
    return other - one


def textbook_intervals(differences: Values, *, seed: int) -> dict[str, tuple[float, float]]:
    """Percentile and BCa intervals of SciPy, over the same items."""
    from scipy import stats

    of_item = influences(differences) + macro_mean(differences)
    rng = np.random.default_rng(seed)
    percentile = stats.bootstrap((of_item,), np.mean, n_resamples=RESAMPLES, method="percentile", rng=rng)
    bca = stats.bootstrap((of_item,), np.mean, n_resamples=0, bootstrap_result=percentile, method="BCa", rng=rng)
    return {
        name: (float(found.confidence_interval.low), float(found.confidence_interval.high))
        for name, found in (("percentile", percentile), ("BCa", bca))
    }


def known_differences(items: int, repetitions: int, truth: Truth) -> Iterator[tuple[Comparison, dict[Place, Values]]]:
    """Comparisons of the strong with the weak model, margins set to the true differences."""
    margins = {place[1]: abs(truth[place]) for place in AT_MARGIN}
    for repetition in track(range(repetitions), f"Known difference, {items} items"):
        rng = np.random.default_rng([1, items, repetition])
        queries = drawn_queries(items, rng)
        weak, strong = drawn_result("weak", WEAK, queries, rng), drawn_result("strong", STRONG, queries, rng)
        comparison = compare(weak, strong, measures=None, margin=margins, resamples=RESAMPLES, seed=repetition)
        yield comparison, {place: paired(weak, strong, place) for place in PLACES}


def coverage_rows(items: int, repetitions: int, truth: Truth) -> Iterator[tuple[str, ...]]:
    """Shares of the intervals that cover the truth, and of false claims of equivalence."""
    covered: dict[tuple[Place, str], int] = dict.fromkeys(
        [(place, name) for place in PLACES for name in (*METHODS, "TOST")], 0
    )
    for seed, (comparison, differences) in enumerate(known_differences(items, repetitions, truth)):
        for difference in comparison.differences:
            place = (difference.setting, difference.measure)
            if place not in PLACES:
                continue
            assert difference.tests is not None
            intervals = textbook_intervals(differences[place], seed=seed) if items <= TEXTBOOK_ITEMS else {}
            intervals["compare"] = (difference.low, difference.high)
            for name, (low, high) in intervals.items():
                covered[place, name] += low <= truth[place] <= high
            covered[place, "refused"] = covered.get((place, "refused"), 0) + int(np.isnan(difference.low))
            covered[place, "TOST"] += difference.tests.p_equivalent < 0.05
    for place in PLACES:
        refused = covered[place, "refused"]
        shares = {name: covered[place, name] / repetitions for name in (*METHODS, "TOST")}
        shares["compare"] = covered[place, "compare"] / max(repetitions - refused, 1)
        digits = 1 if place[1] == "rank_distance" else 3
        at_margin = f"{shares['TOST']:.1%}" if place in AT_MARGIN else "-"
        told = [f"{shares[name]:.1%}" if name == "compare" or items <= TEXTBOOK_ITEMS else "-" for name in METHODS]
        known = f"{truth[place]:+.{digits}f}"
        yield (f"{items:,}", place[1], place[0], known, *told, f"{refused / repetitions:.1%}", at_margin)


def sparse_rows(repetitions: int) -> Iterator[tuple[str, ...]]:
    """Shares of the intervals that cover a mean whose languages have few of the items, each its own."""
    draws: dict[str, Callable[[np.random.Generator, tuple[int, int]], Values]] = {
        "normal": lambda rng, shape: 0.5 + rng.normal(size=shape),
        "skewed": lambda rng, shape: rng.exponential(0.5, size=shape),
    }
    for (items, measured_items, languages), (name, draw) in product(SPARSE, draws.items()):
        covered = given = 0
        for repetition in track(range(repetitions), f"{languages} x {measured_items} of {items} items, {name}"):
            rng = np.random.default_rng([3, measured_items, languages, repetition])
            values = np.full((items, languages), np.nan)
            drawn = draw(rng, (measured_items, languages))
            for language in range(languages):
                values[language * measured_items : (language + 1) * measured_items, language] = drawn[:, language]
            low, high = mean_intervals({name: values}, resamples=RESAMPLES, seed=repetition).get(name, (np.nan, np.nan))
            covered += low <= 0.5 <= high
            given += not np.isnan(low)
        told = f"{covered / given:.1%}" if given else "-"
        yield str(items), str(languages), str(measured_items), name, told, f"{1 - given / repetitions:.1%}"


def false_alarm_rows(items: int, repetitions: int) -> Iterator[tuple[str, ...]]:
    """Shares of comparisons of equally good models with any corrected p-value below .05."""
    alarms: dict[tuple[int, str], int] = {}
    for repetition in track(range(repetitions), f"No difference, {items} items"):
        rng = np.random.default_rng([2, items, repetition])
        queries = drawn_queries(items, rng)
        results = [drawn_result(f"model {number}", WEAK, queries, rng) for number in range(3)]
        for models in (2, 3):
            found = compare(
                *results[:models], measures=None, pairwise=True, resamples=RESAMPLES, seed=repetition
            ).differences
            for measure in dict.fromkeys(row.measure for row in found):
                any_alarm = any(row.significant for row in found if row.measure == measure)
                alarms[models, measure] = alarms.get((models, measure), 0) + any_alarm
    for models in (2, 3):
        shares = [f"{count / repetitions:.1%}" for (number, _), count in alarms.items() if number == models]
        yield (f"{items:,}", str(models), *shares)


def study_rows(repetitions: int) -> Iterator[tuple[str, ...]]:
    """Shares of intervals over seeds and items that cover 0, and of false claims, where nothing is to be found."""
    for seeds, residual, ratio in product(STUDY_SEEDS, STUDY_RESIDUALS, STUDY_RATIOS):
        rng = np.random.default_rng([4, seeds, round(10 * residual), round(10 * ratio)])
        claimed = quasi = family = 0
        for _ in track(range(repetitions), f"{seeds} seeds, {ratio:g} times the items' variance"):
            found = [drawn_estimate(seeds, residual, ratio, rng) for _ in range(STUDY_CLAIMS)]
            p_values = [estimate.p for estimate, _ in found]
            claimed += p_values[0] < 0.05
            quasi += found[0][1] < 0.05
            family += min(holm(p_values)) < 0.05
        shares = [f"{count / repetitions:.1%}" for count in (repetitions - claimed, claimed, quasi, family)]
        yield (str(seeds), f"{ratio:g}", f"{residual:g}", *shares)


def drawn_estimate(seeds: int, residual: float, ratio: float, rng: np.random.Generator) -> tuple[Estimate, float]:
    """The estimate of a difference that is 0, items varying by 1; and its p-value by Satterthwaite's quasi-F."""
    from scipy.special import stdtr

    of_seed = np.sqrt(ratio * seeds / STUDY_ITEMS) * rng.normal(size=(seeds, 1))
    values = of_seed + rng.normal(size=STUDY_ITEMS) + np.sqrt(residual) * rng.normal(size=(seeds, STUDY_ITEMS))
    means = values.mean(axis=1)
    estimate = crossed_estimate(float(means.mean()), means, [values - means[:, None]])
    deviations = values - means[:, None] - values.mean(axis=0) + values.mean()
    freedom = np.array([seeds - 1, STUDY_ITEMS - 1, (seeds - 1) * (STUDY_ITEMS - 1)])
    squares = np.array([means.var(ddof=1) * STUDY_ITEMS, values.mean(axis=0).var(ddof=1) * seeds, 0.0])
    squares[2] = (deviations**2).sum() / freedom[2]
    total = np.maximum(squares[:2], squares[2]).sum() - squares[2]
    statistic = abs(estimate.value) / np.sqrt(total / values.size)
    return estimate, 2 * float(stdtr(total**2 / (squares**2 / freedom).sum(), -statistic))


def report(repetitions: int) -> str:
    """The tables of ordinary cases, but for those of studies."""
    truth = true_differences()
    coverage = [row for items in ITEMS for row in coverage_rows(items, repetitions, truth)]
    sparse = tuple(sparse_rows(repetitions))
    alarms = [row for items in NULL_ITEMS for row in false_alarm_rows(items, repetitions)]
    header = (
        "items",
        "measure",
        "setting",
        "true difference",
        "percentile",
        "BCa",
        "`compare`",
        "refused",
        "TOST at the margin",
    )
    error = 2 * np.sqrt(0.05 * 0.95 / repetitions)
    return "\n\n".join(
        [
            f"Coverage of 95 % intervals, {repetitions:,} repetitions (two Monte-Carlo standard errors: {error:.1%}):",
            Table("", header, tuple(coverage)).markdown(),
            "Means of which each language has only some of the items, and no item is in two languages:",
            Table("", ("items", "languages", "items of each", "values", "coverage", "refused"), sparse).markdown(),
            "False alarms: equally good models, any corrected p < .05 among all settings and pairs of one measure:",
            Table("", ("items", "models", "mAP", "MRR@20", "R@1", "rank_distance"), tuple(alarms)).markdown(),
        ]
    )


def study_table(repetitions: int) -> str:
    """The table of studies, with what it is of."""
    header = (
        "seeds",
        "seeds : items",
        "residual",
        "coverage",
        "false claims",
        "quasi-F",
        f"any of {STUDY_CLAIMS}, Holm",
    )
    title = f"Studies: seeds and items, {STUDY_ITEMS} items, no difference to be found:"
    return f"{title}\n\n{Table('', header, tuple(study_rows(repetitions))).markdown()}"


PARTS: Mapping[str, Callable[[int], str]] = {"ordinary": report, "studies": study_table}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=PARTS, action="append", help="only these tables; repeatable")
    parser.add_argument("--repetitions", type=int, default=1000)
    parser.add_argument("--write", action="store_true", help="write the tables into the README")
    options = parser.parse_args()
    for part in options.part or PARTS:
        tables = PARTS[part](options.repetitions)
        print(tables)
        if options.write:
            begin, end = f"<!-- {part} -->", f"<!-- end of {part} -->"
            readme = HERE / "README.md"
            before, _, rest = readme.read_text(encoding="utf-8").partition(begin)
            readme.write_text(f"{before}{begin}\n\n{tables}\n\n{end}{rest.partition(end)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
