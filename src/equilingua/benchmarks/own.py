"""A corpus and queries of one's own: JSON lines with a language in each row, where it is known."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from equilingua.benchmarks.benchmark import Benchmark, Corpus, Qrels, Queries
from equilingua.benchmarks.rows import Rows, read_judgements, read_rows
from equilingua.benchmarks.text_files import TextFile, hashes_of, text_file
from equilingua.errors import EquilinguaWarning, InputError, Problems
from equilingua.languages import language_tag

Paths = str | Path | Sequence[str | Path]


@dataclass(frozen=True, slots=True)
class LanguageTexts:
    """Queries or passages, each in a language that may not be known yet.

    Attributes:
        ids: unique.
        texts: one an id.
        languages: one an id: a canonical tag, or None.
        items: one an id: the same in rows that are translations of one another; the id itself where a row names none.
        file: where they were read, for messages.
    """

    ids: tuple[str, ...]
    texts: tuple[str, ...]
    languages: tuple[str | None, ...]
    items: tuple[str, ...]
    file: str = field(default="texts", compare=False)

    def with_language(self, language: str) -> "LanguageTexts":
        """The texts with this language where none is known."""
        tag = language_tag(language)
        return replace(self, languages=tuple(known or tag for known in self.languages))

    def positions(self) -> dict[str, list[int]]:
        """Rows of each language, in their order.

        Raises:
            InputError: if a row has no language.
        """
        of_language: dict[str, list[int]] = {}
        for position, language in enumerate(self.languages):
            if language is None:
                raise self.unlabelled()
            of_language.setdefault(language, []).append(position)
        return of_language

    def unlabelled(self) -> InputError:
        """What to tell of rows that name no language, of which there is one at least."""
        missing, first = self.languages.count(None), self.ids[self.languages.index(None)]
        needed = " (.tsv has none: write .jsonl)" if ".tsv" in self.file else ""
        return InputError(
            f"{self.file}: {missing:,} of {len(self.ids):,} rows name no language, the first is {first!r}: add a field "
            f"'language' (BCP 47, such as 'en') to each{needed}; or, where all rows of corpus and queries are in one "
            "language, leave it out of all and pass that one (--languages en)"
        )


@dataclass(frozen=True, slots=True)
class OwnData:
    """What ``read_own`` found.

    Attributes:
        corpus: the passages.
        queries: the queries.
        qrels: grades by query id and passage id; None if no file was given.
        hashes: SHA-256 of every file, by name.
    """

    corpus: LanguageTexts
    queries: LanguageTexts
    qrels: Qrels | None
    hashes: Mapping[str, str]

    def with_language(self, language: str) -> "OwnData":
        """The data with this language in every row, where rows name none.

        Raises:
            InputError: if some rows of the corpus or of the queries name a language and others do not, or if the
                others' language is not this one: then nothing tells that this is the language of the rest.
        """
        known = {*self.corpus.languages, *self.queries.languages} - {None}
        for texts in (self.corpus, self.queries):
            if None in texts.languages and (any(texts.languages) or known - {language_tag(language)}):
                raise texts.unlabelled()
        corpus, queries = self.corpus.with_language(language), self.queries.with_language(language)
        return replace(self, corpus=corpus, queries=queries)


def read_own(corpus: Paths, queries: Paths, qrels: str | Path | None = None) -> OwnData:
    """A corpus and queries, and judgements if there are any.

    Corpus and queries are JSON lines: ``id`` (unique), ``text`` and perhaps ``title``, ``language``, and ``item``, the
    same in rows that are translations of one another. A .tsv file has two columns: id and text. Judgements are as
    ``read_judgements`` takes them. Files may be .gz, .xz or .zst.

    Args:
        corpus: a file, or several that are read one after the other.
        queries: likewise.
        qrels: a file of judgements.

    Raises:
        InputError: every problem of every file in one report, each with its file and line.
    """
    problems = Problems("corpus and queries")
    passage_files, query_files = _files(corpus), _files(queries)
    judged = None if qrels is None else text_file(qrels)
    data = own_data(passage_files, query_files, judged, problems=problems)
    problems.raise_if_any()
    return data


def own_data(
    corpus: Sequence[TextFile],
    queries: Sequence[TextFile],
    qrels: TextFile | None,
    *,
    problems: Problems,
    published: bool = False,
    labelled: bool = True,
) -> OwnData:
    """As ``read_own``, with the problems noted instead of raised.

    Judgements are looked up among the queries and passages only where those could all be read: else what is wrong with
    a few rows would be told again of every judgement of them.

    Published benchmarks cannot be mended by who reads them: their empty passages are kept, and judgements of passages
    that are not in the corpus (ArguAna has five) are left out, with a warning that counts them.

    Args:
        corpus: files of passages.
        queries: files of queries.
        qrels: file of judgements.
        problems: collects one line a problem.
        published: whether it is such a benchmark.
        labelled: whether languages are told by the rows, and not by what folder they lie in.
    """
    passages = read_rows(corpus, problems=problems, allow_empty=published, labelled=labelled)
    asked = read_rows(queries, problems=problems, labelled=labelled)
    for what, rows, files in (("passage", passages, corpus), ("query", asked, queries)):
        if rows.clean and not rows.ids:
            problems.add(f"{', '.join(map(str, files))}: no {what}")
    _check_items(asked, queries, problems)
    return OwnData(
        corpus=_texts(passages, corpus),
        queries=_texts(asked, queries),
        qrels=None if qrels is None else _qrels(qrels, passages, asked, problems, published=published),
        hashes=hashes_of([*corpus, *queries, *([qrels] if qrels else [])]),
    )


def own_benchmark(data: OwnData, *, name: str) -> Benchmark:
    """The data as a benchmark: a query's id there is its item.

    Parallel queries ask for the same, and parallel passages say the same: what is relevant to one query is relevant to
    all of its item, and so are its translations (with the highest grade where they differ). Queries without a relevant
    passage stay, so that measures without judgements can use them.

    Args:
        data: as ``read_own`` gives it, with all languages known.
        name: of the benchmark.

    Raises:
        InputError: if a language is not known.
    """
    item_of = dict(zip(data.corpus.ids, data.corpus.items, strict=True))
    parallel: dict[str, list[str]] = {}
    for passage, item in item_of.items():
        parallel.setdefault(item, []).append(passage)
    relevant: dict[str, dict[str, int]] = {}
    for id_, item in zip(data.queries.ids, data.queries.items, strict=True):
        grades = relevant.setdefault(item, {})
        for judged, grade in (data.qrels or {}).get(id_, {}).items():
            for passage in parallel[item_of[judged]]:
                grades[passage] = max(grade, grades.get(passage, grade))
    queries = {
        language: Queries(_pick(data.queries.items, rows), _pick(data.queries.texts, rows))
        for language, rows in data.queries.positions().items()
    }
    corpora = {
        language: Corpus(_pick(data.corpus.ids, rows), _pick(data.corpus.texts, rows))
        for language, rows in data.corpus.positions().items()
    }
    qrels = {
        language: {query: relevant[query] for query in rows.ids if relevant[query]}
        for language, rows in queries.items()
    }
    return Benchmark(name, queries, corpora, qrels, data.hashes)


def _files(paths: Paths) -> list[TextFile]:
    return [text_file(path) for path in ([paths] if isinstance(paths, str | Path) else paths)]


def _texts(rows: Rows, files: Sequence[TextFile]) -> LanguageTexts:
    items = tuple(item or id_ for id_, item in zip(rows.ids, rows.items, strict=True))
    return LanguageTexts(tuple(rows.ids), tuple(rows.texts), tuple(rows.languages), items, ", ".join(map(str, files)))


def _check_items(rows: Rows, files: Sequence[TextFile], problems: Problems) -> None:
    """An item is asked once in a language."""
    seen: set[tuple[str, str | None]] = set()
    for id_, item, language in zip(rows.ids, rows.items, rows.languages, strict=True):
        key = (item or id_, language)
        if key in seen and language is not None:
            where = ", ".join(map(str, files))
            problems.add(f"{where}: query {id_!r}: item {key[0]!r} stands twice in {language!r}")
        seen.add(key)


def _qrels(file: TextFile, passages: Rows, queries: Rows, problems: Problems, *, published: bool) -> Qrels:
    known_passages, known_queries = set(passages.ids), set(queries.ids)
    passages_known, queries_known = (rows.clean and bool(rows.ids) for rows in (passages, queries))
    qrels: dict[str, dict[str, int]] = {}
    missing = 0
    for judgement in read_judgements(file, problems=problems):
        query, passage = judgement.query, judgement.passage
        if queries_known and query not in known_queries:
            problems.add(f"{judgement.place}: query {query!r} is not among the queries")
        elif published and passages_known and passage not in known_passages:
            missing += 1
            qrels.setdefault(query, {})
        elif passages_known and passage not in known_passages:
            problems.add(f"{judgement.place}: passage {passage!r} is not in the corpus")
        elif qrels.setdefault(query, {}).setdefault(passage, judgement.grade) != judgement.grade:
            problems.add(f"{judgement.place}: query {query!r} and passage {passage!r} were judged otherwise before")
    if missing:
        warnings.warn(
            f"{file}: {missing:,} judgements name passages that are not in the corpus, and are left out (other "
            "evaluations count such passages as not found)",
            EquilinguaWarning,
            stacklevel=2,
        )
    if not qrels and not problems.count:
        problems.add(f"{file}: no judgement")
    elif not (published or problems.count or any(max(grades.values(), default=0) > 0 for grades in qrels.values())):
        problems.add(f"{file}: no grade is above 0, so nothing is relevant")
    return qrels


def _pick(values: tuple[str, ...], rows: list[int]) -> tuple[str, ...]:
    return values if len(rows) == len(values) else tuple(values[row] for row in rows)
