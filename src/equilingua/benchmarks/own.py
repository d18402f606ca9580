"""A corpus and queries of one's own, with judgements where there are any, as a benchmark."""

import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from equilingua.archives import hashes_of
from equilingua.benchmarks.benchmark import Benchmark, Corpus, Qrels, Queries
from equilingua.benchmarks.texts import LanguageTexts, read_texts
from equilingua.data_files import DataFile, Row, data_file, parsed
from equilingua.documents import parse_json
from equilingua.errors import EquilinguaWarning, InputError, Problems
from equilingua.languages import joined_languages, language_tag
from equilingua.rows import identity, text_lines

Paths = str | Path | Sequence[str | Path]
Files = Paths | DataFile | Sequence[DataFile]


@dataclass(frozen=True, slots=True)
class OwnData:
    """What ``read_own`` found: grades by query id and passage id, None without a file; SHA-256 of every file."""

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


class Qrel(NamedTuple):
    """One line of qrels; as text, its place."""

    query: str
    passage: str
    grade: int
    place: Row

    def __str__(self) -> str:
        return str(self.place)


def read_own(
    corpus: Files,
    queries: Files,
    qrels: str | Path | DataFile | None = None,
    *,
    problems: Problems | None = None,
    published: bool = False,
    labelled: bool = True,
) -> OwnData:
    """A corpus and queries, and judgements if there are any.

    Corpus and queries are JSON lines: ``id`` (unique), ``text`` and perhaps ``title``, ``language``, and ``item``, the
    same in rows that are translations of one another. A .tsv file has two columns: id and text. Judgements are as
    ``read_qrels`` takes them. Files may be .gz, .xz or .zst.

    Judgements are looked up among the queries and passages only where those could all be read: else what is wrong with
    a few rows would be told again of every judgement of them.

    Published benchmarks cannot be mended by who reads them: their empty passages are kept, and judgements of passages
    that are not in the corpus (ArguAna has five) are left out, with a warning that counts them.

    Args:
        corpus: a file, or several that are read one after the other.
        queries: likewise.
        qrels: a file of judgements.
        problems: collects one line a problem, each with its file and line; by default they are raised.
        published: whether it is such a benchmark.
        labelled: whether languages are told by the rows, and not by what folder they lie in.

    Raises:
        InputError: for a missing file, and without ``problems`` with every problem of every file in one report.
    """
    passage_files, query_files = _files(corpus), _files(queries)
    judged = _files(qrels) if qrels is not None else []
    noted = Problems("corpus and queries") if problems is None else problems
    of_corpus, of_queries = Problems("corpus"), Problems("queries")
    passages = read_texts(passage_files, "passage", problems=of_corpus, allow_empty=published, labelled=labelled)
    questions = read_texts(query_files, "query", problems=of_queries, labelled=labelled)
    for side in (of_corpus, of_queries):
        noted.extend(side.shown, count=side.count)
    _check_items(questions, noted)
    # Judgements are held against None where some ids could not be read.
    known_queries = None if of_queries.count else set(questions.ids)
    known_passages = None if of_corpus.count else set(passages.ids)
    grades = _grades(judged[0], known_queries, known_passages, noted, published=published) if judged else None
    if problems is None:
        noted.raise_if_any()
    return OwnData(passages, questions, grades, hashes_of([*passage_files, *query_files, *judged]))


def read_qrels(file: DataFile, problems: Problems) -> Iterator[Qrel]:
    """The judgements of a file; those that cannot be read are noted.

    JSON lines with ``query-id``, ``corpus-id`` and ``score``, or lines of three columns in that order (with or without
    a heading, as BEIR has them) or of TREC's four: query, 0, passage, grade.
    """
    return parsed(text_lines(file, problems), _qrel, problems)


def own_benchmark(data: OwnData, *, name: str) -> Benchmark:
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
    return Benchmark.sharing(name, queries, corpora, judged, data.hashes)


def _files(paths: Files) -> list[DataFile]:
    several = [paths] if isinstance(paths, str | Path | DataFile) else paths
    return [path if isinstance(path, DataFile) else data_file(path) for path in several]


def _check_items(queries: LanguageTexts, problems: Problems) -> None:
    """An item is asked once in a language."""
    seen: set[tuple[str, str]] = set()
    for id_, item, language in zip(queries.ids, queries.items, queries.languages, strict=True):
        if language is not None:
            if (item, language) in seen:
                problems.add(f"query {id_!r}: item {item!r} stands twice in {language!r}", place=queries.file)
            seen.add((item, language))


def _grades(
    file: DataFile, queries: set[str] | None, passages: set[str] | None, problems: Problems, *, published: bool
) -> Qrels:
    """Grades by query and passage, which are among those known unless these are None."""
    qrels: dict[str, dict[str, int]] = {}

    def take(qrel: Qrel) -> Qrel | None:
        """Given back where its passage is missing, and that is nobody's fault who reads it."""
        query, passage, grade, _ = qrel
        if queries is not None and query not in queries:
            raise InputError(f"query {query!r} is not among the queries")
        if passages is not None and passage not in passages:
            if not published:
                raise InputError(f"passage {passage!r} is not in the corpus")
            qrels.setdefault(query, {})
            return qrel
        if qrels.setdefault(query, {}).setdefault(passage, grade) != grade:
            raise InputError(f"query {query!r} and passage {passage!r} were judged otherwise before")
        return None

    missing = sum(1 for _ in parsed(read_qrels(file, problems), take, problems))
    if missing:
        warnings.warn(
            f"{file}: {missing:,} judgements name passages that are not in the corpus, and are left out (other "
            "evaluations count such passages as not found)",
            EquilinguaWarning,
            stacklevel=2,
        )
    if not problems.count:
        if not qrels:
            problems.add(f"{file}: no judgement")
        elif not published and not any(grade > 0 for grades in qrels.values() for grade in grades.values()):
            problems.add(f"{file}: no grade is above 0, so nothing is relevant")
    return qrels


def _qrel(line: Row) -> Qrel | None:
    text: str = line.value
    if text.lstrip().startswith("{"):
        value, names = parse_json(text), ("query-id", "corpus-id", "score")
        if missing := ", ".join(repr(name) for name in names if name not in value):
            raise InputError(f"{missing} missing; the row has {', '.join(value)}")
        columns = [value[name] for name in names]
    else:
        columns = text.rstrip("\r\n").split("\t") if "\t" in text else text.split()
        if line.where == 1 and columns[-1] == "score":
            return None
        columns = [columns[0], *columns[2:]] if len(columns) == 4 else columns
    if len(columns) != 3:
        raise InputError(f"3 columns (query, passage, score) or TREC's 4 were expected, got {len(columns)}")
    query, passage, score = columns
    try:
        grade = float(score)
    except (TypeError, ValueError, OverflowError):
        grade = math.nan
    if not grade.is_integer():
        raise InputError(f"the score must be a whole number, got {score!r}")
    return Qrel(identity(query, "the query id"), identity(passage, "the passage id"), int(grade), line)


def _pick(values: tuple[str, ...], rows: list[int]) -> tuple[str, ...]:
    return values if len(rows) == len(values) else tuple(values[row] for row in rows)
