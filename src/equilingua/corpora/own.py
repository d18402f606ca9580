"""A corpus and queries of one's own, with judgements where there are any."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from equilingua.archives import hashes_of
from equilingua.columns import USUAL, Columns
from equilingua.corpora.qrels import Qrels, read_grades
from equilingua.corpora.texts import LanguageTexts, read_texts
from equilingua.data_files import DataFile
from equilingua.data_sets import data_files
from equilingua.errors import Problems
from equilingua.languages import language_tag

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


def read_own(
    corpus: Files,
    queries: Files,
    qrels: Files | None = None,
    *,
    columns: Columns = USUAL,
    problems: Problems | None = None,
) -> OwnData:
    """A corpus and queries, and judgements if there are any.

    Corpus and queries are tables (JSON lines, CSV, TSV, Parquet, ...: ``read_rows``) with an id (unique) and a text,
    and perhaps ``title``, ``language``, and ``item``, the same in rows that are translations of one another. Columns
    may have other usual names, or those that ``columns`` says. Judgements are as ``read_qrels`` takes them.

    A passage may be without text and title, as some of published benchmarks are; a query may not.

    Judgements are looked up among the queries and passages only where those could all be read: else what is wrong with
    a few rows would be told again of every judgement of them. Those of others are passed over (``read_grades``).

    Args:
        corpus: a file, a folder of shards (``data_files``), or several that are read one after the other.
        queries: likewise.
        qrels: likewise.
        columns: which columns hold what, where their names do not tell.
        problems: collects one line a problem, each with its file and line; by default they are raised.

    Raises:
        InputError: for a missing file, and without ``problems`` with every problem of every file in one report.
    """
    passage_files, query_files, judged = table_files(corpus), table_files(queries), table_files(qrels or [])
    noted = Problems("corpus and queries") if problems is None else problems
    of_corpus, of_queries = Problems("corpus"), Problems("queries")
    passages = read_texts(passage_files, "passage", problems=of_corpus, columns=columns)
    questions = read_texts(query_files, "query", problems=of_queries, columns=columns)
    for side in (of_corpus, of_queries):
        if side.count:
            noted.extend(side.shown, count=side.count)
    _check_items(questions, noted)
    # Judgements are held against None where some ids could not be read.
    known_queries = None if of_queries.count else set(questions.ids)
    known_passages = None if of_corpus.count else set(passages.ids)
    grades = read_grades(judged, known_queries, known_passages, noted, columns) if judged else None
    if problems is None:
        noted.raise_if_any()
    return OwnData(passages, questions, grades, hashes_of([*passage_files, *query_files, *judged]))


def table_files(paths: Files) -> list[DataFile]:
    """The files that paths name, each as ``data_files``, one after the other."""
    several = [paths] if isinstance(paths, str | Path | DataFile) else paths
    read = ([path] if isinstance(path, DataFile) else data_files(path) for path in several)
    return [file for files in read for file in files]


def _check_items(queries: LanguageTexts, problems: Problems) -> None:
    """An item is asked once in a language."""
    seen: set[tuple[str, str]] = set()
    for id_, item, language in zip(queries.ids, queries.items, queries.languages, strict=True):
        if language is not None:
            if (item, language) in seen:
                problems.add(f"query {id_!r}: item {item!r} stands twice in {language!r}", place=queries.file)
            seen.add((item, language))
