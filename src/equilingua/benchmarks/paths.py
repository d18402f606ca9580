"""A benchmark of one's own: what lies at a path, told from names and suffixes."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from equilingua.benchmarks.beir import CORPUS, named_file, read_beir, read_beir_languages
from equilingua.benchmarks.benchmark import Benchmark
from equilingua.benchmarks.lareqa import read_lareqa
from equilingua.benchmarks.own import own_benchmark, own_data
from equilingua.benchmarks.pairs import read_pair_file
from equilingua.benchmarks.squad import read_squad_file
from equilingua.benchmarks.text_files import TextFile, files_below
from equilingua.errors import InputError, Problems
from equilingua.files import uncompressed_suffix
from equilingua.languages import language_tag


def read_path(path: Path, *, languages: Sequence[str] | None = None) -> Benchmark:
    """The benchmark that lies at a path.

    - a folder or .zip with ``corpus.jsonl``, ``queries.jsonl`` and ``qrels/*.tsv`` (BEIR; rows may name languages)
    - the same with ``qrels.tsv``, ``.txt`` or ``.jsonl`` beside them, and ``queries.jsonl`` or ``.tsv``: one's own data
    - a folder or .zip with one such folder a language, in which queries of the same id are translations
    - a folder of ``<language>.json`` files in LAReQA format
    - a pairs file (.jsonl, .parquet)
    - a SQuAD-format file (.json), named ``<language>.*.json`` or read with one language given

    Args:
        path: the folder or file.
        languages: to read; all if not given. For rows that name no language: the one they are in.

    Raises:
        InputError: if it is none of these, or cannot be read.
    """
    if path.is_dir() or path.suffix == ".zip":
        return _read_folder(path, languages)
    match uncompressed_suffix(path):
        case ".jsonl" | ".parquet":
            return read_pair_file(path, languages=languages)
        case ".json":
            return read_squad_file(path, language=languages[0] if languages and len(languages) == 1 else None)
    raise InputError(f"{path}: no benchmark: give a folder, or a .zip, .jsonl, .parquet or .json file")


def _read_folder(path: Path, languages: Sequence[str] | None) -> Benchmark:
    files = files_below(path)
    corpus, qrels = named_file(files, CORPUS), _first(files, "qrels.tsv", "qrels.txt", "qrels.jsonl")
    if corpus is not None:
        spoken = languages[0] if languages and len(languages) == 1 else None
        queries = _first(files, "queries.jsonl", "queries.tsv")
        if qrels is not None and queries is not None:
            found = _read_own(path, (corpus, queries, qrels), spoken)
        else:
            found = read_beir(path, split=_only_split(path, files, ""), language=spoken)
        return found.only([language_tag(language) for language in languages]) if languages else found
    inner = [name for name in files if name.count("/") == 1 and name.partition("/")[2].startswith(CORPUS)]
    if inner:
        folder = inner[0].partition("/")[0]
        return read_beir_languages(path, split=_only_split(path, files, f"{folder}/"), languages=languages)
    if path.suffix == ".zip":
        raise InputError(f"{path}: holds no {CORPUS}, neither by itself nor in folders of languages")
    return read_lareqa(path, languages=languages)


def _read_own(path: Path, files: tuple[TextFile, TextFile, TextFile], language: str | None) -> Benchmark:
    corpus, queries, qrels = files
    problems = Problems(str(path))
    data = own_data([corpus], [queries], qrels, problems=problems)
    problems.raise_if_any()
    return own_benchmark(data if language is None else data.with_language(language), name=path.stem)


def _first(files: Mapping[str, TextFile], *names: str) -> TextFile | None:
    found = (named_file(files, name) for name in names)
    return next((file for file in found if file is not None), None)


def _only_split(path: Path, files: Iterable[str], folder: str) -> str:
    """The split that is judged: test, if there are several."""
    start = f"{folder}qrels/"
    splits = sorted({name.removeprefix(start).split(".")[0] for name in files if name.startswith(start)})
    if "test" in splits or not splits:
        return "test"
    if len(splits) > 1:
        raise InputError(f"{path}: {folder}qrels holds several splits ({', '.join(splits)}) and none is named test")
    return splits[0]
