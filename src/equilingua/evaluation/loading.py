"""Benchmarks by name or folder."""

import os
from collections.abc import Sequence
from pathlib import Path

from equilingua.errors import InputError, did_you_mean
from equilingua.evaluation.benchmark import Benchmark
from equilingua.evaluation.lareqa import read_lareqa
from equilingua.files import cache_folder, content_hash, whole_folder

FACTS = "facts"
LAREQA = ("mlqa-r", "xquad-r")


def load_benchmark(
    name_or_folder: str | Path, *, data: str | Path | None = None, languages: Sequence[str] | None = None
) -> Benchmark:
    """A benchmark, by its name or from a folder of the user's own in LAReQA format.

    Args:
        name_or_folder: ``xquad-r``, ``mlqa-r``, ``facts`` (built in: needs no data), or a path.
        data: folder that holds the named benchmark's folder, or is it; the environment variable EQUILINGUA_DATA if not
            given.
        languages: to read; all if not given.

    Raises:
        InputError: if there is no such benchmark, its data is not there, or it cannot be read.
    """
    if isinstance(languages, str):
        raise InputError(f"languages: give a list such as ['en', 'de'], not the text {languages!r}")
    name = str(name_or_folder)
    if name == FACTS:
        return read_lareqa(_facts_folder(), name=FACTS, languages=languages)
    if name in LAREQA:
        return read_lareqa(
            _data_folder(name, data or os.environ.get("EQUILINGUA_DATA")), name=name, languages=languages
        )
    if Path(name).expanduser().is_dir():
        return read_lareqa(Path(name).expanduser(), languages=languages)
    hint = did_you_mean(name, [FACTS, *LAREQA])
    raise InputError(f"unknown benchmark {name!r}. {hint} Or a folder of <language>.json files in LAReQA format")


def _data_folder(name: str, data: str | Path | None) -> Path:
    if data is None:
        raise InputError(
            f"benchmark {name!r} has to be on disk: pass --data DIR (or set EQUILINGUA_DATA), where DIR/{name} holds "
            f"<language>.json files, as in https://github.com/google-research-datasets/lareqa"
        )
    folder = Path(data).expanduser()
    if (folder / name).is_dir():
        return folder / name
    if folder.is_dir() and folder.name == name:
        return folder
    if folder.name not in LAREQA and (list(folder.glob("*.json")) or list(folder.glob("*.json.gz"))):
        return folder
    raise InputError(
        f"{folder}: holds neither a folder {name!r} nor <language>.json files: is --data DIR the right one?"
    )


def _facts_folder() -> Path:
    """The built-in world facts, written once for each state of their code, their templates and babel's names."""
    import hashlib
    from importlib.metadata import version

    import equilingua.pairs.facts as facts

    sources = sorted(path for path in Path(facts.__file__).parent.iterdir() if path.suffix in (".py", ".toml"))
    parts = [version("babel"), *(content_hash(path) for path in sources)]
    folder = cache_folder() / "benchmarks" / f"facts-{hashlib.sha256(' '.join(parts).encode()).hexdigest()[:16]}"
    if not folder.is_dir():
        with whole_folder(folder) as work:
            facts.write_facts_benchmark(work, split="test")
    return folder
