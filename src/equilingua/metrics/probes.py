"""Probes of the vectors themselves: how much language is in them, and how near translations lie."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from equilingua.metrics.retrieval import RankArray, Values
from equilingua.retrieval.vectors import Vectors, as_vectors

MOST_TEXTS = 2000
"""Texts a language that a probe looks at, drawn by the seed; more make it slow and hardly surer."""

FOLDS = 5

Matrix = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Probes:
    """What dense vectors say of language. All on vectors brought to unit length.

    Attributes:
        language_accuracy: share of passages whose language a linear classifier tells, cross-validated over as many
            passages of every language; None where a language has fewer than two.
        chance: that share for a guess: 1 / languages. An encoder free of language would have it.
        passages: a language, that the classifier saw.
        centroid_distance: Euclidean distance of the means of two languages' passages, from 0 to 2.
        alignment: mean squared distance of parallel queries in two languages, from 0 (equal vectors) to 4; lower is
            better.
        uniformity: of the queries of two languages together, from about -4 (evenly over the sphere) to 0 (all in one
            point); lower is better. Read beside alignment, which is best where all vectors are equal.
    """

    language_accuracy: float | None
    chance: float
    passages: int
    centroid_distance: Matrix
    alignment: Matrix
    uniformity: Matrix


def probe_vectors(
    queries: Mapping[str, Vectors], passages: Mapping[str, Vectors], ids: Mapping[str, Sequence[str]], *, seed: int
) -> Probes:
    """All probes, of the vectors of each language, shape (texts, width).

    The same query id in another language marks a translation. The seed is of the texts drawn and of the folds.
    """
    held = _in_own_order(_unit(passages, "passage"))
    drawn = {language: _drawn(rows, seed) for language, rows in held.items()}
    # As many of each language, so that guessing the most frequent one is no better than chance.
    each = min(map(len, drawn.values()))
    vectors = _unit(queries, "query")
    asked = {language: _drawn(rows, seed) for language, rows in _in_own_order(vectors).items()}
    aligned, uniform = {}, {}
    for one, two in combinations(vectors, 2):
        first, second = parallel_rows(ids[one], ids[two])
        if len(first):
            aligned[one, two] = alignment(vectors[one][first], vectors[two][second])
        uniform[one, two] = uniformity(np.concatenate([asked[one], asked[two]]))
    return Probes(
        language_accuracy=language_accuracy([rows[:each] for rows in drawn.values()], seed=seed) if each > 1 else None,
        chance=1 / len(drawn),
        passages=each,
        centroid_distance=both_ways(
            {(one, two): centroid_distance(drawn[one], drawn[two]) for one, two in combinations(passages, 2)}
        ),
        alignment=both_ways(aligned),
        uniformity=both_ways(uniform),
    )


def language_accuracy(vectors: Sequence[Vectors], *, seed: int) -> float:
    """Share of texts whose language logistic regression tells from the vector, over 5 stratified folds; from 0 to 1.

    Takes vectors of as many texts of each language, at least two, shape (texts, width).

    Source: language identification as a probe, as in Libovicky, Rosa and Fraser 2020, "On the Language Neutrality of
    Pre-trained Multilingual Representations".
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_score

    labels = np.repeat(np.arange(len(vectors)), [len(rows) for rows in vectors])
    folds = StratifiedKFold(min(FOLDS, *map(len, vectors)), shuffle=True, random_state=seed)
    accuracies = cross_val_score(LogisticRegression(max_iter=1000), np.concatenate(vectors), labels, cv=folds)
    return float(accuracies.mean())


def centroid_distance(first: Vectors, second: Vectors) -> float:
    """Euclidean distance of the means of two languages' vectors; 0 to 2 for vectors of unit length.

    Source: language centroids as in Libovicky, Rosa and Fraser 2020.

    >>> round(centroid_distance(np.float32([[1, 0]]), np.float32([[0, 1], [0, 1]])), 4)
    1.4142
    """
    return float(np.linalg.norm(_exact(first).mean(axis=0) - _exact(second).mean(axis=0)))


