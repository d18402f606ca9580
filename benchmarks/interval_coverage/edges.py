"""Where intervals and verdicts are weakest: heavy tails, ties, few items, rare losses, hits near a margin, audits.

Every row draws new items again and again and asks ``compare``, or an audit's ``standings``, what they say. The truth is
known, so that every interval without it is a miss, and every verdict against it a false claim.

    OMP_NUM_THREADS=1 python benchmarks/interval_coverage/edges.py --write

With --write the tables of the README beside this script are made anew. It needs no data and no model.
"""

import argparse
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from equilingua.auditing.checks import standings
from equilingua.evaluation.compare import compare
from equilingua.evaluation.comparison import Difference
from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.scores import PairScores
from equilingua.evaluation.settings import MULTILINGUAL
from equilingua.metrics.retrieval import Values
from equilingua.progress import track
from equilingua.statistics.significance import BETTER, EQUIVALENT, NOT_WORSE, TOO_FEW, WORSE
from equilingua.tables import Table

Drawn = tuple[Values, Values]
"""Values of two models, shape (items, languages) each, NaN where a language lacks the item."""

AUDITED_LANGUAGES, AUDITED_QUERIES = 5, 30
RESAMPLES = 400
BEGIN, END = "<!-- edges -->", "<!-- end of edges -->"


@dataclass(frozen=True, slots=True)
class Edge:
    """One row.

    Attributes:
        name: what is drawn.
        items: how many.
        measure: that the values are of.
        truth: mean difference of the two models; 0 where nothing is to be found.
        margin: tested against it: no claim of it may be true.
        draw: the values of some items.
    """

    name: str
    items: int
    measure: str
    truth: float
    margin: float
    draw: Callable[[np.random.Generator, int], Drawn]


def heavy(rng: np.random.Generator, items: int) -> Drawn:
    """Rank distances as the exponential of a normal of standard deviation 3, a part of it each model's own."""
    shared = 3 * rng.normal(size=(items, 1))
    first, second = (np.exp(shared + 0.3 * rng.normal(size=(items, 1))) for _ in range(2))
    return first, second + HEAVY_LOSS


HEAVY_LOSS = 20.0


def apart(rng: np.random.Generator, items: int) -> Drawn:
    """The same of two models whose rank distances have nothing in common."""
    first, second = (np.exp(3 * rng.normal(size=(items, 1))) for _ in range(2))
    return first, second


def tied(rng: np.random.Generator, items: int) -> Drawn:
    """Nine of ten alike; the others differ by about .25 to either side, .05 lower on average."""
    base = np.full((items, 1), 0.5)
    steps = np.clip(rng.normal(-0.05, 0.25, size=(items, 1)), -0.5, 0.5)
    return base, base + steps * (rng.random((items, 1)) < 0.1)


def fifth(rng: np.random.Generator, items: int) -> Drawn:
    """Reciprocal ranks of two languages, parallel; one has a fifth of the items."""
    ease = rng.normal(size=(items, 1)) + rng.normal(size=(items, 2))
    first, second = (1 / np.ceil(np.exp(np.clip(ease + 0.7 * rng.normal(size=ease.shape), 0, 6))) for _ in range(2))
    lacking = np.arange(items) >= items // 5
    for values in (first, second):
        values[lacking, 1] = np.nan
    return first, second


def rare(share: float) -> Callable[[np.random.Generator, int], Drawn]:
    """Many small gains and rare large losses, which even out."""

    def draw(rng: np.random.Generator, items: int) -> Drawn:
        base = np.full((items, 1), 0.8)
        gains = 0.8 * share / (1 - share) + 0.01 * (rng.random((items, 1)) - 0.5)
        return base, np.where(rng.random((items, 1)) < share, 0.0, base + gains)

    return draw


def hits(lost: float, won: float) -> Callable[[np.random.Generator, int], Drawn]:
    """Hits and misses, of which some are lost and some won."""

    def draw(rng: np.random.Generator, items: int) -> Drawn:
        place = rng.random((items, 1))
        first = np.where(place < won, 0.0, 1.0)
        return first, np.where(place > 1 - lost, 0.0, 1.0)

    return draw


