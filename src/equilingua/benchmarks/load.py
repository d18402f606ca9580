"""Benchmarks by name, as their cards say, or from a folder or file of one's own, told from names and suffixes."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

from equilingua.archives import files_below
from equilingua.benchmarks.beir import language_folders, read_beir, read_beir_languages
from equilingua.benchmarks.benchmark import Benchmark
from equilingua.benchmarks.cards import BenchmarkCard, benchmark_card, benchmark_names
from equilingua.benchmarks.mewsli import read_mewsli_x
from equilingua.benchmarks.pairs import read_pair_file
from equilingua.benchmarks.squad import (
    language_files,
    publishes_sentences,
    read_afriqa,
    read_lareqa,
    read_squad_file,
    read_squad_languages,
    squad_files,
)
from equilingua.columns import USUAL, Columns
from equilingua.corpora.layout import holds_corpus
from equilingua.data_files import DataFile
from equilingua.data_sets import SUFFIXES
from equilingua.errors import InputError
from equilingua.files import cache_folder, content_hash, whole_folder
from equilingua.languages import of_languages
from equilingua.pairs.reading import default_format, told_format

SMALL_POOL = 100_000
"""Entities of the smaller pool of Mewsli-X."""


def load_benchmark(
    name_or_path: str | Path,
    *,
    data: str | Path | None = None,
    languages: Sequence[str] | None = None,
    columns: Columns = USUAL,
) -> Benchmark:
    """A benchmark, by its name or from a folder or file of the user's own.

    A named benchmark is read from disk where ``data`` holds it, and else from the hub, at a pinned commit, if it has a
    home there.

    Args:
        name_or_path: a name with a card (``xquad-r``, ``scifact``, ...: ``benchmark_names``), ``mteb:<task>`` for any
            retrieval task of mteb, or a path as ``read_path`` takes it.
        data: folder that holds the named benchmark's files, or is the benchmark's folder; the environment variable
            EQUILINGUA_DATA if not given.
        languages: to read; all if not given.
        columns: of files of one's own, which hold what, where their names do not tell.

    Raises:
        InputError: if there is no such benchmark, its data is not there, or it cannot be read.
    """
    if isinstance(languages, str):
        raise InputError(f"languages: give a list such as ['en', 'de'], not the text {languages!r}")
    data = data or os.environ.get("EQUILINGUA_DATA")
    loaded, place = _loaded(name_or_path, data, languages, columns)
    source: dict[str, Any] = {"benchmark": place, "languages": list(languages) if languages else None}
    if data is not None:
        source["data"] = str(Path(data).expanduser().absolute())
    if columns != USUAL:
        source["columns"] = asdict(columns)
    return replace(loaded, source=source)


def load_again(source: Mapping[str, Any]) -> Benchmark:
    """The benchmark that a result was made on, from its ``source``, where it lies on this machine still.

    Raises:
        InputError: if it does not, or cannot be read; nothing is asked of the hub.
    """
    name, data = str(source["benchmark"]), source.get("data")
    named = name in benchmark_names() or name.startswith("mteb:")
    if named and not name.startswith("mteb:"):
        card = benchmark_card(name)
        place = None if data is None else _place(card, Path(data))
        named = card.layout != "facts" and place is None
    if named:
        raise InputError(f"benchmark {name!r} came from the hub, or lies no longer where it was read")
    columns = Columns(**source["columns"]) if source.get("columns") else USUAL
    return load_benchmark(name, data=data, languages=source.get("languages"), columns=columns)


def _loaded(
    name_or_path: str | Path, data: str | Path | None, languages: Sequence[str] | None, columns: Columns
) -> tuple[Benchmark, str]:
    """The benchmark, and the name or absolute path by which it is found again."""
    name = str(name_or_path)
    if name.startswith("mteb:"):
        from equilingua.benchmarks.mteb import read_mteb

        return read_mteb(name.removeprefix("mteb:"), languages=languages), name
    path = Path(name).expanduser()
    # A folder of the same name in the working directory does not hide a named benchmark; ./name is a path.
    if path.exists() and (isinstance(name_or_path, Path) or name not in benchmark_names()):
        return read_path(path, languages=languages, columns=columns), str(path.absolute())
    card = benchmark_card(name)
    return replace(_named(card, data, languages), card=card), name


def read_path(path: Path, *, languages: Sequence[str] | None = None, columns: Columns = USUAL) -> Benchmark:
    """The benchmark that lies at a path.

    - a folder or .zip with ``corpus.jsonl``, ``queries.jsonl`` and ``qrels/*.tsv`` (BEIR; rows may name languages)
    - the same with ``qrels.tsv``, ``.txt`` or ``.jsonl`` beside them, and ``queries.jsonl`` or ``.tsv``: one's own data
    - a folder or .zip with one such folder a language, in which queries of the same id are translations
    - a folder of ``<language>.json`` files in LAReQA format
    - a folder of SQuAD-format files (or .jsonl with rows of it) whose names tell their languages
    - a pairs file, or a table with a query and a passage a row (.jsonl, .csv, .tsv, .parquet, .json), or a folder of
      their shards
    - a SQuAD-format file (.json), named ``<language>.*.json`` or read with one language given

    One language given is also that of rows that name none.

    Raises:
        InputError: if it is none of these, or cannot be read.
    """
    if path.is_dir() or path.suffix == ".zip":
        return _read_folder(path, languages, columns)
    spoken = languages[0] if languages and len(languages) == 1 else None
    match default_format(path) and told_format(DataFile(path)):
        case "pairs":
            return read_pair_file(path, languages=languages, language=spoken, columns=columns)
        case "squad":
            return read_squad_file(path, language=spoken)
    raise InputError(f"{path}: no benchmark: give a folder, or a .zip, .jsonl, .csv, .tsv, .parquet or .json file")


def _read_folder(path: Path, languages: Sequence[str] | None, columns: Columns) -> Benchmark:
    files = files_below(path)
    spoken = languages[0] if languages and len(languages) == 1 else None
    if holds_corpus(files):
        whole = read_beir(path, split=None, language=spoken, columns=columns)
        return whole.only(languages) if languages else whole
    if language_folders(files, path):
        return read_beir_languages(path, split=None, languages=languages, columns=columns)
    if path.suffix == ".zip":
        raise InputError(f"{path}: holds no corpus.jsonl, neither by itself nor in folders of languages")
    if any(map(publishes_sentences, chain.from_iterable(language_files(path).values()))):
        return read_lareqa(path, languages=languages)
    if squad_files(path):
        return read_squad_languages(path, languages=languages, parallel=None)
    if any(file.suffix in SUFFIXES for file in files.values()):
        return read_pair_file(path, languages=languages, language=spoken, columns=columns)
    return read_lareqa(path, languages=languages)


def _named(card: BenchmarkCard, data: str | Path | None, languages: Sequence[str] | None) -> Benchmark:
    if card.layout == "facts":
        return _read_layout(card, _facts_folder(), languages)
    place = None if data is None else _place(card, Path(data).expanduser())
    if place is not None:
        return _read_layout(card, place, languages)
    if card.hub is not None:
        from equilingua.benchmarks.hub import read_hub

        _check_languages(card, languages)
        return read_hub(card, card.hub, languages=languages)
    expected = f"DIR/{card.places[0]} holds it ({card.layout} layout)"
    published = f", as in {card.source}" if card.source else ""
    if data is None:
        raise InputError(
            f"benchmark {card.name!r} has to be on disk: pass --data DIR (or set EQUILINGUA_DATA), where {expected}"
            f"{published}"
        )
    raise InputError(f"{data}: holds no {' or '.join(card.places)}: pass --data DIR where {expected}{published}")


def _place(card: BenchmarkCard, data: Path) -> Path | None:
    """Where the benchmark's files are: at one of its places, or the folder itself if it bears the last name of one.

    A folder of another name that holds LAReQA's files is taken too.
    """
    for place in card.places:
        if (data / place).exists():
            return data / place
        if data.name == Path(place).name and data.exists():
            return data
    if card.layout == "lareqa" and data.name not in benchmark_names() and data.is_dir() and language_files(data):
        return data
    return None


def _facts_folder() -> Path:
    """The built-in world facts, written once for each state of their code, their templates and babel's names."""
    import equilingua.facts as facts

    sources = sorted(path for path in Path(facts.__file__).parent.iterdir() if path.suffix in (".py", ".toml"))
    parts = [version("babel"), *(content_hash(path) for path in sources)]
    folder = cache_folder() / "benchmarks" / f"facts-{hashlib.sha256(' '.join(parts).encode()).hexdigest()[:16]}"
    if not folder.is_dir():
        with whole_folder(folder) as work:
            facts.write_facts_benchmark(work, split="test")
    return folder


def _read_layout(card: BenchmarkCard, place: Path, languages: Sequence[str] | None) -> Benchmark:
    """The files of a named benchmark on disk, read as its card says."""
    _check_languages(card, languages)
    split = card.hub.split if card.hub else "test"
    parallel = bool(card.hub and card.hub.parallel)
    match card.layout:
        case "facts" | "lareqa":
            return read_lareqa(place, name=card.name, languages=languages)
        case "beir":
            return read_beir(place, name=card.name, split=split, language=card.languages[0], by_id=True)
        case "beir-per-language" | "miracl":
            return read_beir_languages(
                place, name=card.name, split=split, languages=languages, parallel=parallel, by_id=True
            )
        case "pairs":
            return read_pair_file(place, name=card.name, languages=languages)
        case "squad" if place.is_dir():
            spoken = languages or card.languages
            return read_squad_languages(place, name=card.name, languages=spoken, parallel=False)
        case "squad":
            return read_squad_file(place, name=card.name, language=card.languages[0])
        case "afriqa":
            return read_afriqa(place, name=card.name, languages=languages)
        case "mewsli-x":
            pool = SMALL_POOL if card.name != "mewsli-x" else None
            return read_mewsli_x(place, name=card.name, languages=languages, pool=pool)
        case _:
            raise InputError(f"benchmark {card.name!r} is read from the hub only")


def _check_languages(card: BenchmarkCard, languages: Sequence[str] | None) -> None:
    """Refuse languages that a card does not name; where files tell what there is, they are left to them."""
    # The card of Mewsli-X names the languages of its mentions; a result of it has those of its passages too.
    if card.layout not in ("lareqa", "mewsli-x") and card.languages:
        named = dict.fromkeys(card.languages)
        of_languages(named, languages, lambda tag: f"benchmark {card.name!r} has no language {tag!r}")
