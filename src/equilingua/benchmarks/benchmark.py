"""The record of a benchmark: queries and passages in several languages, and which passages are relevant."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from equilingua.benchmarks.cards import BenchmarkCard
from equilingua.errors import InputError, Problems, did_you_mean

Qrels = Mapping[str, Mapping[str, int]]
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

    def __post_init__(self) -> None:
        problems = Problems(f"benchmark {self.name!r}")
        for part, texts in (("queries", self.queries), ("passages", self.corpora)):
            for language, rows in texts.items():
                _check_rows(problems, f"{part} in {language!r}", rows)
        passages = _all_passages(problems, self)
        _check_named(problems, self, passages, "qrels", self.qrels)
        _check_named(problems, self, passages, "exclusions", self.excluded)
        _check_apart(problems, self)
        problems.raise_if_any()

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages with queries or passages, sorted: the order in which corpora form the pool."""
        return tuple(sorted(set(self.queries) | set(self.corpora)))

    def only(self, languages: Sequence[str]) -> "Benchmark":
        """The benchmark reduced to these languages.

        Raises:
            InputError: if a language is not part of it.
        """
        for language in languages:
            if language not in self.languages:
                hint = did_you_mean(language, self.languages)
                raise InputError(f"benchmark {self.name!r} has no language {language!r}. {hint}")
        kept = set(languages)
        passages = {id_ for lang, corpus in self.corpora.items() if lang in kept for id_ in corpus.ids}
        qrels = {
            lang: {query: {p: grade for p, grade in judged.items() if p in passages} for query, judged in rows.items()}
            for lang, rows in self.qrels.items()
            if lang in kept
        }
        excluded = {
            lang: {query: [passage for passage in left_out if passage in passages] for query, left_out in rows.items()}
            for lang, rows in self.excluded.items()
            if lang in kept
        }
        return replace(
            self,
            queries={lang: rows for lang, rows in self.queries.items() if lang in kept},
            corpora={lang: rows for lang, rows in self.corpora.items() if lang in kept},
            qrels=qrels,
            excluded=excluded,
        )


def _check_rows(problems: Problems, what: str, rows: Queries | Corpus) -> None:
    if not rows.ids:
        problems.add(f"no {what}")
    if len(rows.ids) != len(rows.texts):
        problems.add(f"{len(rows.texts):,} texts for {len(rows.ids):,} ids of {what}")
    if len(set(rows.ids)) < len(rows.ids):
        problems.add(f"{len(rows.ids) - len(set(rows.ids)):,} ids stand twice among the {what}")


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
