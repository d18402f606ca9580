"""Reader of BEIR and MIRACL folders and zip archives.

BEIR: ``corpus.jsonl``, ``queries.jsonl`` and ``qrels/<split>.tsv``; several languages as one such folder a language.
MIRACL as published: ``miracl-corpus-v1.0-<language>/docs-*.jsonl.gz`` and ``miracl-v1.0-<language>/`` with topics and
qrels.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from equilingua.archives import files_below, named_file, only_file
from equilingua.benchmarks.benchmark import Benchmark, Corpus, LanguagePart, Queries, assemble
from equilingua.benchmarks.own import own_benchmark
from equilingua.benchmarks.same_id import without_same_id
from equilingua.columns import USUAL, Columns
from equilingua.corpora.layout import CollectionFiles, collection_files, holds_corpus
from equilingua.corpora.own import read_own
from equilingua.data_files import DataFile
from equilingua.errors import InputError, Problems
from equilingua.languages import known_language, of_languages

_MIRACL = re.compile(r"miracl-corpus-v1\.0-([a-z]+)/docs-(\d+)\.jsonl")


def read_beir(
    path: str | Path,
    *,
    name: str | None = None,
    split: str | None = "test",
    language: str | None = None,
    columns: Columns = USUAL,
    by_id: bool = False,
) -> Benchmark:
    """The benchmark of a folder or archive in BEIR's layout, or of the same files with ``qrels.tsv`` beside them.

    Passages are title and text with a space between. Of the queries, those that the split judges are taken; a passage
    with a query's own id takes no part in that query's ranking (``without_own_passages``). Empty passages are kept:
    they are part of the published pool. Judgements of queries or passages that are not there are left out, with a
    warning. A language that is given is that of all rows, where they name none. ``split`` is None for the only one, or
    ``test`` of several.

    Raises:
        InputError: every problem of every file in one report.
    """
    files = files_below(path)
    if not holds_corpus(files):
        raise InputError(
            f"{path}: holds no corpus.jsonl: a BEIR folder has corpus, queries.jsonl and qrels/<split>.tsv"
        )
    problems = Problems(str(path))
    found = collection_files(files, "", path, split=split)
    data = read_own(found.corpus, found.queries, found.qrels, columns=columns, problems=problems)
    problems.raise_if_any()
    if language is not None:
        data = data.with_language(language)
    whole = own_benchmark(data, name=name or Path(path).stem, by_id=by_id)
    # The splits share a file of queries; a benchmark knows its queries by their items.
    item_of = dict(zip(data.queries.ids, data.queries.items, strict=True))
    judged = whole.judged({item_of[query] for query in data.qrels or ()})
    return replace(judged, notes=(*found.notes, *judged.notes))


def read_beir_languages(
    path: str | Path,
    *,
    name: str | None = None,
    split: str | None = "test",
    languages: Sequence[str] | None = None,
    parallel: bool = True,
    columns: Columns = USUAL,
    by_id: bool = False,
) -> Benchmark:
    """The benchmark of one folder a language, each as ``read_beir`` reads it, or of MIRACL as published.

    Of parallel queries, a passage of a query's own id in any language takes no part in its ranking. Queries are
    ``parallel`` if those of the same id are translations of one another.

    Raises:
        InputError: every problem of every file in one report.
    """
    folders = _languages(files_below(path), split, path)
    if not folders:
        expected = f"qrels/{split or 'test'}.tsv"
        raise InputError(f"{path}: holds no folder <language> with corpus.jsonl, queries.jsonl and {expected}")
    problems = Problems(str(path))
    parts, hashes = {}, {}
    chosen = of_languages(
        dict(sorted(folders.items())), languages, lambda tag: f"no folder {tag!r} with corpus.jsonl", problems
    )
    for language, files in chosen.items():
        data = read_own(files.corpus, files.queries, files.qrels, columns=columns, problems=problems)
        qrels = data.qrels or {}
        queries = Queries(data.queries.ids, data.queries.texts).judged(qrels)
        parts[language] = LanguagePart(queries, Corpus(data.corpus.ids, data.corpus.texts), qrels)
        hashes.update({f"{language}/{file}": digest for file, digest in data.hashes.items()})
    problems.raise_if_any()
    whole = assemble(name or Path(path).stem, parts, parallel=parallel, hashes=hashes)
    return without_same_id(whole, parallel=parallel, by_id=by_id)


def language_folders(files: Mapping[str, DataFile], path: str | Path) -> dict[str, str]:
    """The folders of a folder or archive that are named by a language and hold a corpus, by that language.

    Raises ``InputError`` if a language has several.
    """
    found: dict[str, str] = {}
    for folder in sorted({place.partition("/")[0] for place in files if "/" in place}):
        if (tag := known_language(folder)) and holds_corpus(files, f"{folder}/"):
            if tag in found:
                raise InputError(f"{path}: {tag!r} has several folders: {found[tag]}, {folder}. Leave one")
            found[tag] = folder
    return found


def _languages(files: Mapping[str, DataFile], split: str | None, path: str | Path) -> dict[str, CollectionFiles]:
    parts = {
        tag: collection_files(files, f"{folder}/", path, split=split)
        for tag, folder in language_folders(files, path).items()
    }
    for place in files:
        # The first shard stands for its language; _miracl_files gathers the others.
        if (shard := _MIRACL.match(place)) and (tag := known_language(shard[1])) and tag not in parts:
            parts[tag] = _miracl_files(files, shard[1], split or "dev", path)
    return parts


def _miracl_files(files: Mapping[str, DataFile], language: str, split: str, path: str | Path) -> CollectionFiles:
    matches = ((_MIRACL.match(place), file) for place, file in files.items())
    shards: dict[int, list[DataFile]] = {}
    for match, file in matches:
        if match and match[1] == language:
            shards.setdefault(int(match[2]), []).append(file)
    stem = f"miracl-v1.0-{language}"
    topics = named_file(files, f"{stem}/topics/topics.{stem}-{split}.tsv")
    qrels = named_file(files, f"{stem}/qrels/qrels.{stem}-{split}.tsv")
    if topics is None or qrels is None:
        what = "topics" if topics is None else "qrels"
        raise InputError(f"{path}: holds no {stem}/{what}/{what}.{stem}-{split}.tsv")
    corpus = [only_file(shards[number]) for number in sorted(shards)]
    return CollectionFiles(tuple(file for file in corpus if file is not None), (topics,), (qrels,))
