"""One benchmark out of several languages that were published apart."""

from collections.abc import Mapping
from dataclasses import dataclass

from equilingua.benchmarks.benchmark import Benchmark, Corpus, Excluded, Qrels, Queries


@dataclass(frozen=True, slots=True)
class LanguagePart:
    """Queries, passages and judgements of one language, with ids that are unique in it only."""

    queries: Queries
    corpus: Corpus
    qrels: Qrels


def judged_queries(queries: Queries, qrels: Qrels) -> Queries:
    """The queries that have judgements: those of one split, where all splits share a file."""
    kept = [row for row, id_ in enumerate(queries.ids) if id_ in qrels]
    return Queries(tuple(queries.ids[row] for row in kept), tuple(queries.texts[row] for row in kept))


def assemble(name: str, parts: Mapping[str, LanguagePart], *, parallel: bool, hashes: Mapping[str, str]) -> Benchmark:
    """The parts as one benchmark, with passages numbered ``<language>/<id>``.

    Args:
        name: of the benchmark.
        parts: by language.
        parallel: whether queries of the same id are translations of one another. Then they keep their ids and share
            what is relevant to any of them; else they are numbered ``<language>/<id>`` as well.
        hashes: of what the parts were read from.
    """

    def query_id(language: str, id_: str) -> str:
        return id_ if parallel else f"{language}/{id_}"

    relevant: dict[str, dict[str, int]] = {}
    for language, part in parts.items():
        for query, grades in part.qrels.items():
            shared = relevant.setdefault(query_id(language, query), {})
            shared.update((f"{language}/{passage}", grade) for passage, grade in grades.items())
    queries = {
        language: Queries(tuple(query_id(language, id_) for id_ in part.queries.ids), part.queries.texts)
        for language, part in parts.items()
    }
    corpora = {
        language: Corpus(tuple(f"{language}/{id_}" for id_ in part.corpus.ids), part.corpus.texts)
        for language, part in parts.items()
    }
    qrels = {
        language: {query: relevant[query] for query in rows.ids if query in relevant}
        for language, rows in queries.items()
    }
    return Benchmark(name, queries, corpora, qrels, hashes)


def same_id_excluded(benchmark: Benchmark, *, parallel: bool = False) -> Excluded:
    """Per query, the passages that carry the query's own id, unless they are relevant: BEIR's rule.

    ArguAna's queries stand in its corpus; BEIR's evaluation takes such a passage out of the ranking in every data set.

    Args:
        benchmark: as read, without exclusions.
        parallel: whether it was assembled of parallel queries. Their ids name no language, so passages of that id in
            any language are meant: translations of the query.

    Source: Thakur et al. 2021 (arXiv 2104.08663), and the evaluation published with it.
    """
    passages = {id_ for corpus in benchmark.corpora.values() for id_ in corpus.ids}
    before = [f"{language}/" for language in benchmark.corpora] if parallel else [""]
    excluded: dict[str, dict[str, tuple[str, ...]]] = {}
    for language, rows in benchmark.queries.items():
        judged, excluded[language] = benchmark.qrels.get(language, {}), {}
        for query in rows.ids:
            grades, named = judged.get(query, {}), passages.intersection(start + query for start in before)
            if own := tuple(sorted(passage for passage in named if grades.get(passage, 0) <= 0)):
                excluded[language][query] = own
    return excluded