def exactly(rng: np.random.Generator, items: int) -> Drawn:
    """Values that all fall by exactly the margin."""
    first = 0.01 + 0.98 * rng.random((items, 1))
    return first, first - 0.01


def true_tied_loss() -> float:
    """What is lost on average where nine of ten are tied."""
    rng = np.random.default_rng(5)
    return float(np.mean([np.subtract(*reversed(tied(rng, 200_000))).mean() for _ in range(20)]))


def edges() -> Sequence[Edge]:
    """The rows."""
    loss = true_tied_loss()
    return (
        *(Edge("heavy tail", n, "rank_distance", HEAVY_LOSS, HEAVY_LOSS, heavy) for n in (50, 500)),
        *(Edge("heavy tails apart", n, "rank_distance", 0.0, HEAVY_LOSS, apart) for n in (50, 500)),
        *(Edge("nine of ten tied", n, "mAP", loss, -loss, tied) for n in (10, 50, 500)),
        *(Edge("a language with a fifth", n, "MRR@20", 0.0, 0.1, fifth) for n in (5, 10, 50, 250)),
        *(Edge("rare large losses", n, "mAP", 0.0, 0.5, rare(1 / n)) for n in (10, 30, 100)),
        *(Edge("hits lost at the margin", n, "R@1", -0.01, 0.01, hits(0.01, 0.0)) for n in (100, 300)),
        *(Edge("hits lost and won", n, "R@1", -0.01, 0.01, hits(0.06, 0.05)) for n in (100, 300)),
        Edge("a loss of exactly the margin", 100, "mAP", -0.01, 0.01, exactly),
    )


def result_of(name: str, values: Values, measure: str) -> EvaluationResult:
    """A result with these values, a language a column."""
    scores = []
    for column in range(values.shape[1]):
        held = np.flatnonzero(~np.isnan(values[:, column]))
        ids, ranks = tuple(f"q{row:05}" for row in held), np.ones((len(held), 1), dtype=np.int64)
        tag = f"l{column}"
        scores.append(PairScores(MULTILINGUAL, tag, "*", ids, ranks, {measure: values[held, column]}))
    return EvaluationResult(name, "edges", (), {}, {}, {}, {}, {}, {}, {}, tuple(scores))


def edge_rows(repetitions: int, resamples: int, only: str | None = None) -> Iterator[tuple[str, ...]]:
    """Of every row, or those of a name, the shares of intervals with the truth, of refusals, and of false claims."""
    for number, edge in enumerate(edges()):
        if only not in (None, edge.name):
            continue
        said: Counter[str] = Counter()
        for repetition in track(range(repetitions), f"{edge.name}, {edge.items} items"):
            rng = np.random.default_rng([6, number, repetition])
            first, second = edge.draw(rng, edge.items)
            one, other = (result_of(name, values, edge.measure) for name, values in (("a", first), ("b", second)))
            margins = {edge.measure: edge.margin}
            [row] = compare(
                one, other, measures=[edge.measure], margin=margins, resamples=resamples, seed=repetition
            ).differences
            said.update(_said(row, edge.truth))
        if edge.truth:
            del said["covered by ratio"], said["ratio"]  # of which the truth is not 1
        yield edge.name, f"{edge.items:,}", edge.measure, *_shares(said, repetitions)


def _said(row: Difference, truth: float) -> Iterator[str]:
    """What a comparison says, right or wrong."""
    given = not np.isnan(row.low)
    yield "given" if given else "none"
    if given and row.low <= truth <= row.high:
        yield "covered"
    if given and not row.unseen:
        yield "enough"
        if row.low <= truth <= row.high:
            yield "covered by enough"
    if truth == 0 and row.verdict in (BETTER, WORSE):
        yield "alarm"
    if truth != 0 and row.not_worse:
        yield NOT_WORSE
    if truth != 0 and row.equivalent:
        yield EQUIVALENT
    if row.ratio is not None and not np.isnan(row.ratio.low):
        yield "ratio"
        if row.ratio.low <= 1 <= row.ratio.high:
            yield "covered by ratio"
    if row.verdict == TOO_FEW or (row.by_ratio and not given):
        yield TOO_FEW


