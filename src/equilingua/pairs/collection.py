"""Pairs of a corpus, queries and judgements: a query with what is relevant to it."""

from collections.abc import Iterator
from pathlib import Path

from equilingua.archives import files_below
from equilingua.columns import Columns
from equilingua.corpora.layout import CollectionFiles, collection_files, holds_corpus
from equilingua.corpora.own import read_own
from equilingua.errors import InputError, Problems
from equilingua.pairs.pair import ParallelPair


def judged_folder(path: str | Path, *, split: str) -> CollectionFiles | None:
    """The files of a folder or .zip with a corpus, queries and judgements; None for anything else.

    Of several splits of judgements this one is taken, where there is one.

    Raises:
        InputError: if queries or judgements are missing.
    """
    path = Path(path).expanduser()
    if not path.is_dir() and not (path.suffix == ".zip" and path.is_file()):
        return None
    files = files_below(path)
    if not holds_corpus(files):
        return None
    is_there = any(name.startswith(f"qrels/{split}") for name in files)
    return collection_files(files, "", path, split=split if is_there else None)


def collection_pairs(
    files: CollectionFiles, source: str, *, problems: Problems, language: str | None, columns: Columns
) -> Iterator[ParallelPair]:
    """A pair for every item that is asked and every passage, with its translations, that is relevant to it.

    Queries of one item and passages of one item are translations of one another. All pairs of an item have its id. A
    ``language`` is that of rows that name none.

    Raises:
        InputError: if a row names no language, and none is given.
    """
    noted = Problems(source)
    data = read_own(files.corpus, files.queries, files.qrels, columns=columns, problems=noted)
    if noted.count:
        problems.extend(noted.shown, count=noted.count)
        return
    if language is not None:
        data = data.with_language(language)
    for texts in (data.corpus, data.queries):
        if None in texts.languages:
            raise texts.unlabelled()
    asked: dict[str, dict[str, str]] = {}
    relevant: dict[str, dict[str, None]] = {}
    answers = dict(zip(data.corpus.ids, data.corpus.items, strict=True))
    for id_, item, tag, text in zip(
        data.queries.ids, data.queries.items, data.queries.languages, data.queries.texts, strict=True
    ):
        grades = (data.qrels or {}).get(id_, {})
        if right := [answers[passage] for passage, grade in grades.items() if grade > 0]:
            relevant.setdefault(item, {}).update(dict.fromkeys(right))
        if tag is not None:
            asked.setdefault(item, {})[tag] = text
    passages: dict[str, dict[str, str]] = {}
    for item, tag, text in zip(data.corpus.items, data.corpus.languages, data.corpus.texts, strict=True):
        if tag is not None and text:
            passages.setdefault(item, {}).setdefault(tag, text)
    if not any(item in passages for found in relevant.values() for item in found):
        raise InputError(f"{files.qrels[0]}: no query has a relevant passage with a text")
    for item, found in relevant.items():
        for answer in found:
            if answer in passages:
                yield ParallelPair(item, source, asked[item], passages[answer])
