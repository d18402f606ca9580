"""Parallel pairs as a benchmark: every query language against every passage language."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from equilingua.archives import hashes_of
from equilingua.benchmarks.benchmark import Benchmark, Corpus, Queries
from equilingua.data_files import DataFile, data_file
from equilingua.errors import InputError, Problems
from equilingua.languages import language_tag
from equilingua.pairs.pair import ParallelPair
from equilingua.pairs.reading import read_pairs
from equilingua.rows import read_rows


def read_pair_file(path: str | Path, *, name: str | None = None, languages: Sequence[str] | None = None) -> Benchmark:
    """What ``pairs_benchmark`` makes of a pairs file; raises ``InputError`` with every problem of the file."""
    file = data_file(path)
    _refuse_rows(file)
    problems = Problems(str(file))
    benchmark = pairs_benchmark(
        read_pairs(file.path, problems=problems),
        name=name or file.stem,
        languages=languages,
        problems=problems,
        hashes=hashes_of([file]),
    )
    if benchmark is None:
        problems.add("holds no pair" + (f" in {', '.join(languages)}" if languages else ""))
    if benchmark is None or problems.count:
        raise InputError(problems.report())
    return benchmark


def _refuse_rows(file: DataFile) -> None:
    """Tell in one problem, not one a line, that a file holds the rows of a corpus, queries or judgements."""
    # What is broken is told with its line where all of the file is read.
    row = next(read_rows(file, Problems(str(file))), None)
    first = row.value if row else None
    if not isinstance(first, dict) or {"queries", "passages", "texts"} & set(first):
        return
    what = "passages or queries (rows of an id and a text)" if "text" in first else None
    if {"query-id", "corpus-id"} <= set(first):
        what = "judgements (rows of query-id, corpus-id and score)"
    if what:
        raise InputError(
            f"{file}: seems to hold {what}, not pairs. Put corpus.jsonl, queries.jsonl and qrels.tsv in a folder and "
            "give the folder; or, with or without judgements, equilingua audit MODEL --corpus FILE --queries FILE"
        )


def pairs_benchmark(
    pairs: Iterable[ParallelPair],
    *,
    name: str,
    problems: Problems,
    languages: Sequence[str] | None = None,
    hashes: dict[str, str] | None = None,
) -> Benchmark | None:
    """The pairs as a benchmark; None if no language has both a query and a passage to find.

    A passage that several pairs share stands in the corpus once. Parallel sentences (pairs with ``texts``) are searched
    for across languages only: the query's own text, which is also a passage of its language, is excluded from its
    ranking; and a sentence that stands in several pairs has the translations of all of them as relevant passages. Where
    languages are named, sentences in fewer than two of them are left out. Ids that stand twice are noted as problems.
    """
    kept = {language_tag(language) for language in languages} if languages else None
    collected = _Collected()
    for pair in pairs:
        if pair.id in collected.relevant:
            problems.add(f"pair {pair.id!r} stands twice")
        else:
            collected.add(pair, kept)
    return collected.benchmark(name, hashes or {})


class _Collected:
    """What has been read so far, by language; texts stand once."""

    def __init__(self) -> None:
        self.queries: dict[str, dict[str, str]] = {}
        self.passages: dict[str, dict[str, str]] = {}
        self.relevant: dict[str, dict[str, int]] = {}
        self.own: dict[str, dict[str, str]] = {}
        self.translations: dict[str, dict[str, int]] = {}

    def add(self, pair: ParallelPair, kept: set[str] | None) -> None:
        if pair.sentences and kept is not None and len(kept.intersection(pair.passages)) < 2:
            return
        passages = {
            language: self.passages.setdefault(language, {}).setdefault(text, f"{language}/{pair.id}")
            for language, text in pair.passages.items()
            if kept is None or language in kept
        }
        self.relevant[pair.id] = dict.fromkeys(passages.values(), 1)
        for language, text in pair.queries.items():
            if kept is None or language in kept:
                self.queries.setdefault(language, {})[pair.id] = text
                if pair.sentences:
                    own = passages[language]
                    self.own.setdefault(language, {})[pair.id] = own
                    others = {passage: 1 for passage in passages.values() if passage != own}
                    self.translations.setdefault(own, {}).update(others)

    def benchmark(self, name: str, hashes: dict[str, str]) -> Benchmark | None:
        queries, qrels = dict[str, Queries](), dict[str, dict[str, dict[str, int]]]()
        excluded: dict[str, Mapping[str, Collection[str]]] = {}
        for language, texts in self.queries.items():
            own = self.own.get(language, {})
            grades = {query: self.translations[own[query]] if query in own else self.relevant[query] for query in texts}
            if judged := {query: passages for query, passages in grades.items() if passages}:
                queries[language], qrels[language] = Queries.of(texts).judged(judged), judged
                if left_out := {query: (own[query],) for query in judged if query in own}:
                    excluded[language] = left_out
        corpora = {language: Corpus(tuple(ids.values()), tuple(ids)) for language, ids in self.passages.items()}
        return Benchmark(name, queries, corpora, qrels, hashes, excluded) if qrels else None
