"""Reader of BEIR and MIRACL folders and zip archives.

BEIR: ``corpus.jsonl``, ``queries.jsonl`` and ``qrels/<split>.tsv``; several languages as one such folder a language.
MIRACL as published: ``miracl-corpus-v1.0-<language>/docs-*.jsonl.gz`` and ``miracl-v1.0-<language>/`` with topics and
qrels.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from equilingua.benchmarks.assembling import LanguagePart, assemble, judged_queries, same_id_excluded
from equilingua.benchmarks.benchmark import Benchmark, Corpus, Qrels, Queries
from equilingua.benchmarks.own import OwnData, own_benchmark, own_data
from equilingua.benchmarks.text_files import TextFile, files_below
from equilingua.errors import InputError, Problems, did_you_mean
from equilingua.files import COMPRESSIONS
from equilingua.languages import language_tag

CORPUS = "corpus.jsonl"
_MIRACL = re.compile(r"miracl-corpus-v1\.0-([a-z]+)/docs-(\d+)\.jsonl")
_Parts = tuple[list[TextFile], TextFile, TextFile]


def read_beir(
    path: str | Path, *, name: str | None = None, split: str = "test", language: str | None = None
) -> Benchmark:
    """The benchmark of a BEIR folder or archive.

    Passages are title and text with a space between. Of the queries, those that the split judges are taken; a passage
    with a query's own id takes no part in that query's ranking (``same_id_excluded``). Empty passages are kept: they
    are part of the published pool. Judgements of passages that are not there are left out, with a warning.

    Args:
        path: the folder or .zip archive.
        name: of the benchmark; the path's if not given.
        split: of the judgements.
        language: of all rows, where they name none.

    Raises:
        InputError: every problem of every file in one report.
    """
    files = files_below(path)
    if named_file(files, CORPUS) is None:
        raise InputError(f"{path}: holds no {CORPUS}: a BEIR folder has {CORPUS}, queries.jsonl and qrels/<split>.tsv")
    problems = Problems(str(path))
    data = _read(_beir_files(files, "", split, path), problems, labelled=True)
    problems.raise_if_any()
    if language is not None:
        data = data.with_language(language)
    whole = own_benchmark(data, name=name or Path(path).stem)
    queries = {tag: judged_queries(rows, _of_split(data)) for tag, rows in whole.queries.items()}
    judged = replace(whole, queries={tag: rows for tag, rows in queries.items() if rows.ids})
    return replace(judged, excluded=same_id_excluded(judged))


def read_beir_languages(
    path: str | Path,
    *,
    name: str | None = None,
    split: str = "test",
    languages: Sequence[str] | None = None,
    parallel: bool = True,
) -> Benchmark:
    """The benchmark of one BEIR folder a language, or of MIRACL as published.

    As in ``read_beir``, a passage with a query's own id takes no part in that query's ranking; of parallel queries, a
    passage of that id in any language.

    Args:
        path: the folder or .zip archive that holds the languages' folders.
        name: of the benchmark; the path's if not given.
        split: of the judgements.
        languages: to read; all that are there if not given.
        parallel: whether queries of the same id are translations of one another.

    Raises:
        InputError: every problem of every file in one report.
    """
    found = _languages(files_below(path), split, path)
    if not found:
        raise InputError(f"{path}: holds no folder <language> with {CORPUS}, queries.jsonl and qrels/{split}.tsv")
    asked = [language_tag(language) for language in languages] if languages else sorted(found)
    problems = Problems(str(path))
    for language in asked:
        if language not in found:
            problems.add(f"no folder {language!r} with {CORPUS}. {did_you_mean(language, found)}")
    parts, hashes = {}, {}
    for language in asked:
        if language in found:
            data = _read(found[language], problems, labelled=False)
            queries = judged_queries(Queries(data.queries.ids, data.queries.texts), data.qrels or {})
            parts[language] = LanguagePart(queries, Corpus(data.corpus.ids, data.corpus.texts), data.qrels or {})
            hashes.update({f"{language}/{file}": digest for file, digest in data.hashes.items()})
    problems.raise_if_any()
    whole = assemble(name or Path(path).stem, parts, parallel=parallel, hashes=hashes)
    return replace(whole, excluded=same_id_excluded(whole, parallel=parallel))


def _read(files: _Parts, problems: Problems, *, labelled: bool) -> OwnData:
    corpus, queries, qrels = files
    return own_data(corpus, [queries], qrels, problems=problems, published=True, labelled=labelled)


def _of_split(data: OwnData) -> Qrels:
    """Judgements by item, as the benchmark names its queries."""
    items = dict(zip(data.queries.ids, data.queries.items, strict=True))
    return {items[query]: grades for query, grades in (data.qrels or {}).items()}


def _languages(files: Mapping[str, TextFile], split: str, path: str | Path) -> dict[str, _Parts]:
    found: dict[str, _Parts] = {}
    for place in files:
        folder, _, file = place.rpartition("/")
        miracl = _MIRACL.match(place)
        try:
            if file.startswith(CORPUS) and folder and "/" not in folder:
                found[language_tag(folder)] = _beir_files(files, f"{folder}/", split, path)
            elif miracl and language_tag(miracl[1]) not in found:
                found[language_tag(miracl[1])] = _miracl_files(files, miracl[1], split, path)
        except InputError as error:
            if "unknown language" not in str(error):
                raise
    return found


def _beir_files(files: Mapping[str, TextFile], folder: str, split: str, path: str | Path) -> _Parts:
    corpus, queries = named_file(files, folder + CORPUS), named_file(files, f"{folder}queries.jsonl")
    qrels = named_file(files, f"{folder}qrels/{split}.tsv")
    if corpus is None or queries is None:
        raise InputError(f"{path}: holds no {folder}{CORPUS if corpus is None else 'queries.jsonl'}")
    if qrels is None:
        pattern = re.compile(rf"{re.escape(folder)}qrels/(\w+)\.tsv")
        splits = [match[1] for match in map(pattern.match, files) if match]
        raise InputError(f"{path}: holds no {folder}qrels/{split}.tsv. {did_you_mean(split, splits)}")
    return [corpus], queries, qrels


def _miracl_files(files: Mapping[str, TextFile], language: str, split: str, path: str | Path) -> _Parts:
    shards = {}
    for place, file in files.items():
        match = _MIRACL.match(place)
        if match and match[1] == language:
            shards[int(match[2])] = file
    stem = f"miracl-v1.0-{language}"
    topics = named_file(files, f"{stem}/topics/topics.{stem}-{split}.tsv")
    qrels = named_file(files, f"{stem}/qrels/qrels.{stem}-{split}.tsv")
    if topics is None or qrels is None:
        what = "topics" if topics is None else "qrels"
        raise InputError(f"{path}: holds no {stem}/{what}/{what}.{stem}-{split}.tsv")
    return [shards[number] for number in sorted(shards)], topics, qrels


def named_file(files: Mapping[str, TextFile], name: str) -> TextFile | None:
    """The file of this name, in any compression; None if there is none."""
    return next((files[name + suffix] for suffix in ("", *COMPRESSIONS) if name + suffix in files), None)
