"""The queries a model does worst on, with their ranks and texts: the drill-down of a page, read by its script."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.errors import InputError
from equilingua.evaluation.result import EvaluationResult
from equilingua.evaluation.scores import PairScores, by_setting
from equilingua.evaluation.settings import POOL
from equilingua.metrics.naming import LOWER_IS_BETTER, SAVED_MEASURES, decimals
from equilingua.reports.language_tables import POOL_NAME
from equilingua.reports.page import language_names
from equilingua.retrieval.tied import UNFOUND_RANK

LONGEST_TEXT = 600
"""Characters of a text that the report shows: the file stays small with whole documents for passages."""


@dataclass(frozen=True, slots=True)
class HardestQueries:
    """What the drill-down shows: a document of queries, ranks and texts, and names of languages, for its script.

    The measure is that by which queries are hard, the count that of each setting and pair; texts are cut after so many
    characters. Without texts, ``reason`` says why.
    """

    document: dict[str, Any]
    names: dict[str, str]
    measure: str
    count: int
    with_texts: bool
    reason: str = ""
    longest_text: int = LONGEST_TEXT


def hardest(scores: PairScores, measure: str, count: int) -> list[int]:
    """Rows of so many queries with the worst values, the worst first; equal ones by their worst rank, then in order.

    Queries without a value come last.
    """
    sign = -1.0 if measure in LOWER_IS_BETTER else 1.0
    # lexsort takes its last key first, and puts NaN, a query without a value, last.
    unfound = (scores.ranks == UNFOUND_RANK).any(axis=1)
    order = np.lexsort((-scores.ranks.max(axis=1), ~unfound, sign * scores.values[measure]))
    return [int(row) for row in order[:count]]


def hardest_queries(
    results: Sequence[tuple[str, EvaluationResult]],
    measure: str,
    *,
    count: int,
    benchmark: Benchmark | None,
    reason: str = "",
) -> HardestQueries:
    """The hardest queries of every setting and pair of every result; texts stand once, however often they are named.

    Texts are the benchmark's; without one, none are shown.

    Raises:
        InputError: if the benchmark is not the one that a result was made on.
    """
    texts = _Texts(benchmark)
    documents = []
    for label, result in results:
        if benchmark is not None:
            check_benchmark(label, result, benchmark)
        measures = {setting: _measures(pairs, measure) for setting, pairs in by_setting(result.scores).items()}
        groups = [
            {
                "setting": scores.setting,
                "query": scores.query_language,
                "corpus": scores.corpus_language,
                "rows": [_row(scores, row, measures[scores.setting], texts) for row in hardest(scores, measure, count)],
            }
            for scores in result.scores
        ]
        documents.append({"label": label, "measures": measures, "groups": groups})
    names = dict.fromkeys(name for _, result in results for scores in result.scores for name in scores.values)
    document = {
        "measure": measure,
        "lower_is_better": sorted(LOWER_IS_BETTER.intersection(names)),
        "decimals": {name: decimals(name) for name in names},
        "results": documents,
        "queries": texts.queries,
        "passages": texts.passages,
    }
    languages = language_names([language for _, result in results for language in result.languages])
    names_shown = {**languages, POOL: POOL_NAME}
    return HardestQueries(document, names_shown, measure, count, with_texts=benchmark is not None, reason=reason)


class _Texts:
    """The texts met so far: queries by language and id, passages as a list of language and text."""

    def __init__(self, benchmark: Benchmark | None) -> None:
        self.queries: dict[str, dict[str, str]] = {}
        self.passages: list[tuple[str, str]] = []
        self._benchmark = benchmark
        self._numbers: dict[str, int] = {}
        self._query_texts = {
            language: dict(zip(queries.ids, queries.texts, strict=True))
            for language, queries in (benchmark.queries.items() if benchmark else [])
        }
        self._places = {
            id_: (language, text)
            for language, corpus in (sorted(benchmark.corpora.items()) if benchmark else [])
            for id_, text in zip(corpus.ids, corpus.texts, strict=True)
        }
        self._order = {id_: place for place, id_ in enumerate(self._places)}

    def note_query(self, language: str, query: str) -> None:
        """Keep the text of a query."""
        if self._benchmark is not None:
            self.queries.setdefault(language, {})[query] = _shortened(self._query_texts[language][query])

    def relevant(self, scores: PairScores, query: str) -> list[int]:
        """Numbers of a query's relevant passages, in the order in which their ranks stand."""
        if self._benchmark is None:
            return []
        judged = self._benchmark.qrels[scores.query_language][query]
        corpus = scores.corpus_language
        ids = [id_ for id_, grade in judged.items() if grade > 0 and corpus in (POOL, self._places[id_][0])]
        return [self._number(id_) for id_ in sorted(ids, key=self._order.__getitem__)]

    def number(self, id_: str) -> int | None:
        """The number of a passage; None without a benchmark."""
        return None if self._benchmark is None else self._number(id_)

    def _number(self, id_: str) -> int:
        if id_ not in self._numbers:
            self._numbers[id_] = len(self.passages)
            language, text = self._places[id_]
            self.passages.append((language, _shortened(text)))
        return self._numbers[id_]


def _measures(scores: Sequence[PairScores], measure: str) -> list[str]:
    """Measures shown of one setting: those of a result's printed table, and the one asked for."""
    names = dict.fromkeys(name for pair in scores for name in pair.values)
    return [name for name in names if name == measure or name not in SAVED_MEASURES]


def _row(scores: PairScores, row: int, names: Sequence[str], texts: _Texts) -> tuple[Any, ...]:
    """Id, ranks (-1: not found), values, numbers of the relevant passages, what ranks above: as the page has them."""
    query = scores.query_ids[row]
    texts.note_query(scores.query_language, query)
    ranks = [int(rank) for rank in scores.ranks[row] if rank != 0]
    values = [_rounded(float(scores.values[name][row]), name) if name in scores.values else None for name in names]
    above = [(one.rank, one.passage, texts.number(one.passage)) for one in (scores.above[row] if scores.above else ())]
    return query, ranks, values, texts.relevant(scores, query), above


def check_benchmark(label: str, result: EvaluationResult, benchmark: Benchmark) -> None:
    """Raise ``InputError`` if a result was made on another benchmark, or on other files."""
    if result.benchmark != benchmark.name or result.provenance.get("data") != dict(benchmark.hashes):
        raise InputError(
            f"the texts of {benchmark.name!r} do not belong to the result of {label!r}: it was made on "
            f"{result.benchmark!r} with the languages {', '.join(result.languages)}, or on other files. Give that "
            "benchmark, or leave the texts out"
        )


def _rounded(value: float, measure: str) -> float | None:
    """The value to one digit more than is shown; None where the query has none."""
    return None if math.isnan(value) else round(value, decimals(measure) + 1)


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1].rstrip() + "…"
