"""The record of a benchmark: queries and passages in several languages, and which passages are relevant.

Readers of data that were published language by language put it together with ``assemble``.
"""

from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from equilingua.benchmarks.cards import BenchmarkCard
from equilingua.corpora.qrels import Qrels
from equilingua.errors import Problems
from equilingua.languages import OfLanguage, known_language, of_languages

Excluded = Mapping[str, Mapping[str, Collection[str]]]


@dataclass(frozen=True, slots=True)
class Queries:
    """The queries of one language.

    Attributes:
        ids: the same id in another language marks a translation.
        texts: one an id.
    """

    ids: tuple[str, ...]
    texts: tuple[str, ...]

    @classmethod
    def of(cls, texts: Mapping[str, str]) -> "Queries":
        """Those of a mapping from ids to texts, in its order."""
        return cls(tuple(texts), tuple(texts.values()))

    def judged(self, qrels: Container[str]) -> "Queries":
        """Those whose ids have judgements: the queries of one split, where all splits share a file."""
        kept = [row for row, id_ in enumerate(self.ids) if id_ in qrels]
        return Queries(tuple(self.ids[row] for row in kept), tuple(self.texts[row] for row in kept))


@dataclass(frozen=True, slots=True)
class Corpus:
    """The passages of one language, in corpus order, by which equal scores are ranked.

    Attributes:
        ids: unique over all languages of a benchmark.
        texts: one an id; equal texts may stand under several ids.
        contexts: the larger text each passage was taken from, one an id; empty where there is none.
    """

    ids: tuple[str, ...]
    texts: tuple[str, ...]
    contexts: tuple[str, ...] = ()

    @classmethod
    def of(cls, texts: Mapping[str, str]) -> "Corpus":
        """That of a mapping from ids to texts, in its order."""
        return cls(tuple(texts), tuple(texts.values()))


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Queries and corpora per language, and graded relevance between them.

    Attributes:
        name: as printed with every result.
        queries: per query language.
        corpora: per passage language.
        qrels: per query language and query id, the judged passages (of any language) with their grades; passages of a
            grade above 0 are relevant.
        hashes: SHA-256 of every file it was read from, by file name; the commit of what came from the hub.
        excluded: per query language and query id, passages that do not take part in the query's ranking: the query's
            own text where it also stands in a corpus. They count neither as relevant nor as passed over.
        card: what is known of the benchmark, if it has a name that is known.
        notes: what has to be known of how it was read, a sentence each.
        source: where it was read from, as ``load_benchmark`` takes it again; empty where that is not known.
        own_ids: where queries have another id here than in their file, by that: language, and id here.

    Raises:
        InputError: if a language is empty, ids are not unique, texts and ids do not go together, or qrels or exclusions
            name a passage or query that is not there, or a passage is both relevant and excluded.
    """

    name: str
    queries: Mapping[str, Queries]
    corpora: Mapping[str, Corpus]
    qrels: Mapping[str, Qrels]
    hashes: Mapping[str, str] = field(default_factory=dict)
    excluded: Excluded = field(default_factory=dict)
    card: BenchmarkCard | None = None
    notes: tuple[str, ...] = ()
    source: Mapping[str, Any] = field(default_factory=dict, compare=False)
    own_ids: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        problems = Problems(f"benchmark {self.name!r}")
        for part, texts in (("queries", self.queries), ("passages", self.corpora)):
            for language, rows in texts.items():
                if not isinstance(language, str) or known_language(language) is None:
                    problems.add(f"{part} are in {language!r}, which is no language: give BCP 47 tags such as 'en'")
                _check_rows(problems, f"{part} in {language!r}", rows)
        passages = _all_passages(problems, self)
        _check_named(problems, self, passages, "qrels", self.qrels)
        _check_named(problems, self, passages, "exclusions", self.excluded)
        _check_apart(problems, self)
        problems.raise_if_any()

    @classmethod
    def sharing(
        cls,
        name: str,
        queries: Mapping[str, Queries],
        corpora: Mapping[str, Corpus],
        relevant: Mapping[str, Mapping[str, int]],
        hashes: Mapping[str, str],
    ) -> "Benchmark":
        """The benchmark in which queries of one id have the same judgements (by query id) in every language."""
        qrels = {
            language: {query: relevant[query] for query in rows.ids if query in relevant}
            for language, rows in queries.items()
        }
        return cls(name, queries, corpora, qrels, hashes)

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages with queries or passages, sorted: the order in which corpora form the pool."""
        return tuple(sorted(set(self.queries) | set(self.corpora)))

    @property
    def passage_languages(self) -> tuple[str, ...]:
        """Languages of the corpora, sorted: the order in which they form the pool."""
        return tuple(sorted(self.corpora))

    def judged(self, items: Container[str]) -> "Benchmark":
        """The benchmark with only those of its queries whose ids are among these."""
        queries = {tag: rows.judged(items) for tag, rows in self.queries.items()}
        excluded = {
            tag: {query: ids for query, ids in of_queries.items() if query in items}
            for tag, of_queries in self.excluded.items()
            if queries[tag].ids
        }
        return replace(self, queries={tag: rows for tag, rows in queries.items() if rows.ids}, excluded=excluded)

    def only(self, languages: Sequence[str]) -> "Benchmark":
        """The benchmark reduced to these languages; raises ``InputError`` if one is not part of it."""
        absent = f"benchmark {self.name!r} has no language"
        kept = of_languages(dict.fromkeys(self.languages), languages, lambda tag: f"{absent} {tag!r}")

        def of_kept(parts: Mapping[str, OfLanguage]) -> dict[str, OfLanguage]:
            return {tag: part for tag, part in parts.items() if tag in kept}

        corpora = of_kept(self.corpora)
        passages = {id_ for corpus in corpora.values() for id_ in corpus.ids}
        qrels = {
            tag: {query: {id_: grades[id_] for id_ in grades if id_ in passages} for query, grades in judged.items()}
            for tag, judged in of_kept(self.qrels).items()
        }
        excluded = {
            tag: {query: [id_ for id_ in ids if id_ in passages] for query, ids in left_out.items()}
            for tag, left_out in of_kept(self.excluded).items()
        }
        return replace(self, queries=of_kept(self.queries), corpora=corpora, qrels=qrels, excluded=excluded)


