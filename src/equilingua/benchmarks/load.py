"""Benchmarks by name, or from a folder or file of one's own."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from equilingua.benchmarks.benchmark import Benchmark
from equilingua.benchmarks.cards import BenchmarkCard, benchmark_card, benchmark_names
from equilingua.benchmarks.lareqa import language_files
from equilingua.benchmarks.layouts import check_languages, read_layout
from equilingua.benchmarks.paths import read_path
from equilingua.errors import InputError
from equilingua.files import cache_folder, content_hash, whole_folder

FACTS = "facts"


def load_benchmark(
    name_or_path: str | Path, *, data: str | Path | None = None, languages: Sequence[str] | None = None
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

    Raises:
        InputError: if there is no such benchmark, its data is not there, or it cannot be read.
    """
    if isinstance(languages, str):
        raise InputError(f"languages: give a list such as ['en', 'de'], not the text {languages!r}")
    name = str(name_or_path)
    if name.startswith("mteb:"):
        from equilingua.benchmarks.mteb import read_mteb

        return read_mteb(name.removeprefix("mteb:"), languages=languages)
    path = Path(name).expanduser()
    # A folder of the same name in the working directory does not hide a named benchmark; ./name is a path.
    if path.exists() and (isinstance(name_or_path, Path) or name not in benchmark_names()):
        return read_path(path, languages=languages)
    card = benchmark_card(name)
    return replace(_named(card, data or os.environ.get("EQUILINGUA_DATA"), languages), card=card)


def _named(card: BenchmarkCard, data: str | Path | None, languages: Sequence[str] | None) -> Benchmark:
    if card.layout == "facts":
        return read_layout(card, _facts_folder(), languages=languages)
    place = None if data is None else _place(card, Path(data).expanduser())
    if place is not None:
        return read_layout(card, place, languages=languages)
    if card.hub is not None:
        from equilingua.benchmarks.hub import read_hub

        check_languages(card, languages)
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
    import hashlib
    from importlib.metadata import version

    import equilingua.facts as facts

    sources = sorted(path for path in Path(facts.__file__).parent.iterdir() if path.suffix in (".py", ".toml"))
    parts = [version("babel"), *(content_hash(path) for path in sources)]
    folder = cache_folder() / "benchmarks" / f"facts-{hashlib.sha256(' '.join(parts).encode()).hexdigest()[:16]}"
    if not folder.is_dir():
        with whole_folder(folder) as work:
            facts.write_facts_benchmark(work, split="test")
    return folder