def _shares(said: Counter[str], repetitions: int) -> Iterator[str]:
    def of(name: str, whole: int) -> str:
        return f"{said[name] / whole:.1%}" if whole else "-"

    yield of("covered", said["given"])
    yield of("none", repetitions)
    yield of("covered by enough", said["enough"])
    yield of("enough", repetitions)
    for claim in (NOT_WORSE, EQUIVALENT, "alarm", TOO_FEW):
        yield of(claim, repetitions)
    yield of("covered by ratio", said["ratio"])


EDGE_HEADER = (
    "drawn", "items", "measure", "coverage", "no interval", "coverage of enough", "enough", "not worse", "equivalent",
    "false alarm", "too few", "ratio of 1",
)  # fmt: skip


def audit_rows(repetitions: int, resamples: int) -> Iterator[tuple[str, ...]]:
    """Shares of audits of languages that are all alike in which any is called worse."""
    for name, hit_rate, parallel in (
        ("hits at 97 %", 0.97, False),
        ("hits at 90 %", 0.9, False),
        ("reciprocal ranks", None, False),
        ("reciprocal ranks", None, True),
    ):
        alarms = 0
        for repetition in track(range(repetitions), f"audit, {name}"):
            rng = np.random.default_rng([7, repetition, int(parallel)])
            shape = (AUDITED_QUERIES, AUDITED_LANGUAGES)
            hard = rng.normal(size=(AUDITED_QUERIES, 1)) if parallel else rng.normal(size=shape)
            ease = 0.8 * hard + 0.6 * rng.normal(size=shape)
            if hit_rate is None:
                values = 1 / np.ceil(np.exp(np.clip(1.5 * ease, 0, 6)))
            else:
                values = (ease < _normal_quantile(hit_rate)).astype(np.float64)
            scores = [
                PairScores(
                    MULTILINGUAL,
                    f"l{language}",
                    "*",
                    tuple(f"q{row}" if parallel else f"q{language}-{row}" for row in range(AUDITED_QUERIES)),
                    np.ones((AUDITED_QUERIES, 1), dtype=np.int64),
                    {"nDCG@10": values[:, language]},
                )
                for language in range(AUDITED_LANGUAGES)
            ]
            found = standings(scores, measure="nDCG@10", resamples=resamples, seed=repetition)
            alarms += any(standing.worse for standing in found)
        yield name, "parallel" if parallel else "each its own", f"{alarms / repetitions:.1%}"


def _normal_quantile(share: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(share))


def report(repetitions: int) -> str:
    """The tables."""
    error = 2 * np.sqrt(0.05 * 0.95 / repetitions)
    told = f"{repetitions:,} repetitions (two Monte-Carlo standard errors: {error:.1%})"
    audited = f"Audits of {AUDITED_LANGUAGES} languages that are all alike, {AUDITED_QUERIES} queries each"
    return "\n\n".join(
        [
            f"What `compare` says, {told}:",
            Table("", EDGE_HEADER, tuple(edge_rows(repetitions, RESAMPLES))).markdown(),
            f"{audited}, any of them called worse:",
            Table("", ("values", "queries", "false alarms"), tuple(audit_rows(repetitions, RESAMPLES))).markdown(),
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=2000)
    parser.add_argument("--write", action="store_true", help="write the tables into the README")
    parser.add_argument("--only", help="make only the rows of what is drawn under this name anew")
    options = parser.parse_args()
    readme = Path(__file__).parent / "README.md"
    if options.only:
        text = readme.read_text(encoding="utf-8")
        for row in edge_rows(options.repetitions, RESAMPLES, options.only):
            start, new = f"| {row[0]} | {row[1]} |", f"| {' | '.join(row)} |"
            print(new)
            text = "\n".join(new if line.startswith(start) else line for line in text.split("\n"))
        if options.write:
            readme.write_text(text, encoding="utf-8")
        return
    tables = report(options.repetitions)
    print(tables)
    if options.write:
        before, _, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
        readme.write_text(f"{before}{BEGIN}\n\n{tables}\n\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