@dataclass(frozen=True, slots=True)
class LanguagePart:
    """Queries, passages and judgements of one language, with ids that are unique in it only."""

    queries: Queries
    corpus: Corpus
    qrels: Qrels

    def alone(self, name: str, language: str, hashes: Mapping[str, str]) -> Benchmark:
        """The benchmark of this language alone, with the ids as they are."""
        return Benchmark(name, {language: self.queries}, {language: self.corpus}, {language: self.qrels}, hashes)


def assemble(name: str, parts: Mapping[str, LanguagePart], *, parallel: bool, hashes: Mapping[str, str]) -> Benchmark:
    """The parts, by language, as one benchmark, with passages numbered ``<language>/<id>``.

    Where queries of the same id are translations of one another (``parallel``), they keep their ids and share what is
    relevant to any of them; else they are numbered ``<language>/<id>`` as well.
    """

    def query_id(language: str, id_: str) -> str:
        return id_ if parallel else f"{language}/{id_}"

    # Of parallel queries, filled from every language: what answers one in German answers its translations too.
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
    return Benchmark.sharing(name, queries, corpora, relevant, hashes)


def _check_rows(problems: Problems, what: str, rows: Queries | Corpus) -> None:
    if not rows.ids:
        problems.add(f"no {what}")
    if len(rows.ids) != len(rows.texts):
        problems.add(f"{len(rows.texts):,} texts for {len(rows.ids):,} ids of {what}")
    # What the writer of a result cannot write is refused before the work that it would be the end of.
    wrong = [one for one in (*rows.ids, *rows.texts) if not isinstance(one, str) or not _is_whole(one)]
    if wrong:
        problems.add(f"ids and texts of {what} must be texts of whole characters, got {wrong[0]!r:.80}")
    if len(set(rows.ids)) < len(rows.ids):
        problems.add(f"{len(rows.ids) - len(set(rows.ids)):,} ids stand twice among the {what}")


def _is_whole(text: str) -> bool:
    """Whether it has no half of a surrogate pair."""
    try:
        text.isascii() or text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _all_passages(problems: Problems, benchmark: Benchmark) -> set[str]:
    passages: set[str] = set()
    for language, corpus in benchmark.corpora.items():
        shared = passages.intersection(corpus.ids)
        if shared:
            problems.add(f"passage id {min(shared)!r} of {language!r} is also used in another language")
        passages.update(corpus.ids)
    return passages


def _check_named(
    problems: Problems,
    benchmark: Benchmark,
    passages: set[str],
    what: str,
    named: Mapping[str, Mapping[str, Collection[str]]],
) -> None:
    """Every query and passage that is named has to be there."""
    for language, of_queries in named.items():
        known = set(benchmark.queries[language].ids) if language in benchmark.queries else set()
        for query, ids in of_queries.items():
            if query not in known:
                problems.add(f"{what} of {language!r} name query {query!r}, which is not among its queries")
            if not passages.issuperset(ids):
                missing = min(set(ids) - passages)
                problems.add(
                    f"{what} of {language!r}, query {query!r}, name passage {missing!r}, which is in no corpus"
                )


def _check_apart(problems: Problems, benchmark: Benchmark) -> None:
    for language, of_queries in benchmark.excluded.items():
        judged = benchmark.qrels.get(language, {})
        for query, ids in of_queries.items():
            both = [passage for passage in ids if judged.get(query, {}).get(passage, 0) > 0]
            if both:
                problems.add(f"query {query!r} of {language!r}: passage {both[0]!r} is both relevant and excluded")
