"""Which files of a folder or archive are a corpus, its queries, and judgements: BEIR's layout, or one's own."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from equilingua.compression import COMPRESSIONS
from equilingua.data_files import DataFile
from equilingua.data_sets import SUFFIXES
from equilingua.errors import InputError, did_you_mean

# The first is the one that errors name.
_ROWS = SUFFIXES
_JUDGEMENTS = (".tsv", ".txt", ".trec", ".qrels", *(suffix for suffix in SUFFIXES if suffix != ".tsv"))
_SHARD = re.compile(r"-\d+(-of-\d+)?$")


@dataclass(frozen=True, slots=True)
class CollectionFiles:
    """The files of a corpus, its queries, and the judgements of one split; each a file, or several shards."""

    corpus: tuple[DataFile, ...]
    queries: tuple[DataFile, ...]
    qrels: tuple[DataFile, ...]
    notes: tuple[str, ...] = ()


def holds_corpus(files: Mapping[str, DataFile], folder: str = "") -> bool:
    """Whether a folder in a folder or archive (``de/``, or the empty text for itself) holds a corpus."""
    return bool(_table(files, folder, "corpus"))


def collection_files(
    files: Mapping[str, DataFile], folder: str, path: str | Path, *, split: str | None = None
) -> CollectionFiles:
    """The files of one collection: ``corpus``, ``queries``, and ``qrels`` beside them, or else ``qrels/<split>``.

    Each may have any suffix of a file with rows, be compressed, or be a folder of shards.

    Args:
        files: of a folder or archive, by their path in it (``files_below``).
        folder: in which they lie: ``de/``, or the empty text.
        path: of the folder or archive, to be told.
        split: that is judged; if not given, the only one, or ``test`` of several.

    Raises:
        InputError: if one is missing or there twice, in two formats say, or no split is named ``test`` of several.
    """
    found = {}
    for name in ("corpus", "queries"):
        found[name] = _table(files, folder, name)
        if not found[name]:
            raise InputError(f"{path}: holds no {folder}{name}.jsonl")
        _check_once(found[name], folder, name, path)
    beside, splits = _judgements(files, folder)
    chosen = beside or splits[_split(splits, folder, path, split)]
    _check_once(chosen, folder, "qrels", path)
    notes = (f"{', '.join(beside)} judges; what lies in {folder}qrels is passed over",) if beside and splits else ()
    corpus, queries, qrels = (tuple(part.values()) for part in (found["corpus"], found["queries"], chosen))
    return CollectionFiles(corpus, queries, qrels, notes)


def _table(files: Mapping[str, DataFile], folder: str, name: str) -> dict[str, DataFile]:
    """The file of a name in any format, or the shards in a folder of that name, in their order."""
    beside = {place: file for place, file in files.items() if _stem(place, _ROWS) == folder + name}
    inside = {
        place: file
        for place, file in files.items()
        if place.startswith(f"{folder}{name}/") and _stem(place, _ROWS) is not None
    }
    return beside or inside


def _judgements(
    files: Mapping[str, DataFile], folder: str
) -> tuple[dict[str, DataFile], dict[str, dict[str, DataFile]]]:
    """Those beside the corpus, and those of each split."""
    beside, splits = dict[str, DataFile](), dict[str, dict[str, DataFile]]()
    start = f"{folder}qrels/"
    for place, file in files.items():
        stem = _stem(place, _JUDGEMENTS)
        if stem == f"{folder}qrels":
            beside[place] = file
        elif stem is not None and stem.startswith(start) and "/" not in stem.removeprefix(start):
            splits.setdefault(_SHARD.sub("", stem.removeprefix(start)), {})[place] = file
    return beside, splits


def _split(splits: Mapping[str, object], folder: str, path: str | Path, split: str | None) -> str:
    if split is None:
        if len(splits) > 1 and "test" not in splits:
            named = ", ".join(sorted(splits))
            raise InputError(f"{path}: {folder}qrels holds several splits ({named}) and none is named test")
        split = "test" if "test" in splits or not splits else next(iter(splits))
    if split not in splits:
        hint = did_you_mean(split, splits) if splits else f"Put the judgements there, or in {folder}qrels.tsv."
        raise InputError(f"{path}: holds no {folder}qrels/{split}.tsv. {hint}")
    return split


def _check_once(found: Mapping[str, DataFile], folder: str, name: str, path: str | Path) -> None:
    """Several files are shards if their numbers tell so; else nobody knows which is meant."""
    stems = [_stem(place, (*_ROWS, *_JUDGEMENTS)) or place for place in found]
    inside = all(stem.startswith(f"{folder}{name}/") for stem in stems)
    if len(found) > 1 and (not inside or len(set(stems)) < len(stems)):
        raise InputError(f"{path}: holds several files of one name ({', '.join(found)}): leave one")


def _stem(place: str, suffixes: tuple[str, ...]) -> str | None:
    """The path without its suffixes, if it has one of those that may stand there."""
    for compression in COMPRESSIONS:
        place = place.removesuffix(compression)
    found = next((suffix for suffix in suffixes if place.endswith(suffix)), None)
    return None if found is None else place.removesuffix(found)
