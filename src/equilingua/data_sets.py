"""The files of a data set: one file, a folder of shards, what Hugging Face saves, or a pattern of names."""

import glob
import hashlib
import json
import re
import warnings
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from equilingua.archives import files_below
from equilingua.data_files import DataFile, data_file
from equilingua.errors import EquilinguaWarning, InputError
from equilingua.files import content_hash

SUFFIXES = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet", ".arrow")
"""Of files with rows."""

# What lies beside the rows in a data set of the hub, or that ``datasets`` saved.
_BESIDE = frozenset({"dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json", "metadata.json"})
_SPLIT = re.compile(r"(train|test|validation|valid|val|dev|eval)(?![a-z])", flags=re.IGNORECASE)


def data_files(path: str | Path, *, prefer: str | None = None) -> list[DataFile]:
    """The files that a path names, in the order in which they are read.

    - a file: that file; a .zip: what it holds
    - a folder: its files with rows, at any depth; those that ``datasets`` saved (``save_to_disk``), or a data set as it
      lies on the hub (``data/train-00000-of-00002.parquet`` ...)
    - a pattern such as ``data/test-*.parquet``: the files of that name

    Args:
        path: of a file or folder, or a pattern.
        prefer: the split that is taken of a folder that holds several (which is told); else those are refused.

    Raises:
        InputError: if there is no file with rows, or a folder holds several splits.
    """
    path = Path(path).expanduser()
    if not path.exists() and glob.has_magic(str(path)):
        named = Path(path.anchor or ".").glob(str(path.relative_to(path.anchor)))
        found = [DataFile(one) for one in sorted(named) if one.is_file()]
        if not found:
            raise InputError(f"{path}: no file has such a name")
        return found
    if not path.is_dir() and path.suffix != ".zip":
        return [data_file(path)]
    below = {name: file for name, file in files_below(path).items() if _has_rows(name, file)}
    if not below:
        raise InputError(f"{path}: holds no file with rows ({', '.join(SUFFIXES)}, plain or compressed)")
    return [below[name] for name in sorted(_of_split(path, below, prefer), key=_counted)]


def _has_rows(name: str, file: DataFile) -> bool:
    hidden = any(part.startswith(".") for part in PurePosixPath(name).parts)
    return not hidden and file.suffix in SUFFIXES and file.name not in _BESIDE and not file.name.startswith("cache-")


def _of_split(path: Path, files: Mapping[str, DataFile], prefer: str | None) -> list[str]:
    """The names of one split, where names tell splits."""
    splits: dict[str, list[str]] = {}
    for name in files:
        splits.setdefault(split_of(name) or "", []).append(name)
    if len(splits) == 1:
        return list(files)
    named = ", ".join(sorted(split or "files of none" for split in splits))
    if prefer is None or prefer not in splits:
        first = min(next(iter(names)) for split, names in splits.items() if split)
        pattern = PurePosixPath(first).with_name(f"{split_of(first)}*")
        raise InputError(f"{path}: holds several splits ({named}): give the files of one, such as '{path / pattern}'")
    warnings.warn(f"{path}: of its splits ({named}) {prefer!r} is read", EquilinguaWarning, stacklevel=2)
    return splits[prefer]


def split_of(name: str) -> str | None:
    """The split that a path in a data set tells, by the beginning of one of its parts.

    >>> split_of("data/train-00000-of-00002.parquet"), split_of("test/data.arrow"), split_of("trains.csv")
    ('train', 'test', None)
    """
    matches = (_SPLIT.match(part) for part in reversed(PurePosixPath(name).parts))
    found = next((match[1].casefold() for match in matches if match), None)
    return "validation" if found in ("valid", "val", "dev", "eval") else found


def _counted(name: str) -> list[tuple[int, str]]:
    """Shard 10 comes after shard 2."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


def existing_data(path: str | Path) -> Path:
    """The path, if something lies there, or its pattern names files; else raises ``InputError``."""
    path = Path(path).expanduser()
    if not path.exists():
        data_files(path)
    return path


def data_set_hash(path: str | Path) -> str:
    """SHA-256 of a data set: of its file, or of the names and hashes of all files of its folder or pattern.

    Raises:
        InputError: if there is no file.
    """
    path = existing_data(path)
    if path.is_file():
        return content_hash(path)
    below = sorted(path.rglob("*")) if path.is_dir() else [file.path for file in data_files(path)]
    files = [file for file in below if file.is_file()]
    if not files:
        raise InputError(f"{path}: an empty folder")
    hashes = [(file.relative_to(path.parent).as_posix(), content_hash(file)) for file in files]
    return hashlib.sha256(json.dumps(hashes).encode()).hexdigest()