def alignment(first: Vectors, second: Vectors) -> float:
    """Mean squared distance of parallel texts, row by row; 0 to 4 for vectors of unit length, lower is better.

    Source: Wang and Isola 2020 (arXiv 2005.10242), section 4.1, with exponent 2.

    >>> alignment(np.float32([[1, 0], [0, 1]]), np.float32([[1, 0], [1, 0]]))
    1.0
    """
    return float(((_exact(first) - _exact(second)) ** 2).sum(axis=1).mean())


def uniformity(vectors: Vectors) -> float:
    """Logarithm of the mean of exp(-2 d^2) over all pairs of two texts at distance d; at most 0, lower is better.

    0 for a single text, and where all are in one point.

    Source: Wang and Isola 2020 (arXiv 2005.10242), section 4.1, with t = 2.

    >>> uniformity(np.float32([[1, 0], [-1, 0]]))
    -8.0
    """
    rows = _exact(vectors)
    if len(rows) < 2:
        return 0.0
    # By inner products, so that no matrix of differences (texts x texts x width) is made.
    squares = (rows**2).sum(axis=1)
    kernel = np.exp(-2 * np.maximum(squares[:, None] + squares - 2 * rows @ rows.T, 0))
    np.fill_diagonal(kernel, 0)
    return float(np.log(kernel.sum() / (len(rows) * (len(rows) - 1))))


def parallel_rows(first: Sequence[str], second: Sequence[str]) -> tuple[RankArray, RankArray]:
    """Rows of the ids that stand in both, in the order of the first: shape (shared ids,) each. No id stands twice.

    >>> parallel_rows(["a", "b", "c"], ["c", "x", "a"])
    (array([0, 2]), array([2, 0]))
    """
    place = {id_: row for row, id_ in enumerate(second)}
    shared = [(row, place[id_]) for row, id_ in enumerate(first) if id_ in place]
    rows = np.array(shared, dtype=np.int64).reshape(-1, 2)
    return rows[:, 0], rows[:, 1]


def both_ways(pairs: Mapping[tuple[str, str], float]) -> dict[str, dict[str, float]]:
    """The values of unordered pairs as a symmetric matrix without its diagonal.

    >>> both_ways({("de", "en"): 0.5})
    {'de': {'en': 0.5}, 'en': {'de': 0.5}}
    """
    matrix: dict[str, dict[str, float]] = {}
    for (one, two), value in pairs.items():
        matrix.setdefault(one, {})[two] = matrix.setdefault(two, {})[one] = value
    return matrix


def _unit(vectors: Mapping[str, Vectors], side: str) -> dict[str, Vectors]:
    """Brought to unit length, languages sorted."""
    return {
        language: as_vectors(rows, [f"row {row}" for row in range(len(rows))], f"{side} vectors of {language!r}")
        for language, rows in sorted(vectors.items())
    }


def _in_own_order(vectors: Mapping[str, Vectors]) -> dict[str, Vectors]:
    """Languages, and the rows of each, in the order of a hash of the vectors.

    So neither the order of files nor the languages' tags decide which texts are drawn, and into which fold they come.
    """
    digests = {
        language: [hashlib.blake2b(row.tobytes()).digest() for row in rows] for language, rows in vectors.items()
    }
    ordered = sorted(vectors, key=lambda language: sorted(digests[language]))
    return {
        language: vectors[language][sorted(range(len(digests[language])), key=digests[language].__getitem__)]
        for language in ordered
    }


def _exact(vectors: Vectors) -> Values:
    return np.asarray(vectors, dtype=np.float64)


def _drawn(vectors: Vectors, seed: int) -> Vectors:
    """At most ``MOST_TEXTS`` rows, in random order."""
    return vectors[np.random.default_rng(seed).permutation(len(vectors))[:MOST_TEXTS]]
