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
from equilingua.benchmarks.benchmark import Benchmark, Corpus, Excluded, LanguagePart, Queries, assemble
from equilingua.benchmarks.own import own_benchmark, read_own
from equilingua.data_files import DataFile
from equilingua.errors import InputError, Problems, did_you_mean
from equilingua.languages import known_language, of_languages

CORPUS = "corpus.jsonl"
_MIRACL = re.compile(r"miracl-corpus-v1\.0-([a-z]+)/docs-(\d+)\.jsonl")
_Parts = tuple[list[DataFile], DataFile, DataFile]


def read_beir(
    path: str | Path, *, name: str | None = None, split: str = "test", language: str | None = None
) -> Benchmark:
    """The benchmark of a BEIR folder or archive.

    Passages are title and text with a space between. Of the queries, those that the split judges are taken; a passage
    with a query's own id takes no part in that query's ranking (``same_id_excluded``). Empty passages are kept: they
    are part of the published pool. Judgements of passages that are not there are left out, with a warning. A language
    that is given is that of all rows, where they name none.

    Raises:
        InputError: every problem of every file in one report.
    """
    files = files_below(path)
    if named_file(files, CORPUS) is None:
        raise InputError(f"{path}: holds no {CORPUS}: a BEIR folder has {CORPUS}, queries.jsonl and qrels/<split>.tsv")
    problems = Problems(str(path))
    data = read_own(*_beir_files(files, "", split, path), problems=problems, published=True)
    problems.raise_if_any()
    if language is not None:
        data = data.with_language(language)
    whole = own_benchmark(data, name=name or Path(path).stem)
    # The splits share a file of queries; a benchmark knows its queries by their items.
    item_of = dict(zip(data.queries.ids, data.queries.items, strict=True))
    judged_items = {item_of[query] for query in data.qrels or ()}
    queries = {tag: rows.judged(judged_items) for tag, rows in whole.queries.items()}
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
    passage of that id in any language. Queries are ``parallel`` if those of the same id are translations of one
    another.

    Raises:
        InputError: every problem of every file in one report.
    """
    folders = _languages(files_below(path), split, path)
    if not folders:
        raise InputError(f"{path}: holds no folder <language> with {CORPUS}, queries.jsonl and qrels/{split}.tsv")
    problems = Problems(str(path))
    parts, hashes = {}, {}
    chosen = of_languages(
        dict(sorted(folders.items())), languages, lambda tag: f"no folder {tag!r} with {CORPUS}", problems
    )
    for language, files in chosen.items():
        data = read_own(*files, problems=problems, published=True, labelled=False)
        qrels = data.qrels or {}
        queries = Queries(data.queries.ids, data.queries.texts).judged(qrels)
        parts[language] = LanguagePart(queries, Corpus(data.corpus.ids, data.corpus.texts), qrels)
        hashes.update({f"{language}/{file}": digest for file, digest in data.hashes.items()})
    problems.raise_if_any()
    whole = assemble(name or Path(path).stem, parts, parallel=parallel, hashes=hashes)
    return replace(whole, excluded=same_id_excluded(whole, parallel=parallel))


def same_id_excluded(benchmark: Benchmark, *, parallel: bool = False) -> Excluded:
    """Per query, the passages that carry the query's own id, unless they are relevant: BEIR's rule.

    ArguAna's queries stand in its corpus; BEIR's evaluation takes such a passage out of the ranking in every data set.
    Ids of parallel queries name no language, so passages of that id in any language are meant: translations of the
    query.

    Source: Thakur et al. 2021 (arXiv 2104.08663), and the evaluation published with it.
    """
    passages = {id_ for corpus in benchmark.corpora.values() for id_ in corpus.ids}
    before = [f"{language}/" for language in benchmark.corpora] if parallel else [""]
    excluded: dict[str, dict[str, tuple[str, ...]]] = {}
    for language, rows in benchmark.queries.items():
        judged, excluded[language] = benchmark.qrels.get(language, {}), {}
        for query in rows.ids:
            grades, named = judged.get(query, {}), passages.intersection(start + query for start in before)
            if own := tuple(sorted(passage for passage in named if grades.get(passage, 0) <= 0)):
                excluded[language][query] = own
    return excluded


def _languages(files: Mapping[str, DataFile], split: str, path: str | Path) -> dict[str, _Parts]:
    parts: dict[str, _Parts] = {}
    folder_of: dict[str, str] = {}
    for place in files:
        folder, _, file = place.rpartition("/")
        if file.startswith(CORPUS) and folder and "/" not in folder:
            if tag := known_language(folder):
                if folder_of.setdefault(tag, folder) != folder:
                    raise InputError(f"{path}: {tag!r} has several folders: {folder_of[tag]}, {folder}. Leave one")
                parts[tag] = _beir_files(files, f"{folder}/", split, path)
        # The first shard stands for its language; _miracl_files gathers the others.
        elif (shard := _MIRACL.match(place)) and (tag := known_language(shard[1])) and tag not in parts:
            parts[tag] = _miracl_files(files, shard[1], split, path)
    return parts


def _beir_files(files: Mapping[str, DataFile], folder: str, split: str, path: str | Path) -> _Parts:
    corpus, queries = named_file(files, folder + CORPUS), named_file(files, f"{folder}queries.jsonl")
    qrels = named_file(files, f"{folder}qrels/{split}.tsv")
    if corpus is None or queries is None:
        raise InputError(f"{path}: holds no {folder}{CORPUS if corpus is None else 'queries.jsonl'}")
    if qrels is None:
        pattern = re.compile(rf"{re.escape(folder)}qrels/(\w+)\.tsv")
        splits = [match[1] for match in map(pattern.match, files) if match]
        raise InputError(f"{path}: holds no {folder}qrels/{split}.tsv. {did_you_mean(split, splits)}")
    return [corpus], queries, qrels


def _miracl_files(files: Mapping[str, DataFile], language: str, split: str, path: str | Path) -> _Parts:
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
    return [file for file in corpus if file is not None], topics, qrels
