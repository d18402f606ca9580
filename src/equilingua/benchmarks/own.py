"""A corpus and queries of one's own as a benchmark."""

import warnings
from dataclasses import replace

from equilingua.benchmarks.benchmark import Benchmark, Corpus, Queries
from equilingua.benchmarks.same_id import without_own_passages
from equilingua.corpora.own import OwnData
from equilingua.errors import EquilinguaWarning
from equilingua.languages import joined_languages


def own_benchmark(data: OwnData, *, name: str, by_id: bool = False) -> Benchmark:
    """The data as a benchmark: a query's id there is its item.

    Parallel queries ask for the same, and parallel passages say the same: what is relevant to one query is relevant to
    all of its item, and so are its translations (with the highest grade where they differ). Queries without a relevant
    passage stay, so that metrics without judgements can use them. Queries in a language that the corpus names by
    another tag (``no`` for ``nb``) stand with that, and a warning says so.

    Raises:
        InputError: if the language of a row is not known.
    """
    item_of = dict(zip(data.corpus.ids, data.corpus.items, strict=True))
    parallel: dict[str, list[str]] = {}
    for passage, item in item_of.items():
        parallel.setdefault(item, []).append(passage)
    relevant: dict[str, dict[str, int]] = {}
    for id_, item in zip(data.queries.ids, data.queries.items, strict=True):
        grades = relevant.setdefault(item, {})
        for answer, grade in (data.qrels or {}).get(id_, {}).items():
            for passage in parallel[item_of[answer]]:
                grades[passage] = max(grade, grades.get(passage, grade))
    queries = {
        language: Queries(_pick(data.queries.items, rows), _pick(data.queries.texts, rows))
        for language, rows in data.queries.positions().items()
    }
    corpora = {
        language: Corpus(_pick(data.corpus.ids, rows), _pick(data.corpus.texts, rows))
        for language, rows in data.corpus.positions().items()
    }
    joined = joined_languages(queries, corpora)
    for tag, known in joined.items():
        warnings.warn(
            f"{name}: queries in {tag!r} are taken for {known!r}, by which the corpus names that language",
            EquilinguaWarning,
            stacklevel=2,
        )
    queries = {joined.get(tag, tag): texts for tag, texts in queries.items()}
    judged = {item: grades for item, grades in relevant.items() if grades}
    own: dict[str, list[str]] = {}
    for id_, item in zip(data.queries.ids, data.queries.items, strict=True):
        if id_ in item_of:
            own.setdefault(item, []).append(id_)
    whole = Benchmark.sharing(name, queries, corpora, judged, data.hashes)
    asked = zip(data.queries.ids, data.queries.languages, data.queries.items, strict=True)
    own_ids = {id_: (language, item) for id_, language, item in asked if language is not None and id_ != item}
    whole = replace(whole, own_ids=own_ids)
    if empty := sum(not text.strip() for text in data.corpus.texts):
        whole = replace(whole, notes=(f"{empty:,} passages have neither text nor title, and stay in the corpus",))
    translations = {id_: parallel[item_of[id_]] for ids in own.values() for id_ in ids}
    return without_own_passages(whole, own, translations, by_id=by_id)


def _pick(values: tuple[str, ...], rows: list[int]) -> tuple[str, ...]:
    return values if len(rows) == len(values) else tuple(values[row] for row in rows)
