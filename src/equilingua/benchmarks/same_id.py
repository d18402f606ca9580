"""A query that stands in the corpus does not find itself."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from equilingua.benchmarks.benchmark import Benchmark, Excluded

# Of a query's pieces (three characters each), so many stand in a passage that holds it; of the queries that have a
# passage of their own id, so many are held by it where both files number the same texts.
_HELD = 0.8
_SAME_NUMBERS = 0.5


def without_same_id(benchmark: Benchmark, *, parallel: bool = False, by_id: bool = False) -> Benchmark:
    """The benchmark, in which a passage with a query's own id takes no part in that query's ranking.

    Ids of ``parallel`` queries name no language, so passages of that id (``<language>/<id>``) in any language are
    meant: translations of the query. Otherwise as ``without_own_passages``.
    """
    before = [f"{language}/" for language in benchmark.corpora] if parallel else [""]
    passages = {id_ for corpus in benchmark.corpora.values() for id_ in corpus.ids}
    own = {
        query: named
        for rows in benchmark.queries.values()
        for query in rows.ids
        if (named := [start + query for start in before if start + query in passages])
    }
    return without_own_passages(benchmark, own, {}, by_id=by_id)


def without_own_passages(
    benchmark: Benchmark,
    own: Mapping[str, Sequence[str]],
    translations: Mapping[str, Sequence[str]],
    *,
    by_id: bool = False,
) -> Benchmark:
    """The benchmark, in which the passages of queries' own ids take no part in their rankings: BEIR's rule.

    ArguAna's queries stand in its corpus; BEIR's evaluation takes the passage with a query's own id out of its ranking
    in every data set, unless it is judged relevant. Here it must not be relevant to any of the item. Where the texts
    tell that the ids are the same by chance, because queries and passages are both counted from 1 say, nothing is taken
    out: fewer than half of such passages hold their query's text. A note says which of both was done.

    Args:
        benchmark: without exclusions.
        own: passages of the queries' own ids, by the query's id in the benchmark.
        translations: of such passages, by their ids; those take no part either.
        by_id: whether ids alone tell, as in a published benchmark whose evaluation does so.

    Source: Thakur et al. 2021 (arXiv 2104.08663), and the evaluation published with it.
    """
    excluded: dict[str, dict[str, tuple[str, ...]]] = {}
    for language, queries in benchmark.queries.items():
        judged = benchmark.qrels.get(language, {})
        excluded[language] = {}
        for query in queries.ids:
            named = {other for passage in own.get(query, ()) for other in (passage, *translations.get(passage, ()))}
            grades = judged.get(query, {})
            if left_out := tuple(sorted(passage for passage in named if grades.get(passage, 0) <= 0)):
                excluded[language][query] = left_out
    count = sum(map(len, excluded.values()))
    if not count:
        return replace(benchmark, excluded=excluded)
    if not by_id and not _one_numbering(_texts(benchmark, excluded, own)):
        note = (
            f"{count:,} queries have the id of a passage of another text, so ids are the same by chance: every passage "
            "takes part in every ranking"
        )
        return replace(benchmark, notes=(*benchmark.notes, note))
    note = f"{count:,} queries stand in the corpus: a passage with the query's own id takes no part in its ranking"
    return replace(benchmark, excluded=excluded, notes=(*benchmark.notes, note))


def _texts(benchmark: Benchmark, excluded: Excluded, own: Mapping[str, Sequence[str]]) -> Iterable[tuple[str, str]]:
    """Each query's text with that of the passage of its own id, where one is in the query's language; else of any."""
    passages = {
        id_: (language, text)
        for language, corpus in benchmark.corpora.items()
        for id_, text in zip(corpus.ids, corpus.texts, strict=True)
    }
    for language, queries in benchmark.queries.items():
        for query, text in zip(queries.ids, queries.texts, strict=True):
            if query in excluded[language]:
                found = [passages[id_] for id_ in own[query]]
                yield text, next((other for tag, other in found if tag == language), found[0][1])


def _one_numbering(texts: Iterable[tuple[str, str]]) -> bool:
    held = [_holds(passage, query) for query, passage in texts if _folded(query) and _folded(passage)]
    return not held or sum(held) >= _SAME_NUMBERS * len(held)


def _holds(passage: str, query: str) -> bool:
    whole, part = _folded(passage), _folded(query)
    return part in whole or len(_pieces(part) & _pieces(whole)) >= _HELD * len(_pieces(part))


def _pieces(text: str) -> set[str]:
    return {text[place : place + 3] for place in range(max(1, len(text) - 2))}


def _folded(text: str) -> str:
    """Letters and digits alone, whatever their case and width."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))
