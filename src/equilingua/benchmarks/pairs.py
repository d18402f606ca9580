"""Parallel pairs as a benchmark: every query language against every passage language."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from equilingua.archives import hashes_of
from equilingua.benchmarks.benchmark import Benchmark, Corpus, Queries
from equilingua.columns import USUAL, Columns
from equilingua.data_sets import data_files
from equilingua.errors import InputError, Problems
from equilingua.languages import language_tag
from equilingua.pairs.pair import ParallelPair
from equilingua.pairs.reading import read_pairs


def read_pair_file(
    path: str | Path,
    *,
    name: str | None = None,
    languages: Sequence[str] | None = None,
    language: str | None = None,
    columns: Columns = USUAL,
) -> Benchmark:
    """What ``pairs_benchmark`` makes of a pairs file, or of a table or folder that ``read_pairs`` reads.

    ``language`` is that of texts that name none. Raises ``InputError`` with every problem of the file.
    """
    files = data_files(path, prefer="test")
    problems = Problems(str(path))
    benchmark = pairs_benchmark(
        read_pairs(path, problems=problems, language=language, columns=columns, split="test"),
        name=name or (files[0].stem if len(files) == 1 else Path(path).name),
        languages=languages,
        problems=problems,
        hashes=hashes_of(files),
    )
    if benchmark is None and not problems.count:
        problems.add("holds no pair" + (f" in {', '.join(languages)}" if languages else ""))
    if benchmark is None or problems.count:
        raise InputError(problems.report())
    return benchmark


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
    languages are named, sentences in fewer than two of them are left out. Pairs of one id that ask the same are one
    query with several right passages; other ids that stand twice are noted as problems.
    """
    kept = {language_tag(language) for language in languages} if languages else None
    collected = _Collected()
    for pair in pairs:
        if not collected.add(pair, kept):
            problems.add(f"pair {pair.id!r} stands twice")
    return collected.benchmark(name, hashes or {})


class _Collected:
    """What has been read so far, by language; texts stand once."""

    def __init__(self) -> None:
        self.queries: dict[str, dict[str, str]] = {}
        self.passages: dict[str, dict[str, str]] = {}
        self.relevant: dict[str, dict[str, int]] = {}
        self.own: dict[str, dict[str, str]] = {}
        self.translations: dict[str, dict[str, int]] = {}

    def add(self, pair: ParallelPair, kept: set[str] | None) -> bool:
        """Whether the pair could be added, because it is new or adds a right passage to a query."""
        if pair.sentences and kept is not None and len(kept.intersection(pair.passages)) < 2:
            return True
        before = self.relevant.get(pair.id)
        if before is not None and (pair.sentences or not self._asks_the_same(pair)):
            return False
        number = "" if before is None else f"#{len(before) + 1}"
        passages = {
            language: self.passages.setdefault(language, {}).setdefault(text, f"{language}/{pair.id}{number}")
            for language, text in pair.passages.items()
            if kept is None or language in kept
        }
        if before is not None and before.keys() >= set(passages.values()):
            return False
        self.relevant[pair.id] = {**(before or {}), **dict.fromkeys(passages.values(), 1)}
        for language, text in pair.queries.items():
            if kept is None or language in kept:
                self.queries.setdefault(language, {})[pair.id] = text
                if pair.sentences:
                    own = passages[language]
                    self.own.setdefault(language, {})[pair.id] = own
                    others = {passage: 1 for passage in passages.values() if passage != own}
                    self.translations.setdefault(own, {}).update(others)
        return True

    def _asks_the_same(self, pair: ParallelPair) -> bool:
        asked = ((text, self.queries.get(language, {}).get(pair.id, text)) for language, text in pair.queries.items())
        return all(text == before for text, before in asked)

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
