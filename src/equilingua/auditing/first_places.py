"""The first passages of some queries, to be looked at where nobody has judged what is relevant."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.evaluation.rankings import LanguageRanking
from equilingua.retrieval.ranking import NO_PASSAGE

QUERIES, PASSAGES, LONGEST = 2, 5, 200
"""Queries of each language that are shown, their passages, and characters of a text."""


@dataclass(frozen=True, slots=True)
class ShownText:
    """A passage or a query: its id (of a query that of its item), language, and the beginning of its text."""

    id: str
    language: str
    text: str

    def __str__(self) -> str:
        return f"[{self.language}] {self.text}"


@dataclass(frozen=True, slots=True)
class FirstPlaces:
    """A query and its first passages, best first."""

    query: ShownText
    passages: tuple[ShownText, ...]


def first_places(rankings: Sequence[LanguageRanking], benchmark: Benchmark) -> tuple[FirstPlaces, ...]:
    """Of every query language the queries whose first places are least like the corpus, equal ones in their order.

    Least alike are those of which one language takes the most of the places kept, beside its share of the corpus.
    """
    shown = []
    for ranking in rankings:
        best, languages = ranking.ranks.top.best, list(ranking.sizes)
        held = ranking.languages_of(best)
        sizes = np.array([ranking.sizes[tag] for tag in languages])
        found = np.maximum((best != NO_PASSAGE).sum(axis=1, keepdims=True), 1)
        shares = (held[:, :, None] == np.arange(len(languages))).sum(axis=1) / found
        apart = (shares - sizes / sizes.sum()).max(axis=1)
        starts = np.cumsum([0, *sizes])
        asked = benchmark.queries[ranking.query_language]
        for row in np.argsort(-apart, kind="stable")[:QUERIES].tolist():
            passages = []
            for position, place in zip(best[row, :PASSAGES].tolist(), held[row, :PASSAGES].tolist(), strict=True):
                if position != NO_PASSAGE:
                    corpus = benchmark.corpora[languages[place]]
                    number = position - int(starts[place])
                    passages.append(ShownText(corpus.ids[number], languages[place], _cut(corpus.texts[number])))
            query = ShownText(asked.ids[row], ranking.query_language, _cut(asked.texts[row]))
            shown.append(FirstPlaces(query, tuple(passages)))
    return tuple(shown)


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1].rstrip()}…"
